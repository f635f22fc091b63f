"""What changed for one person between an earlier run and this one: new, gone and why, scored otherwise and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from matcher.batch.rows import Row, part_weights
from matcher.domain import Consultation, Standing
from matcher.eligibility import Screen
from matcher.engine import Engine

NEW, GONE, RESCORED = "new", "gone", "rescored"
CLOSED, FULL, NOT_ELIGIBLE, OUT_RANKED, MISSING = "closed", "full", "not_eligible", "out_ranked", "not_in_directory"
LOST = (CLOSED, FULL, NOT_ELIGIBLE, MISSING)
"""Why a service can no longer be used; being out-ranked by something better is no loss."""
LEAST_CHANGE = 0.01
"""From which difference of a score a service that stayed in the list is worth a row."""
LEAST_PART = 0.001

CHANGE_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("matters", pa.float64()),
        ("change", pa.string()),
        ("service_id", pa.string()),
        ("service_name", pa.string()),
        ("why", pa.string()),
        ("reason", pa.string()),
        ("rank_before", pa.int32()),
        ("rank_now", pa.int32()),
        ("score_before", pa.float64()),
        ("score_now", pa.float64()),
        ("parts", pa.list_(pa.string())),
    ]
)


class Earlier(Protocol):
    """What an earlier run suggested: rows of ``SUGGESTION_SCHEMA``, or ``None`` for a person it did not have."""

    def get(self, consultation_id: str) -> Sequence[Row] | None: ...


def changes_for(
    engine: Engine, consultation: Consultation, earlier: Sequence[Row], now: Sequence[Row], as_of: date
) -> list[Row]:
    """The changes of one person's list, losses first; each row carries how much all of them matter to the person.

    Args:
        engine: the engine of this run, which says why a service is gone.
        consultation: the person's consultation.
        earlier: the rows of the earlier run, as written (numbers may be texts, from CSV).
        now: the rows of this run.
        as_of: the day of this run.
    """
    old = {str(row["service_id"]): row for row in earlier}
    new = {row["service_id"]: row for row in now}
    left = [service_id for service_id in old if service_id not in new]
    rows = _gone(engine, consultation, [old[service_id] for service_id in left], as_of) if left else []
    rows += [_new(row) for service_id, row in new.items() if service_id not in old]
    rows += [_rescored(old[service_id], row) for service_id, row in new.items() if service_id in old]
    rows = [row for row in rows if row["change"] != RESCORED or _is_worth_saying(row)]
    matters = how_much_it_matters(rows, earlier, now)
    return [{"consultation_id": consultation.id, "matters": matters, **row} for row in rows]


def how_much_it_matters(rows: Sequence[Row], earlier: Sequence[Row], now: Sequence[Row]) -> float:
    """What the person lost and can no longer use, plus by how much the whole list is better than it was.

    A service counts with its score, discounted by its rank as in nDCG (score / log2(1 + rank)).
    """
    lost = sum(_worth(row["score_before"], row["rank_before"]) for row in rows if row["why"] in LOST and _was(row))
    before = sum(_worth(row["score"], row["rank"]) for row in earlier)
    after = sum(_worth(row["score"], row["rank"]) for row in now)
    return round(lost + max(0.0, after - before), 6)


def _was(row: Row) -> bool:
    return bool(row["change"] == GONE)


def _worth(score: Any, rank: Any) -> float:
    return float(score) / math.log2(1 + int(rank))


def _gone(engine: Engine, consultation: Consultation, left: Sequence[Row], as_of: date) -> list[Row]:
    """The rows of services that are no longer suggested, each with the reason."""
    rows = [engine.catalogue.find(str(row["service_id"])) for row in left]
    screened = engine.read(consultation, as_of, [row for row in rows if row is not None]).screen
    places = iter(range(len(rows)))
    whys = [_why_gone(screened, None if row is None else next(places)) for row in rows]
    return [
        _row(GONE, old["service_id"], old["service_name"], why, reason, old, None, {})
        for old, (why, reason) in zip(left, whys, strict=True)
    ]


def _why_gone(screened: Screen, place: int | None) -> tuple[str, str]:
    """Why a service is gone, by its place in the screen; ``None`` where the directory has it no more."""
    if place is None:
        return MISSING, "is no longer in the directory"
    ruled_out = screened.sentences(place, Standing.ruled_out)
    if ruled_out:
        code, text = ruled_out[0]
        return (code if code in (CLOSED, FULL) else NOT_ELIGIBLE), text
    return OUT_RANKED, "other services now suit better"


def _new(row: Row) -> Row:
    return _row(NEW, row["service_id"], row["service_name"], NEW, "; ".join(row["reasons"][:2]), None, row, {})


def _rescored(old: Row, row: Row) -> Row:
    before, now = part_weights(old.get("parts")), part_weights(row["parts"])
    cautions = [text for text in row["cautions"] if text not in _texts(old.get("cautions"))]
    parts = _differences(before, now) if before else {}
    return _row(RESCORED, row["service_id"], row["service_name"], RESCORED, "; ".join(cautions), old, row, parts)


def _is_worth_saying(row: Row) -> bool:
    return bool(row["reason"] or abs(row["score_now"] - row["score_before"]) >= LEAST_CHANGE)


def _differences(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """By how much each part of a score changed, the largest first."""
    both = {name: now.get(name, 0.0) - before.get(name, 0.0) for name in {*before, *now}}
    kept = {name: change for name, change in both.items() if abs(change) >= LEAST_PART}
    return dict(sorted(kept.items(), key=lambda item: (-abs(item[1]), item[0])))


def _row(
    change: str,
    service_id: str,
    name: str,
    why: str,
    reason: str,
    old: Row | None,
    now: Row | None,
    parts: Mapping[str, float],
) -> Row:
    return {
        "change": change,
        "service_id": service_id,
        "service_name": name,
        "why": why,
        "reason": reason,
        "rank_before": int(old["rank"]) if old else None,
        "rank_now": int(now["rank"]) if now else None,
        "score_before": float(old["score"]) if old else None,
        "score_now": float(now["score"]) if now else None,
        "parts": [f"{part} {weight:+.3f}" for part, weight in parts.items()],
    }


def _texts(value: Any) -> Sequence[str]:
    return value.split("; ") if isinstance(value, str) else value or ()
