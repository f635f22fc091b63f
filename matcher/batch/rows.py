"""The tables that a run writes: their columns, and one answer as rows of them."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from matcher.domain import Consultation, Reason, Recommendation
from matcher.geography import outcode

Row = dict[str, Any]

_TEXTS = pa.list_(pa.string())
SUGGESTION_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("rank", pa.int32()),
        ("service_id", pa.string()),
        ("service_name", pa.string()),
        ("score", pa.float64()),
        ("standing", pa.string()),
        ("distance_km", pa.float64()),
        ("reasons", _TEXTS),
        ("cautions", _TEXTS),
        ("parts", _TEXTS),
        ("stamp", pa.string()),
    ]
)
CONSULTATION_SCHEMA = pa.schema(
    [
        ("consultation_id", pa.string()),
        ("status", pa.string()),
        ("suggested", pa.int32()),
        ("screened_out", _TEXTS),
        ("needs", _TEXTS),
        ("unmet_needs", _TEXTS),
        ("alerts", _TEXTS),
        ("area", pa.string()),
        ("age_band", pa.string()),
        ("stamp", pa.string()),
        ("as_of", pa.string()),
    ]
)
REJECT_SCHEMA = pa.schema(
    [("row", pa.int64()), ("consultation_id", pa.string()), ("field", pa.string()), ("reason", pa.string())]
)

NOT_SAID = "not said"
AGE_BANDS = ((18, "under 18"), (25, "18-24"), (35, "25-34"), (50, "35-49"), (65, "50-64"), (80, "65-79"))
OLDEST = "80 and over"
CELL_LAT, CELL_LON = 0.01, 0.015
"""Degrees: about 1.1 km by 1 km in Great Britain."""

_FIELD = re.compile(r"(?:[a-z_]+|\(unknown field\))(?:\.(?:[a-z_]+|\d+|\(unknown field\)))*")


@dataclass(frozen=True)
class Answered:
    """What one record of a caseload became: an answer, or a reject. Plain values, so that it travels as JSON.

    Attributes:
        row: where the record stands in the caseload, from 1.
        consultation_id: empty where the record has none.
        suggestions: rows of ``SUGGESTION_SCHEMA``.
        consultation: a row of ``CONSULTATION_SCHEMA``; ``None`` for a reject.
        reject: a row of ``REJECT_SCHEMA``; ``None`` for an answer.
        changes: rows of ``CHANGE_SCHEMA``, where an earlier run was given.
        known_before: whether the earlier run had this person.
        alone: the score of each suggestion if it were the first, where people are to be spread: further down a list a
            service counts less for needs that those above it meet.
    """

    row: int
    consultation_id: str
    suggestions: list[Row] = field(default_factory=list)
    consultation: Row | None = None
    reject: Row | None = None
    changes: list[Row] = field(default_factory=list)
    known_before: bool = False
    alone: list[float] = field(default_factory=list)


def suggestion_rows(recommendation: Recommendation) -> list[Row]:
    """One row a suggestion. Reasons are by concept label: a file never holds a person's words."""
    return [
        {
            "consultation_id": recommendation.consultation_id,
            "rank": s.rank,
            "service_id": s.service.id,
            "service_name": s.service.name,
            "score": s.score,
            "standing": s.standing.name,
            "distance_km": s.distance_km,
            "reasons": [reason.by_label for reason in s.reasons if reason.weight > 0],
            "cautions": [caution.text for caution in s.cautions],
            "parts": [f"{name} {weight:.6f}" for name, weight in parts_of(s.reasons).items()],
            "stamp": str(recommendation.stamp),
        }
        for s in recommendation.suggestions
    ]


def parts_of(reasons: tuple[Reason, ...]) -> dict[str, float]:
    """A score by part: the weights of reasons of one kind, added up; the parts add up to the score."""
    parts: dict[str, float] = defaultdict(float)
    for reason in sorted(reasons, key=lambda r: (r.part, r.by_label, r.weight)):
        parts[reason.part] += reason.weight
    return dict(parts)


def consultation_row(recommendation: Recommendation, consultation: Consultation) -> Row:
    """One row a consultation, also when nothing fits. Of the person: a coarse area and an age band, no words."""
    return {
        "consultation_id": recommendation.consultation_id,
        "status": "suggested" if recommendation.suggestions else "nothing_fits",
        "suggested": len(recommendation.suggestions),
        "screened_out": [f"{code}: {count}" for code, count in recommendation.screened_out.items()],
        "needs": list(recommendation.understood),
        "unmet_needs": list(recommendation.unmet_needs),
        "alerts": [alert.category for alert in recommendation.alerts],
        "area": area_of(consultation),
        "age_band": age_band(consultation.age),
        "stamp": str(recommendation.stamp),
        "as_of": recommendation.as_of.isoformat(),
    }


def reject_row(row: int, consultation_id: str, reason: str) -> Row:
    """One row a record that could not be read; ``field`` names every field at fault."""
    faults = [piece.partition(": ") for piece in reason.split("; ")]
    fields = [name for name, separator, _ in faults if separator and _FIELD.fullmatch(name)]
    return {"row": row, "consultation_id": consultation_id, "field": "; ".join(dict.fromkeys(fields)), "reason": reason}


def area_of(consultation: Consultation) -> str:
    """The postcode's district, else a cell of about 1 km, named by its middle."""
    if consultation.postcode and (district := outcode(consultation.postcode)):
        return district
    if consultation.location is None:
        return NOT_SAID
    lat = (math.floor(consultation.location.lat / CELL_LAT) + 0.5) * CELL_LAT
    lon = (math.floor(consultation.location.lon / CELL_LON) + 0.5) * CELL_LON
    return f"near {lat:.3f} {lon:.4f}"


def age_band(age: float | None) -> str:
    """The band of an age, in years."""
    if age is None:
        return NOT_SAID
    return next((name for below, name in AGE_BANDS if age < below), OLDEST)


def part_weights(parts: object) -> Mapping[str, float]:
    """The ``parts`` of a row, also of a CSV cell, as numbers; what cannot be read is left out."""
    pieces = parts.split("; ") if isinstance(parts, str) else parts if isinstance(parts, list) else ()
    weights = {}
    for name, _, number in (str(piece).rpartition(" ") for piece in pieces):
        try:
            weights[name] = float(number)
        except ValueError:
            continue
    return weights
