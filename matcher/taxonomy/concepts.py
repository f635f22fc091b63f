"""Concepts, their labels and links as checked records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.domain import ConceptId, TaxonomyError

KINDS = ("need", "interest", "circumstance", "offer", "setting", "decoy")
VOICES = ("person", "provider", "both")


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing people need, enjoy or are, or that services offer. Field names follow SKOS."""

    id: ConceptId
    pref_label: str
    kind: str
    broader: ConceptId = ""
    theme: str = ""
    exact_match: tuple[str, ...] = ()
    dedicated: bool = False
    """Services with this as their main concern are for the people it is true of, and for nobody else."""
    note_weight: float = 1.0
    """What a mention in passing in a note is worth: facts ("no car", "T2DM") are often background, not a wish."""


class Label(NamedTuple):
    """A phrase that means a concept in somebody's mouth; a look-alike is one that only sounds like its concept."""

    text: str
    concept: ConceptId
    voice: str
    strength: float
    lookalike: bool = False


@dataclass(frozen=True)
class Taxonomy:
    """The checked whole. Concepts keep the order of the file; ``index`` gives a concept's place in it."""

    concepts: tuple[Concept, ...]
    labels: Sequence[Label]
    links: Mapping[tuple[ConceptId, ConceptId], float]
    conflicts: frozenset[tuple[ConceptId, ConceptId]] = frozenset()
    """(what is true of a person, what would harm them): a bingo hall for somebody who gambles."""
    version: str = field(default="")
    _near: dict[float, Mapping[ConceptId, frozenset[ConceptId]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def index(self) -> dict[ConceptId, int]:
        return {concept.id: place for place, concept in enumerate(self.concepts)}

    @cached_property
    def by_id(self) -> dict[ConceptId, Concept]:
        return {concept.id: concept for concept in self.concepts}

    def ids_of_kind(self, *kinds: str) -> frozenset[ConceptId]:
        """The ids of all concepts of these kinds."""
        return frozenset(concept.id for concept in self.concepts if concept.kind in kinds)

    def ancestors(self, concept: ConceptId) -> list[ConceptId]:
        """The broader concepts of one concept, nearest first."""
        found: list[ConceptId] = []
        while (concept := self.by_id[concept].broader) and concept not in found:
            found.append(concept)
        return found

    def with_links(self, weights: Mapping[tuple[ConceptId, ConceptId], float]) -> Taxonomy:
        """The same taxonomy with some need -> offer weights replaced (a settings file's ``weights.csv``)."""
        unknown = sorted({c for pair in weights for c in pair} - set(self.index))
        if unknown:
            raise TaxonomyError(f"weights name unknown concepts: {', '.join(unknown[:5])}; concepts.csv has the ids")
        wrong = [f"{need} -> {offer}" for (need, offer), weight in weights.items() if not 0 <= weight <= 1]
        if wrong:
            raise TaxonomyError(f"weights must be numbers from 0 to 1: {', '.join(wrong[:5])}")
        overlay = {**self.links, **weights}
        version = fingerprint(self.concepts, self.labels, overlay, self.conflicts)
        return Taxonomy(self.concepts, self.labels, overlay, self.conflicts, version)

    @cached_property
    def link_matrix(self) -> NDArray[np.float32]:
        """Weights need (row) -> offer (column), 1 on the diagonal. Shape (concepts, concepts), values in [0, 1]."""
        matrix = np.eye(len(self.concepts), dtype=np.float32)
        for (need, offer), weight in self.links.items():
            matrix[self.index[need], self.index[offer]] = weight
        matrix.flags.writeable = False
        return matrix

    @cached_property
    def holding(self) -> NDArray[np.float32]:
        """How surely each concept (column) holds where another (row) does: linked to it, or broader than what is.

        Shape (concepts, concepts), values in [0, 1].
        """
        held = self.link_matrix.copy()
        for first in range(len(self.concepts)):  # each concept has its turn, in their order
            place = first
            while broader := self.concepts[place].broader:
                above = self.index[broader]
                np.maximum(held[:, above], held[:, place], out=held[:, above])
                if above < place:  # it has had its turn
                    break
                place = above
        return held

    def near(self, least: float) -> Mapping[ConceptId, frozenset[ConceptId]]:
        """Of each concept those that a link of some weight at least joins to it, and its broader and narrower ones."""
        if least not in self._near:
            joined = np.maximum(self.link_matrix, self.link_matrix.T) >= least
            for place, concept in enumerate(self.concepts):
                above = [self.index[broader] for broader in self.ancestors(concept.id)]
                joined[place, above] = joined[above, place] = True
            ids = np.array([concept.id for concept in self.concepts], dtype=object)
            self._near[least] = {one: frozenset(ids[row]) for one, row in zip(ids, joined, strict=True)}
        return self._near[least]


_cells_of_concept = attrgetter(*(cell.name for cell in fields(Concept)))


def fingerprint(
    concepts: Iterable[Concept],
    labels: Iterable[Label],
    links: Mapping[tuple[ConceptId, ConceptId], float],
    conflicts: Iterable[tuple[ConceptId, ConceptId]],
) -> str:
    """Twelve hex digits that change with any content, not with the order of files or rows."""
    digest = hashlib.sha256()
    for part in (map(_cells_of_concept, concepts), map(tuple, labels), links.items(), conflicts):
        digest.update("\n".join([*sorted(map(repr, part)), ""]).encode())
    return digest.hexdigest()[:12]
