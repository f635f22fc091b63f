"""Recomputes a kept answer from the consultation, when the caller still has it: does the matcher still say the same?"""

from __future__ import annotations

from matcher.domain import Consultation
from matcher.engine import Engine
from matcher.feedback import Answer, Store, answer_to_keep, check_request, differences


def recompute(store: Store, kept: Answer, consultation: Consultation, engine: Engine) -> tuple[str, ...]:
    """How the answer comes out today, where it differs from what was shown; empty when it is the same.

    Args:
        store: for the key of the digests.
        kept: what was shown (``Store.answer``).
        consultation: what was asked then, to the letter.
        engine: an engine with the catalogue, taxonomy and settings of the kept stamp.

    Raises:
        InputError: this is not the consultation that was answered.
    """
    check_request(kept, consultation, store.key)
    again = answer_to_keep(
        engine.suggest(consultation, as_of=kept.as_of, top=kept.top),
        engine.understand(consultation, kept.as_of),
        consultation,
        response_id=kept.response_id,
        top=kept.top,
        key=store.key,
    )
    return differences(kept, again)
