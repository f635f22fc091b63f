"""The two matrices: labels of one concept (and of linked concepts, by link weight) shall meet.

A symmetric contrastive loss (InfoNCE; van den Oord et al. 2018) over mixed labels, from the identity, with Adam (Kingma
and Ba 2015).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import DIMENSIONS, Vectors
from matcher.learning.labels import VoiceLabels
from matcher.taxonomy import Taxonomy

STEPS = 500
BATCH = 256
TEMPERATURE = 0.07
LEARNING_RATE = 5e-4
SEED = 0


def train_towers(
    taxonomy: Taxonomy, person: VoiceLabels, provider: VoiceLabels, steps: int = STEPS
) -> tuple[Vectors, Vectors]:
    """Train the two matrices (person, provider) on a taxonomy's labels; the same input gives the same matrices."""
    rng = np.random.default_rng(SEED)
    aside = {i for i, concept in enumerate(taxonomy.concepts) if concept.kind in ("decoy", "setting")}
    concepts = np.array(sorted((set(person.rows) & set(provider.rows)) - aside))
    closeness = taxonomy.link_matrix.astype(np.float64) ** 2
    towers = [_Tower(), _Tower()]
    for step in range(1, steps + 1):
        chosen = rng.choice(concepts, min(BATCH, len(concepts)), replace=False)
        said, written = person.draw(chosen, concepts, rng), provider.draw(chosen, concepts, rng)
        target = closeness[np.ix_(chosen, chosen)]
        p, s = towers[0].forward(said), towers[1].forward(written)
        error = _logit_gradient(p @ s.T, target)
        towers[0].step(said, error @ s, step)
        towers[1].step(written, error.T @ p, step)
    return towers[0].matrix, towers[1].matrix


def _logit_gradient(cosines: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gradient of the symmetric cross entropy by the cosines. Shape (batch, batch)."""
    rows = _softmax(cosines / TEMPERATURE) - target / target.sum(axis=1, keepdims=True)
    columns = _softmax(cosines.T / TEMPERATURE) - target.T / target.T.sum(axis=1, keepdims=True)
    return np.asarray((rows + columns.T) / (2 * TEMPERATURE * len(cosines)))


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class _Tower:
    """One matrix with its Adam state (Kingma and Ba 2015, usual decay rates)."""

    def __init__(self) -> None:
        self.matrix: Vectors = np.eye(DIMENSIONS, dtype=np.float32)
        self._first = np.zeros((DIMENSIONS, DIMENSIONS))
        self._second = np.zeros((DIMENSIONS, DIMENSIONS))
        self._length = np.ones((1, 1))
        self._out = np.zeros((1, DIMENSIONS))

    def forward(self, vectors: Vectors) -> NDArray[np.float64]:
        raw = vectors.astype(np.float64) @ self.matrix
        self._length = np.linalg.norm(raw, axis=1, keepdims=True)
        self._out = raw / self._length
        return self._out

    def step(self, vectors: Vectors, gradient: NDArray[np.float64], step: int) -> None:
        """Move the matrix against the gradient of the loss by this tower's output."""
        along = gradient - self._out * (gradient * self._out).sum(axis=1, keepdims=True)
        slope = vectors.T.astype(np.float64) @ (along / self._length)
        self._first = 0.9 * self._first + 0.1 * slope
        self._second = 0.999 * self._second + 0.001 * slope**2
        mean, spread = self._first / (1 - 0.9**step), self._second / (1 - 0.999**step)
        self.matrix = (self.matrix - LEARNING_RATE * mean / (np.sqrt(spread) + 1e-8)).astype(np.float32)
