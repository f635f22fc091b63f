"""Directories and own offers kept as CSV: a column a field, named as ours or by a column map beside the file.

The map is a TOML file with the same name and the ending ``.columns.toml``; it gives for our field the file's column,
for example ``name = "Group name"``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from matcher.catalogue.cleaning import clean_days, clean_line, clean_minutes, clean_number, clean_text, lowest_price
from matcher.catalogue.decoding import LONGEST_CELL, decode
from matcher.catalogue.findings import Finding
from matcher.domain import CatalogueError

_FIELD_NAMES = """
    id name description organization categories status url email phone eligibility fees referral min_age max_age cost
    modes days opens_at closes_at opening_times ends_on lat lon precision_km place_name postcode areas languages
    accessibility capacity last_modified
"""
FIELDS = tuple(_FIELD_NAMES.split())
_ALIASES = {
    "title": "name",
    "service_name": "name",
    "organisation": "organization",
    "provider": "organization",
    "tags": "categories",
    "category": "categories",
    "website": "url",
    "telephone": "phone",
    "phones": "phone",
    "latitude": "lat",
    "longitude": "lon",
    "post_code": "postcode",
    "opening_hours": "opening_times",
    "when": "opening_times",
    "minimum_age": "min_age",
    "maximum_age": "max_age",
    "language": "languages",
    "eligibility_description": "eligibility",
    "fees_description": "fees",
    "application_process": "referral",
}
_MAKES_AN_ID = ("name", "organization", "place_name", "postcode", "days", "opens_at")
_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SEPARATORS = ",;\t"


def read_table(path: Path, findings: list[Finding]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a CSV file as feed records (Open Referral shape) with the place where each stands, in file order.

    A row with more cells than the header is set aside: a comma without quotes has moved its cells to the wrong columns.

    Raises:
        CatalogueError: the file is empty, has no column for names, or is no CSV file.
    """
    rows = _rows(path)
    _, header = next(rows, (0, []))
    columns = _column_map(path, header)
    for line, row in rows:
        where = f"{path.name} row {line}"
        if any(cell.strip() for cell in row[len(header) :]):
            text = f"has {len(row)} cells, the header has {len(header)}: put cells with commas in quotation marks"
            findings.append(Finding("set_aside", where, "", text))
        elif any(cell.strip() for cell in row):
            cells = dict(zip(header, row, strict=False))
            yield where, _feed_record({field: cells.get(column, "") for field, column in columns.items()})


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """All rows of a CSV file, the header first, each with the number of its last line."""
    text = decode(path)
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=lambda mark: (first.count(mark), -_SEPARATORS.index(mark)))
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise CatalogueError(f"{path.name} row {reader.line_num}: not a CSV file ({error})") from error


def _column_map(path: Path, header: list[str]) -> dict[str, str]:
    """Our field -> the file's column. A column with our own name goes before one with an alias."""
    if not header:
        raise CatalogueError(f"{path.name}: the file is empty; its first row must name the columns")
    beside = path.with_suffix(".columns.toml")
    if beside.exists():
        columns = _given_columns(beside, header)
    else:
        named = {re.sub(r"\W+", "_", column.strip().casefold()): column for column in header}
        columns = {_ALIASES[name]: column for name, column in named.items() if name in _ALIASES}
        columns |= {name: column for name, column in named.items() if name in FIELDS}
    if "name" not in columns:
        hint = f'rename one, or map it in {beside.name}: name = "..."'
        raise CatalogueError(f"{path.name}: no column is named name; {hint}")
    if twice := sorted(column for column in columns.values() if header.count(column) > 1):
        raise CatalogueError(f"{path.name}: several columns are named {', '.join(twice)}; rename all but one")
    return columns


def _given_columns(path: Path, header: list[str]) -> dict[str, str]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: not a TOML file in UTF-8 ({error})") from error
    wrong = sorted(field for field, column in given.items() if field not in FIELDS or column not in header)
    if wrong:
        raise CatalogueError(f"{path.name}: {', '.join(wrong)}: no such field of ours or no such column in the file")
    return given


def _feed_record(cells: Mapping[str, str]) -> dict[str, Any]:
    """One row in the shape of an Open Referral service."""
    split = {name: _split(cells.get(name, "")) for name in ("categories", "areas", "languages", "accessibility")}
    modes = cells.get("modes", "")
    return {
        "id": clean_line(cells.get("id")) or _id_of(cells),
        "name": cells.get("name"),
        "description": cells.get("description"),
        "organization": {"name": cells.get("organization")},
        "status": clean_line(cells.get("status")) or "active",
        "url": cells.get("url"),
        "email": cells.get("email"),
        "phones": [{"number": number} for number in _split(cells.get("phone", ""))],
        "eligibility_description": cells.get("eligibility"),
        "fees_description": cells.get("fees"),
        "application_process": cells.get("referral"),
        "minimum_age": cells.get("min_age"),
        "maximum_age": cells.get("max_age"),
        "attending_type": modes,
        "cost_options": _cost(cells.get("cost", "")),
        "attributes": [{"taxonomy_term": {"name": name}} for name in split["categories"]],
        "languages": [{"name": name} for name in split["languages"]],
        "service_areas": [{"name": name} for name in split["areas"]],
        "capacities": [{"description": cells["capacity"]}] if cells.get("capacity") else [],
        "last_modified": cells.get("last_modified"),
        "schedules": [*(_schedule(cells, day, modes) for day in clean_days(cells.get("days"))), *_in_words(cells)],
        "service_at_locations": _location(cells, split["accessibility"]),
    }


def _id_of(cells: Mapping[str, str]) -> str:
    """An id for a row without one, from what it is called, where and when: the same wherever the row stands."""
    name = clean_line(cells.get("name"))
    if not name:
        return ""
    said = "\n".join(clean_line(cells.get(field)) for field in _MAKES_AN_ID)
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40]
    return f"{slug}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def _cost(cell: str) -> list[dict[str, Any]]:
    """A price for one session; "£4" and "free" are understood."""
    amount = clean_number(cell)
    amount = lowest_price(clean_line(cell)) if amount is None else amount
    return [] if amount is None else [{"amount": amount, "amount_description": "per session"}]


def _schedule(cells: Mapping[str, str], day: int, modes: str) -> dict[str, Any]:
    has_times = clean_minutes(cells.get("opens_at") or None) is not None
    return {
        "freq": "WEEKLY",
        "byday": _DAY_CODES[day],
        "opens_at": cells.get("opens_at") if has_times else None,
        "closes_at": cells.get("closes_at") if has_times else None,
        "until": cells.get("ends_on"),
        "attending_type": modes,
    }


def _in_words(cells: Mapping[str, str]) -> list[dict[str, Any]]:
    text = cells.get("opening_times", "")
    both = {"description": text, "until": cells.get("ends_on"), "attending_type": cells.get("modes")}
    return [both] if text.strip() else []


def _location(cells: Mapping[str, str], accessibility: list[str]) -> list[dict[str, Any]]:
    if not any(cells.get(name) for name in ("lat", "lon", "place_name", "postcode", "accessibility")):
        return []
    location = {
        "name": cells.get("place_name"),
        "latitude": cells.get("lat"),
        "longitude": cells.get("lon"),
        "precision_km": cells.get("precision_km"),
        "addresses": [{"postal_code": cells.get("postcode")}],
        "accessibility": [{"description": text} for text in accessibility],
    }
    return [{"location": location}]


def _split(cell: str) -> list[str]:
    return [clean_text(piece) for piece in re.split(r"[;|]", cell) if clean_text(piece)]
