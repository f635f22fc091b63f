"""Fuse the scorers, mark down what fits less, cover every need, order."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
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
    far: float = 0.85
    """What is left of a score when the place may be well beyond the person's reach ..."""
    far_km: float = 20.0
    """... which is this far when they named no limit."""
    near_miss: float = 0.6
    """What is left of a score when the service is a little over the person's own limits, or full."""
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


@dataclass(frozen=True, eq=False)
class Parts:
    """What a score is made of, for all rows asked about.

    Attributes:
        facets: tag values by facet, fused weight applied. Shape (facets, rows).
        others: named further parts, fused weight applied. Each of shape (rows,).
        marks: named mark-downs, factors in [0, 1]. Each of shape (rows,).
    """

    facets: NDArray[np.float64]
    others: tuple[tuple[str, Scores], ...]
    marks: tuple[tuple[str, Scores], ...]

    def factor(self) -> Scores:
        """All mark-downs together. Shape (rows,)."""
        factor = np.ones(self.facets.shape[1])
        for _, mark in self.marks:
            factor = factor * mark
        return factor

    def base(self) -> Scores:
        """The score before coverage, rounded to 6 digits. Shape (rows,)."""
        total = self.facets.sum(axis=0)
        for _, values in self.others:
            total = total + values
        return np.asarray(np.round(total * self.factor(), DIGITS))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list: which row, its score, and what each facet counted after coverage."""

    row: int
    score: float
    facet_factors: tuple[float, ...]


def order(parts: Parts, met: NDArray[np.float64], ids: Sequence[str], config: RankingConfig, top: int) -> list[Place]:
    """The best ``top`` rows, greedily: each facet counts less for every service above that meets it.

    Args:
        parts: what the scores are made of.
        met: how far each row meets each facet, in [0, 1]. Shape (facets, rows).
        ids: service ids, for ties.
        config: see :class:`RankingConfig`.
        top: how many.

    The choice is exact: a row's score can only fall while the list grows, so the head of a heap whose score is up to
    date is the best. Scores therefore never rise down the list, and a shorter list is the beginning of a longer one.
    """
    base = parts.base()
    factor = parts.factor()
    rest = sum((values for _, values in parts.others), np.zeros(len(base)))
    left = np.ones(parts.facets.shape[0])
    heap = [(-base[row], ids[row], row, 0) for row in np.flatnonzero(base > 0).tolist()]
    heapq.heapify(heap)
    chosen: list[Place] = []
    while heap and len(chosen) < top:
        _, service_id, row, seen = heapq.heappop(heap)
        score = float(np.round((parts.facets[:, row] @ left + rest[row]) * factor[row], DIGITS))
        if seen < len(chosen):
            heapq.heappush(heap, (-score, service_id, row, len(chosen)))
            continue
        if score <= 0:
            continue
        chosen.append(Place(int(row), score, tuple(left.tolist())))
        left = left * (1 - (1 - config.coverage) * met[:, row])
    return chosen
