"""What of an answer may be kept: concepts, weights, limits, a coarse cell and keyed digests, never a person's words."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

from matcher.domain import Consultation, Point, Recommendation, Suggestion
from matcher.feedback.records import Answer, KeptWant, Limits, Part, ShownService
from matcher.geography import distance_km

CELL_LAT, CELL_LON = 0.01, 0.02
"""Sides of a location cell in degrees: 1.1 km by 1.1 to 1.4 km over the United Kingdom."""
OLDEST_BAND = 90
PART_DIGITS, WEIGHT_DIGITS, KM_DIGITS = 2, 6, 1
_WORDS_OF_GENDER = ("man", "woman")


class Want(Protocol):
    """A wanted concept, as the engine's profile holds it."""

    @property
    def concept(self) -> str: ...
    @property
    def weight(self) -> float: ...
    @property
    def source(self) -> str: ...


class Profile(Protocol):
    """As much of the engine's profile as is kept; of what was declined only the concepts."""

    @property
    def wants(self) -> Iterable[Want]: ...
    @property
    def declined(self) -> Mapping[str, str]: ...


class Person(Protocol):
    """As much of the engine's person as is kept."""

    @property
    def place(self) -> Point | None: ...
    @property
    def gender(self) -> str | None: ...


class Reading(Protocol):
    """What the engine read from a consultation (``Engine.understand``); the store does not know the engine itself."""

    @property
    def profile(self) -> Profile: ...
    @property
    def person(self) -> Person: ...


def new_response_id() -> str:
    """A name for one answer that says nothing about it: 128 random bits in hex."""
    return secrets.token_hex(16)


def answer_to_keep(
    recommendation: Recommendation,
    reading: Reading,
    consultation: Consultation,
    *,
    response_id: str,
    top: int,
    key: bytes,
) -> Answer:
    """What is kept of one answer.

    Args:
        recommendation: the answer as it was given.
        reading: what the engine understood, for concepts and weights.
        consultation: what was asked; only its limits and its digest are kept.
        response_id: the answer's name.
        top: how many suggestions were asked for.
        key: the secret of the digests (``request_key.read_key``).
    """
    cell = cell_of(reading.person.place) if reading.person.place else None
    wants = [KeptWant(w.concept, round(float(w.weight), WEIGHT_DIGITS), w.source) for w in reading.profile.wants]
    return Answer(
        response_id=response_id,
        stamp=recommendation.stamp,
        as_of=recommendation.as_of,
        top=top,
        wants=tuple(wants),
        declined=tuple(sorted(reading.profile.declined)),
        limits=_limits(consultation, reading.person.gender),
        cell=cell,
        request_hmac=request_hmac(consultation, response_id, key),
        person_hmac=person_hmac(consultation.person_ref, key),
        shown=tuple(_shown(suggestion, cell) for suggestion in recommendation.suggestions),
        screened_out=dict(recommendation.screened_out),
        unmet_needs=recommendation.unmet_needs,
    )


def request_hmac(consultation: Consultation, response_id: str, key: bytes) -> str:
    """A digest to know this consultation again. Equal consultations of two answers have unlike digests.

    The consultation's id and pseudonym are left out: they do not bear on the answer.
    """
    fields = {name: value for name, value in asdict(consultation).items() if name not in ("id", "person_ref")}
    content = json.dumps(_plain_numbers(fields), sort_keys=True, separators=(",", ":"))
    return _digest(key, "request", f"{response_id}\n{content}")


def person_hmac(person_ref: str | None, key: bytes) -> str | None:
    """A digest of a pseudonym, the same in every row; ``None`` when there is no pseudonym."""
    return _digest(key, "person", person_ref.strip()) if person_ref and person_ref.strip() else None


def cell_of(place: Point) -> str:
    """The middle of the location cell that a place lies in."""
    lat = math.floor(place.lat / CELL_LAT) * CELL_LAT + CELL_LAT / 2
    lon = math.floor(place.lon / CELL_LON) * CELL_LON + CELL_LON / 2
    return f"{lat:.3f},{lon:.2f}"


def age_band(age: float | None) -> str | None:
    """The decade of life: ``70-79``; ``90+`` from ninety on."""
    if age is None:
        return None
    first = int(age // 10) * 10
    return f"{OLDEST_BAND}+" if first >= OLDEST_BAND else f"{first}-{first + 9}"


def _limits(consultation: Consultation, gender: str | None) -> Limits:
    """A gender in the person's own word is theirs; only that it is another one is kept."""
    return Limits(
        age_band=age_band(consultation.age),
        gender=gender if gender in (*_WORDS_OF_GENDER, None) else "another",
        max_distance_km=consultation.max_distance_km,
        max_cost=consultation.max_cost,
        modes=consultation.modes,
        availability=tuple((w.day, w.start, w.end) for w in consultation.availability),
    )


def _shown(suggestion: Suggestion, cell: str | None) -> ShownService:
    """Parts in hundredths and distances from the cell: exact ones to ten known places would give a home away."""
    parts = [Part(r.part, r.concept, round(r.weight, PART_DIGITS) + 0.0, r.by_label) for r in suggestion.reasons]
    return ShownService(
        rank=suggestion.rank,
        service_id=suggestion.service.id,
        score=suggestion.score,
        standing=suggestion.standing.name,
        distance_km=_coarse_km(suggestion, cell),
        parts=tuple(parts),
        cautions=tuple(caution.code for caution in suggestion.cautions),
    )


def _coarse_km(suggestion: Suggestion, cell: str | None) -> float | None:
    place = suggestion.service.place
    if cell is None or place is None or suggestion.distance_km is None:
        return None
    lat, lon = map(float, cell.split(","))
    return round(distance_km(Point(lat, lon), place), KM_DIGITS)


def _plain_numbers(value: Any) -> Any:
    """The same numbers for 70 and 70.0, which are equal in Python and not in JSON."""
    if isinstance(value, Mapping):
        return {key: _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_numbers(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _digest(key: bytes, purpose: str, content: str) -> str:
    return hmac.new(key, f"{purpose}\n{content}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
