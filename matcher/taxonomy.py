"""Concepts, what people and providers call them, and the weighted links between them: the tag weights.

The files (see ``data/taxonomy/README.md``) are plain CSV for a spreadsheet. :func:`read_taxonomy` checks all of them
and reports every fault at once, with file and row.
"""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.domain import ConceptId, TaxonomyError
from matcher.text import normalise, words_of

KINDS = ("need", "interest", "circumstance", "offer", "setting", "decoy")
VOICES = ("person", "provider", "both")
CONCEPT_COLUMNS = ("id", "pref_label", "kind", "broader", "theme", "dedicated", "note_weight", "exact_match")
MAX_FAULTS_SHOWN = 20
_DECIMAL = re.compile(r"\d{0,3}(?:\.\d{1,12})?(?<=\d)", re.ASCII)


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


@dataclass(frozen=True, slots=True)
class Label:
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
    labels: tuple[Label, ...]
    links: Mapping[tuple[ConceptId, ConceptId], float]
    conflicts: frozenset[tuple[ConceptId, ConceptId]] = frozenset()
    """(what is true of a person, what would harm them): a bingo hall for somebody who gambles."""
    version: str = field(default="")

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
        version = _fingerprint(self.concepts, self.labels, overlay, self.conflicts)
        return Taxonomy(self.concepts, self.labels, overlay, self.conflicts, version)

    @cached_property
    def link_matrix(self) -> NDArray[np.float32]:
        """Weights need (row) -> offer (column), 1 on the diagonal. Shape (concepts, concepts), values in [0, 1]."""
        matrix = np.eye(len(self.concepts), dtype=np.float32)
        for (need, offer), weight in self.links.items():
            matrix[self.index[need], self.index[offer]] = weight
        matrix.flags.writeable = False
        return matrix


class _Faults:
    """Collects every fault of the files, so that one run shows all of them."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: Path, row: int, fault: str) -> None:
        self.lines.append(f"{path.name} row {row}: {fault}")

    def stop_if_any(self) -> None:
        if self.lines:
            more = len(self.lines) - MAX_FAULTS_SHOWN
            tail = f"; and {more} more" if more > 0 else ""
            raise TaxonomyError("; ".join(self.lines[:MAX_FAULTS_SHOWN]) + tail)


def read_taxonomy(folder: Path) -> Taxonomy:
    """Read and check ``concepts.csv``, ``labels/*.csv``, ``links.csv``, ``lookalikes.csv`` and ``conflicts.csv``.

    Raises:
        TaxonomyError: naming file, row and fault of everything that is wrong.
    """
    faults = _Faults()
    concepts = _read_concepts(folder / "concepts.csv", faults)
    ids = {concept.id for concept in concepts}
    label_files = sorted((folder / "labels").glob("*.csv"))
    if not label_files:
        raise TaxonomyError(f"{folder.name}/labels: holds no .csv file; there must be at least one")
    labels = _read_labels(label_files, ids, faults)
    labels += _read_lookalikes(folder / "lookalikes.csv", ids, faults)
    links = read_links(folder / "links.csv", ids, faults)
    conflicts = _read_conflicts(folder / "conflicts.csv", ids, faults)
    faults.stop_if_any()
    version = _fingerprint(concepts, labels, links, conflicts)
    return Taxonomy(tuple(concepts), tuple(labels), links, conflicts, version)


def _rows(path: Path, columns: tuple[str, ...], faults: _Faults) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV with their line numbers, cells stripped; empty rows are skipped."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            missing = sorted(set(columns) - set(header))
            if missing:
                raise TaxonomyError(f"{path.name}: column {', '.join(missing)} is missing; add it to the header")
            for cells in reader:
                row = [cell.strip() for cell in cells]
                if any(row[len(header) :]):
                    faults.add(path, reader.line_num, f"has {len(row)} cells, the header has {len(header)}")
                if any(row):
                    yield reader.line_num, dict(zip(header, row + [""] * (len(header) - len(row)), strict=False))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TaxonomyError(f"{path.name}: cannot be read as a UTF-8 CSV file ({type(error).__name__})") from error


def _read_concepts(path: Path, faults: _Faults) -> list[Concept]:
    found: dict[ConceptId, Concept] = {}
    lines: dict[ConceptId, int] = {}
    for line, row in _rows(path, CONCEPT_COLUMNS, faults):
        concept = Concept(
            row["id"],
            row["pref_label"],
            row["kind"],
            row["broader"],
            row["theme"],
            tuple(row["exact_match"].split(";")) if row["exact_match"] else (),
            row["dedicated"] == "yes",
            _weight(row["note_weight"] or "1"),
        )
        if math.isnan(concept.note_weight):
            faults.add(path, line, f"note_weight {row['note_weight']!r} must be empty, or above 0 and at most 1")
        if row["dedicated"] not in ("", "yes"):
            faults.add(path, line, f"dedicated {row['dedicated']!r} must be yes or empty")
        if not concept.id.replace("_", "").isalnum():
            faults.add(path, line, f"id {concept.id!r} must be letters, digits and underscores")
        elif concept.id in found:
            faults.add(path, line, f"id {concept.id} is already in row {lines[concept.id]}")
        if concept.kind not in KINDS:
            faults.add(path, line, f"kind {concept.kind!r} must be one of {', '.join(KINDS)}")
        if not concept.pref_label:
            faults.add(path, line, "pref_label is empty")
        found[concept.id], lines[concept.id] = concept, line
    _check_hierarchy(path, found, lines, faults)
    return list(found.values())


def _check_hierarchy(
    path: Path, concepts: Mapping[ConceptId, Concept], lines: Mapping[ConceptId, int], faults: _Faults
) -> None:
    for concept in concepts.values():
        if concept.broader and concept.broader not in concepts:
            faults.add(path, lines[concept.id], f"orphan: broader concept {concept.broader!r} does not exist")
    cleared: set[ConceptId] = set()
    for start in concepts:
        chain: dict[ConceptId, int] = {}
        here = start
        while here in concepts and here not in cleared and here not in chain:
            chain[here] = len(chain)
            here = concepts[here].broader
        for concept_id in list(chain)[chain[here] :] if here in chain else ():
            faults.add(path, lines[concept_id], f"cycle: {concept_id} is broader than itself")
        cleared.update(chain)


def _read_labels(paths: list[Path], ids: set[ConceptId], faults: _Faults) -> list[Label]:
    labels: list[Label] = []
    seen: dict[tuple[ConceptId, str, str], str] = {}
    for path in paths:
        for line, row in _rows(path, ("concept", "label", "voice", "strength"), faults):
            label = Label(normalise(row["label"]).strip(), row["concept"], row["voice"], _weight(row["strength"]))
            if label.concept not in ids:
                faults.add(path, line, f"concept {label.concept!r} does not exist")
            if label.voice not in VOICES:
                faults.add(path, line, f"voice {label.voice!r} must be one of {', '.join(VOICES)}")
            if not words_of(label.text):
                faults.add(path, line, "label has no word")
            if math.isnan(label.strength):
                faults.add(path, line, f"strength {row['strength']!r} must be a number above 0 and at most 1")
            key = (label.concept, label.text, label.voice)
            if key in seen:
                faults.add(path, line, f"duplicate label {label.text!r} of {label.concept}, first in {seen[key]}")
            seen.setdefault(key, f"{path.name} row {line}")
            labels.append(label)
    return labels


def _read_lookalikes(path: Path, ids: set[ConceptId], faults: _Faults) -> list[Label]:
    labels = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for line, row in _rows(path, ("label", "voice", "not_concept"), faults):
        label = Label(normalise(row["label"]).strip(), row["not_concept"], row["voice"] or "both", 1.0, lookalike=True)
        seen[label.text, label.concept, label.voice] += 1
        if label.voice not in VOICES or not words_of(label.text):
            faults.add(path, line, "needs a label with a word and a voice (person, provider or both)")
        elif label.concept not in ids:
            faults.add(path, line, f"not_concept {label.concept!r} does not exist")
        elif seen[label.text, label.concept, label.voice] > 1:
            faults.add(path, line, f"duplicate look-alike {label.text!r} of {label.concept}")
        labels.append(label)
    return labels


def _read_conflicts(path: Path, ids: set[ConceptId], faults: _Faults) -> frozenset[tuple[ConceptId, ConceptId]]:
    """Pairs of columns need and offer; a taxonomy without the file has none."""
    pairs = []
    for line, row in _rows(path, ("need", "offer"), faults) if path.exists() else ():
        for concept in sorted({row["need"], row["offer"]} - ids):
            faults.add(path, line, f"concept {concept!r} does not exist")
        pairs.append((row["need"], row["offer"]))
    return frozenset(pairs)


def read_links(
    path: Path, ids: set[ConceptId] | None = None, faults: _Faults | None = None
) -> dict[tuple[ConceptId, ConceptId], float]:
    """Read need -> offer weights (columns need, offer, weight); raises unless a collector of faults is given."""
    collected = faults or _Faults()
    links: dict[tuple[ConceptId, ConceptId], float] = {}
    for line, row in _rows(path, ("need", "offer", "weight"), collected):
        pair = (row["need"], row["offer"])
        weight = _number(row["weight"])
        for concept in pair:
            if ids is not None and concept not in ids:
                collected.add(path, line, f"concept {concept!r} does not exist")
        if math.isnan(weight):
            collected.add(path, line, f"weight {row['weight']!r} must be a number from 0 to 1, such as 0.8")
        if pair in links:
            collected.add(path, line, f"duplicate link {pair[0]} -> {pair[1]}")
        links[pair] = weight
    if faults is None:
        collected.stop_if_any()
    return links


def _number(cell: str) -> float:
    """A plain decimal number in [0, 1], or NaN when the cell holds anything else."""
    value = float(cell) if _DECIMAL.fullmatch(cell) else math.nan
    return value if 0 <= value <= 1 else math.nan


def _weight(cell: str) -> float:
    """A plain decimal number in (0, 1], or NaN when the cell holds anything else."""
    return _number(cell) or math.nan


def _fingerprint(
    concepts: list[Concept] | tuple[Concept, ...],
    labels: list[Label] | tuple[Label, ...],
    links: Mapping[tuple[ConceptId, ConceptId], float],
    conflicts: frozenset[tuple[ConceptId, ConceptId]],
) -> str:
    """Twelve hex digits that change with any content, not with the order of files or rows."""
    digest = hashlib.sha256()
    for part in (concepts, labels, links.items(), conflicts):
        for line in sorted(map(repr, part)):
            digest.update(line.encode())
    return digest.hexdigest()[:12]
