"""Lexical scorer: fielded BM25 over the services' own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.loops import Entries, looked_up
from matcher.profile import Profile
from matcher.scorers.base import Contribution, Judge, Rows, Scores

FEW = 128
"""So many services at most are looked up word by word; for more the entries of a word are added up."""


class LexicalScorerConfig(BaseModel):
    """BM25 with one length over weighted fields (simple BM25F: Robertson, Zaragoza and Taylor, CIKM 2004)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    k1: float = 1.2
    b: float = 0.5
    name: int = 3
    """How often a word of the name counts."""
    description: int = 1
    category: int = 2
    organization: int = 1
    eligibility: int = 1
    most_common: float = 0.2
    """A word in more than this share of the services says nothing about any of them."""
    half_score: float = 9.0
    """The BM25 sum that gives the value 0.5; the value is ``sum / (sum + half_score)``."""


@dataclass(frozen=True, eq=False)
class Postings:
    """Which services have each word.

    Attributes:
        words: in order, as UTF-8 with a line end after each but the last.
        starts: where each word's entries begin in the other two, and where the last one's end. Shape (words + 1,).
        rows: the services, ascending. Shape (entries,).
        impacts: the word's BM25 impact on each. Shape (entries,).
    """

    words: NDArray[np.uint8]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    impacts: NDArray[np.float16]


class LexicalScorer:
    """Words that person and service share, rarer ones more."""

    name = "lexical"

    def __init__(self, postings: Postings, config: LexicalScorerConfig) -> None:
        self.config = config
        self.postings = postings
        self._entries = Entries(postings.rows, postings.impacts)
        self._place = {word: place for place, word in enumerate(postings.words.tobytes().decode().split("\n"))}

    def can_score(self, profile: Profile) -> bool:
        """It can speak wherever there is a text."""
        return bool(profile.queries)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """See :class:`matcher.scorers.base.Scorer`."""
        return self.judge(profile)(rows)

    def judge(self, profile: Profile) -> Judge:
        """See :class:`matcher.scorers.base.Scorer`."""
        found = self._found(profile)

        def score(rows: Rows) -> Scores:
            if len(rows) > FEW:
                return self._entries.values(found.starts, found.ends, found.weights, rows, self.config.half_score)
            total = self._each(found, rows).sum(axis=1, dtype=np.float64)
            return np.asarray(np.divide(total, total + self.config.half_score, out=total))

        return score

    def _each(self, found: _Found, rows: Rows) -> NDArray[np.float32]:
        """What each word gives each service. Shape (rows, words)."""
        return self._entries.each(found.starts, found.ends, found.weights, rows)

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """One part a shared word."""
        found, spoken = self._found(profile), profile.spoken
        given = self._each(found, np.array([row]))[0].tolist()
        total = self.config.half_score + sum(given)
        shared = [(value / total, word) for value, word in zip(given, found.words, strict=True) if value]
        return [
            Contribution(value, spoken.get(word, word), word) for value, word in sorted(shared, key=_strongest_first)
        ]

    def strongest(self, profile: Profile, rows: Rows, most: int) -> list[list[str]]:
        """The strongest words that each service shares with the request, at most so many, as they were said."""
        found, spoken = self._found(profile), profile.spoken
        said = [spoken.get(word, word) for word in found.words]
        places = self._entries.strongest(found.starts, found.ends, found.weights, rows, most)
        return [[said[place] for place in of_row] for of_row in places]

    def _found(self, profile: Profile) -> _Found:
        """The words of the request that services have."""
        return _Found(*looked_up(profile.words, self._place, self.postings.starts))


class _Found(NamedTuple):
    """Words, where the entries of each stand in the postings, and what it weighs."""

    words: list[str]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: NDArray[np.float32]


def _strongest_first(shared: tuple[float, str]) -> tuple[float, str]:
    value, word = shared
    return -value, word
