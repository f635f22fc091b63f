"""One person before some services: everything that a rule may look at, and how far that person goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from matcher.catalogue.columns import Catalogue
from matcher.eligibility.limits import ServiceLimits
from matcher.eligibility.person import Person
from matcher.geography import km_of_chords, squared_chord, squared_chords


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


@dataclass(frozen=True, eq=False)
class Case:
    """One person and the services asked about: everything a rule may look at.

    ``rows`` index the catalogue. ``declined`` says of rows how much each is something that the person declined, in
    [0, 1]; ``disliked`` is what it says of these rows, asked once.
    """

    person: Person
    catalogue: Catalogue
    limits: ServiceLimits
    config: EligibilityConfig
    rows: NDArray[np.int64]
    declined: Callable[[NDArray[np.int64]], NDArray[np.float64]]

    @cached_property
    def apart(self) -> NDArray[np.float64]:
        """How far from the person each row is, as the square of a chord; NaN where unknown. Shape as ``rows``."""
        place = self.person.place
        if place is None:
            return np.full(len(self.rows), np.nan)
        return squared_chords(place, self.catalogue.vectors.take(self.rows, axis=0))

    @cached_property
    def distance_km(self) -> NDArray[np.float64]:
        """Km from the person; NaN where unknown. Shape as ``rows``."""
        return km_of_chords(self.apart)

    def beyond(self, km: float) -> NDArray[np.bool_]:
        """Which rows are known to be further away than this. Shape as ``rows``."""
        return self.apart > squared_chord(km)

    @cached_property
    def disliked(self) -> NDArray[np.float64]:
        """How much each row is something that the person declined. Shape as ``rows``."""
        return self.declined(self.rows)

    def only(self, places: NDArray[np.bool_] | NDArray[np.int64]) -> Case:
        """The same person and some of the services."""
        chosen, known = self.at(self.rows[places]), vars(self)
        for name in ("apart", "disliked"):
            if name in known:
                vars(chosen)[name] = known[name][places]
        return chosen

    def at(self, rows: NDArray[np.int64]) -> Case:
        """The same person and other services."""
        return Case(self.person, self.catalogue, self.limits, self.config, rows, self.declined)


def furthest_km(person: Person, config: EligibilityConfig) -> float:
    """How far the person can be sent."""
    if person.max_distance_km is None:
        return config.reach_km
    return person.max_distance_km * (1 + config.near_miss_margin)


def reach_km(person: Person, config: EligibilityConfig) -> float:
    """How far a service may come from to see the person at home."""
    return max(config.reach_km, furthest_km(person, config))
