"""Counts the words of every service, and works out what each says of it (BM25), for the lexical scorer."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.columns import Catalogue
from matcher.processes import EVERY_CORE, Spread, in_order
from matcher.scorers.lexical import LexicalScorerConfig, Postings
from matcher.sparse import spans
from matcher.text import normalise, root, sentences, words_of

LONGEST_NUMBER = 3
"""Longer ones are years, telephone numbers and the like: they say nothing of what a service is."""
NEVER_COMMON = 20
"""A word in so few services tells them apart, however small the catalogue is."""


@dataclass(frozen=True, eq=False)
class WordCounts:
    """How often each word stands in each of some documents.

    Attributes:
        words: each once, in any order.
        frequency: in how many documents each word stands. Shape (words,).
        documents: word by word the documents, ascending. Shape (entries,).
        counts: how often it stands in each. Shape (entries,).
        lengths: how many words each document has. Shape (documents,).
    """

    words: Sequence[str]
    frequency: NDArray[np.int64]
    documents: NDArray[Any]
    counts: NDArray[Any]
    lengths: NDArray[np.int64]


class WordCounter:
    """Counts the words of documents as :func:`matcher.text.content_words` finds them, sentence by sentence."""

    def __init__(self) -> None:
        self._stems = {"": 0}
        self._numbers = _Numbers(self._stems)

    def count(self, documents: Iterable[str]) -> WordCounts:
        """The counts of some documents. What was learnt of words is kept for the next."""
        numbers, lengths = array("i"), array("q")
        for document in documents:
            # a mark-up of a line's end is the only word that cutting into sentences takes away
            pieces = sentences(document) if "<" in document else [document]
            words = chain.from_iterable(words_of(normalise(piece)) for piece in pieces)
            lengths.append(-len(numbers))
            numbers.extend(map(self._numbers.__getitem__, words))
            lengths[-1] += len(numbers)
        of_document = np.repeat(np.arange(len(lengths)), np.array(lengths))
        telling = np.flatnonzero(np.array(numbers, dtype=np.int64))
        both = np.array(numbers, dtype=np.int64)[telling] * len(lengths) + of_document[telling]
        entries, counts = np.unique(both, return_counts=True)
        found, frequency = np.unique(entries // max(len(lengths), 1), return_counts=True)
        stems = list(self._stems)
        return WordCounts(
            [stems[number] for number in found.tolist()],
            frequency,
            _compact(entries % max(len(lengths), 1)),
            _compact(counts),
            np.bincount(of_document[telling], minlength=len(lengths)),
        )


class _Numbers(dict[str, int]):
    """The number of each word's stem; 0 of a word that carries no topic."""

    def __init__(self, stems: dict[str, int]) -> None:
        super().__init__()
        self._stems = stems

    def __missing__(self, word: str) -> int:
        number = self[word] = self._stems.setdefault(root(word), len(self._stems))
        return number


def _compact(numbers: NDArray[np.int64]) -> NDArray[Any]:
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def count_postings(catalogue: Catalogue, config: LexicalScorerConfig, spread: Spread = EVERY_CORE) -> Postings:
    """Count the words of every service. ``spread``: how many processes, and from how many services on."""
    read = partial(_read, WordCounter(), catalogue, config)
    parts = list(in_order(read, spread.spans(len(catalogue)), spread))
    if not any(part.words for part in parts):
        parts[-1] = WordCounter().count([*[""] * (len(parts[-1].lengths) - 1), "empty"])
    return postings_of(parts, config)


def _read(counter: WordCounter, catalogue: Catalogue, config: LexicalScorerConfig, span: tuple[int, int]) -> WordCounts:
    return counter.count(_documents(catalogue, config, span))


def _documents(catalogue: Catalogue, config: LexicalScorerConfig, span: tuple[int, int]) -> Iterable[str]:
    """The words of some services, each field's as often as it counts."""
    fields = zip(
        catalogue.texts("name", span),
        catalogue.texts("description", span),
        (" ; ".join(listed) for listed in catalogue.text_lists("categories", span)),
        catalogue.texts("organization", span),
        catalogue.texts("eligibility", span),
        strict=True,
    )
    repeats = (config.name, config.description, config.category, config.organization, config.eligibility)
    return (
        " \n ".join(text for text, times in zip(entry, repeats, strict=True) for _ in range(times)) for entry in fields
    )


def postings_of(parts: Sequence[WordCounts], config: LexicalScorerConfig) -> Postings:
    """Which documents have each word and what it says of them, of the words that tell documents apart.

    The documents of the parts are numbered on from one part to the next.
    """
    numbers: dict[str, int] = {}
    of_part = [np.array([numbers.setdefault(word, len(numbers)) for word in part.words], dtype=int) for part in parts]
    frequency = np.zeros(len(numbers), dtype=np.int64)
    for words, part in zip(of_part, parts, strict=True):
        frequency[words] += part.frequency
    lengths = np.concatenate([part.lengths for part in parts])
    most = max(config.most_common * len(lengths), NEVER_COMMON)
    telling = sorted(word for word in numbers if frequency[numbers[word]] <= most and not _is_long_number(word))
    frequency = frequency[[numbers[word] for word in telling]]
    places = np.full(len(numbers), -1)
    places[[numbers[word] for word in telling]] = np.arange(len(telling))
    starts = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
    rows, impacts = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.float16)
    impacts_of, filled, first = TermImpacts(lengths, config.k1, config.b), starts[:-1].copy(), 0
    for words, part in zip(of_part, parts, strict=True):
        kept = places[words] >= 0
        word, found = places[words][kept], part.frequency[kept]
        entries = np.repeat(kept, part.frequency)
        documents = part.documents[entries].astype(np.int64) + first
        here, _ = spans(filled[word], filled[word] + found)
        rows[here] = documents
        impacts[here] = impacts_of.entries(np.repeat(frequency[word], found), documents, part.counts[entries])
        filled[word] += found
        first += len(part.lengths)
    return Postings(np.frombuffer("\n".join(telling).encode(), dtype=np.uint8), starts, rows, impacts)


def _is_long_number(word: str) -> bool:
    return word.isdigit() and len(word) > LONGEST_NUMBER


class TermImpacts:
    """BM25 term impacts (Robertson and Zaragoza 2009, with the idf of Lucene, which is never negative)."""

    def __init__(self, lengths: NDArray[Any], k1: float, b: float) -> None:
        """Get ready.

        Args:
            lengths: how many words each document has.
            k1: saturation of repeated terms.
            b: strength of length normalisation, 0 to 1.
        """
        self._documents, self._k1 = len(lengths), k1
        self._norm = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))

    def entries(
        self, frequency: NDArray[np.int64], documents: NDArray[Any], counts: NDArray[Any]
    ) -> NDArray[np.float64]:
        """The impact of a word on a document. All of shape (entries,).

        Args:
            frequency: in how many documents the word stands.
            documents: which document.
            counts: how often it stands in it.
        """
        idf = np.log1p((self._documents - frequency + 0.5) / (frequency + 0.5))
        tf = counts.astype(np.float64)
        return np.asarray(idf * tf * (self._k1 + 1) / (tf + self._norm[documents]))
