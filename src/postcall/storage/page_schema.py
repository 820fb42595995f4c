"""The tables of whoever works with the pages: people, dashboards, views and remarks."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from postcall.storage.schema import BigKey, JsonText, Moment, metadata

users = Table(
    "users",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("email", String(255), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(10), nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_pk", ForeignKey("users.pk", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

dashboards = Table(
    "dashboards",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("published", JsonText, nullable=False),
    Column("draft", JsonText),
    Column("revision", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "account_pk", "position"),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Index(None, "account_pk", "pk"),
)

remarks = Table(
    "remarks",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("turn", Integer),
    Column("kind", String(30), nullable=False),
    Column("reason", String(30)),
    Column("text", Text, nullable=False),
    Column("who", Text),
    Column("at", Moment, nullable=False),
    Index(None, "call_pk", "pk"),
)
