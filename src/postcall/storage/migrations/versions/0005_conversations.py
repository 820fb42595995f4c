"""What hosted calls need: projects, conversations and their events, an outbox, secrets, settings and memory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refers(name: str, table: str, *, cascade: bool = True) -> sa.Column[int]:
    return sa.Column(name, _KEY, sa.ForeignKey(f"{table}.pk", ondelete="CASCADE" if cascade else None), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.add_column("metric_events", sa.Column("turn", sa.Integer()))
    _create_projects()
    _create_conversations()
    _create_outbox()
    _create_agents_own()


def _create_projects() -> None:
    op.create_table(
        "projects",
        sa.Column("pk", _KEY, nullable=False),
        _refers("account_pk", "accounts", cascade=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _text("problems"),
        _text("summary"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("pk", name="pk_projects"),
        sa.UniqueConstraint("account_pk", "digest", name="uq_projects_account_pk_digest"),
    )


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        _refers("call_pk", "calls"),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        _text("state"),
        sa.Column("next_metric", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(32)),
        _moment("leased_until", nullable=True),
        sa.PrimaryKeyConstraint("call_pk", name="pk_conversations"),
    )
    op.create_table(
        "call_events",
        _refers("call_pk", "calls"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        _moment("at"),
        _text("content"),
        sa.Column("is_pii", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("call_pk", "position", name="pk_call_events"),
        sqlite_with_rowid=False,
    )
    failed = sa.text("failed")
    op.create_index("ix_call_events_failed", "call_events", ["call_pk"], sqlite_where=failed, postgresql_where=failed)


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("pk", _KEY, nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        _refers("call_pk", "calls"),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        _text("recipient"),
        _text("content"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("pk", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_index("ix_outbox_call_pk_pk", "outbox", ["call_pk", "pk"])


def _create_agents_own() -> None:
    op.create_table(
        "secrets",
        _refers("agent_pk", "agents"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("agent_pk", "name", name="pk_secrets"),
    )
    op.create_table(
        "real_time_configs",
        _refers("agent_pk", "agents"),
        sa.Column("environment", sa.String(20), nullable=False),
        _text("schema"),
        _text("data"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("agent_pk", "environment", name="pk_real_time_configs"),
    )
    op.create_table(
        "caller_memories",
        _refers("agent_pk", "agents"),
        sa.Column("caller", sa.String(64), nullable=False),
        _text("data"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("agent_pk", "caller", name="pk_caller_memories"),
    )


def downgrade() -> None:
    for table in (
        "caller_memories",
        "real_time_configs",
        "secrets",
        "outbox",
        "call_events",
        "conversations",
        "projects",
    ):
        op.drop_table(table)
    op.drop_column("metric_events", "turn")
