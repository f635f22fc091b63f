"""One person before some services: everything that a rule may look at, and how far that person goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from matcher.catalogue.columns import ALL_MODES, IN_PERSON, Catalogue, day_number, mode_mask
from matcher.eligibility.limits import ANYONE, MEN, WOMEN, ServiceLimits
from matcher.eligibility.person import CHILDREN_BELOW, Person
from matcher.eligibility.verdicts import CODES, Columns, Declined, Verdicts
from matcher.geography import km_of_chords, squared_chord, squared_chords, unit_vector
from matcher.times import SLOT_MINUTES, SLOTS, WeekGrid


class EligibilityConfig(BaseModel):
    """Margins of the screen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    near_miss_margin: float = 0.10
    """How far over the person's own limit on distance or cost still counts as a near miss (share of the limit)."""
    near_miss_pounds: float = 1.0
    """A price that is over a limit above nothing by this much at most is a near miss too."""
    least_overlap_minutes: int = 60
    """How much of a session must lie in the person's free time (or the whole session, when it is shorter)."""
    reach_km: float = Field(60.0, gt=0)
    """How far anybody goes, or is visited from, when they named no limit (or a shorter one): a group 300 km away, in a
    national directory, is not for them. Only services that are not also reached online or by phone count."""
    declined_strength: float = 0.55
    """From which strength a concept that the person declined rules a service out."""
    off: tuple[str, ...] = ()
    """Codes of rules to leave out (ablation)."""


_NOWHERE = (math.nan, math.nan, math.nan)
_NEVER_FREE = np.zeros(7 * (SLOTS + 1), dtype=np.int16)


@dataclass(frozen=True, eq=False)
class Case:
    """One person and the services asked about: everything a rule may look at.

    ``rows`` index the catalogue. ``declined`` says how much a service is something that the person declined.
    """

    person: Person
    columns: Columns
    config: EligibilityConfig
    rows: NDArray[np.int64]
    declined: Declined

    @property
    def catalogue(self) -> Catalogue:
        """All services."""
        return self.columns.catalogue

    @property
    def limits(self) -> ServiceLimits:
        """What all services ask of the people who come."""
        return self.columns.limits

    @cached_property
    def verdicts(self) -> Verdicts:
        """What each rule says of any service for this person."""
        return _verdicts(self.person, self.columns, self.config, self.codes, self.declined)

    def given(self) -> dict[str, NDArray[np.int8]]:
        """By code what each rule of ``codes`` says of each row, a :class:`matcher.domain.Standing`."""
        return dict(zip(self.codes, self.verdicts.of_all(self.rows), strict=True))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The rules that are not switched off and have something to say of this person."""
        person = self.person
        silent = {
            "distance": person.place is None and person.max_distance_km is None,
            "modes": not person.modes,
            "contact": not person.contact_unsafe,
            "cost": person.max_cost is None,
            "access": not person.needs_step_free,
            "already_tried": not person.already_tried,
            "availability": person.week is None,
            "declined": not self.declined.anything,
        }
        return tuple(code for code in CODES if code not in self.config.off and not silent.get(code))

    @cached_property
    def distance_km(self) -> NDArray[np.float64]:
        """Km from the person; NaN where unknown. Shape as ``rows``."""
        place = self.person.place
        if place is None:
            return np.full(len(self.rows), np.nan)
        return km_of_chords(squared_chords(place, self.catalogue.vectors.take(self.rows, axis=0)))

    def only(self, places: NDArray[np.bool_] | NDArray[np.int64]) -> Case:
        """The same person and some of the services."""
        chosen = self.at(self.rows[places])
        if "distance_km" in vars(self):
            vars(chosen)["distance_km"] = self.distance_km[places]
        return chosen

    def at(self, rows: NDArray[np.int64]) -> Case:
        """The same person and other services."""
        other = Case(self.person, self.columns, self.config, rows, self.declined)
        for name in ("codes", "verdicts"):
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other


def furthest_km(person: Person, config: EligibilityConfig) -> float:
    """How far the person can be sent."""
    if person.max_distance_km is None:
        return config.reach_km
    return person.max_distance_km * (1 + config.near_miss_margin)


def reach_km(person: Person, config: EligibilityConfig) -> float:
    """How far a service may come from to see the person at home."""
    return max(config.reach_km, furthest_km(person, config))


def _verdicts(
    person: Person, columns: Columns, config: EligibilityConfig, codes: Sequence[str], declined: Declined
) -> Verdicts:
    limit_km, place = person.max_distance_km, person.place
    most_cost = math.inf if person.max_cost is None else person.max_cost
    margin = config.near_miss_pounds if most_cost > 0 else 0.0
    rows = (columns.catalogue.find(service_id) for service_id in person.already_tried)
    return Verdicts(
        columns,
        codes=codes,
        place=unit_vector(place) if place else _NOWHERE,
        limit=None if limit_km is None else squared_chord(limit_km),
        furthest=squared_chord(furthest_km(person, config)),
        reach=squared_chord(reach_km(person, config)),
        most_cost=most_cost,
        near_cost=max(most_cost * (1 + config.near_miss_margin), most_cost + margin),
        ages=np.array(person.ages, dtype=np.float64),
        for_a_child=person.has_child and not any(age < CHILDREN_BELOW for age in person.ages[1:]),
        today=day_number(person.as_of),
        gender={"woman": WOMEN, "man": MEN}.get(person.gender or "", ANYONE),
        own_sex_only=person.own_sex_only,
        no_tenant=person.social_tenant is False,
        wanted=_wanted(person.modes),
        unsafe=mode_mask(("phone", "home_visit")),
        free=_free(person.week),
        week_is_stated=person.week_is_stated,
        overlap=-(-config.least_overlap_minutes // SLOT_MINUTES),
        tried=np.array(sorted(row for row in rows if row is not None), dtype=np.int64),
        declined=declined,
        too_disliked=config.declined_strength,
    )


def _wanted(modes: tuple[str, ...]) -> int:
    """The modes that the person accepts; who meets people in person may be visited."""
    wanted = mode_mask(modes)
    return (wanted | mode_mask(("home_visit",)) if wanted & IN_PERSON else wanted) or ALL_MODES


def _free(week: WeekGrid | None) -> NDArray[np.int16]:
    """How many half hours of each day are free up to each half hour, day after day. Shape (7 * (SLOTS + 1),)."""
    if week is None:
        return _NEVER_FREE
    free = np.zeros((7, SLOTS + 1), dtype=np.int16)
    np.cumsum(week, axis=1, out=free[:, 1:])
    return free.ravel()
