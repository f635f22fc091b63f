"""Lexical scorer: fielded BM25 over the services' own words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.profile import Profile
from matcher.scorers.base import Contribution, Rows, Scores

FEW = 128
"""So many services at most are looked up in the postings; for more all postings of a word are added up."""
GAP = 4096
"""More services than this between two of those asked about are passed over."""
MANY_POSTINGS = 1 << 15
"""Fewer are added up whole sooner than looked through for those that matter."""


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

    def __init__(self, postings: Postings, services: int, config: LexicalScorerConfig) -> None:
        self.config = config
        self.postings = postings
        self._services = services
        self._place = {word: place for place, word in enumerate(postings.words.tobytes().decode().split("\n"))}

    def can_score(self, profile: Profile) -> bool:
        """It can speak wherever there is a text."""
        return bool(profile.queries)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """See :class:`matcher.scorers.base.Scorer`."""
        found = self._found(profile)
        total = self._of_few(found, rows).sum(axis=0, dtype=np.float64) if len(rows) <= FEW else self._sums(found, rows)
        return np.asarray(total / (total + self.config.half_score))

    def _sums(self, found: _Found, rows: Rows) -> Scores:
        """The BM25 sum of each of many services, ascending; only postings of where these lie are added up."""
        begins, ends = self._where(found, rows)
        pieces = list(zip(begins.ravel().tolist(), ends.ravel().tolist(), strict=True))
        having, impacts = (
            np.concatenate([column[:0], *(column[begin:end] for begin, end in pieces)])
            for column in (self.postings.rows, self.postings.impacts)
        )
        parts = impacts * np.repeat(found.weights, (ends - begins).sum(axis=1))
        return np.asarray(np.bincount(having, parts, minlength=self._services)[rows])

    def _where(self, found: _Found, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pieces of the postings that hold some services, ascending: begins and ends, each of shape (words, pieces)."""
        if (found.ends - found.starts).sum() < MANY_POSTINGS:
            return found.starts[:, None], found.ends[:, None]
        breaks = np.flatnonzero(np.diff(rows) > GAP)
        firsts, lasts = rows[np.append(0, breaks + 1)], rows[np.append(breaks, -1)]
        bounds = np.concatenate([firsts, lasts + 1]).astype(np.int32)
        lists = zip(found.starts.tolist(), found.ends.tolist(), strict=True)
        at = [start + self.postings.rows[start:end].searchsorted(bounds) for start, end in lists]
        begins, ends = np.hsplit(np.array(at, dtype=np.int64).reshape(-1, len(bounds)), 2)
        return begins, ends

    def _of_few(self, found: _Found, rows: Rows) -> NDArray[np.float32]:
        """What each word gives each of a few services. Shape (words, rows)."""
        asked = rows.astype(np.int32)
        spans = zip(found.starts.tolist(), found.ends.tolist(), strict=True)
        at = np.empty((len(found.words), len(rows)), dtype=np.int64)
        for word, (start, end) in enumerate(spans):
            at[word] = self.postings.rows[start:end].searchsorted(asked)
        at = np.minimum(at + found.starts[:, None], found.ends[:, None] - 1)
        return np.where(self.postings.rows[at] == asked, self.postings.impacts[at] * found.weights[:, None], 0)

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """One part a shared word."""
        (shared,) = self._shared(profile, np.array([row]))
        total = self.config.half_score - sum(loss for loss, _ in shared)
        return [Contribution(-loss / total, profile.spoken.get(word, word), word) for loss, word in shared]

    def strongest(self, profile: Profile, rows: Rows, most: int) -> list[list[str]]:
        """The strongest words that each service shares with the request, at most so many, as they were said."""
        spoken = profile.spoken
        return [[spoken.get(word, word) for _, word in shared[:most]] for shared in self._shared(profile, rows)]

    def _shared(self, profile: Profile, rows: Rows) -> list[list[tuple[float, str]]]:
        """Of each service what it would lose without each word that it shares (negative), strongest first."""
        found = self._found(profile)
        given = (-self._of_few(found, rows).T).tolist()
        return [
            sorted([(loss, word) for loss, word in zip(losses, found.words, strict=True) if loss]) for losses in given
        ]

    def _found(self, profile: Profile) -> _Found:
        """The words of the request that services have."""
        words = [word for word in profile.words if word in self._place]
        places = np.array([self._place[word] for word in words], dtype=np.int64)
        weights = np.array([profile.words[word] for word in words], dtype=np.float32)
        return _Found(words, weights, self.postings.starts[places], self.postings.starts[places + 1])


@dataclass(frozen=True, eq=False)
class _Found:
    """Words with their weights, and where the entries of each stand in the postings."""

    words: list[str]
    weights: NDArray[np.float32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
