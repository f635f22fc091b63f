"""Between the records and the rows of the tables."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from matcher.domain import Stamp
from matcher.feedback.errors import ConflictError
from matcher.feedback.records import (
    Answer,
    DeclineReason,
    KeptOutcome,
    KeptWant,
    Limits,
    Outcome,
    Part,
    Recorded,
    ShownService,
    Status,
)
from matcher.feedback.schema import plain


def answer_row(answer: Answer, recorded_at: datetime) -> dict[str, Any]:
    """The row of an answer, without the services shown."""
    return {
        "response_id": answer.response_id,
        "recorded_at": recorded_at,
        "as_of": answer.as_of,
        "top": answer.top,
        **asdict(answer.stamp),
        "wants": [asdict(want) for want in answer.wants],
        "declined": answer.declined,
        "limits": asdict(answer.limits),
        "cell": answer.cell,
        "request_hmac": answer.request_hmac,
        "person_hmac": answer.person_hmac,
        "screened_out": dict(answer.screened_out),
        "unmet_needs": answer.unmet_needs,
    }


def shown_rows(answer: Answer) -> list[dict[str, Any]]:
    """The rows of the services shown."""
    return [{"response_id": answer.response_id, **asdict(service)} for service in answer.shown]


def outcome_row(outcome: Outcome, person: str | None) -> dict[str, Any]:
    """The row of an outcome as far as the caller gave it: what a repeated call has to agree with."""
    return {
        "idempotency_key": plain(outcome.idempotency_key),
        "response_id": plain(outcome.response_id),
        "service_id": plain(outcome.service_id),
        "status": outcome.status.value,
        "reason": outcome.reason.value if outcome.reason else None,
        "person_hmac": person,
    }


def repeated(before: RowMapping, row: dict[str, Any]) -> Recorded:
    """The receipt once more.

    Raises:
        ConflictError: the key was used for something else.
    """
    if any(before[name] != value for name, value in row.items()):
        raise ConflictError("idempotency_key: was used for another outcome; make a new one for each")
    return Recorded(before["sequence"], before["recorded_at"], new=False)


def read_stamp(row: RowMapping) -> Stamp:
    """The versions in a row of an answer."""
    return Stamp(row["engine"], row["catalogue"], row["taxonomy"], row["settings"], row["model"])


def read_answer(row: RowMapping, shown: tuple[ShownService, ...]) -> Answer:
    """The record of an answer."""
    limits = row["limits"]
    return Answer(
        response_id=row["response_id"],
        stamp=read_stamp(row),
        as_of=row["as_of"],
        top=row["top"],
        wants=tuple(KeptWant(**want) for want in row["wants"]),
        declined=tuple(row["declined"]),
        limits=Limits(
            **{**limits, "modes": tuple(limits["modes"]), "availability": tuple(map(tuple, limits["availability"]))}
        ),
        cell=row["cell"],
        request_hmac=row["request_hmac"],
        person_hmac=row["person_hmac"],
        shown=shown,
        screened_out=row["screened_out"],
        unmet_needs=tuple(row["unmet_needs"]),
    )


def read_shown(row: RowMapping) -> ShownService:
    """The record of a service shown."""
    return ShownService(
        rank=row["rank"],
        service_id=row["service_id"],
        score=row["score"],
        standing=row["standing"],
        distance_km=row["distance_km"],
        parts=tuple(Part(**part) for part in row["parts"]),
        cautions=tuple(row["cautions"]),
    )


def read_outcome(row: RowMapping) -> KeptOutcome:
    """The record of an outcome."""
    return KeptOutcome(
        sequence=row["sequence"],
        service_id=row["service_id"],
        rank=row["rank"],
        status=Status(row["status"]),
        reason=DeclineReason(row["reason"]) if row["reason"] else None,
        recorded_at=row["recorded_at"],
    )
