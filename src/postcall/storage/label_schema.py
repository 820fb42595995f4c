"""The tables of what people and learned heads say of answers; types are in `schema`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from postcall.storage.schema import BigKey, JsonText, Moment, metadata

labels = Table(
    "labels",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("identifier", String(100), nullable=False),
    Column("type", String(10), nullable=False),
    Column("value", JsonText),
    Column("verdict", String(10), nullable=False),
    Column("who", Text),
    Column("why", Text),
    Column("at", Moment, nullable=False),
    Column("extraction_id", String(24)),
    Index(None, "call_pk", "pk"),
    Index(None, "account_pk", "at"),
)

heads = Table(
    "heads",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), nullable=False),
    Column("identifier", String(100), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("content", LargeBinary),
    Column("card", JsonText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index(None, "agent_pk", "digest"),
)
