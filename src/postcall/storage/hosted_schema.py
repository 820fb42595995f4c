"""The tables of calls that postcall hosts, in the same record; `storage/schema.py` has the others and the types."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from postcall.storage.schema import BigKey, JsonText, Moment, metadata

projects = Table(
    "projects",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("problems", JsonText, nullable=False),
    Column("summary", JsonText, nullable=False),
    Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("account_pk", "digest"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("turn", Integer, nullable=False),
    Column("snapshot", LargeBinary, nullable=False),
    Column("state", JsonText, nullable=False),
    # No metric write gets a position below this: they were given to writes that have been taken back, and whoever
    # follows the call has seen them.
    Column("next_metric", Integer, nullable=False),
    # Who is at its next turn, and until when nobody else may be.
    Column("lease", String(32)),
    Column("leased_until", Moment),
    # What its agent's settings call the shared id: by it other systems ask for the state after a handoff.
    Column("shared_id", Text),
    Index(
        "ix_conversations_shared_id",
        "shared_id",
        sqlite_where=sa.text("shared_id IS NOT NULL"),
        postgresql_where=sa.text("shared_id IS NOT NULL"),
    ),
)

call_events = Table(
    "call_events",
    metadata,
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("is_pii", Boolean, nullable=False),
    Column("failed", Boolean, nullable=False),
    Index(
        "ix_call_events_failed",
        "call_pk",
        sqlite_where=sa.text("failed"),
        postgresql_where=sa.text("failed"),
    ),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("state", String(10), nullable=False),
    Column("error", Text),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "call_pk", "pk"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("name", String(200), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

real_time_configs = Table(
    "real_time_configs",
    metadata,
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("environment", String(20), primary_key=True),
    Column("schema", JsonText, nullable=False),
    Column("data", JsonText, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

caller_memories = Table(
    "caller_memories",
    metadata,
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("caller", String(64), primary_key=True),
    Column("data", JsonText, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
