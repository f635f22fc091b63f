"""The first tables: answers, the services shown in them, and what came of these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STATUSES = "'discussed', 'referred', 'attended', 'declined', 'not_suitable'"
REASONS = "'capacity', 'not_eligible', 'too_far', 'cost', 'times', 'not_interested', 'other'"


def upgrade() -> None:
    """Make the three tables and their indexes."""
    _answers()
    _shown()
    _outcomes()


def _answers() -> None:
    required = ("engine", "catalogue", "taxonomy", "settings", "model", "wants", "declined", "limits", "request_hmac")
    op.create_table(
        "answers",
        sa.Column("sequence", SEQUENCE, nullable=False),
        sa.Column("response_id", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=False), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("top", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in (*required, "screened_out", "unmet_needs")),
        sa.Column("cell", sa.Text),
        sa.Column("person_hmac", sa.Text),
        sa.PrimaryKeyConstraint("sequence", name="pk_answers"),
        sa.UniqueConstraint("response_id", name="uq_answers_response_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_answers_recorded_at", "answers", ["recorded_at"])
    op.create_index("ix_answers_person_hmac", "answers", ["person_hmac"])


def _shown() -> None:
    op.create_table(
        "shown",
        sa.Column("response_id", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("score", sa.Float(53), nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("distance_km", sa.Float(53)),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("cautions", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("response_id", "rank", name="pk_shown"),
        sa.ForeignKeyConstraint(
            ["response_id"], ["answers.response_id"], name="fk_shown_response_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_shown_service_id", "shown", ["service_id"])


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("sequence", SEQUENCE, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("response_id", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("person_hmac", sa.Text),
        sa.Column("recorded_at", sa.DateTime(timezone=False), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_outcomes"),
        sa.UniqueConstraint("idempotency_key", name="uq_outcomes_idempotency_key"),
        sa.ForeignKeyConstraint(
            ["response_id"], ["answers.response_id"], name="fk_outcomes_response_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_outcomes_status")),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_outcomes_reason")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outcomes_response_id", "outcomes", ["response_id"])
    op.create_index("ix_outcomes_person_hmac", "outcomes", ["person_hmac"])
