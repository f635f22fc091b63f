"""What a matcher has to beat: simple orderings behind the same eligibility screen as the engine.

Each is asked with the consultation's whole text (needs, interests and note) and sees each service's whole text. They
show only services that the engine's screen lets through, so that a comparison is about ordering alone.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from scipy.sparse import csc_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from matcher.catalogue.columns import Catalogue
from matcher.domain import Consultation, Standing
from matcher.eligibility import Screen
from matcher.evaluation.judgements import GOOD, Judgements
from matcher.scorers.counting import TermImpacts
from matcher.sparse import SparseRows
from matcher.text import content_words

DIGITS = 6
SEED = 20261101
Scores = NDArray[np.float64]
Analyzer = Callable[[str], list[str]]


class Baseline(Protocol):
    """Scores every service for a consultation; higher is better, 0 means "would not be shown". Shape (services,)."""

    def __call__(self, consultation: Consultation) -> Scores:
        """The scores for one consultation."""
        ...


class Bm25:
    """BM25 over any texts, through the same term impacts as the engine's lexical scorer."""

    def __init__(
        self, texts: Sequence[str], k1: float = 1.2, b: float = 0.75, analyzer: Analyzer = content_words
    ) -> None:
        self._analyzer = analyzer
        self._vectorizer = CountVectorizer(analyzer=analyzer)
        by_word = csc_array(self._vectorizer.fit_transform(texts))
        self._texts = len(texts)
        self._having = SparseRows(by_word.indptr.astype(np.int64), by_word.indices, by_word.data)
        lengths = np.bincount(by_word.indices, by_word.data, minlength=self._texts)
        having = np.diff(self._having.starts)
        self._impacts = TermImpacts(lengths, k1, b).entries(np.repeat(having, having), by_word.indices, by_word.data)

    def scores(self, query: str) -> Scores:
        """One score a text. A word said twice counts twice, as in the published formula without saturation."""
        words = Counter(word for word in self._analyzer(query) if word in self._vectorizer.vocabulary_)
        total = np.zeros(self._texts)
        for word, times in sorted(words.items()):
            place = self._vectorizer.vocabulary_[word]
            start, end = self._having.starts[place : place + 2]
            total[self._having.columns[start:end]] += times * self._impacts[start:end]
        return total


@dataclass(frozen=True)
class _Random:
    services: int

    def __call__(self, consultation: Consultation) -> Scores:
        """A different shuffle for each consultation, the same in every run."""
        rng = np.random.default_rng((SEED, zlib.crc32(consultation.id.encode())))
        return 1 - rng.random(self.services)


@dataclass(frozen=True)
class _Popularity:
    """How often a service was judged good for somebody else: the best that a list made for everybody can do."""

    ids: Sequence[str]
    judgements: Judgements

    def __call__(self, consultation: Consultation) -> Scores:
        counts = Counter(
            service_id
            for key, listed in self.judgements.pairs.items()
            for service_id, judgement in listed.items()
            if key != consultation.id and judgement.grade >= GOOD
        )
        return np.array([counts[service_id] for service_id in self.ids], dtype=np.float64)


def baselines(catalogue: Catalogue, judgements: Judgements) -> Mapping[str, Baseline]:
    """All baselines by name, fitted on one catalogue; "tags only" is the engine itself with one scorer."""
    texts = service_texts(catalogue)
    bm25 = Bm25(texts)
    tfidf = TfidfVectorizer(analyzer=content_words, sublinear_tf=True)
    vectors = tfidf.fit_transform(texts)
    plain = [default_process(text) for text in texts]

    def cosine(consultation: Consultation) -> Scores:
        return np.asarray((vectors @ tfidf.transform([query_text(consultation)]).T).toarray()).ravel()

    def fuzzy(consultation: Consultation) -> Scores:
        query = default_process(query_text(consultation))
        return np.asarray(process.cdist([query], plain, scorer=fuzz.token_set_ratio)[0], dtype=np.float64) / 100

    return {
        "random": _Random(len(catalogue)),
        "popularity": _Popularity(catalogue.texts("id"), judgements),
        "BM25 only": lambda consultation: bm25.scores(query_text(consultation)),
        "TF-IDF cosine": cosine,
        "rapidfuzz": fuzzy,
    }


def baseline_rows(baseline: Baseline, consultation: Consultation, screen: Screen, top: int) -> list[dict[str, Any]]:
    """What a baseline shows, best first, in the form of ``batch.suggestion_rows``; ties go by service id.

    Args:
        baseline: gives the scores.
        consultation: who is asking.
        screen: the engine's, over all rows of the catalogue.
        top: how many.
    """
    scores = np.where(screen.usable, np.round(baseline(consultation), DIGITS), 0.0)
    order = np.lexsort((np.arange(len(scores)), -scores))[:top]  # rows are in order of service id
    catalogue, km = screen.case.catalogue, screen.case.distance_km
    ids, names = catalogue.texts("id"), catalogue.texts("name")
    return [
        {
            "consultation_id": consultation.id,
            "rank": rank,
            "service_id": ids[row],
            "service_name": names[row],
            "score": float(scores[row]),
            "standing": Standing(int(screen.standing[row])).name,
            "distance_km": None if np.isnan(km[row]) else round(float(km[row]), 2),
            "reasons": [],
        }
        for rank, row in enumerate(order[scores[order] > 0], start=1)
    ]


def query_text(consultation: Consultation) -> str:
    """All that was said, in one text."""
    return "\n".join([*(need.label for need in consultation.needs), *consultation.interests, consultation.note])


def service_texts(catalogue: Catalogue) -> list[str]:
    """All that the directory says of each service in words, in row order."""
    columns = [catalogue.texts(name) for name in ("name", "description", "organization", "eligibility")]
    columns.append(["\n".join(listed) for listed in catalogue.text_lists("categories")])
    return ["\n".join(parts) for parts in zip(*columns, strict=True)]
