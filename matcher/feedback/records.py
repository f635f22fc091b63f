"""The nouns of the store: an answer as it is kept, and what came of a service that was in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from matcher.domain import ConceptId, InputError, ServiceId, Stamp


class Status(StrEnum):
    """What came of a suggestion."""

    discussed = "discussed"
    referred = "referred"
    attended = "attended"
    declined = "declined"
    not_suitable = "not_suitable"


class DeclineReason(StrEnum):
    """Why a suggestion was declined or turned out not to be suitable."""

    capacity = "capacity"
    not_eligible = "not_eligible"
    too_far = "too_far"
    cost = "cost"
    times = "times"
    not_interested = "not_interested"
    other = "other"


@dataclass(frozen=True, slots=True)
class KeptWant:
    """A concept of the request with its weight; ``source`` says which field it came from, never in which words."""

    concept: ConceptId
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounded the choice, coarse enough not to point at one person.

    Attributes:
        age_band: decade of life, such as ``70-79``.
        gender: ``man``, ``woman`` or ``another``.
        availability: free windows (day, start, end) as in :class:`matcher.domain.TimeWindow`.
    """

    age_band: str | None = None
    gender: str | None = None
    max_distance_km: float | None = None
    max_cost: float | None = None
    modes: tuple[str, ...] = ()
    availability: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score, by concept label; the weight in hundredths, as a list shows it."""

    part: str
    concept: ConceptId | None
    weight: float
    text: str


@dataclass(frozen=True, slots=True)
class ShownService:
    """One service of a list. ``distance_km`` is from the middle of the kept location cell, not from the home."""

    rank: int
    service_id: ServiceId
    score: float
    standing: str
    distance_km: float | None
    parts: tuple[Part, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept: enough to see what was shown and to recompute it, none of the person's words.

    Attributes:
        cell: the middle of a location cell of about 1 km, ``"53.48,-2.24"``.
        request_hmac: keyed digest of the consultation and the response id, to know the consultation again.
        person_hmac: keyed digest of the pseudonym, to find this answer for erasure.
    """

    response_id: str
    stamp: Stamp
    as_of: date
    top: int
    wants: tuple[KeptWant, ...]
    declined: tuple[ConceptId, ...]
    limits: Limits
    cell: str | None
    request_hmac: str
    person_hmac: str | None
    shown: tuple[ShownService, ...]
    screened_out: Mapping[str, int] = field(default_factory=dict)
    unmet_needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one service for one person. ``rank`` is ``None`` when the service was not in the list.

    Raises:
        InputError: a decline has no reason, or something else has one.
    """

    response_id: str
    service_id: ServiceId
    status: Status
    idempotency_key: str
    reason: DeclineReason | None = None
    rank: int | None = None
    person_ref: str | None = None

    def __post_init__(self) -> None:
        if self.status is Status.declined and self.reason is None:
            raise InputError("reason: must be given when the status is declined")
        if self.reason is not None and self.status not in (Status.declined, Status.not_suitable):
            raise InputError("reason: is only for the status declined or not_suitable")


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """An outcome as it is kept. ``sequence`` gives the order of recording, whatever the clocks said."""

    sequence: int
    service_id: ServiceId
    rank: int | None
    status: Status
    reason: DeclineReason | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """The receipt of an outcome: it is on disk. ``new`` is false when its key had been used for the same before."""

    sequence: int
    recorded_at: datetime
    new: bool
