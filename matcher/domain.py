"""The nouns of the project. Read this page first.

Every record is frozen: a step of the engine makes new records and never changes the ones it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import NamedTuple

ConceptId = str
ServiceId = str

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MODES = ("in_person", "online", "phone", "home_visit")
MINUTES_A_DAY = 24 * 60


class MatcherError(Exception):
    """Something a user can mend. The message says what is wrong, where, and what to do, in one line."""


class InputError(MatcherError):
    """A consultation or another piece of a caller's input cannot be read."""


class CatalogueError(MatcherError):
    """A directory of services cannot be read at all."""


class TaxonomyError(MatcherError):
    """The taxonomy files contradict themselves."""


class SettingsError(MatcherError):
    """A settings file is wrong."""


class Standing(IntEnum):
    """Can this person use this service? A higher value is better."""

    ruled_out = 0
    near_miss = 1
    check = 2
    fits = 3


class Polarity(StrEnum):
    """How something was said in a consultation."""

    wanted = "wanted"
    declined = "declined"
    already_has = "already has"
    over = "over"
    somebody_else = "somebody else's"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, WGS84 degrees. ``precision_km`` is how far off it may be (0 = exact)."""

    lat: float
    lon: float
    precision_km: float = 0.0


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A stretch of one weekday: day 0 is Monday, start and end are minutes after midnight."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Need:
    """A need in the worker's own words; importance 1 (would be nice) to 3 (first of all)."""

    label: str
    importance: int = 2


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """Somebody a need may be for: a child, a parent, a partner."""

    relation: str
    age: float | None = None


@dataclass(frozen=True, slots=True)
class Consultation:
    """What a link worker noted about one person. ``None`` always means "not discussed"."""

    id: str = ""
    note: str = ""
    needs: tuple[Need, ...] = ()
    interests: tuple[str, ...] = ()
    age: float | None = None
    gender: str | None = None
    location: Point | None = None
    postcode: str | None = None
    max_distance_km: float | None = None
    max_cost: float | None = None
    others: tuple[OtherPerson, ...] = ()
    person_ref: str | None = None
    languages: tuple[str, ...] = ()
    access_needs: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    availability: tuple[TimeWindow, ...] = ()
    avoid: tuple[str, ...] = ()
    already_tried: tuple[ServiceId, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One regular opening of a service. ``interval`` counts in units of ``freq`` (2 with WEEKLY = fortnightly)."""

    day: int
    start: int
    end: int
    freq: str = "WEEKLY"
    interval: int = 1
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of a directory, cleaned. Texts are plain; ``None`` and empty always mean that it does not say."""

    id: ServiceId
    name: str
    description: str = ""
    organization: str = ""
    source: str = ""
    categories: tuple[str, ...] = ()
    status: str = ""
    url: str = ""
    email: str = ""
    phones: tuple[str, ...] = ()
    eligibility: str = ""
    fees: str = ""
    referral: str = ""
    min_age: float | None = None
    max_age: float | None = None
    cost: float | None = None
    modes: tuple[str, ...] = ()
    sessions: tuple[Session, ...] = ()
    ends_on: date | None = None
    place: Point | None = None
    place_name: str = ""
    postcode: str = ""
    areas: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()
    capacity: str = ""
    last_modified: date | None = None


class Reason(NamedTuple):
    """One part of a suggestion's score, in words. ``quoting`` may hold a person's words; ``by_label`` never does."""

    quoting: str
    by_label: str
    weight: float
    part: str
    concept: ConceptId | None = None


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to check before sending anyone."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A red flag in a note. It names a category and a pathway and repeats none of the person's words."""

    category: str
    text: str
    pathway: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A service for this person, with what speaks for it. The weights of the reasons add up to the score."""

    service: Service
    rank: int
    score: float
    standing: Standing
    distance_km: float | None
    reasons: tuple[Reason, ...]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The versions an answer was made with. Equal stamps and equal input give equal answers."""

    engine: str
    catalogue: str
    taxonomy: str
    settings: str
    model: str

    def __str__(self) -> str:
        return "/".join((self.engine, self.catalogue, self.taxonomy, self.settings, self.model))


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The answer to one consultation: what is suggested, what was screened out and why, what nobody meets.

    ``not_understood`` holds ticked needs and interests, ``not_avoided`` things to avoid, that were not recognised, as
    the person said them: for the answer to the caller only.
    """

    consultation_id: str
    suggestions: tuple[Suggestion, ...]
    screened_out: Mapping[str, int]
    unmet_needs: tuple[str, ...]
    alerts: tuple[Alert, ...]
    stamp: Stamp
    as_of: date
    understood: tuple[str, ...] = field(default=())
    not_understood: tuple[str, ...] = field(default=())
    not_avoided: tuple[str, ...] = field(default=())
