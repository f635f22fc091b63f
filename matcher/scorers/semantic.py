"""Semantic scorer: a small sentence encoder as a second opinion on meaning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.adapter import Adapter
from matcher.catalogue.columns import Catalogue
from matcher.encoder import SentenceEncoder, Vectors
from matcher.profile import Profile
from matcher.scorers.base import Contribution, Rows, Scores
from matcher.text import sentences


class SemanticScorerConfig(BaseModel):
    """How cosines become values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lowest: float = 0.05
    """A cosine that says nothing (value 0)."""
    highest: float = 0.5
    """A cosine of texts that mean the same (value 1)."""
    segment_words: int = 25
    """Sentences of a note are merged until they have about this many words."""
    most_segments: int = 6
    """A bound on the work for one note."""
    service_words: tuple[int, ...] = (25, 90)
    """How much of a service's text is read: what it opens with, and more; both count alike."""


class SemanticScorer:
    """Cosines between the request's texts and the services' texts."""

    name = "semantic"

    def __init__(
        self, catalogue: Catalogue, encoder: SentenceEncoder, adapter: Adapter, config: SemanticScorerConfig
    ) -> None:
        self.config = config
        self.encoder = encoder
        self.adapter = adapter
        texts = [service_texts(catalogue, words) for words in config.service_words]
        vectors = encoder.encode_cached([text for listed in texts for text in listed])
        pieces = np.split(adapter.of_provider(vectors), len(texts)) if len(catalogue) else [vectors]
        self.vectors: Vectors = np.mean(pieces, axis=0)

    def can_score(self, profile: Profile) -> bool:
        """It can speak wherever there is a text."""
        return bool(profile.queries)

    def score(self, profile: Profile, rows: Rows) -> Scores:
        """See :class:`matcher.scorers.base.Scorer`."""
        _, weights, values = self._values(profile, rows)
        return np.asarray(weights @ values)

    def contributions(self, profile: Profile, row: int) -> list[Contribution]:
        """One part a text of the request."""
        texts, weights, values = self._values(profile, np.array([row]))
        parts = [
            Contribution(float(v), t, "what was said")
            for t, v in zip(texts, weights * values[:, 0], strict=True)
            if v > 0
        ]
        return sorted(parts, key=lambda part: (-part.value, part.quote))

    def _values(self, profile: Profile, rows: Rows) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
        """Texts, their weights (sum 1) and their values for each row. Shapes (texts,), (texts,), (texts, rows)."""
        texts, weights = self.segments(profile)
        said = self.adapter.of_person(self.encoder.encode(texts)).astype(np.float64)
        cosines = said @ self.vectors[rows].astype(np.float64).T
        low, high = self.config.lowest, self.config.highest
        return texts, weights, np.clip((cosines - low) / (high - low), 0.0, 1.0)

    def segments(self, profile: Profile) -> tuple[list[str], NDArray[np.float64]]:
        """The texts to compare and their weights, which sum to 1: each entry, and the note in a few merged pieces."""
        texts: list[str] = []
        weights: list[float] = []
        for text, weight in profile.queries:
            pieces = self._merged(text)
            texts += pieces
            weights += [weight / len(pieces)] * len(pieces)
        total = sum(weights)
        return texts, np.array([weight / total for weight in weights])

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
