"""How concepts stand in a cell of a spreadsheet: "Choirs; Lunch club, eating together 0.8", by label or by id."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from matcher.batch.tables import plain_cell
from matcher.catalogue.decoding import decode
from matcher.domain import CatalogueError, ConceptId, InputError
from matcher.taxonomy import Taxonomy

Strengths = Mapping[ConceptId, float]

USUAL: Mapping[str, float] = {
    "main": 0.95,
    "mentioned": 0.5,
    "only_for": 1.0,
    "setting": 0.8,
    "not_support": 1.0,
}
"""The strength of a concept that a curator names without one, by role. A decision is kept with the number itself."""
ROLES = tuple(USUAL)
NO_TOPIC = ("setting", "decoy")
"""Kinds of concept that are not what a service is about."""
MAIN_FROM = 0.6
"""From which strength a guess counts as a main concept."""
_STRENGTH = re.compile(r"(.*\S)\s+(0?\.[0-9]{1,6}|0|1(?:\.0{1,6})?)", re.ASCII | re.DOTALL)
MOST_SHOWN = 40


class ConceptNames:
    """Concepts by id and by label, as people type them."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._labels = {concept.id: " ".join(concept.pref_label.split()) for concept in taxonomy.concepts}
        counts = Counter(label.casefold() for label in self._labels.values())
        ids = {concept.casefold() for concept in self._labels}
        self._plain = {
            concept
            for concept, label in self._labels.items()
            if counts[label.casefold()] == 1 and label.casefold() not in ids - {concept.casefold()} and ";" not in label
        }
        self._ids = {self._labels[concept].casefold(): concept for concept in self._plain}
        self._ids |= {concept.casefold(): concept for concept in self._labels}

    def label(self, concept: ConceptId) -> str:
        """What to show of a concept in a cell: its label where that says which one is meant, else its id."""
        return self._labels[concept] if concept in self._plain else concept

    def read(self, cell: str, role: str, where: str) -> dict[ConceptId, float]:
        """The concepts of one cell with their strengths.

        Raises:
            InputError: naming the place, the column and the fault.
        """
        found: dict[ConceptId, float] = {}
        for piece in cell.split(";"):
            if not (name := " ".join(piece.split())):
                continue
            concept, strength = self._concept(name, USUAL[role])
            if concept is None:
                raise InputError(f"{where}: {role}: {_shown(name)} is no concept; concepts.csv lists ids and labels")
            if not strength:
                raise InputError(f"{where}: {role}: the strength of {concept} must be above 0 and at most 1")
            self._check_role(concept, role, where)
            found[concept] = max(strength, found.get(concept, 0.0))
        return found

    def _concept(self, name: str, usual: float) -> tuple[ConceptId | None, float]:
        if concept := self._ids.get(name.casefold()):
            return concept, usual
        if numbered := _STRENGTH.fullmatch(name):
            return self._ids.get(numbered[1].casefold()), float(numbered[2])
        return None, usual

    def _check_role(self, concept: ConceptId, role: str, where: str) -> None:
        known = self.taxonomy.by_id[concept]
        allowed = {
            "only_for": known.dedicated,
            "setting": known.kind == "setting",
            "not_support": known.kind == "decoy",
        }.get(role, known.kind not in NO_TOPIC)
        if not allowed:
            why = (
                "it is not dedicated in concepts.csv" if role == "only_for" else f"it belongs under {_home(known.kind)}"
            )
            raise InputError(f"{where}: {concept} cannot stand under {role}; {why}")


def _home(kind: str) -> str:
    return {"setting": "setting", "decoy": "not_support"}.get(kind, "main or mentioned")


def cell_of(strengths: Strengths, names: ConceptNames | None = None, role: str = "") -> str:
    """Concepts as a cell, strongest first: ids and strengths, or, for people, labels and only unusual strengths."""
    pieces = []
    for concept, value in sorted(strengths.items(), key=lambda item: (-item[1], item[0])):
        label = names.label(concept) if names else concept
        pieces.append(label if names and value == USUAL[role] else f"{label} {value:g}")
    return "; ".join(pieces)


def read_cells(path: Path, columns: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a CSV that may have been through a spreadsheet, each with its place ("file line n").

    Raises:
        InputError: the file is missing or no CSV, lacks a column, or a row has no service id.
    """
    columns = tuple(columns)
    try:
        text = decode(path) if path.is_file() else None
        if text is None:
            raise InputError(f"{path.name}: no such file")
        separator = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        if missing := [name for name in columns if name not in header]:
            raise InputError(f"{path.name}: has no column {', '.join(missing)}")
        for row in reader:
            where = f"{path.name} line {reader.line_num}"
            if None in row:
                raise InputError(f"{where}: has more cells than the header; put cells with commas in quotation marks")
            cells = {name: plain_cell(row[name]).strip() for name in header}
            if not any(cells.values()):
                continue
            if not cells["service_id"]:
                raise InputError(f"{where}: service_id is empty")
            yield where, cells
    except CatalogueError as error:
        raise InputError(str(error)) from None
    except csv.Error as error:
        raise InputError(f"{path.name}: not a CSV file ({error})") from None


def _shown(name: str) -> str:
    """A name from a file, safe to show in one line."""
    return ascii(name if len(name) <= MOST_SHOWN else f"{name[:MOST_SHOWN]}...")
