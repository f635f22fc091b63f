"""In which row each id of a caseload was answered first, however many there are: on disk, not in memory."""

from __future__ import annotations

import sqlite3
from pathlib import Path


class FirstRows:
    """Ids and their rows. The file is made anew for each run: what is known is read back from the ledger's parts."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE first (id TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID;
            BEGIN;
            """
        )

    def first(self, consultation_id: str, row: int) -> int:
        """The row in which this id came first; ``row`` itself when it is new."""
        added = self._connection.execute("INSERT OR IGNORE INTO first VALUES (?, ?)", (consultation_id, row))
        if added.rowcount:
            return row
        found = self._connection.execute("SELECT row FROM first WHERE id = ?", (consultation_id,)).fetchone()
        return int(found[0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
