"""Which services a person could get to at all, found without looking at the others.

A catalogue's rows are sorted by place. They are cut into blocks, each with its middle and how far it extends; a block
that lies out of reach as a whole holds nothing but services that the rule on distance would rule out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import ANYWHERE, VISITED, VISITING, Catalogue, tied_to_a_place
from matcher.domain import Point
from matcher.eligibility.case import EligibilityConfig, furthest_km, reach_km
from matcher.eligibility.person import Person
from matcher.geography import EARTH_RADIUS_KM, km_between, unit_vector
from matcher.loops import blocks_near
from matcher.sparse import spans

MOST_BLOCKS, LEAST_BLOCK = 2048, 16
SLACK_KM = 1e-3
"""More than rounding makes of a distance when it is told by its cosine."""


class Spans(NamedTuple):
    """Rows from each start up to its end; ascending. Each of shape (spans,)."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, start: int, end: int) -> Spans:
        """One span."""
        return cls(np.array([start]), np.array([end]))

    @property
    def rows(self) -> NDArray[np.int64]:
        """All rows in them. Shape (rows,)."""
        return spans(self.starts, self.ends)[0]

    def cut(self, pieces: int) -> list[Spans]:
        """The same rows in so many pieces of about as many."""
        if pieces == 1:
            return [self]
        lengths = self.ends - self.starts
        before = np.cumsum(lengths) - lengths
        marks = [int(lengths.sum()) * piece // pieces for piece in range(pieces + 1)]
        cut = [(np.maximum(before, low), np.minimum(before + lengths, high)) for low, high in pairwise(marks)]
        there = [(first, last, first < last) for first, last in cut]
        return [Spans((self.starts - before + a)[k], (self.starts - before + b)[k]) for a, b, k in there]

    def count(self) -> int:  # type: ignore[override]
        """How many rows are in them."""
        return int((self.ends - self.starts).sum())


class Reach:
    """The blocks of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        ends = np.searchsorted(tied_to_a_place(catalogue), [VISITED, VISITING, ANYWHERE], side="right").tolist()
        self._tied = [_Blocks(catalogue, 0, ends[VISITED]), _Blocks(catalogue, ends[VISITED], ends[VISITING])]
        self._anywhere = Spans.of(ends[VISITING], len(catalogue))
        self._all = Spans.of(0, len(catalogue))

    def spans(self, person: Person, config: EligibilityConfig) -> Spans:
        """Spans of all rows that the rule on distance may leave in; a few that it rules out are among them."""
        if person.place is None or "distance" in config.off:
            return self._all
        limits = furthest_km(person, config), reach_km(person, config)
        near = [blocks.near(person.place, km) for blocks, km in zip(self._tied, limits, strict=True)]
        return Spans(*(np.concatenate(ends) for ends in zip(*near, self._anywhere, strict=True)))


class _Blocks:
    """Rows from ``first`` up to ``end``, whose places are all known."""

    def __init__(self, catalogue: Catalogue, first: int, end: int) -> None:
        size = max(LEAST_BLOCK, (end - first) // MOST_BLOCKS)
        starts = np.arange(first, end, size)
        ends = np.minimum(starts + size, end)
        bounds = list(zip(starts.tolist(), ends.tolist(), strict=True))
        means = [catalogue.vectors[a:b].mean(axis=0) for a, b in bounds]
        middles = np.array([mean / np.linalg.norm(mean) for mean in means]).reshape(-1, 3)
        around = zip(map(_point, middles), bounds, strict=True)
        extents_km = [km_between(middle, catalogue.vectors[a:b]).max() for middle, (a, b) in around]
        extents = (np.array(extents_km) + SLACK_KM) / EARTH_RADIUS_KM
        self._blocks = (middles, np.cos(extents), np.sin(extents), starts, ends)

    def near(self, place: Point, limit_km: float) -> Spans:
        return Spans(*blocks_near(*self._blocks, unit_vector(place), limit_km / EARTH_RADIUS_KM))


def _point(vector: NDArray[np.float64]) -> Point:
    lat, lon = np.degrees([np.arcsin(np.clip(vector[2], -1, 1)), np.arctan2(vector[1], vector[0])])
    return Point(float(lat), float(lon))
