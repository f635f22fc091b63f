"""The contract of every scorer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.domain import ConceptId
from matcher.profile import Profile

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]
Judge = Callable[[Rows], Scores]
"""Gives each row a value, in the order of the rows, in an array of its own."""


class Contribution(NamedTuple):
    """One part of a scorer's value for one service: how much, and about what."""

    value: float
    quote: str
    label: str
    concept: ConceptId | None = None
    facet: int = -1
    offer: ConceptId | None = None


class Scorer(Protocol):
    """Judges how well services answer a request. Fitted on one catalogue; holds nothing of any person."""

    name: str

    def can_score(self, profile: Profile) -> bool:
        """Whether it can speak for the whole request; if not it is left out, which is not the same as scoring 0."""
        ...

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """A value in [0, 1] for each row, in the order of ``rows``; 0 where nothing speaks for the service."""
        ...

    def judge(self, profile: Profile) -> Judge:
        """As :meth:`score`, of any rows; what has to be worked out of the request is worked out once."""
        ...

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """The parts of one row's value, largest first. They add up to ``score(profile, [row])``."""
        ...
