"""Fuse the scorers, mark down what fits less, cover every need, order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from matcher.loops import choose, highest
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
    near_half_km: float = Field(4.0, gt=0)
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

    def known_kinds(self) -> NDArray[np.int32]:
        """What each row mainly is; never sure where no kinds are given. Shape (rows,)."""
        return np.full(self.facets.shape[1], -1, dtype=np.int32) if self.kinds is None else self.kinds

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


Ties = Callable[[NDArray[np.int64]], NDArray[np.integer]]


def order(candidates: Candidates, ties: Ties, config: RankingConfig, top: int) -> Listed:
    """The best ``top`` rows, greedily.

    Each facet counts less for every service above that meets it, a whole service for every one that is mainly the same.

    Args:
        candidates: the services that may be listed.
        ties: a number for each of some rows; of two with the same score the one with the lower number comes first.
        config: see :class:`RankingConfig`.
        top: how many.

    The choice is exact: a row's score can only fall while the list grows, so nothing need be looked at whose bound is
    below the best of what is looked at. Scores therefore never rise down the list, and a shorter list is the beginning
    of a longer one.
    """
    bounds = candidates.bounds
    size = max(FIRST_LOOK, len(bounds) // SHARE)
    while True:
        rows, bound = highest(bounds, size)
        parts, met = candidates.parts(rows)
        chosen = choose(
            *(parts.facets, parts.rest(), parts.factor(), met, parts.known_kinds(), ties(rows).astype(np.int64)),
            coverage=config.coverage,
            alike=config.alike,
            top=top,
            bound=bound,
        )
        if len(chosen) == top or bound <= 0:
            break
        size *= MORE
    listed = np.array([place for place, *_ in chosen], dtype=np.int64)
    places = tuple(Place(int(rows[place]), score, left, alike) for place, score, left, alike in chosen)
    return Listed(places, parts.at(listed), met[:, listed])


FIRST_LOOK, MORE, SHARE = 256, 4, 128
"""So many of the rows with the highest bounds are looked at first, or that share of very many; so many times as many
whenever they do not do."""
