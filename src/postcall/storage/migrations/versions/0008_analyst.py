"""What the analyst was asked and answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "analyst_threads",
        sa.Column("pk", _KEY, nullable=False),
        sa.Column("account_pk", _KEY, sa.ForeignKey("accounts.pk"), nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_analyst_threads"),
        sa.UniqueConstraint("id", name="uq_analyst_threads_id"),
    )
    op.create_index(
        "ix_analyst_threads_account_pk_owner_updated_at", "analyst_threads", ["account_pk", "owner", "updated_at"]
    )
    op.create_table(
        "analyst_questions",
        sa.Column("pk", _KEY, nullable=False),
        sa.Column("thread_pk", _KEY, sa.ForeignKey("analyst_threads.pk", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("reading", sa.Text()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_analyst_questions"),
        sa.UniqueConstraint("thread_pk", "number", name="uq_analyst_questions_thread_pk_number"),
    )
    op.create_table(
        "analyst_readings",
        sa.Column("pk", _KEY, nullable=False),
        sa.Column("call_pk", _KEY, sa.ForeignKey("calls.pk", ondelete="CASCADE"), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("transcript", sa.String(64), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_analyst_readings"),
        sa.UniqueConstraint("call_pk", "question", name="uq_analyst_readings_call_pk_question"),
    )
    op.create_index("ix_analyst_readings_read_at", "analyst_readings", ["read_at"])


def downgrade() -> None:
    op.drop_table("analyst_readings")
    op.drop_table("analyst_questions")
    op.drop_table("analyst_threads")
