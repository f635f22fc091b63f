"""What judges said: how well a service suits a consultation, which facet it answers, what must not be suggested."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.domain import InputError, ServiceId

GRADES = (0, 1, 2, 3)
"""3 = among the first things to offer, 2 = good, 1 = would not be wrong, 0 = no."""
GOOD = 2
"""From this grade on a service is relevant for precision, recall and MRR."""
BEST = 3
GAINS = {1: 1, 2: 3, 3: 7}
"""Gain of each grade in nDCG: ``2 ** grade - 1`` (Burges et al., ICML 2005)."""
COLUMNS = ("consultation_id", "service_id", "grade", "facets", "barred")
FACET_COLUMNS = ("consultation_id", "facet", "label")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judge's (or the merged) view of a service for a consultation. ``barred`` is the reason, if there is one."""

    grade: int
    facets: frozenset[str] = frozenset()
    barred: str = ""


UNLISTED = Judgement(0)
"""A pair that the judgements do not list was looked at and found to be nothing for this person."""


@dataclass(frozen=True)
class Judgements:
    """All judgements by consultation and service, and each consultation's facets (letter -> label)."""

    pairs: Mapping[str, Mapping[ServiceId, Judgement]]
    facets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, consultation_id: str, service_id: ServiceId) -> Judgement:
        """The judgement of a pair; grade 0 when it is not listed."""
        return self.pairs.get(consultation_id, {}).get(service_id, UNLISTED)

    def listed(self, consultation_id: str, service_id: ServiceId) -> bool:
        """Whether the pair is in the judgements at all."""
        return service_id in self.pairs.get(consultation_id, {})

    def has_best(self, consultation_id: str) -> bool:
        """Whether any service is among the first things to offer here."""
        return any(judgement.grade == BEST for judgement in self.pairs.get(consultation_id, {}).values())

    def answered(self, consultation_id: str, service_ids: Iterable[ServiceId]) -> frozenset[str]:
        """The facets that these services answer between them; a barred service answers none."""
        found = (self.of(consultation_id, service_id) for service_id in service_ids)
        return frozenset[str]().union(*(judgement.facets for judgement in found if not judgement.barred))


def read_judgements(path: Path | str, facets: Path | str | None = None) -> Judgements:
    """Read judgements.csv (consultation_id, service_id, grade, facets, barred) and the facets beside it.

    Args:
        path: the judgements.
        facets: facets.csv; by default the file of that name beside the judgements. Without one, the letters used in the
            judgements are all there is to cover.

    Raises:
        InputError: naming the file, the line and the rule that is broken.
    """
    path = Path(path)
    beside = Path(facets) if facets is not None else path.with_name("facets.csv")
    labels = _read_facets(beside) if facets is not None or beside.is_file() else None
    pairs: dict[str, dict[ServiceId, Judgement]] = {}
    for where, row in read_rows(path, COLUMNS[:3]):
        listed = pairs.setdefault(row["consultation_id"], {})
        if row["service_id"] in listed:
            raise InputError(f"{where}: this consultation and service are judged twice; keep one")
        known = None if labels is None else labels.get(row["consultation_id"], {})
        listed[row["service_id"]] = _judgement(row, known, where)
    if not pairs:
        raise InputError(f"{path.name}: holds no judgement")
    return Judgements(pairs, labels if labels is not None else _letters(pairs))


def read_rows(path: Path, required: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a CSV file, each with the place to name in an error ("file line n"); cells are stripped.

    Raises:
        InputError: the file is missing, is not text, lacks a column, or a required cell is empty.
    """
    required = tuple(required)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in required if name not in (reader.fieldnames or ())]
            if missing:
                raise InputError(f"{path.name}: has no column {', '.join(missing)}")
            for row in reader:
                where = f"{path.name} line {reader.line_num}"
                cells = {key: _cell(value) for key, value in row.items() if key is not None}
                for name in required[:2]:
                    if not cells[name]:
                        raise InputError(f"{where}: {name} is empty")
                yield where, cells
    except FileNotFoundError:
        raise InputError(f"{path.name}: no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name}: cannot be read as a CSV file ({type(error).__name__})") from None


def judgement_rows(judgements: Judgements) -> list[dict[str, Any]]:
    """Judgements as rows with the columns of judgements.csv, in a fixed order."""
    return [
        {
            "consultation_id": consultation_id,
            "service_id": service_id,
            "grade": judgement.grade,
            "facets": "".join(sorted(judgement.facets)),
            "barred": judgement.barred,
        }
        for consultation_id, listed in sorted(judgements.pairs.items())
        for service_id, judgement in sorted(listed.items(), key=lambda item: (-item[1].grade, item[0]))
    ]


def read_grade(text: str, where: str) -> int:
    """A grade from 0 to 3. Raises InputError naming the place."""
    if text not in ("0", "1", "2", "3"):
        raise InputError(f"{where}: grade must be 0, 1, 2 or 3")
    return int(text)


def letters_of(text: str) -> frozenset[str]:
    """The facet letters of a cell: ``ad`` and ``a; d`` mean the same."""
    return frozenset(letter for letter in text.casefold() if letter.isalnum())


def _judgement(row: Mapping[str, str], known: Mapping[str, str] | None, where: str) -> Judgement:
    letters = letters_of(row.get("facets", ""))
    if known is not None and letters - set(known):
        raise InputError(f"{where}: facets names a letter that facets.csv does not have for this consultation")
    return Judgement(read_grade(row["grade"], where), letters, row.get("barred", ""))


def _read_facets(path: Path) -> dict[str, dict[str, str]]:
    facets: dict[str, dict[str, str]] = {}
    for where, row in read_rows(path, FACET_COLUMNS):
        letter = row["facet"].casefold()
        if len(letter) != 1:
            raise InputError(f"{where}: facet must be one letter")
        facets.setdefault(row["consultation_id"], {})[letter] = row["label"]
    return facets


def _letters(pairs: Mapping[str, Mapping[ServiceId, Judgement]]) -> dict[str, dict[str, str]]:
    used = {key: sorted(set().union(*(j.facets for j in listed.values()))) for key, listed in pairs.items()}
    return {key: {letter: letter for letter in letters} for key, letters in used.items()}


def _cell(value: str | None) -> str:
    """A cell as it was before a spreadsheet guard put a quotation mark before what looks like a formula."""
    text = (value or "").strip() if isinstance(value, str) else ""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text
