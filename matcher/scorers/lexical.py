"""Lexical scorer: fielded BM25 over the services' own words."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.catalogue.columns import Catalogue
from matcher.profile import Profile
from matcher.scorers.base import Contribution, Rows, Scores
from matcher.sparse import SparseRows
from matcher.text import content_words, sentences

KEPT_SENTENCES = 1 << 16
"""Directories repeat themselves: so many sentences are kept as stems while words are counted."""
LONGEST_NUMBER = 3
"""Longer ones are years, telephone numbers and the like: they say nothing of what a service is."""
FEW = 128
"""So many services at most are looked up in the postings; for more all postings of a word are added up."""
GAP = 4096
"""More services than this between two of those asked about are passed over."""
MANY_POSTINGS = 1 << 15
"""Fewer are added up whole sooner than looked through for those that matter."""
NEVER_COMMON = 20
"""A word in so few services tells them apart, however small the catalogue is."""


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


def count_postings(catalogue: Catalogue, config: LexicalScorerConfig) -> Postings:
    """Count the words of every service."""
    counts, places = count_words(_documents(catalogue, config))
    impacts = bm25_impacts(counts, len(catalogue), config.k1, config.b)
    frequency = np.diff(counts.starts)
    telling = frequency <= max(config.most_common * len(catalogue), NEVER_COMMON)
    telling &= np.array([not (word.isdigit() and len(word) > LONGEST_NUMBER) for word in places])
    words = "\n".join(word for word, tells in zip(places, telling.tolist(), strict=True) if tells)
    kept = np.repeat(telling, frequency)
    return Postings(
        np.frombuffer(words.encode(), dtype=np.uint8),
        np.concatenate([[0], np.cumsum(frequency[telling])]).astype(np.int64),
        counts.columns[kept].astype(np.int32),
        impacts[kept].astype(np.float16),
    )


def _documents(catalogue: Catalogue, config: LexicalScorerConfig) -> list[str]:
    """The words of every service, each field's as often as it counts."""
    fields = zip(
        catalogue.texts("name"),
        catalogue.texts("description"),
        (" ; ".join(listed) for listed in catalogue.text_lists("categories")),
        catalogue.texts("organization"),
        catalogue.texts("eligibility"),
        strict=True,
    )
    repeats = (config.name, config.description, config.category, config.organization, config.eligibility)
    documents = [
        " \n ".join(text for text, times in zip(entry, repeats, strict=True) for _ in range(times)) for entry in fields
    ]
    return documents if any(map(content_words, documents)) else [*documents[:-1], "empty"]


def count_words(documents: Iterable[str]) -> tuple[SparseRows, dict[str, int]]:
    """How often each word stands in each document, and each word's row. Rows are words in order, columns documents.

    What scikit-learn's CountVectorizer gives; without that import or SciPy's, which take longer than reading the sample
    town.
    """
    places: dict[str, int] = {}
    columns, counts, ends = array("i"), array("f"), array("q", [0])
    stems_of = lru_cache(KEPT_SENTENCES)(content_words)
    for document in documents:
        found = Counter(chain.from_iterable(map(stems_of, sentences(document))))
        columns.extend(places.setdefault(word, len(places)) for word in found)
        counts.extend(found.values())
        ends.append(len(columns))
    words = {word: place for place, word in enumerate(sorted(places))}
    in_order = np.array([words[word] for word in places], dtype=np.int32)[np.array(columns)]
    by_word = np.argsort(in_order, kind="stable")
    entry_documents = np.repeat(np.arange(len(ends) - 1, dtype=np.int32), np.diff(np.array(ends)))
    starts = np.concatenate([[0], np.cumsum(np.bincount(in_order, minlength=len(words)))]).astype(np.int64)
    return SparseRows(starts, entry_documents[by_word], np.array(counts)[by_word]), words


def bm25_impacts(counts: SparseRows, documents: int, k1: float, b: float) -> Scores:
    """BM25 term impacts (Robertson and Zaragoza 2009, with the idf of Lucene, which is never negative).

    Args:
        counts: of each word (row) how often it stands in each service (column).
        documents: how many services there are.
        k1: saturation of repeated terms.
        b: strength of length normalisation, 0 to 1.

    Returns:
        The impact of every entry of the counts. Shape (entries,).
    """
    lengths = np.bincount(counts.columns, counts.values, minlength=documents)
    average = max(lengths.mean(), 1e-9)
    frequency = np.diff(counts.starts)
    idf = np.log1p((documents - frequency + 0.5) / (frequency + 0.5))
    norm = k1 * (1 - b + b * lengths / average)
    tf = counts.values.astype(np.float64)
    return np.asarray(np.repeat(idf, frequency) * tf * (k1 + 1) / (tf + norm[counts.columns]))
