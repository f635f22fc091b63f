"""The labels of one voice as encoder vectors, to draw training examples from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matcher.adapter import unit
from matcher.data_files import cache_folder
from matcher.encoder import DIMENSIONS, SentenceEncoder, Vectors
from matcher.taxonomy import Taxonomy

LEAST_STRENGTH = 0.4
MOST_LABELS = 3
NOISE = 0.6


class VoiceLabels:
    """Every label that people (or providers) use, with its concept and strength.

    Attributes:
        vectors: of shape (labels, 384).
        concepts: the place of each label's concept in the taxonomy. Shape (labels,).
        strengths: in (0, 1]. Shape (labels,).
    """

    def __init__(self, taxonomy: Taxonomy, encode: Callable[[list[str]], Vectors], voice: str) -> None:
        labels = [
            x
            for x in taxonomy.labels
            if x.voice in (voice, "both") and not x.lookalike and x.strength >= LEAST_STRENGTH
        ]
        self.vectors = encode([label.text for label in labels])
        self.concepts = np.array([taxonomy.index[label.concept] for label in labels], dtype=np.int64)
        self.strengths = np.array([label.strength for label in labels])
        self.rows = {int(c): np.flatnonzero(self.concepts == c) for c in np.unique(self.concepts)}
        self._chances = {c: self.strengths[rows] / self.strengths[rows].sum() for c, rows in self.rows.items()}

    def draw(self, concepts: NDArray[np.int64], others: NDArray[np.int64], rng: np.random.Generator) -> Vectors:
        """One example a concept: the mean of a few of its labels, half of them with another concept's mixed in."""
        examples = np.zeros((len(concepts), DIMENSIONS), dtype=np.float32)
        for place, concept in enumerate(concepts.tolist()):
            some = int(rng.integers(1, MOST_LABELS + 1))
            chosen = rng.choice(self.rows[concept], some, p=self._chances[concept])
            examples[place] = self.vectors[chosen].mean(axis=0)
            if rng.random() < 0.5:
                other = int(rng.choice(others))
                examples[place] += NOISE * self.vectors[rng.choice(self.rows[other], p=self._chances[other])]
        return unit(examples)


def labels_of(taxonomy: Taxonomy, encoder: SentenceEncoder, voice: str) -> VoiceLabels:
    """The labels of one voice, encoded; vectors are kept by content, apart from services', which every start reads."""
    return VoiceLabels(taxonomy, partial(encoder.encode_cached, folder=cache_folder() / "labels"), voice)
