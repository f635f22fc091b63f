"""Opens the database behind the store, so that what is committed is on disk, and names what can go wrong with it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from matcher.feedback.errors import StoreError, StoreUnavailable

WAIT_S = 5
"""How long a call waits for a lock, a connection or a statement before it gives up."""
POOL_SIZE = 5

_log = logging.getLogger(__name__)


def open_database(url: str, *, wait_s: int = WAIT_S) -> Engine:
    """A database by its address: ``sqlite:///outcomes.db`` or ``postgresql://user@host/name``. Touches nothing yet.

    Args:
        url: the address; it may hold a password and is never repeated in an error.
        wait_s: how long to wait for a lock, a connection or a statement.

    Raises:
        StoreError: the address is of no known kind, or the driver is not installed.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreError("the store's address must look like sqlite:///outcomes.db or postgresql://host/name") from None
    kind = address.get_backend_name()
    if kind == "sqlite":
        return _open_sqlite(address, wait_s)
    if kind == "postgresql":
        return _open_postgresql(address, wait_s)
    raise StoreError("the store's address must begin with sqlite:/// or postgresql://")


def sqlite_path(engine: Engine) -> Path | None:
    """The file of an SQLite store; ``None`` for another kind."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


def make_private_file(path: Path) -> None:
    """Make a database file that only its owner can read, before the driver makes one that others can.

    Raises:
        StoreUnavailable: the disk is read-only or full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"the store cannot be made ({error.strerror})") from None


@contextmanager
def faults_named() -> Iterator[None]:
    """Turns the drivers' many errors into :class:`StoreUnavailable`; parameters never get into a message or a log."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeoutError) as error:
        fault = type(getattr(error, "orig", None) or error).__name__
        _log.warning("store unavailable: %s", fault)
        raise StoreUnavailable(f"the store of outcomes cannot be used just now ({fault}); try again") from None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that takes the write lock at once. When the block ends without an error, it is on disk."""
    with engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        yield connection


def _open_sqlite(address: URL, wait_s: int) -> Engine:
    if not address.database or address.database == ":memory:":
        raise StoreError("the store needs a file: a store in memory forgets")
    engine = create_engine(address, hide_parameters=True, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=wait_s)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        """Every commit reaches the disk before it returns; what is deleted is overwritten with zeros."""
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={wait_s * 1000}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        """The driver would begin only before the first change, and never before DDL: migrations would not be atomic."""
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _open_postgresql(address: URL, wait_s: int) -> Engine:
    wait_ms = wait_s * 1000
    options = f"-c statement_timeout={wait_ms} -c lock_timeout={wait_ms} -c synchronous_commit=on"
    try:
        from matcher.feedback import postgresql
    except ImportError:
        raise StoreError("PostgreSQL needs its driver: pip install 'service-matcher[postgres]'") from None
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=wait_s,
        pool_pre_ping=True,
        connect_args={"connect_timeout": wait_s, "options": options, "application_name": "service-matcher"},
    )

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: object, record: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return postgresql.connect(wait_s, *args, **kwargs)

    return engine
