"""What was learnt from the taxonomy on top of the sentence encoder, read from ``data/taxonomy/adapter.npz``.

The encoder knows general language, not that "the house is that quiet" and "a warm welcome, tea and a natter" belong
together. The taxonomy does. Two things are learnt from its labels (:mod:`matcher.learning`, run by ``make adapter``):

* two matrices, one a voice, that turn the encoder's vectors so that what people say and what providers write about the
  same thing point the same way;
* two readers, one a voice, that say which concepts a text is about: multinomial logistic regressions over all concepts.

The engine only reads them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from matcher.domain import ConceptId, TaxonomyError
from matcher.encoder import DIMENSIONS, Vectors

VECTOR_SCALE = 8.0
"""Unit vectors are stretched by this before a reader's weights, so that the weights stay small."""
Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Reader:
    """Says which concepts texts of one voice are about. ``weights``: (385, concepts), the last row is the bias."""

    concepts: tuple[ConceptId, ...]
    weights: Weights

    def chances(self, vectors: Vectors) -> NDArray[np.float32]:
        """How likely each concept is the topic of each text. Shape (texts, concepts), rows sum to 1."""
        logits = vectors @ (self.weights[:-1] * VECTOR_SCALE) + self.weights[-1]
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Adapter:
    """What turns encoder vectors of people's and of providers' texts into comparable ones. Matrices (384, 384)."""

    person: Weights
    provider: Weights
    version: str
    person_reader: Reader | None = None
    provider_reader: Reader | None = None

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
    """The adapter that changes nothing and reads no concepts."""
    same = np.eye(DIMENSIONS, dtype=np.float32)
    return Adapter(same, same, "plain")


def read_adapter(path: Path) -> Adapter:
    """Read what was learnt; a taxonomy without the file gets the adapter that changes nothing.

    Raises:
        TaxonomyError: the file is not one of ours.
    """
    if not path.exists():
        return plain_adapter()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        matrices = [arrays[name].astype(np.float32) for name in ("person", "provider")]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise TaxonomyError(f"{path.name}: not an adapter file; make it anew with `make adapter`") from error
    if any(matrix.shape != (DIMENSIONS, DIMENSIONS) for matrix in matrices):
        raise TaxonomyError(f"{path.name}: its matrices must be {DIMENSIONS} x {DIMENSIONS}")
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    readers = [_reader(arrays, f"{voice}_reader", path) for voice in ("person", "provider")]
    return Adapter(matrices[0], matrices[1], version, readers[0], readers[1])


def _reader(arrays: dict[str, NDArray[np.generic]], name: str, path: Path) -> Reader | None:
    if name not in arrays:
        return None
    concepts = tuple(str(concept) for concept in arrays.get("concepts", ()))
    weights = arrays[name].astype(np.float32)
    if weights.shape != (DIMENSIONS + 1, len(concepts)):
        raise TaxonomyError(f"{path.name}: {name} does not fit its list of concepts; make it anew with `make adapter`")
    return Reader(concepts, weights)
