"""The red-flag patterns, read and checked once: rows of ``patterns/*.csv`` in the language of ``language.py``.

A pattern is a phrase that a safeguarding lead can read in a spreadsheet; its parts are joined by ``+``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from matcher.data_files import safety_folder
from matcher.domain import SettingsError
from matcher.safety.language import Language, Phrase

CATEGORIES = (
    "suicide_self_harm",
    "domestic_sexual_abuse",
    "adult_at_risk",
    "child_at_risk",
    "danger_to_others",
    "trafficking",
    "medical_emergency",
    "no_food_heat_shelter",
    "overdose_withdrawal",
)
WEIGHTS = {"flag": 1.0, "firm": 1.0, "hint": 0.5, "clue": 0.25}
"""What a row is worth: a category is found at 1. A firm flag counts whatever time or place is spoken of."""
FINDS = tuple(WEIGHTS)
SENTENCE_GUARDS = ("past", "over", "elsewhere", "present", "ongoing")
NEGATION_GUARDS = ("negation", "denial", "afterwards", "neutral")
KINDS = (*FINDS, "lookalike", *SENTENCE_GUARDS, *NEGATION_GUARDS)
ANY = "any"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a pattern file for one category (or ``any``): all its phrases must be found."""

    number: int
    category: str
    kind: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Patterns:
    """All rules, the phrases they use by source, and the spellings."""

    rules: tuple[Rule, ...]
    phrases: Mapping[str, Phrase]
    spellings: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def packaged_patterns() -> Patterns:
    """The patterns shipped with the matcher, read and checked once a process."""
    return read_patterns(safety_folder())


def read_patterns(folder: Path) -> Patterns:
    """Read ``spellings.csv``, ``words.csv`` and every file of ``patterns/``.

    Raises:
        SettingsError: naming every faulty row by file and line.
    """
    spellings = {row["written"]: tuple(row["meant"].split()) for _, row in _rows(folder / "spellings.csv")}
    classes = {row["class"]: row["words"] for _, row in _rows(folder / "words.csv")}
    language = Language(classes, spellings)
    rules: list[Rule] = []
    phrases: dict[str, Phrase] = {}
    faults: list[str] = []
    for path in sorted((folder / "patterns").glob("*.csv")):
        for line, row in _rows(path):
            try:
                _check_row(row)
                parts = tuple(part.strip() for part in row["pattern"].split(" + "))
                phrases.update((part, language.phrase(part)) for part in parts if part not in phrases)
            except ValueError as error:
                faults.append(f"{path.name} line {line}: {error}")
                continue
            rules += [Rule(len(rules) + n, c, row["kind"], parts) for n, c in enumerate(row["category"].split(";"))]
    if faults:
        raise SettingsError("safety patterns: " + "; ".join(faults[:20]))
    return Patterns(tuple(rules), phrases, spellings)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from enumerate(csv.DictReader(file), start=2)


def _check_row(row: Mapping[str, str]) -> None:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind {row['kind']!r} is none of {', '.join(KINDS)}")
    if unknown := set(row["category"].split(";")) - {*CATEGORIES, ANY}:
        raise ValueError(f"unknown category {', '.join(sorted(unknown))}")
    if row["kind"] in FINDS and ANY in row["category"]:
        raise ValueError("a flag or hint needs a category of its own")
    if row["kind"] not in FINDS and " + " in row["pattern"]:
        raise ValueError("only flags and hints may have parts joined by +")
