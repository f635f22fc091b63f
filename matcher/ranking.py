"""Fuse the scorers, mark down what fits less, cover every need, order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.scorers.base import Scores

DIGITS = 6


class RankingConfig(BaseModel):
    """Fusion weights and mark-downs; how they came about stands in the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tags: float = 1.0
    lexical: float = 0.3
    semantic: float = 0.9
    implied: float = 0.06
    """For people like this person (age, gender, language), without being asked for."""
    near: float = 0.05
    """Close by, where a place is known: 1 at the door, halved every ``near_half_km``."""
    near_half_km: float = 4.0
    far: float = 0.6
    """What is left of a score when the place may be well beyond the person's reach ..."""
    far_km: float = 18.0
    """... which is this far when they named no limit."""
    near_miss: float = 0.6
    """What is left of a score when the service is a little over the person's own limits."""
    not_for_them: float = 0.5
    """What is left when the service is dedicated to a group that the person does not seem to belong to."""
    not_support: float = 0.15
    """What is left of a shop, a lender, a vacancy."""
    unsure: float = 0.75
    """What is left when a further condition (tenants, patients of a practice) may not be met."""
    disliked: float = 0.5
    """What is left when a declined thing is part of the service without being its main purpose."""
    coverage: float = 0.85
    """What a facet is still worth for each service above in the list that meets it in full."""
    alike: float = 0.9
    """What is left of a score for each service above that is mainly the same: six jobcentres are no choice."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What a score is made of, for all rows asked about.

    Attributes:
        facets: tag values by facet, fused weight applied. Shape (facets, rows).
        others: named further parts, fused weight applied. Each of shape (rows,).
        marks: named mark-downs, factors in [0, 1]. Each of shape (rows,).
        kinds: a number for what each row mainly is, negative where that is not sure. Shape (rows,).
    """

    facets: NDArray[np.float64]
    others: tuple[tuple[str, Scores], ...]
    marks: tuple[tuple[str, Scores], ...]
    kinds: NDArray[np.int32] | None = None

    def factor(self) -> Scores:
        """All mark-downs together. Shape (rows,)."""
        factor = np.ones(self.facets.shape[1])
        for _, mark in self.marks:
            factor = factor * mark
        return factor

    def rest(self) -> Scores:
        """All parts that are no facet's, before mark-downs. Shape (rows,)."""
        rest = np.zeros(self.facets.shape[1])
        for _, values in self.others:
            rest = rest + values
        return rest

    def base(self) -> Scores:
        """The score before coverage, rounded to 6 digits. Shape (rows,)."""
        return np.asarray(np.round((self.facets.sum(axis=0) + self.rest()) * self.factor(), DIGITS))

    def at(self, rows: NDArray[np.int64]) -> Parts:
        """The parts of some of the rows."""
        others, marks = (tuple((name, v[rows]) for name, v in listed) for listed in (self.others, self.marks))
        return Parts(self.facets[:, rows], others, marks, None if self.kinds is None else self.kinds[rows])


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list: which row of the parts, its score, and what came of the services above it.

    Attributes:
        facet_factors: what each facet still counted.
        alike: what was left of the score because others of its kind stand above.
    """

    row: int
    score: float
    facet_factors: tuple[float, ...]
    alike: float = 1.0


def order(
    parts: Parts, met: NDArray[np.float64], ties: NDArray[np.integer], config: RankingConfig, top: int
) -> list[Place]:
    """The best ``top`` rows, greedily.

    Each facet counts less for every service above that meets it, a whole service for every one that is mainly the same.

    Args:
        parts: what the scores are made of.
        met: how far each row meets each facet, in [0, 1]. Shape (facets, rows).
        ties: of two rows with the same score the one with the lower number comes first. Shape (rows,).
        config: see :class:`RankingConfig`.
        top: how many.

    The choice is exact: a row's score can only fall while the list grows, so nothing need be looked at whose score
    before coverage is below the best of what is looked at. Scores therefore never rise down the list, and a shorter
    list is the beginning of a longer one.
    """
    pool = _Pool(parts, ties)
    left = np.ones(parts.facets.shape[0])
    chosen: list[Place] = []
    while len(chosen) < top and (best := pool.best(left)) is not None:
        row, score = best
        chosen.append(Place(row, score, tuple(left.tolist()), pool.alike(row)))
        left = left * (1 - (1 - config.coverage) * met[:, row])
        pool.mark_down_alike(row, config.alike)
    return chosen


FIRST_LOOK = 128
"""How many of the best rows before coverage are looked at first; twice as many whenever these may not be enough."""


class _Pool:
    """The rows that may come next: the best before coverage, more of them when needed."""

    def __init__(self, parts: Parts, ties: NDArray[np.integer]) -> None:
        self._all, self._ties, self._kinds = (parts.facets, parts.rest(), parts.factor()), ties, parts.kinds
        self._base = parts.base()
        self._left_of_kind: dict[int, float] = {}
        self._possible = int(np.count_nonzero(self._base))
        self._taken: list[int] = []
        self._look(FIRST_LOOK)

    def _look(self, size: int) -> None:
        """Look at the best ``size`` rows; ``_bound`` is what the best of all others can reach."""
        self._size = min(size, self._possible)
        self._rows, self._bound = np.arange(len(self._base)), 0.0
        if self._size < len(self._base):
            ranked = np.argpartition(-self._base, self._size)
            self._rows, self._bound = ranked[: self._size], float(self._base[ranked[self._size]])
        facets, rest, factor = self._all
        self._facets, self._rest, self._factor = facets[:, self._rows], rest[self._rows], factor[self._rows]
        if self._taken:
            self._factor[np.isin(self._rows, self._taken)] = 0
        for kind, left in self._left_of_kind.items():
            self._factor[self._of_kind(kind)] *= left

    def _of_kind(self, kind: int) -> NDArray[np.bool_]:
        return np.zeros(0, dtype=bool) if self._kinds is None else self._kinds[self._rows] == kind

    def alike(self, row: int) -> float:
        """What is left of the score of a row because of others of its kind."""
        return 1.0 if self._kinds is None else self._left_of_kind.get(int(self._kinds[row]), 1.0)

    def mark_down_alike(self, row: int, left: float) -> None:
        """Leave this much of the scores of all rows that are mainly the same as a row that was chosen."""
        kind = -1 if self._kinds is None else int(self._kinds[row])
        if kind >= 0 and left < 1:
            self._left_of_kind[kind] = self._left_of_kind.get(kind, 1.0) * left
            self._factor[self._of_kind(kind)] *= left

    def best(self, left: NDArray[np.float64]) -> tuple[int, float] | None:
        """The row to come next and its score, when what is left of each facet's worth is ``left``."""
        scores = ((left @ self._facets + self._rest) * self._factor).round(DIGITS)
        highest = float(scores.max(initial=0.0))
        if highest <= self._bound and self._size < self._possible:
            self._look(2 * self._size)
            return self.best(left)
        if highest <= 0:
            return None
        tied = np.flatnonzero(scores == highest)
        place = tied[np.argmin(self._ties[self._rows[tied]])]
        self._factor[place] = 0
        self._taken.append(int(self._rows[place]))
        return self._taken[-1], highest
