"""Looks into a store's tables past the program: for tests of what is really there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text

from matcher.feedback import Store


def table(store: Store, query: str) -> list[tuple[Any, ...]]:
    """What a query of the test's own finds."""
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def scalar(store: Store, query: str) -> Any:
    return table(store, query)[0][0]


def count(store: Store, name: str) -> int:
    """How many rows a table has."""
    found: int = scalar(store, f"SELECT count(*) FROM {name}")  # noqa: S608  our own table names
    return found


def shape(store: Store) -> dict[str, Any]:
    """Every table with its columns, keys, indexes and checks."""
    look = inspect(store.engine)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
            look.get_pk_constraint(name),
            look.get_foreign_keys(name),
            sorted(map(str, look.get_indexes(name))),
            sorted(str(c["name"]) for c in look.get_check_constraints(name)),
        )
        for name in sorted(look.get_table_names())
    }


def first_schema_rows(store: Store) -> None:
    """Rows as the first version wrote them, in plain SQL."""
    script = Path(__file__).with_name("first_schema.sql").read_text(encoding="utf-8")
    with store.engine.begin() as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
