"""The work that every engine of the comparison is given: the same entries, the same words, the same hard limits."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import Consultation, read_consultation
from matcher.text import STOP_WORDS, normalise, words_of

AS_OF = date(2026, 11, 1)
TOP = 10
OLDEST = 200.0
NOWHERE = -999.0
"""The coordinates of what has none: outside every box."""
KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Entry:
    """A service as a search engine would index it. What an entry does not say never excludes anybody."""

    id: str
    text: str
    open: bool
    min_age: float
    max_age: float
    cost: float
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Box:
    """The square around a person's limit on distance, in degrees."""

    south: float
    north: float
    west: float
    east: float


@dataclass(frozen=True, slots=True)
class Query:
    """A consultation as JSON, for this engine; as words and limits, for the others.

    Attributes:
        consultation: JSON text.
        needs_only: the same, read, without its note.
        words: of needs, interests and note, each once, without stop words.
    """

    consultation: str
    needs_only: Consultation
    words: tuple[str, ...]
    age: float
    max_cost: float | None
    box: Box | None


def read_entries(services: Path) -> Iterator[Entry]:
    """Entries of a file that ``generate.py`` wrote, one at a time."""
    with services.open(encoding="utf-8") as file:
        yield from map(_entry, map(json.loads, file))


def read_queries(consultations: Path) -> list[Query]:
    """Queries of a file that ``generate.py`` wrote."""
    return [_query(line) for line in consultations.read_text(encoding="utf-8").splitlines()]


class Limits:
    """Hard limits as arrays, for engines that know none."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        columns = ("open", "min_age", "max_age", "cost", "lat", "lon")
        self._of = {name: np.array([getattr(entry, name) for entry in entries]) for name in columns}

    def allow(self, query: Query) -> NDArray[np.bool_]:
        """Which entries a person may be sent to."""
        of = self._of
        allowed = of["open"] & (of["min_age"] <= query.age) & (of["max_age"] >= query.age)
        if query.max_cost is not None:
            allowed &= of["cost"] <= query.max_cost
        if box := query.box:
            allowed &= (of["lat"] >= box.south) & (of["lat"] <= box.north)
            allowed &= (of["lon"] >= box.west) & (of["lon"] <= box.east)
        return np.asarray(allowed)


def best(scores: NDArray[Any], allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The rows of the highest scores among those allowed."""
    scores = np.where(allowed, scores, 0)
    rows = np.argpartition(-scores, TOP)[:TOP] if len(scores) > TOP else np.arange(len(scores))
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    return np.asarray(rows[scores[rows] > 0])


def _entry(record: dict[str, Any]) -> Entry:
    terms = [attribute["taxonomy_term"]["name"] for attribute in record.get("attributes") or ()]
    texts = (record["name"], record["description"], record["organization"]["name"], *terms)
    place = record["service_at_locations"][0]["location"]
    costs = [option["amount"] for option in record["cost_options"]]
    return Entry(
        id=record["id"],
        text="\n".join((*texts, record.get("eligibility_description") or "")),
        open=record["status"] == "active",
        min_age=float(record["minimum_age"] or 0),
        max_age=float(record["maximum_age"] or OLDEST),
        cost=float(min(costs, default=0)),
        lat=float(place.get("latitude") or NOWHERE),
        lon=float(place.get("longitude") or NOWHERE),
    )


def _query(line: str) -> Query:
    whole = read_consultation(line)
    said = " ".join((*(need.label for need in whole.needs), *whole.interests, whole.note))
    words = dict.fromkeys(word for word in words_of(normalise(said)) if word.isalnum() and word not in STOP_WORDS)
    return Query(
        consultation=line,
        needs_only=replace(whole, note=""),
        words=tuple(words),
        age=whole.age or 0.0,
        max_cost=whole.max_cost,
        box=_box(whole),
    )


def _box(person: Consultation) -> Box | None:
    if person.max_distance_km is None or person.location is None:
        return None
    north = person.max_distance_km / KM_PER_DEGREE
    east = north / math.cos(math.radians(person.location.lat))
    lat, lon = person.location.lat, person.location.lon
    return Box(lat - north, lat + north, lon - east, lon + east)
