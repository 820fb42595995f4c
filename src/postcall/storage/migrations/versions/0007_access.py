"""What keys may do and did, what projects show, what was exported, and vectors of calls."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SHARED = sa.text("shared_id IS NOT NULL")


def _refers(name: str, table: str, *, on_delete: str | None = "CASCADE") -> sa.Column[int]:
    return sa.Column(name, _KEY, sa.ForeignKey(f"{table}.pk", ondelete=on_delete), nullable=False)


def _account() -> sa.Column[int]:
    return _refers("account_pk", "accounts", on_delete=None)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    for column in (
        _text("agents", nullable=True),
        sa.Column("per_minute", sa.Integer()),
        _text("created_by", nullable=True),
        _moment("last_used_at", nullable=True),
    ):
        op.add_column("api_keys", column)
    op.add_column("conversations", _text("shared_id", nullable=True))
    op.create_index(
        "ix_conversations_shared_id",
        "conversations",
        ["shared_id"],
        sqlite_where=_SHARED,
        postgresql_where=_SHARED,
    )
    op.add_column("webhooks", sa.Column("secret_before", sa.LargeBinary()))
    op.add_column("webhooks", _moment("secret_before_until", nullable=True))
    op.add_column("webhooks", sa.Column("timeout_ms", sa.Integer()))
    _create_access()
    _create_external_events()
    _create_exports()
    _create_vectors()


def _create_access() -> None:
    op.create_table(
        "key_minutes",
        _refers("key_pk", "api_keys"),
        sa.Column("limited", sa.String(20), nullable=False),
        _moment("minute"),
        _count("requests"),
        sa.PrimaryKeyConstraint("key_pk", "limited", name="pk_key_minutes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "api_settings",
        _refers("agent_pk", "agents"),
        sa.Column("show_transcripts", sa.Boolean(), nullable=False),
        _text("response_metrics", nullable=True),
        _text("handoff"),
        _text("updated_by", nullable=True),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("agent_pk", name="pk_api_settings"),
    )
    op.create_table(
        "audit_events",
        sa.Column("pk", _KEY, nullable=False),
        _account(),
        _moment("at"),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_id", sa.String(24)),
        _text("actor", nullable=True),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("subject_kind", sa.String(30), nullable=False),
        _text("subject", nullable=True),
        _text("agent", nullable=True),
        _text("request"),
        sa.Column("status", sa.Integer()),
        _count("times"),
        sa.PrimaryKeyConstraint("pk", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_account_pk_pk", "audit_events", ["account_pk", "pk"])
    op.create_index("ix_audit_events_account_pk_actor_id_pk", "audit_events", ["account_pk", "actor_id", "pk"])
    op.create_index("ix_audit_events_account_pk_subject_pk", "audit_events", ["account_pk", "subject", "pk"])
    op.create_index("ix_audit_events_at", "audit_events", ["at"])


def _create_external_events() -> None:
    op.create_table(
        "external_events",
        sa.Column("id", sa.String(64), nullable=False),
        _refers("call_pk", "calls"),
        sa.Column("send_to_llm", sa.Boolean(), nullable=False),
        _moment("expires_at"),
        _moment("received_at", nullable=True),
        _text("content_type", nullable=True),
        _text("data", nullable=True),
        _moment("told_at", nullable=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_external_events"),
    )
    op.create_index("ix_external_events_call_pk", "external_events", ["call_pk"])


def _create_exports() -> None:
    op.create_table(
        "exports",
        sa.Column("pk", _KEY, nullable=False),
        _account(),
        sa.Column("id", sa.String(24), nullable=False),
        _text("wanted"),
        sa.Column("state", sa.String(10), nullable=False),
        _text("progress"),
        _text("manifest", nullable=True),
        _text("error", nullable=True),
        _text("created_by", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("pk", name="pk_exports"),
        sa.UniqueConstraint("id", name="uq_exports_id"),
    )
    op.create_index("ix_exports_account_pk_pk", "exports", ["account_pk", "pk"])
    op.create_index("ix_exports_expires_at", "exports", ["expires_at"])
    op.create_table(
        "export_files",
        _refers("export_pk", "exports"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("export_pk", "name", name="pk_export_files"),
        sqlite_with_rowid=False,
    )


def _create_vectors() -> None:
    op.create_table(
        "vector_spaces",
        sa.Column("pk", _KEY, nullable=False),
        _account(),
        _text("model"),
        _count("dimensions"),
        sa.Column("content", sa.LargeBinary()),
        _count("learned_from"),
        _text("progress"),
        _moment("created_at"),
        _moment("ready_at", nullable=True),
        sa.PrimaryKeyConstraint("pk", name="pk_vector_spaces"),
    )
    op.create_index("ix_vector_spaces_account_pk_pk", "vector_spaces", ["account_pk", "pk"])
    op.create_table(
        "call_vectors",
        _refers("space_pk", "vector_spaces"),
        _refers("call_pk", "calls"),
        _count("revision"),
        _count("turns"),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space_pk", "call_pk", name="pk_call_vectors"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_vectors_call_pk", "call_vectors", ["call_pk"])


_TABLES = (
    "call_vectors",
    "vector_spaces",
    "export_files",
    "exports",
    "external_events",
    "audit_events",
    "api_settings",
    "key_minutes",
)


def downgrade() -> None:
    # The version before knows neither agents of a key, which would then open every agent, nor rules that watch calls.
    now = int(time.time() * 1_000_000)
    op.execute(f"UPDATE api_keys SET revoked_at = {now} WHERE agents IS NOT NULL AND revoked_at IS NULL")
    op.execute("DELETE FROM webhook_subscriptions WHERE event IN ('alerts.triggered', 'alerts.resolved')")
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_conversations_shared_id", "conversations")
    for table, columns in (
        ("conversations", ("shared_id",)),
        ("webhooks", ("timeout_ms", "secret_before_until", "secret_before")),
        ("api_keys", ("last_used_at", "created_by", "per_minute", "agents")),
    ):
        for column in columns:
            op.drop_column(table, column)
