"""The tables, and column types that hold the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

from matcher.feedback.records import DeclineReason, Status

EVENT_KINDS = ("answer", "outcome", "erasure", "expiry")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def plain(text: str) -> str:
    """Text without NUL, control characters and lone surrogates: one store takes some of them and the other none."""
    return _NOT_TEXT.sub("", text)


class UtcTime(TypeDecorator[datetime]):
    """Moments with a time zone in Python, stored in UTC without one: SQLite knows none, and a server's may change."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time to be stored needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class PlainText(TypeDecorator[str]):
    """Text as :func:`plain` leaves it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else plain(value)


class Json(TypeDecorator[Any]):
    """Small structures as JSON text, the same bytes on both stores."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({quoted})"


SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

answers = Table(
    "answers",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("response_id", PlainText, nullable=False, unique=True),
    Column("recorded_at", UtcTime, nullable=False, index=True),
    Column("as_of", Date, nullable=False),
    Column("top", Integer, nullable=False),
    Column("engine", PlainText, nullable=False),
    Column("catalogue", PlainText, nullable=False),
    Column("taxonomy", PlainText, nullable=False),
    Column("settings", PlainText, nullable=False),
    Column("model", PlainText, nullable=False),
    Column("wants", Json, nullable=False),
    Column("declined", Json, nullable=False),
    Column("limits", Json, nullable=False),
    Column("cell", PlainText),
    Column("request_hmac", PlainText, nullable=False),
    Column("person_hmac", PlainText, index=True),
    Column("screened_out", Json, nullable=False),
    Column("unmet_needs", Json, nullable=False),
    sqlite_autoincrement=True,
)

shown = Table(
    "shown",
    metadata,
    Column("response_id", PlainText, ForeignKey("answers.response_id", ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("service_id", PlainText, nullable=False, index=True),
    Column("score", Float(53), nullable=False),
    Column("standing", PlainText, nullable=False),
    Column("distance_km", Float(53)),
    Column("parts", Json, nullable=False),
    Column("cautions", Json, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("idempotency_key", PlainText, nullable=False, unique=True),
    Column("response_id", PlainText, ForeignKey("answers.response_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("service_id", PlainText, nullable=False),
    Column("rank", Integer),
    Column("status", PlainText, nullable=False),
    Column("reason", PlainText),
    Column("person_hmac", PlainText, index=True),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint(_one_of("status", tuple(Status)), name="status"),
    CheckConstraint(_one_of("reason", tuple(DeclineReason)), name="reason"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("recorded_at", UtcTime, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("response_id", PlainText),
    Column("stamp", PlainText),
    Column("answers", Integer, nullable=False),
    Column("outcomes", Integer, nullable=False),
    CheckConstraint(_one_of("kind", EVENT_KINDS), name="kind"),
    sqlite_autoincrement=True,
)
"""The audit: one row for each thing done to the store, in the same transaction; rows cannot be changed or removed."""
