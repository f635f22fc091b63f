"""Forgetting, so that no byte of what was removed stays in the store's files; and backups."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, exists, select, text

from matcher.domain import InputError
from matcher.feedback.database import faults_named, make_private_file, sqlite_path
from matcher.feedback.errors import StoreError, StoreUnavailable
from matcher.feedback.keeping import person_hmac
from matcher.feedback.schema import answers, outcomes
from matcher.feedback.store import Store

CHUNK = 500
TABLES = ("outcomes", "shown", "answers")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was removed."""

    answers: int
    outcomes: int


def erase_person(store: Store, person_ref: str) -> Forgotten:
    """Remove every answer for one person, with all that came of it, from the database and its journals.

    Backups are not touched: they go when they are as old as the policy says.

    Args:
        store: the store.
        person_ref: the pseudonym that the consultations carried.

    Raises:
        InputError: the pseudonym is empty.
        StoreUnavailable: the store is down, or the rows are gone while a reader still holds the journal; run it again.
    """
    person = person_hmac(person_ref, store.key)
    if person is None:
        raise InputError("person_ref: must not be empty")
    named = select(outcomes.c.response_id).where(outcomes.c.person_hmac == person)
    theirs = select(answers.c.response_id).where((answers.c.person_hmac == person) | answers.c.response_id.in_(named))
    with store.writing() as connection:
        ids = list(connection.execute(theirs).scalars())
        forgotten = _remove(connection, ids)
        store.log(connection, "erasure", of_answers=forgotten.answers, of_outcomes=forgotten.outcomes)
    scrub(store)
    return forgotten


def expire_before(store: Store, day: date) -> Forgotten:
    """Remove the answers to which nothing has happened since a day: neither made nor given an outcome (UTC)."""
    moment = datetime.combine(day, time(), UTC)
    alive = exists().where(outcomes.c.response_id == answers.c.response_id, outcomes.c.recorded_at >= moment)
    old = select(answers.c.response_id).where(answers.c.recorded_at < moment, ~alive)
    with store.writing() as connection:
        forgotten = _remove(connection, list(connection.execute(old).scalars()))
        store.log(connection, "expiry", of_answers=forgotten.answers, of_outcomes=forgotten.outcomes)
    scrub(store)
    return forgotten


def scrub(store: Store) -> None:
    """Rewrite the database's files without what was deleted, and empty SQLite's journal.

    Raises:
        StoreUnavailable: somebody reads at this moment and holds the journal.
    """
    with faults_named():
        if store.engine.dialect.name == "postgresql":
            _vacuum_postgresql(store)
        else:
            _vacuum_sqlite(store)


def backup(store: Store, path: Path) -> Path:
    """A copy of the whole store at one moment, while it is in use; the path appears when the copy is whole.

    SQLite is copied to another SQLite file; PostgreSQL is dumped by ``pg_dump`` for ``pg_restore``.

    Raises:
        InputError: there is something at this path already.
        StoreError: ``pg_dump`` is missing or failed.
    """
    if path.exists():
        raise InputError(f"{path.name}: exists already; a backup never overwrites")
    store.prepare()
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    make_private_file(temporary)
    try:
        if sqlite_path(store.engine) is None:
            _dump_postgresql(store, temporary)
        else:
            _copy_sqlite(store, temporary)
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _remove(connection: Connection, response_ids: list[str]) -> Forgotten:
    """The services shown and the outcomes go with their answers; counted first, since nobody counts a cascade."""
    lost = 0
    for start in range(0, len(response_ids), CHUNK):
        chunk = response_ids[start : start + CHUNK]
        lost += connection.execute(delete(outcomes).where(outcomes.c.response_id.in_(chunk))).rowcount
        connection.execute(delete(answers).where(answers.c.response_id.in_(chunk)))
    return Forgotten(len(response_ids), lost)


def _vacuum_sqlite(store: Store) -> None:
    with closing(store.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (done,) = cursor.fetchall()
    if done[0]:
        raise StoreUnavailable("the rows are removed, but a reader holds the old journal: run this again")


def _vacuum_postgresql(store: Store) -> None:
    """On a connection of its own, which may take longer than others."""
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        session: Any = connection.connection.driver_connection
        session.longest_wait_s = math.inf
        connection.detach()
        connection.execute(text("SET statement_timeout = 0"))
        for table in TABLES:
            connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))


def _copy_sqlite(store: Store, path: Path) -> None:
    with faults_named(), closing(store.engine.raw_connection()) as connection, closing(sqlite3.connect(path)) as target:
        source: Any = connection.driver_connection
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _dump_postgresql(store: Store, path: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError("pg_dump is missing: install PostgreSQL's client programs")
    address = store.engine.url.set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": address.password or os.environ.get("PGPASSWORD", "")}
    plain = address.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603  the arguments are ours
        [program, "--format=custom", "--no-owner", f"--file={path}", f"--dbname={plain}"],
        env=environment,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise StoreError(f"pg_dump failed with code {done.returncode}; run it by hand to see why")


def _sync(path: Path) -> None:
    """Put a file, or the names in a folder, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
