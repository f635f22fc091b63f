"""Seeing again what was shown, and whether the same consultation still gives it."""

from __future__ import annotations

import hmac

from matcher.domain import Consultation, InputError
from matcher.feedback.keeping import request_hmac
from matcher.feedback.records import Answer


def check_request(answer: Answer, consultation: Consultation, key: bytes) -> None:
    """Make sure that this is the consultation that was answered.

    Raises:
        InputError: it is another one, or the key has changed since.
    """
    if not hmac.compare_digest(request_hmac(consultation, answer.response_id, key), answer.request_hmac):
        raise InputError(
            "this is not the consultation that was answered, to the letter (or the store's key has changed)"
        )


def differences(kept: Answer, again: Answer) -> tuple[str, ...]:
    """How a recomputed answer differs from the kept one; empty when it is the same. Names ids and ranks only."""
    found = []
    if kept.stamp != again.stamp:
        found.append(f"made with {kept.stamp}, recomputed with {again.stamp}")
    if kept.as_of != again.as_of:
        found.append(f"made as of {kept.as_of}, recomputed as of {again.as_of}")
    if (kept.wants, kept.declined) != (again.wants, again.declined):
        found.append("the concepts understood differ")
    if len(kept.shown) != len(again.shown):
        found.append(f"{len(kept.shown)} services were shown, {len(again.shown)} are now")
    for before, now in zip(kept.shown, again.shown, strict=False):
        if before.service_id != now.service_id:
            found.append(f"rank {before.rank}: {before.service_id} was shown, now it is {now.service_id}")
        elif before != now:
            found.append(f"rank {before.rank}: {before.service_id} differs (score {before.score:g}, now {now.score:g})")
    if (dict(kept.screened_out), kept.unmet_needs) != (dict(again.screened_out), again.unmet_needs):
        found.append("what was screened out or unmet differs")
    return tuple(found)
