"""Small towns and caseloads whose answers are known by construction, for the tests of whole runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from matcher.batch.rows import Row
from matcher.batch.tables import read_table
from matcher.domain import Point, Service
from matcher.engine import Engine
from matcher.settings import Settings
from tests.factories import a_catalogue, a_service, a_taxonomy

DAY = date(2026, 11, 1)
CHOIR = a_service()
WALK = a_service(
    id="svc-walk",
    name="Wending Wanderers",
    description="Walking together, at an easy pace.",
    categories=("Walking",),
    place=Point(53.52, -2.5),
)
SECOND_CHOIR = a_service(id="svc-choir-2", name="Lock Keepers", description="Singing for anyone.", organization="")
TOWN = (CHOIR, WALK, SECOND_CHOIR)
SETTINGS = Settings(scorers=("tags", "lexical"))


def an_engine(folder: Path, *services: Service) -> Engine:
    """An engine over these services, or the little town, with the small taxonomy."""
    return Engine.fit(a_catalogue(*(services or TOWN)), a_taxonomy(folder), SETTINGS)


def records(count: int) -> list[dict[str, Any]]:
    """Consultations ``con-1`` to ``con-N``, of a few kinds that need different services."""
    kinds: Sequence[dict[str, Any]] = (
        {"needs": [{"label": "lonely", "importance": 3}], "age": 71, "postcode": "ZZ9 9AA"},
        {"interests": ["singing"], "age": 30, "location": {"lat": 53.5, "lon": -2.5}},
        {"interests": ["walking"], "max_distance_km": 3.0, "location": {"lat": 53.5, "lon": -2.5}},
        {"note": "Lonely since she moved. Used to love singing.", "age": 44},
    )
    return [{"id": f"con-{i + 1}", **kinds[i % len(kinds)]} for i in range(count)]


def write_caseload(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> Path:
    """A .jsonl caseload of records, or of lines as they are; returns its path."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def rows_digest(rows: Iterable[Row]) -> str:
    """One digest of rows in any order."""
    lines = sorted(json.dumps(row, sort_keys=True) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def digests(output: Path) -> dict[str, str]:
    """The digest of the rows of each table of a run."""
    tables = {"suggestions": output}
    tables |= {kind: output.with_name(f"{output.stem}.{kind}{output.suffix}") for kind in ("consultations", "rejects")}
    return {kind: rows_digest(read_table(path)) for kind, path in tables.items()}


def file_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by name, with hidden ones."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
