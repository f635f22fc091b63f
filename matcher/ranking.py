"""Fuse the scorers, mark down what fits less, cover every need, order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from operator import mul
from typing import Annotated, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from matcher.scorers.base import Scores

DIGITS = 6


Weight = Annotated[float, Field(ge=0)]
Left = Annotated[float, Field(ge=0, le=1)]
"""What is left of something: nothing adds to a score that was worked out, so that lists can be found by bounds."""


class RankingConfig(BaseModel):
    """Fusion weights and mark-downs; how they came about stands in the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tags: Weight = 1.0
    lexical: Weight = 0.3
    semantic: Weight = 0.9
    implied: Weight = 0.06
    """For people like this person (age, gender, language), without being asked for."""
    near: Weight = 0.05
    """Close by, where a place is known: 1 at the door, halved every ``near_half_km``."""
    near_half_km: float = 4.0
    far: Left = 0.6
    """What is left of a score when the place may be well beyond the person's reach ..."""
    far_km: float = 18.0
    """... which is this far when they named no limit."""
    near_miss: Left = 0.6
    """What is left of a score when the service is a little over the person's own limits."""
    not_for_them: Left = 0.5
    """What is left when the service is dedicated to a group that the person does not seem to belong to."""
    not_support: Left = 0.15
    """What is left of a shop, a lender, a vacancy."""
    unsure: Left = 0.75
    """What is left when a further condition (tenants, patients of a practice) may not be met."""
    disliked: Left = 0.5
    """What is left when a declined thing is part of the service without being its main purpose."""
    coverage: Left = 0.85
    """What a facet is still worth for each service above in the list that meets it in full."""
    alike: Left = 0.9
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


class Place(NamedTuple):
    """A place in the list: which row of the parts, its score, and what came of the services above it.

    Attributes:
        facet_factors: what each facet still counted.
        alike: what was left of the score because others of its kind stand above.
    """

    row: int
    score: float
    facet_factors: tuple[float, ...]
    alike: float = 1.0


class Candidates(Protocol):
    """Services that may be listed: of all of them how high their scores can be, of some what these are made of."""

    @property
    def bounds(self) -> Scores:
        """No row's score is higher. Shape (rows,)."""
        ...

    def parts(self, rows: NDArray[np.int64]) -> tuple[Parts, NDArray[np.float64]]:
        """Of some rows the parts, and how far each row meets each facet, in [0, 1], of shape (facets, rows)."""
        ...


@dataclass(frozen=True, eq=False)
class KnownParts:
    """Candidates of which all is known.

    Attributes:
        whole: what the scores are made of.
        met: how far each row meets each facet, in [0, 1]. Shape (facets, rows).
    """

    whole: Parts
    met: NDArray[np.float64]

    @property
    def bounds(self) -> Scores:
        """See :class:`Candidates`."""
        return self.whole.base()

    def parts(self, rows: NDArray[np.int64]) -> tuple[Parts, NDArray[np.float64]]:
        """See :class:`Candidates`."""
        return self.whole.at(rows), self.met[:, rows]


@dataclass(frozen=True, eq=False)
class Listed:
    """The places of a list, and for them, in their order, what :class:`KnownParts` says of all candidates."""

    places: tuple[Place, ...]
    parts: Parts
    met: NDArray[np.float64]


def order(candidates: Candidates, ties: NDArray[np.integer], config: RankingConfig, top: int) -> Listed:
    """The best ``top`` rows, greedily.

    Each facet counts less for every service above that meets it, a whole service for every one that is mainly the same.

    Args:
        candidates: the services that may be listed.
        ties: of two rows with the same score the one with the lower number comes first. Shape (rows,).
        config: see :class:`RankingConfig`.
        top: how many.

    The choice is exact: a row's score can only fall while the list grows, so nothing need be looked at whose bound is
    below the best of what is looked at. Scores therefore never rise down the list, and a shorter list is the beginning
    of a longer one.
    """
    pool = _Pool(candidates, ties)
    left = [1.0] * len(pool.parts.facets)
    chosen: list[Place] = []
    while len(chosen) < top and (best := pool.best(left, len(chosen))) is not None:
        score, found = best
        chosen.append(Place(found.row, score, tuple(left), pool.left_of_kind.get(found.kind, 1.0)))
        lost = [(1 - config.coverage) * share for share in pool.met[:, found.place].tolist()]
        left = [one * (1 - gone) for one, gone in zip(left, lost, strict=True)]
        pool.mark_down_alike(found.kind, config.alike)
    listed = pool.places_of([place.row for place in chosen])
    return Listed(tuple(chosen), pool.parts.at(listed), pool.met[:, listed])


FIRST_LOOK, FEWER = 256, 6
"""So many of the rows with the highest bounds are looked at first, or the ``2**FEWER``-th part of very many; four times
as many whenever these may not do."""
HANDFUL = 32
"""So many of those looked at come into the heap at a time, the best first."""


class _Row(NamedTuple):
    """What the score of one row is made of; ``place`` is where it stands among those looked at."""

    row: int
    place: int
    kind: int
    facets: list[float]
    rest: float
    factor: float


class _Pool:
    """The rows that may come next: those with the highest bounds, more of them when needed.

    The best lie in a heap by the score that each had when it was last worked out. It is worked out again only when it
    comes to the top: scores only fall, so a row that stays there is the best (lazy greedy choice: Minoux 1978).
    """

    def __init__(self, candidates: Candidates, ties: NDArray[np.integer]) -> None:
        self._candidates, self._ties = candidates, ties
        self._bounds = candidates.bounds
        self._taken: set[int] = set()
        self.left_of_kind: dict[int, float] = {}
        self._look(max(FIRST_LOOK, len(self._bounds) >> FEWER))

    def _look(self, size: int) -> None:
        """Look at ``size`` rows; ``_bound`` is what the best of all others can reach."""
        rows, self._bound = np.arange(len(self._bounds)), 0.0
        if size < len(rows):
            ranked = np.argpartition(-self._bounds, size)
            rows, self._bound = ranked[:size], float(self._bounds[ranked[size]])
        self._size, self._rows = size, rows
        self.parts, self.met = self._candidates.parts(rows)
        self._base, self._rest, self._factor = self.parts.base(), self.parts.rest(), self.parts.factor()
        self._waiting = np.argsort(-self._base)
        self._heap: list[tuple[float, int, _Row, int]] = []
        self._next_base = self._highest_waiting()

    def _highest_waiting(self) -> float:
        """The best score of those that are not yet in the heap, as it was before anything was chosen."""
        return float(self._base[self._waiting[0]]) if len(self._waiting) else 0.0

    def _take_in(self) -> None:
        """Bring the best of those that wait into the heap."""
        places, self._waiting = self._waiting[:HANDFUL], self._waiting[HANDFUL:]
        self._next_base = self._highest_waiting()
        rows, kinds = self._rows[places], self.parts.kinds
        found = map(
            _Row,
            rows.tolist(),
            places.tolist(),
            [-1] * len(rows) if kinds is None else kinds[places].tolist(),
            self.parts.facets[:, places].T.tolist(),
            self._rest[places].tolist(),
            self._factor[places].tolist(),
        )
        for base, tie, one in zip(self._base[places].tolist(), self._ties[rows].tolist(), found, strict=True):
            if base > 0 and one.row not in self._taken:
                heappush(self._heap, (-base, tie, one, 0))

    def best(self, left: Sequence[float], turn: int) -> tuple[float, _Row] | None:
        """The row to come next, with its score.

        Args:
            left: what is left of each facet's worth.
            turn: how many were chosen before.
        """
        while True:
            minus_score, tie, one, worked_out = self._heap[0] if self._heap else (0.0, 0, None, turn)
            if -minus_score <= self._next_base and self._next_base > 0:
                self._take_in()
            elif -minus_score <= self._bound:
                if self._bound <= 0:
                    return None
                self._look(4 * self._size)
            elif worked_out == turn and one is not None:
                heappop(self._heap)
                self._taken.add(one.row)
                return -minus_score, one
            elif one is not None:
                heapreplace(self._heap, (-self._score(one, left), tie, one, turn))

    def _score(self, one: _Row, left: Sequence[float]) -> float:
        """The score as it now is, rounded as :meth:`Parts.base` rounds."""
        score = (sum(map(mul, left, one.facets)) + one.rest) * one.factor * self.left_of_kind.get(one.kind, 1.0)
        return float(round(score * 10**DIGITS) / 10**DIGITS)

    def mark_down_alike(self, kind: int, left: float) -> None:
        """Leave this much of the scores of all rows of a kind, when one of them was chosen."""
        if kind >= 0:
            self.left_of_kind[kind] = self.left_of_kind.get(kind, 1.0) * left

    def places_of(self, rows: Sequence[int]) -> NDArray[np.int64]:
        """Where some of the rows stand among those looked at."""
        place = {row: place for place, row in enumerate(self._rows.tolist())}
        return np.array([place[row] for row in rows], dtype=np.int64)
