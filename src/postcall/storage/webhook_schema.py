"""The tables of what is told to others by HTTP: webhooks, call actions and every delivery; types are in `schema`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from postcall.storage.schema import BigKey, JsonText, Moment, metadata

_WAITING = sa.text("state = 'waiting'")
_SENDING = sa.text("state = 'sending'")
_DEAD = sa.text("state = 'dead'")
_OVER = sa.text("state IN ('delivered', 'dead')")

webhooks = Table(
    "webhooks",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    # Whose payloads and signature it gets: the name of a format.
    Column("format", String(10), nullable=False),
    # What its deliveries are signed with, sealed like the secrets of agents.
    Column("secret", LargeBinary, nullable=False),
    # The one before it, by which deliveries are signed as well until then.
    Column("secret_before", LargeBinary),
    Column("secret_before_until", Moment),
    Column("headers", JsonText, nullable=False),
    # How long an attempt may take; None: as long as any.
    Column("timeout_ms", Integer),
    Column("enabled", Boolean, nullable=False),
    Column("deleted_at", Moment),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "account_pk", "pk"),
)

webhook_subscriptions = Table(
    "webhook_subscriptions",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("webhook_pk", ForeignKey("webhooks.pk", ondelete="CASCADE"), nullable=False),
    # None: the calls of every agent of the account.
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE")),
    Column("event", String(30), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "agent_pk", "event"),
    Index(None, "webhook_pk"),
)

call_actions = Table(
    "call_actions",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), nullable=False),
    Column("category", String(20), nullable=False),
    Column("provider", String(100), nullable=False),
    Column("action_type", String(20)),
    Column("object", Text),
    Column("config", JsonText, nullable=False),
    Column("secret", LargeBinary),
    Column("deleted_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "agent_pk", "category"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("pk", BigKey, primary_key=True),
    # What the receiver knows it by: the same with every attempt.
    Column("id", String(24), nullable=False, unique=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    # Where it goes: one of these two.
    Column("webhook_pk", ForeignKey("webhooks.pk", ondelete="CASCADE")),
    Column("action_pk", ForeignKey("call_actions.pk", ondelete="CASCADE")),
    # None: a test.
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE")),
    Column("event", String(30), nullable=False),
    # What is sent, byte for byte the same with every attempt; null until it is first read from the call.
    Column("body", Text),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("lease", String(32)),
    Column("leased_until", Moment),
    # How the latest attempt ended.
    Column("status", Integer),
    Column("error", Text),
    Column("latency_ms", Integer),
    # The delivery that this one repeats, because somebody asked for it.
    Column("replay_of", String(24)),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    # What each receiver has to get next, which log rows are old, who holds what, and what never arrived.
    *(
        Index(f"ix_deliveries_waiting_{name}", name, "due_at", "pk", sqlite_where=_WAITING, postgresql_where=_WAITING)
        for name in ("webhook_pk", "action_pk")
    ),
    Index("ix_deliveries_sending", "leased_until", sqlite_where=_SENDING, postgresql_where=_SENDING),
    Index("ix_deliveries_dead", "account_pk", "pk", sqlite_where=_DEAD, postgresql_where=_DEAD),
    Index("ix_deliveries_over", "updated_at", sqlite_where=_OVER, postgresql_where=_OVER),
    Index(None, "webhook_pk", "pk"),
    Index(None, "action_pk", "pk"),
    Index(None, "call_pk", "pk"),
    Index(None, "account_pk", "pk"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("delivery_pk", ForeignKey("deliveries.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("latency_ms", Integer),
    # The beginning of what the receiver answered.
    Column("answer", Text),
    sqlite_with_rowid=False,
)
