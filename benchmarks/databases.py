"""The full-text searches of two databases that many already have."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
from peer import Peer
from work import TOP, Query, read_entries

from tests.postgres.server import Server, programs

COLUMNS = ("id", "open", "min_age", "max_age", "cost", "lat", "lon", "text")


def _rows(services: Path) -> Iterator[tuple[Any, ...]]:
    for entry in read_entries(services):
        yield tuple(getattr(entry, name) for name in COLUMNS)


def _where(query: Query, mark: str) -> str:
    """The hard limits; ``mark`` is how the database writes a parameter called ``name``."""
    limits = ["open", "min_age <= name_age", "max_age >= name_age"]
    limits += ["cost <= name_cost"] if query.max_cost is not None else []
    limits += ["lat BETWEEN name_south AND name_north", "lon BETWEEN name_west AND name_east"] if query.box else []
    before, after = mark.split("name")
    words = " AND ".join(limits).split()
    return " ".join(before + word.removeprefix("name_") + after if "name_" in word else word for word in words)


def _values(query: Query, words: str) -> dict[str, Any]:
    return {
        "words": words,
        "age": query.age,
        "cost": query.max_cost,
        "top": TOP,
        **(asdict(query.box) if query.box else {}),
    }


class SqliteFts5(Peer):
    """FTS5 with Porter's stemmer and its bm25, joined to a table with the limits."""

    name = "SQLite FTS5"

    def build(self, services: Path, folder: Path) -> None:
        self._file = folder / "services.db"
        connection = sqlite3.connect(self._file)
        connection.execute("CREATE TABLE entry (row INTEGER PRIMARY KEY, id, open, min_age, max_age, cost, lat, lon)")
        connection.execute("CREATE VIRTUAL TABLE told USING fts5(text, content = '', tokenize = 'porter unicode61')")
        for row, (*facts, text) in enumerate(_rows(services), start=1):
            connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (row, *facts))
            connection.execute("INSERT INTO told (rowid, text) VALUES (?, ?)", (row, text))
        connection.execute("INSERT INTO told (told) VALUES ('optimize')")
        connection.execute("CREATE INDEX place ON entry (lat, lon)")
        connection.execute("ANALYZE")
        connection.commit()
        connection.close()

    def open(self) -> None:
        self._connection = sqlite3.connect(self._file)
        self._connection.execute("PRAGMA mmap_size = 8000000000")

    def ask(self, query: Query) -> Sequence[str]:
        statement = f"""SELECT id FROM told JOIN entry ON row = told.rowid WHERE told MATCH :words AND
            {_where(query, ":name")} ORDER BY bm25(told) LIMIT :top"""  # noqa: S608  no word of a query is in it
        words = " OR ".join(f'"{word}"' for word in query.words)
        return [key for (key,) in self._connection.execute(statement, _values(query, words))]

    def version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"


class PostgresFullText(Peer):
    """Debian's PostgreSQL on a socket of its own: a GIN index on the words, another on the place."""

    name = "PostgreSQL full text"

    def build(self, services: Path, folder: Path) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("PostgreSQL is missing: apt-get install postgresql")
        self._server = Server(found)
        self._server.start()
        with self._connected() as connection:
            connection.execute("ALTER SYSTEM SET shared_buffers = '1GB'")
            connection.execute("ALTER SYSTEM SET maintenance_work_mem = '1GB'")
        self._server.stop("fast")
        self._server.start()
        with self._connected() as connection:
            self._fill(connection, services)

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._server.url("postgres"), autocommit=True)

    def _fill(self, connection: psycopg.Connection[Any], services: Path) -> None:
        facts = "id text, open bool, min_age real, max_age real, cost real, lat float8, lon float8"
        connection.execute(f"CREATE TABLE told ({facts}, text text)")
        with connection.cursor().copy(f"COPY told ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in _rows(services):
                copy.write_row(row)
        connection.execute("CREATE TABLE entry AS SELECT *, to_tsvector('english', text) AS words FROM told")
        connection.execute("ALTER TABLE entry DROP COLUMN text")
        connection.execute("DROP TABLE told")
        connection.execute("CREATE INDEX ON entry USING gin (words)")
        connection.execute("CREATE INDEX ON entry (lat, lon)")
        connection.execute("VACUUM ANALYZE entry")

    def open(self) -> None:
        self._connection = self._connected()

    def ask(self, query: Query) -> Sequence[str]:
        statement = f"""SELECT id FROM entry, to_tsquery('english', %(words)s) AS asked WHERE words @@ asked AND
            {_where(query, "%(name)s")} ORDER BY ts_rank(words, asked) DESC LIMIT %(top)s"""  # noqa: S608  as above
        return [key for (key,) in self._connection.execute(statement, _values(query, " | ".join(query.words)))]

    def version(self) -> str:
        with self._connected() as connection:
            return f"PostgreSQL {connection.info.parameter_status('server_version')}"

    def close(self) -> None:
        self._connection.close()
        self._server.close()
