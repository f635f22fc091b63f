"""The audit: a table of events that can be added to and never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table and the triggers that keep its rows as they are."""
    op.create_table(
        "events",
        sa.Column("sequence", SEQUENCE, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=False), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("response_id", sa.Text),
        sa.Column("stamp", sa.Text),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("outcomes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
        sa.CheckConstraint("kind IN ('answer', 'outcome', 'erasure', 'expiry')", name=op.f("ck_events_kind")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def _sqlite_triggers() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER events_no_{change.lower()} BEFORE {change} ON events "
            "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
        )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION events_are_never_changed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_are_never_changed()"
    )
