"""Brings a store to this version's tables, whole or not at all, and refuses one that a newer version wrote."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from matcher.feedback.database import writing
from matcher.feedback.errors import StoreTooNewError

HEAD = "head"
_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6D617463
"""Any number, the same in all processes: only one of them migrates a PostgreSQL store at a time."""


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """Bring a store to the newest tables in one transaction; does nothing, and locks nothing, when it has them.

    Args:
        engine: of ``database.open_database``.
        revision: another revision to stop at, for tests of older stores.

    Raises:
        StoreTooNewError: the store has a revision that this version does not know.
    """
    scripts = ScriptDirectory(str(_FOLDER))
    target = scripts.get_current_head() if revision == HEAD else revision
    with engine.connect() as connection:
        if _revision(connection, scripts) == target:
            return
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _revision(connection, scripts) != target:
            command.upgrade(_config(connection), target or HEAD)


def _revision(connection: Connection, scripts: ScriptDirectory) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreTooNewError("the store was written by a newer version of service-matcher; install that version")
    return found


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
