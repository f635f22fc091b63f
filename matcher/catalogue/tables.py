"""Directories and own offers kept as CSV: a column a field, named as ours or by a column map beside the file.

The map is a TOML file with the same name and the ending ``.columns.toml``; it gives for our field the file's column,
for example ``name = "Group name"``.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

from matcher.catalogue.cleaning import clean_minutes, clean_text
from matcher.domain import CatalogueError

FIELDS = (
    "id name description organization categories status url email phone eligibility fees referral min_age max_age cost "
    "modes days opens_at closes_at ends_on lat lon precision_km place_name postcode areas languages accessibility "
    "capacity last_modified"
).split()
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
    "minimum_age": "min_age",
    "maximum_age": "max_age",
    "language": "languages",
    "eligibility_description": "eligibility",
    "fees_description": "fees",
    "application_process": "referral",
}
_DAY = re.compile(r"mon|tue|wed|thu|fri|sat|sun", re.IGNORECASE)


def read_table(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a CSV file as feed records (Open Referral shape), in file order."""
    reader = csv.DictReader(io.StringIO(decode(path), newline=""))
    columns = _column_map(path, list(reader.fieldnames or ()))
    if "name" not in columns.values():
        raise CatalogueError(
            f"{path.name}: no column is named name; rename it, or map it in {path.stem}.columns.toml: name = \"...\""
        )
    try:
        for row in reader:
            cells = {field: row.get(column) or "" for column, field in columns.items()}
            yield _feed_record(cells, reader.line_num)
    except csv.Error as error:
        raise CatalogueError(f"{path.name} row {reader.line_num}: not a CSV file ({error})") from error


def decode(path: Path) -> str:
    """The text of a file in whatever encoding it was saved (UTF-8 first, else the likeliest)."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(content).best()
        if best is None:
            raise CatalogueError(f"{path.name}: its encoding cannot be recognised; save it as UTF-8") from None
        return str(best)


def _column_map(path: Path, header: list[str]) -> dict[str, str]:
    """File's column -> our field."""
    beside = path.with_suffix(".columns.toml")
    if beside.exists():
        try:
            given = tomllib.loads(beside.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise CatalogueError(f"{beside.name}: not a TOML file ({error})") from error
        wrong = sorted(field for field, column in given.items() if field not in FIELDS or column not in header)
        if wrong:
            raise CatalogueError(f"{beside.name}: {', '.join(wrong)}: no such field of ours or no such column in the file")
        return {column: field for field, column in given.items()}
    named = {column: re.sub(r"\W+", "_", column.strip().casefold()) for column in header if column}
    return {c: _ALIASES.get(n, n) for c, n in named.items() if _ALIASES.get(n, n) in FIELDS}


def _feed_record(cells: dict[str, str], line: int) -> dict[str, Any]:
    """One row in the shape of an Open Referral service."""
    split = {name: _split(cells.get(name, "")) for name in ("categories", "areas", "languages", "accessibility")}
    modes = cells.get("modes", "")
    days = [d.upper()[:2] for d in _DAY.findall(cells.get("days", ""))]
    return {
        "id": cells.get("id") or f"row-{line}",
        "name": cells.get("name"),
        "description": cells.get("description"),
        "organization": {"name": cells.get("organization")},
        "status": cells.get("status") or "active",
        "url": cells.get("url"),
        "email": cells.get("email"),
        "phones": [{"number": number} for number in _split(cells.get("phone", ""))],
        "eligibility_description": cells.get("eligibility"),
        "fees_description": cells.get("fees"),
        "application_process": cells.get("referral"),
        "minimum_age": cells.get("min_age"),
        "maximum_age": cells.get("max_age"),
        "attending_type": modes,
        "cost_options": [{"amount": cells["cost"], "amount_description": "per session"}] if cells.get("cost") else [],
        "attributes": [{"taxonomy_term": {"name": name}} for name in split["categories"]],
        "languages": [{"name": name} for name in split["languages"]],
        "service_areas": [{"name": name} for name in split["areas"]],
        "capacities": [{"description": cells["capacity"]}] if cells.get("capacity") else [],
        "last_modified": cells.get("last_modified"),
        "schedules": [_schedule(cells, day, modes) for day in days],
        "service_at_locations": _location(cells, split["accessibility"]),
    }


def _schedule(cells: dict[str, str], day: str, modes: str) -> dict[str, Any]:
    has_times = clean_minutes(cells.get("opens_at") or None) is not None
    return {
        "freq": "WEEKLY",
        "byday": day,
        "opens_at": cells.get("opens_at") if has_times else None,
        "closes_at": cells.get("closes_at") if has_times else None,
        "until": cells.get("ends_on"),
        "attending_type": modes,
    }


def _location(cells: dict[str, str], accessibility: list[str]) -> list[dict[str, Any]]:
    if not any(cells.get(name) for name in ("lat", "lon", "place_name", "postcode")):
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
