"""Lexical scorer: fielded BM25 over the services' own words."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.sparse import csc_array, csr_array

from matcher.catalogue.columns import Catalogue
from matcher.profile import Profile
from matcher.scorers.base import Contribution, Rows, Scores
from matcher.text import content_words, tokenise


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
    half_score: float = 9.0
    """The BM25 sum that gives the value 0.5; the value is ``sum / (sum + half_score)``."""


class LexicalScorer:
    """Words that person and service share, rarer ones more."""

    name = "lexical"

    def __init__(self, catalogue: Catalogue, config: LexicalScorerConfig) -> None:
        self.config = config
        counts, self._place = count_words(self._documents(catalogue))
        self.impact = bm25_impacts(counts, config.k1, config.b)
        self._by_row = self.impact.tocsr()

    def _documents(self, catalogue: Catalogue) -> list[str]:
        """The words of every service, each field's as often as it counts."""
        config = self.config
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
            " \n ".join(text for text, times in zip(entry, repeats, strict=True) for _ in range(times))
            for entry in fields
        ]
        return documents if any(map(content_words, documents)) else [*documents[:-1], "empty"]

    def can_score(self, profile: Profile) -> bool:
        """It can speak wherever there is a text."""
        return bool(profile.queries)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """See :class:`matcher.scorers.base.Scorer`."""
        total: Scores = np.zeros(self.impact.shape[0])
        for word, weight in profile.words.items():
            if word in self._place:
                start, end = self.impact.indptr[self._place[word] : self._place[word] + 2]
                total[self.impact.indices[start:end]] += weight * self.impact.data[start:end]
        return np.asarray(total[rows] / (total[rows] + self.config.half_score))

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """One part a shared word."""
        start, end = self._by_row.indptr[row : row + 2]
        impacts = dict(
            zip(self._by_row.indices[start:end].tolist(), self._by_row.data[start:end].tolist(), strict=True)
        )
        parts = {word: weight * impacts.get(self._place.get(word, -1), 0.0) for word, weight in profile.words.items()}
        total = sum(parts.values())
        said = {token.stem: token.word for text, _ in profile.queries for token in tokenise(text)}
        shares = [
            Contribution(part / (total + self.config.half_score), said.get(word, word), word)
            for word, part in parts.items()
            if part
        ]
        return sorted(shares, key=lambda part: (-part.value, part.label))


def count_words(documents: Iterable[str]) -> tuple[csc_array, dict[str, int]]:
    """How often each document has each word, and each word's column. Shape (documents, words), words in order.

    What scikit-learn's CountVectorizer gives; without the import, which takes longer than reading the sample town.
    """
    places: dict[str, int] = {}
    columns, counts, ends = array("i"), array("f"), array("q", [0])
    for document in documents:
        found = Counter(content_words(document))
        columns.extend(places.setdefault(word, len(places)) for word in found)
        counts.extend(found.values())
        ends.append(len(columns))
    words = {word: place for place, word in enumerate(sorted(places))}
    in_order = np.array([words[word] for word in places], dtype=np.int32)
    shape = (len(ends) - 1, len(words))
    by_row = csr_array((np.array(counts), in_order[np.array(columns)], np.array(ends)), shape=shape)
    return csc_array(by_row), words


def bm25_impacts(counts: csc_array, k1: float, b: float) -> csc_array:
    """BM25 term impacts (Robertson and Zaragoza 2009, with the idf of Lucene, which is never negative).

    Args:
        counts: term counts, services x terms.
        k1: saturation of repeated terms.
        b: strength of length normalisation, 0 to 1.
    """
    documents = counts.shape[0]
    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    average = max(lengths.mean(), 1e-9)
    frequency = np.asarray(np.diff(counts.indptr), dtype=np.int64)
    idf = np.log1p((documents - frequency + 0.5) / (frequency + 0.5))
    impacts = counts.astype(np.float64)
    impacts.sort_indices()
    norm: NDArray[np.float64] = k1 * (1 - b + b * lengths / average)
    tf = impacts.data
    impacts.data = np.repeat(idf, frequency) * tf * (k1 + 1) / (tf + norm[impacts.indices])
    return impacts
