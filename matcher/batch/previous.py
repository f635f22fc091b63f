"""An earlier run's suggestions, found by consultation id without holding them in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from matcher.batch.rows import Row
from matcher.batch.tables import beside, read_table
from matcher.domain import InputError

_NEEDED = ("consultation_id", "rank", "service_id", "service_name", "score")


class EarlierRun:
    """Looks up rows in the index that :func:`index_previous` made. Each process opens its own."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)

    def get(self, consultation_id: str) -> Sequence[Row] | None:
        """The suggestions for one person, by rank; ``None`` when the earlier run did not have the person."""
        known = self._connection.execute("SELECT 1 FROM person WHERE id = ?", (consultation_id,)).fetchone()
        if known is None:
            return None
        found = self._connection.execute("SELECT row FROM suggestion WHERE id = ? ORDER BY rank", (consultation_id,))
        return [json.loads(text) for (text,) in found]

    def service_ids(self) -> set[str]:
        """Every service that was suggested to anyone."""
        return {name for (name,) in self._connection.execute("SELECT DISTINCT service_id FROM suggestion")}

    def stamp(self) -> str:
        """The versions of the earlier run, as its rows have them."""
        found = self._connection.execute("SELECT row FROM suggestion LIMIT 1").fetchone()
        return str(json.loads(found[0]).get("stamp") or "") if found else ""

    def people(self) -> int:
        """How many people the earlier run had."""
        return int(self._connection.execute("SELECT COUNT(*) FROM person").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def index_previous(previous: Path, path: Path) -> None:
    """Make the index of an earlier run's OUTPUT and, where it lies beside it, of its consultations.

    Raises:
        InputError: the file is no output of ``matcher rescore``.
    """
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE person (id TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE suggestion (id TEXT, rank INTEGER, service_id TEXT, row TEXT);
            BEGIN;
            """
        )
        _add(connection, previous)
        connection.execute("COMMIT")
        connection.execute("CREATE INDEX by_id ON suggestion (id)")
    finally:
        connection.close()


def _add(connection: sqlite3.Connection, previous: Path) -> None:
    for row in read_table(previous):
        if not isinstance(row, dict) or any(row.get(name) in (None, "") for name in _NEEDED):
            raise InputError(f"{previous.name}: has no {', '.join(_NEEDED)}; is it an output of `matcher rescore`?")
        try:
            values = (row["consultation_id"], int(row["rank"]), row["service_id"], json.dumps(row))
            float(row["score"])
        except ValueError:
            raise InputError(f"{previous.name}: rank and score must be numbers") from None
        connection.execute("INSERT OR IGNORE INTO person VALUES (?)", values[:1])
        connection.execute("INSERT INTO suggestion VALUES (?, ?, ?, ?)", values)
    people = beside(previous, "consultations")
    if people.is_file():
        for row in read_table(people):
            connection.execute("INSERT OR IGNORE INTO person VALUES (?)", (row.get("consultation_id"),))
