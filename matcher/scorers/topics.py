"""Which concepts texts are about, as far as the encoder can tell: the part of the semantic scorer that knows links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.adapter import Adapter, Reader
from matcher.encoder import Vectors
from matcher.offers import Decision
from matcher.taxonomy import Taxonomy

NO_TOPIC = ("decoy", "setting")
Chances = NDArray[np.float64]


class Topics:
    """The services' topics, seen from what people need: ``chance of an offer x link weight``, once for a catalogue."""

    def __init__(
        self,
        texts: Sequence[Vectors],
        adapter: Adapter,
        taxonomy: Taxonomy,
        link_power: float,
        decisions: Mapping[int, Decision] | None = None,
    ) -> None:
        """Read the services' texts.

        Args:
            texts: encoder vectors of one or more texts of every service, each of shape (services, 384).
            adapter: must have both readers.
            taxonomy: gives the links from needs to offers.
            link_power: link weights are raised to this power.
            decisions: per row, what a curator confirmed; it replaces what was read.
        """
        if adapter.person_reader is None or adapter.provider_reader is None:
            raise ValueError("the adapter has no readers")
        self._person = adapter.person_reader
        offered = np.mean([_topics(adapter.provider_reader, vectors, taxonomy) for vectors in texts], axis=0)
        for row, decision in (decisions or {}).items():
            offered[row] = _decided(decision, taxonomy)
        links = taxonomy.link_matrix.astype(np.float64) ** link_power
        length = np.linalg.norm(offered, axis=1, keepdims=True)
        self._taxonomy = taxonomy
        self.reach: Chances = offered @ links.T / np.maximum(length, 1e-9)

    def said(self, vectors: Vectors, weights: Chances) -> Chances:
        """What a person's texts are about together, as a vector of length 1. Shape (concepts,).

        A concept counts that any text speaks of: ``1 - product(1 - weight x chance)``.
        """
        chances = _topics(self._person, vectors, self._taxonomy)
        together = 1 - np.prod(1 - np.minimum(weights, 1.0)[:, None] * chances, axis=0)
        return np.asarray(together / max(float(np.linalg.norm(together)), 1e-9))

    def values(self, said: Chances, rows: NDArray[np.int64]) -> Chances:
        """How well each service's topics answer what was said, in [0, 1]. Shape as ``rows``."""
        return np.asarray(np.clip(self.reach[rows] @ said, 0.0, 1.0))


def _places(reader: Reader, taxonomy: Taxonomy) -> list[tuple[int, int]]:
    """(column of the reader, column of the taxonomy) of every concept that can be a topic and that both know."""
    known = {concept.id for concept in taxonomy.concepts if concept.kind not in NO_TOPIC}
    return [(i, taxonomy.index[concept]) for i, concept in enumerate(reader.concepts) if concept in known]


def _decided(decision: Decision, taxonomy: Taxonomy) -> Chances:
    """What a curator says a service is about, in the taxonomy's order. Shape (concepts,)."""
    topics = np.zeros(len(taxonomy.concepts))
    for concept, strength in decision.strength.items():
        if taxonomy.by_id[concept].kind not in NO_TOPIC:
            topics[taxonomy.index[concept]] = strength
    return topics


def _topics(reader: Reader, vectors: Vectors, taxonomy: Taxonomy) -> Chances:
    """A reader's chances in the taxonomy's order, those of decoys and settings left out. Shape (texts, concepts)."""
    chances = np.zeros((len(vectors), len(taxonomy.concepts)))
    theirs, ours = zip(*_places(reader, taxonomy), strict=True)
    chances[:, list(ours)] = reader.chances(vectors)[:, list(theirs)]
    return chances
