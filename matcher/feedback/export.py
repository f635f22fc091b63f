"""The store as tables for analysts: lists as runs for evaluation, and outcomes as grades for tuning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import RowMapping, select

from matcher.feedback.records import DeclineReason, Status
from matcher.feedback.rows import read_stamp
from matcher.feedback.schema import answers, outcomes, shown
from matcher.feedback.store import Store

_TEXTS = pa.list_(pa.string())
EXPORT_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("recorded_at", pa.string()),
        ("as_of", pa.string()),
        ("rank", pa.int32()),
        ("service_id", pa.string()),
        ("score", pa.float64()),
        ("standing", pa.string()),
        ("distance_km", pa.float64()),
        ("reasons", _TEXTS),
        ("cautions", _TEXTS),
        ("parts", _TEXTS),
        ("wants", _TEXTS),
        ("age_band", pa.string()),
        ("gender", pa.string()),
        ("cell", pa.string()),
        ("unmet_needs", _TEXTS),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("outcome_at", pa.string()),
        ("history", _TEXTS),
        ("stamp", pa.string()),
    ]
)
JUDGEMENT_SCHEMA = pa.schema(
    [("consultation_id", pa.string()), ("service_id", pa.string()), ("grade", pa.int32()), ("barred", pa.string())]
)

GRADE_OF_STATUS = {Status.attended: 3, Status.referred: 2, Status.discussed: 1, Status.not_suitable: 0}
"""How an outcome reads as a judge's grade."""
GRADE_OF_REASON = {DeclineReason.not_interested: 0, DeclineReason.not_eligible: 0}
"""A decline for another reason (full, too far, the price, the times) says nothing about the match: no grade."""


def export_frame(store: Store, *, since: date | None = None) -> pd.DataFrame:
    """One row for each service shown, and for each outcome of a service that was not in the list.

    Args:
        store: the store.
        since: only answers made from this day on (by their ``as_of``).

    Returns:
        The columns of :data:`EXPORT_SCHEMA`; times are ISO 8601 in UTC. ``consultation_id`` is the response id: the
        consultation's own is not kept. ``status``, ``reason`` and ``outcome_at`` are the latest; ``history`` holds
        every status in order. ``rank`` is missing where the service was not in the list.
    """
    wanted = answers.c.as_of >= since if since else answers.c.sequence > 0
    by_answer = select(answers).where(wanted).order_by(answers.c.sequence)
    by_rank = select(shown).join(answers).where(wanted).order_by(shown.c.response_id, shown.c.rank)
    by_time = select(outcomes).join(answers).where(wanted).order_by(outcomes.c.sequence)
    with store.reading() as connection:
        kept = list(connection.execute(by_answer).mappings())
        listed = _grouped(connection.execute(by_rank).mappings())
        came_of = _grouped(connection.execute(by_time).mappings())
    rows = [
        row
        for answer in kept
        for row in _rows(answer, listed.get(answer["response_id"], []), came_of.get(answer["response_id"], []))
    ]
    return _frame(rows, EXPORT_SCHEMA)


def as_run(frame: pd.DataFrame) -> pd.DataFrame:
    """The lists alone, as ``matcher evaluate`` and ``matcher judge`` read them: only what was shown, by rank."""
    return frame[frame["rank"].notna()]


def as_judgements(frame: pd.DataFrame) -> pd.DataFrame:
    """The outcomes as judgements (the columns of judgements.csv); services without a telling outcome are left out."""
    rows = []
    for row in frame.to_dict("records"):
        grade = _grade(row["status"], row["reason"])
        if grade is not None:
            barred = "not eligible" if row["reason"] == DeclineReason.not_eligible else ""
            rows.append((row["consultation_id"], row["service_id"], grade, barred))
    return _frame([dict(zip(JUDGEMENT_SCHEMA.names, row, strict=True)) for row in rows], JUDGEMENT_SCHEMA)


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows for a file: nothing missing but ``None``."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _frame(rows: list[dict[str, Any]], schema: pa.Schema) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=schema.names)
    whole = [field.name for field in schema if pa.types.is_integer(field.type)]
    return frame.astype(dict.fromkeys(whole, "Int64"))


def _grade(status: str | None, reason: str | None) -> int | None:
    if not isinstance(status, str):
        return None
    if status == Status.declined:
        return GRADE_OF_REASON.get(DeclineReason(str(reason)))
    return GRADE_OF_STATUS[Status(status)]


def _grouped(rows: Iterable[RowMapping]) -> dict[str, list[RowMapping]]:
    groups: dict[str, list[RowMapping]] = {}
    for row in rows:
        groups.setdefault(row["response_id"], []).append(row)
    return groups


def _rows(answer: RowMapping, listed: list[RowMapping], came_of: list[RowMapping]) -> list[dict[str, Any]]:
    by_service: dict[str, list[RowMapping]] = {}
    for outcome in came_of:
        by_service.setdefault(outcome["service_id"], []).append(outcome)
    rows = [_shown_cells(service) | _outcome_cells(by_service.pop(service["service_id"], [])) for service in listed]
    rows += [{"service_id": service_id} | _outcome_cells(found) for service_id, found in sorted(by_service.items())]
    return [_answer_cells(answer) | row for row in rows]


def _answer_cells(answer: RowMapping) -> dict[str, Any]:
    return {
        "consultation_id": answer["response_id"],
        "recorded_at": answer["recorded_at"].isoformat(),
        "as_of": answer["as_of"].isoformat(),
        "wants": [f"{want['concept']}: {want['weight']:g}" for want in answer["wants"]],
        "age_band": answer["limits"]["age_band"],
        "gender": answer["limits"]["gender"],
        "cell": answer["cell"],
        "unmet_needs": answer["unmet_needs"],
        "stamp": str(read_stamp(answer)),
    }


def _shown_cells(service: RowMapping) -> dict[str, Any]:
    parts = service["parts"]
    return {
        **{name: service[name] for name in ("rank", "service_id", "score", "standing", "distance_km", "cautions")},
        "reasons": [part["text"] for part in parts if part["weight"] > 0],
        "parts": [f"{part['concept'] or part['part']}: {part['weight']:g}" for part in parts],
    }


def _outcome_cells(found: list[RowMapping]) -> dict[str, Any]:
    if not found:
        return {"status": None, "reason": None, "outcome_at": None, "history": []}
    last = found[-1]
    history = [outcome["status"] for outcome in found]
    return {
        "status": last["status"],
        "reason": last["reason"],
        "outcome_at": last["recorded_at"].isoformat(),
        "history": history,
    }
