"""The two readers: multinomial logistic regressions from a text's vector to the concept it is about.

Trained with Adam on labels, half of them mixed with another label's vector (mixup; Zhang et al., ICLR 2018), since a
sentence is rarely about one thing. Rare concepts count more: each label weighs its strength / sqrt(labels of its
concept). The weights of several runs are averaged: one run's luck with its order of examples is worth up to 0.01 nDCG.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.adapter import VECTOR_SCALE, unit
from matcher.encoder import DIMENSIONS, Vectors
from matcher.learning.labels import VoiceLabels

EPOCHS = 20
BATCH = 1024
LEARNING_RATE = 3e-3
DECAY = 1e-6
MIXED = 0.5
LEAST_OWN, MOST_OWN = 0.4, 0.9
"""How much of a mixed vector is the label's own."""
RUNS = 4


def train_reader(labels: VoiceLabels, concepts: int, epochs: int = EPOCHS, runs: int = RUNS) -> Vectors:
    """Train one voice's reader. Returns weights of shape (385, concepts); the last row is the bias."""
    weights = [_one_run(labels, concepts, epochs, seed) for seed in range(runs)]
    return np.asarray(np.mean(weights, axis=0), dtype=np.float32)


def _one_run(labels: VoiceLabels, concepts: int, epochs: int, seed: int) -> Vectors:
    rng = np.random.default_rng(seed)
    importance = _importance(labels, concepts)
    optimiser = _Adam((DIMENSIONS + 1, concepts))
    for _ in range(epochs):
        order = rng.permutation(len(labels.vectors))
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            vectors, targets = _mixed(labels, rows, concepts, rng)
            features = np.hstack([vectors * VECTOR_SCALE, np.ones((len(rows), 1), dtype=np.float32)])
            error = (_softmax(features @ optimiser.weights) - targets) * importance[rows][:, None]
            optimiser.step(features.T @ error / len(rows) + DECAY * optimiser.weights)
    return optimiser.weights


def _importance(labels: VoiceLabels, concepts: int) -> Vectors:
    counts = np.bincount(labels.concepts, minlength=concepts)
    weights = labels.strengths / np.sqrt(counts[labels.concepts])
    return np.asarray(weights / weights.mean(), dtype=np.float32)


def _mixed(
    labels: VoiceLabels, rows: NDArray[np.int64], concepts: int, rng: np.random.Generator
) -> tuple[Vectors, Vectors]:
    """Vectors of some labels, half of them mixed with another's, and the shares of the concepts in each."""
    others = rng.integers(0, len(labels.vectors), len(rows))
    own = rng.uniform(LEAST_OWN, MOST_OWN, len(rows)).astype(np.float32)
    own[rng.random(len(rows)) >= MIXED] = 1.0
    vectors = own[:, None] * labels.vectors[rows] + (1 - own)[:, None] * labels.vectors[others]
    targets = np.zeros((len(rows), concepts), dtype=np.float32)
    places = np.arange(len(rows))
    targets[places, labels.concepts[rows]] = own
    targets[places, labels.concepts[others]] += 1 - own
    return unit(vectors), targets


def _softmax(logits: Vectors) -> Vectors:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


class _Adam:
    """Weights from zero, moved against gradients with the usual decay rates (Kingma and Ba 2015)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.weights: Vectors = np.zeros(shape, dtype=np.float32)
        self._first = np.zeros(shape, dtype=np.float32)
        self._second = np.zeros(shape, dtype=np.float32)
        self._steps = 0

    def step(self, gradient: Vectors) -> None:
        self._steps += 1
        self._first = 0.9 * self._first + 0.1 * gradient
        self._second = 0.999 * self._second + 0.001 * gradient**2
        mean, spread = self._first / (1 - 0.9**self._steps), self._second / (1 - 0.999**self._steps)
        self.weights = np.asarray(self.weights - LEARNING_RATE * mean / (np.sqrt(spread) + 1e-8), dtype=np.float32)
