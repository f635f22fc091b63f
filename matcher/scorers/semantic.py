"""Semantic scorer: a small sentence encoder as a second opinion on meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from matcher.adapter import Adapter
from matcher.catalogue.columns import Catalogue
from matcher.encoder import SentenceEncoder, Vectors
from matcher.offers import Decision
from matcher.profile import Profile
from matcher.scorers.base import Contribution, Judge, Rows, Scores
from matcher.scorers.topics import Topics
from matcher.taxonomy import Taxonomy
from matcher.text import sentences


class SemanticScorerConfig(BaseModel):
    """How vectors become values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lowest: float = 0.05
    """A cosine that says nothing (value 0)."""
    highest: float = 0.5
    """A cosine of texts that mean the same (value 1)."""
    topics: float = Field(0.6, ge=0, le=1)
    """The share of the topics that both texts are read to be about; the rest is the cosine's."""
    link_power: float = 2.0
    """Need -> offer weights are raised to this power where topics meet."""
    segment_words: int = 14
    """Sentences of a note are merged until they have about this many words."""
    most_segments: int = 6
    """A bound on the work for one note."""
    service_words: tuple[int, ...] = (25, 90)
    """How much of a service's text is read: what it opens with, and more; both count alike."""


@dataclass(frozen=True, eq=False)
class _Read:
    """What was said: texts, their weights (sum 1), their adapted vectors, and their topics when they can be read."""

    texts: list[str]
    weights: NDArray[np.float64]
    vectors: NDArray[np.float64]
    said: NDArray[np.float64] | None


class SemanticScorer:
    """How close the request's texts and the services' texts are: by cosine, and by the topics they are read to have."""

    name = "semantic"

    def __init__(
        self,
        catalogue: Catalogue,
        encoder: SentenceEncoder,
        adapter: Adapter,
        taxonomy: Taxonomy,
        config: SemanticScorerConfig,
        decisions: Mapping[int, Decision] | None = None,
    ) -> None:
        """Read every service.

        Args:
            catalogue: the services.
            encoder: turns texts into vectors.
            adapter: what was learnt on top of it.
            taxonomy: the concepts that texts can be about.
            config: how vectors become values.
            decisions: per row, what a curator confirmed; it replaces the topics that were read.
        """
        self.config = config
        self.encoder = encoder
        self.adapter = adapter
        self.taxonomy = taxonomy
        texts = [service_texts(catalogue, words) for words in config.service_words]
        vectors = encoder.encode_cached([text for listed in texts for text in listed])
        pieces = np.split(vectors, len(texts))
        self.vectors: Vectors = np.mean([adapter.of_provider(piece) for piece in pieces], axis=0)
        reads = adapter.person_reader is not None and adapter.provider_reader is not None
        can_read = reads and config.topics > 0
        self.topics = Topics(pieces, adapter, taxonomy, config.link_power, decisions) if can_read else None

    def can_score(self, profile: Profile) -> bool:
        """It can speak wherever there is a text."""
        return bool(profile.queries)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """See :class:`matcher.scorers.base.Scorer`."""
        return self.judge(profile)(rows)

    def judge(self, profile: Profile) -> Judge:
        """See :class:`matcher.scorers.base.Scorer`."""
        read = self._read(profile)

        def score(rows: Rows) -> Scores:
            by_cosine = read.weights @ self._cosine_values(read, rows)
            if self.topics is None or read.said is None:
                return np.asarray(by_cosine)
            share = self.config.topics
            return np.asarray((1 - share) * by_cosine + share * self.topics.values(read.said, rows))

        return score

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """One part a text of the request, and one a topic that both sides are read to have."""
        read, rows = self._read(profile), np.array([row])
        share = self.config.topics if self.topics is not None else 0.0
        values = (1 - share) * read.weights * self._cosine_values(read, rows)[:, 0]
        parts = [Contribution(float(v), t, "what was said") for t, v in zip(read.texts, values, strict=True) if v > 0]
        if self.topics is not None and read.said is not None:
            products = read.said * self.topics.reach[row]
            products *= share * self.topics.values(read.said, rows)[0] / max(float(products.sum()), 1e-9)
            for place in np.flatnonzero(products):
                concept = self.taxonomy.concepts[place]
                parts.append(Contribution(float(products[place]), concept.pref_label, concept.pref_label, concept.id))
        return sorted(parts, key=lambda part: (-part.value, part.quote))

    def _read(self, profile: Profile) -> _Read:
        texts, weights = self.segments(profile)
        vectors = self.encoder.encode(texts)
        said = self.topics.said(vectors, weights) if self.topics is not None else None
        return _Read(texts, weights / weights.sum(), self.adapter.of_person(vectors).astype(np.float64), said)

    def _cosine_values(self, read: _Read, rows: Rows) -> NDArray[np.float64]:
        """The value of every text for each row. Shape (texts, rows), in [0, 1]."""
        cosines = read.vectors @ self.vectors[rows].astype(np.float64).T
        low, high = self.config.lowest, self.config.highest
        return np.asarray(np.clip((cosines - low) / (high - low), 0.0, 1.0))

    def segments(self, profile: Profile) -> tuple[list[str], NDArray[np.float64]]:
        """The texts to compare and their weights: each entry, and the note in merged pieces that share its weight."""
        texts: list[str] = []
        weights: list[float] = []
        for text, weight in profile.queries:
            pieces = self._merged(text)
            texts += pieces
            weights += [weight / len(pieces)] * len(pieces)
        return texts, np.array(weights)

    def _merged(self, text: str) -> list[str]:
        merged: list[str] = []
        for sentence in sentences(text) or [text]:
            room = merged and len(merged[-1].split()) < self.config.segment_words
            if room or len(merged) >= self.config.most_segments:
                merged[-1] = f"{merged[-1]} {sentence}"
            else:
                merged.append(sentence)
        return merged


def service_texts(catalogue: Catalogue, words: int) -> list[str]:
    """What the encoder reads of each service: the name and the beginning of the description."""
    pairs = zip(catalogue.texts("name"), catalogue.texts("description"), strict=True)
    return [f"{name}. {' '.join(description.split()[:words])}" for name, description in pairs]
