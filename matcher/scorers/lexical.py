"""Lexical scorer: fielded BM25 over the services' own words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.sparse import csc_array
from sklearn.feature_extraction.text import CountVectorizer

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
        self._vectorizer = CountVectorizer(analyzer=content_words, dtype=np.float32)
        self.impact = self._fit(catalogue)
        self._by_row = self.impact.tocsr()
        self._place: dict[str, int] = self._vectorizer.vocabulary_

    def _fit(self, catalogue: Catalogue) -> csc_array:
        """The BM25 impact of every term in every service. Shape (services, terms)."""
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
        if not any(content_words(document) for document in documents):
            documents = [*documents[:-1], "empty"]
        counts = csc_array(self._vectorizer.fit_transform(documents))
        return bm25_impacts(counts, config.k1, config.b)

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
