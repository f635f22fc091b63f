"""What a user would pick instead, each as its own documentation says: search libraries in memory or in a folder.

Where a library has a list of English stop words or a stemmer, it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import Stemmer
import tantivy
from peer import Peer
from rank_bm25 import BM25Okapi
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel
from tantivy import FieldType, Filter, Occur
from work import TOP, Entry, Limits, Query, best, read_entries


class Tantivy(Peer):
    """Tantivy on disk: words or-ed, limits as range queries on fast fields."""

    name = "tantivy"
    packages = ("tantivy",)
    numbers = ("min_age", "max_age", "cost", "lat", "lon")

    def build(self, services: Path, folder: Path) -> None:
        self._folder = str(folder)
        index = self._tokenised(tantivy.Index(self._schema(), path=self._folder))
        writer = index.writer(256_000_000, 2)
        for entry in read_entries(services):
            numbers = {name: getattr(entry, name) for name in self.numbers}
            writer.add_document(tantivy.Document(id=entry.id, text=entry.text, open=entry.open, **numbers))
        writer.commit()
        writer.wait_merging_threads()

    def _schema(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("text", tokenizer_name="english", index_option="freq")
        builder.add_boolean_field("open", indexed=True)
        for name in self.numbers:
            builder.add_float_field(name, fast=True)
        return builder.build()

    def _tokenised(self, index: tantivy.Index) -> tantivy.Index:
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for step in (Filter.lowercase(), Filter.stopword("english"), Filter.stemmer("english")):
            analyzer = analyzer.filter(step)
        index.register_tokenizer("english", analyzer.build())
        return index

    def open(self) -> None:
        self._index = self._tokenised(tantivy.Index.open(self._folder))
        self._index.reload()
        self._searcher = self._index.searcher()

    def ask(self, query: Query) -> Sequence[str]:
        words = self._index.parse_query(" ".join(query.words), ["text"])
        parts = [(Occur.Must, part) for part in (words, *self._limits(query))]
        found = self._searcher.search(tantivy.Query.boolean_query(parts), TOP, count=False)
        return [self._searcher.doc(address)["id"][0] for _, address in found.hits]

    def _limits(self, query: Query) -> list[tantivy.Query]:
        schema = self._index.schema

        def between(name: str, low: float | None, high: float | None) -> tantivy.Query:
            return tantivy.Query.range_query(schema, name, FieldType.Float, low, high)

        limits = [tantivy.Query.term_query(schema, "open", True)]
        limits += [between("min_age", None, query.age), between("max_age", query.age, None)]
        if query.max_cost is not None:
            limits.append(between("cost", None, query.max_cost))
        if box := query.box:
            limits += [between("lat", box.south, box.north), between("lon", box.west, box.east)]
        return limits


class _InMemory(Peer):
    """A library that scores every text and knows no limits: they are arrays beside it, tested on every query."""

    def build(self, services: Path, folder: Path) -> None:
        entries = list(read_entries(services))
        self._ids = [entry.id for entry in entries]
        self._limits = Limits(entries)
        self.index(entries)

    def index(self, entries: Sequence[Entry]) -> None:
        """Index the texts."""
        raise NotImplementedError

    def scores(self, query: Query) -> np.ndarray[Any, Any]:
        """One score an entry."""
        raise NotImplementedError

    def ask(self, query: Query) -> Sequence[str]:
        return [self._ids[row] for row in best(self.scores(query), self._limits.allow(query))]


class Bm25sNumpy(_InMemory):
    """bm25s, whose ``weight_mask`` takes the limits."""

    name = "bm25s (numpy)"
    packages = ("bm25s",)
    backend = "numpy"

    def index(self, entries: Sequence[Entry]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._retriever = bm25s.BM25(backend=self.backend)
        self._retriever.index(self._tokens([entry.text for entry in entries], return_ids=True), show_progress=False)

    def _tokens(self, texts: Sequence[str], *, return_ids: bool) -> Any:
        return bm25s.tokenize(texts, stemmer=self._stemmer, return_ids=return_ids, show_progress=False)

    def ask(self, query: Query) -> Sequence[str]:
        tokens = self._tokens([" ".join(query.words)], return_ids=False)
        mask = self._limits.allow(query).astype(np.float32)
        rows, scores = self._retriever.retrieve(tokens, k=TOP, show_progress=False, weight_mask=mask)
        return [self._ids[row] for row, score in zip(rows[0], scores[0], strict=True) if score > 0]


class Bm25sNumba(Bm25sNumpy):
    """The same, compiled."""

    name = "bm25s (numba)"
    packages = ("bm25s", "numba")
    backend = "numba"


class ScikitLearn(_InMemory):
    """The TF-IDF vectors of all entries times the query's."""

    name = "scikit-learn TF-IDF + cosine"
    packages = ("scikit-learn",)
    largest = 100_000

    def index(self, entries: Sequence[Entry]) -> None:
        self._vectorizer = TfidfVectorizer(stop_words="english")
        self._vectors = self._vectorizer.fit_transform(entry.text for entry in entries)

    def scores(self, query: Query) -> np.ndarray[Any, Any]:
        return np.asarray(linear_kernel(self._vectorizer.transform([" ".join(query.words)]), self._vectors)).ravel()


class RankBm25(_InMemory):
    """The plain Python that many start with."""

    name = "rank_bm25"
    packages = ("rank-bm25",)
    largest = 100_000

    def index(self, entries: Sequence[Entry]) -> None:
        self._bm25 = BM25Okapi([entry.text.lower().split() for entry in entries])

    def scores(self, query: Query) -> np.ndarray[Any, Any]:
        return np.asarray(self._bm25.get_scores(list(query.words)))
