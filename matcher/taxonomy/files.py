"""Reads and checks the taxonomy's files; every fault is told at once, with file and row."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from matcher.domain import ConceptId, TaxonomyError
from matcher.taxonomy.concepts import KINDS, VOICES, Concept, Label, Taxonomy, fingerprint
from matcher.text import normalise, words_of

CONCEPT_COLUMNS = ("id", "pref_label", "kind", "broader", "theme", "dedicated", "note_weight", "exact_match")
LABEL_COLUMNS = ("concept", "label", "voice", "strength")
MAX_FAULTS_SHOWN = 20
_DECIMAL = re.compile(r"\d{0,3}(?:\.\d{1,12})?(?<=\d)", re.ASCII)


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
    taxonomy = _all_but_labels(folder, faults)
    ids = set(taxonomy.index)
    label_files = sorted((folder / "labels").glob("*.csv"))
    if not label_files:
        raise TaxonomyError(f"{folder.name}/labels: holds no .csv file; there must be at least one")
    labels = _read_labels(label_files, ids, faults)
    labels += _read_lookalikes(folder / "lookalikes.csv", ids, faults)
    faults.stop_if_any()
    version = fingerprint(taxonomy.concepts, labels, taxonomy.links, taxonomy.conflicts)
    return replace(taxonomy, labels=tuple(labels), version=version)


def read_without_labels(folder: Path) -> Taxonomy:
    """The same without labels and version, for who has them from elsewhere."""
    faults = _Faults()
    taxonomy = _all_but_labels(folder, faults)
    faults.stop_if_any()
    return taxonomy


def _all_but_labels(folder: Path, faults: _Faults) -> Taxonomy:
    concepts = _read_concepts(folder / "concepts.csv", faults)
    ids = {concept.id for concept in concepts}
    links = read_links(folder / "links.csv", ids, faults)
    return Taxonomy(tuple(concepts), (), links, _read_conflicts(folder / "conflicts.csv", ids, faults))


def _rows(path: Path, columns: tuple[str, ...], faults: _Faults) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The cells of some columns, stripped, of every row of a CSV with its line number; empty rows are skipped."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            missing = sorted(set(columns) - set(header))
            if missing:
                raise TaxonomyError(f"{path.name}: column {', '.join(missing)} is missing; add it to the header")
            places = {name: place for place, name in enumerate(header)}
            chosen = itemgetter(*(places[column] for column in columns))
            for cells in reader:
                row = list(map(str.strip, cells))
                if len(row) != len(header):
                    if any(row[len(header) :]):
                        faults.add(path, reader.line_num, f"has {len(row)} cells, the header has {len(header)}")
                    row += [""] * (len(header) - len(row))
                if any(row):
                    yield reader.line_num, chosen(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TaxonomyError(f"{path.name}: cannot be read as a UTF-8 CSV file ({type(error).__name__})") from error


def _read_concepts(path: Path, faults: _Faults) -> list[Concept]:
    found: dict[ConceptId, Concept] = {}
    lines: dict[ConceptId, int] = {}
    for line, row in _rows(path, CONCEPT_COLUMNS, faults):
        concept_id, pref_label, kind, broader, theme, dedicated, note_weight, exact_match = row
        concept = Concept(
            concept_id,
            pref_label,
            kind,
            broader,
            theme,
            tuple(exact_match.split(";")) if exact_match else (),
            dedicated == "yes",
            _weight(note_weight or "1"),
        )
        if math.isnan(concept.note_weight):
            faults.add(path, line, f"note_weight {note_weight!r} must be empty, or above 0 and at most 1")
        if dedicated not in ("", "yes"):
            faults.add(path, line, f"dedicated {dedicated!r} must be yes or empty")
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
    seen: dict[tuple[ConceptId, str, str], tuple[Path, int]] = {}
    for path in paths:
        for line, (concept, text, voice, strength) in _rows(path, LABEL_COLUMNS, faults):
            label = Label(normalise(text).strip(), concept, voice, _weight(strength))
            if concept not in ids:
                faults.add(path, line, f"concept {concept!r} does not exist")
            if voice not in VOICES:
                faults.add(path, line, f"voice {voice!r} must be one of {', '.join(VOICES)}")
            if not words_of(label.text):
                faults.add(path, line, "label has no word")
            if math.isnan(label.strength):
                faults.add(path, line, f"strength {strength!r} must be a number above 0 and at most 1")
            here = (path, line)
            first, row = seen.setdefault((concept, label.text, voice), here)
            if (first, row) != here:
                faults.add(path, line, f"duplicate label {label.text!r} of {concept}, first in {first.name} row {row}")
            labels.append(label)
    return labels


def _read_lookalikes(path: Path, ids: set[ConceptId], faults: _Faults) -> list[Label]:
    labels = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for line, (text, voice, not_concept) in _rows(path, ("label", "voice", "not_concept"), faults):
        label = Label(normalise(text).strip(), not_concept, voice or "both", 1.0, lookalike=True)
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
    for line, (need, offer) in _rows(path, ("need", "offer"), faults) if path.exists() else ():
        for concept in sorted({need, offer} - ids):
            faults.add(path, line, f"concept {concept!r} does not exist")
        pairs.append((need, offer))
    return frozenset(pairs)


def read_links(
    path: Path, ids: set[ConceptId] | None = None, faults: _Faults | None = None
) -> dict[tuple[ConceptId, ConceptId], float]:
    """Read need -> offer weights (columns need, offer, weight); raises unless a collector of faults is given."""
    collected = faults or _Faults()
    links: dict[tuple[ConceptId, ConceptId], float] = {}
    for line, (need, offer, cell) in _rows(path, ("need", "offer", "weight"), collected):
        pair = (need, offer)
        weight = _number(cell)
        for concept in pair:
            if ids is not None and concept not in ids:
                collected.add(path, line, f"concept {concept!r} does not exist")
        if math.isnan(weight):
            collected.add(path, line, f"weight {cell!r} must be a number from 0 to 1, such as 0.8")
        if pair in links:
            collected.add(path, line, f"duplicate link {need} -> {offer}")
        links[pair] = weight
    if faults is None:
        collected.stop_if_any()
    return links


@lru_cache(maxsize=1024)
def _number(cell: str) -> float:
    """A plain decimal number in [0, 1], or NaN when the cell holds anything else."""
    value = float(cell) if _DECIMAL.fullmatch(cell) else math.nan
    return value if 0 <= value <= 1 else math.nan


def _weight(cell: str) -> float:
    """A plain decimal number in (0, 1], or NaN when the cell holds anything else."""
    return _number(cell) or math.nan
