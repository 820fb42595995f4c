"""The tables of calls that postcall places: numbers, audiences, campaigns, whom not to call."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from postcall.storage.schema import BigKey, JsonText, Moment, metadata

phone_numbers = Table(
    "phone_numbers",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("number", String(20), nullable=False),
    # Which carrier places calls from it.
    Column("carrier", String(20), nullable=False),
    # The agent that takes its calls, and calls from it where a call names no other.
    Column("agent_pk", ForeignKey("agents.pk", ondelete="SET NULL")),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sa.UniqueConstraint("account_pk", "number"),
)

audiences = Table(
    "audiences",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("phone_column", Text, nullable=False),
    Column("identifier_column", Text),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "account_pk", "pk"),
)

audience_members = Table(
    "audience_members",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("audience_pk", ForeignKey("audiences.pk", ondelete="CASCADE"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    # E.164, whatever its column in `data` says.
    Column("phone", String(20), nullable=False),
    # Every column as it came, by its heading.
    Column("data", JsonText, nullable=False),
    Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("audience_pk", "phone"),
    Index(None, "audience_pk", "pk"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), nullable=False),
    # Gone with its audience only where it has been deleted itself: its members are copies.
    Column("audience_pk", ForeignKey("audiences.pk", ondelete="SET NULL")),
    Column("audience_id", String(24), nullable=False),
    Column("audience_name", Text, nullable=False),
    # Ids of the numbers to call from, in turn; none: the agent's, else the account's first.
    Column("number_ids", JsonText, nullable=False),
    Column("max_retries", Integer, nullable=False),
    Column("retry_delay_s", Integer, nullable=False),
    # {"start": "09:00", "end": "20:00", "days": [1..7]} in the callee's time zone; null: at any time.
    Column("calling_hours", JsonText),
    Column("status", String(20), nullable=False),
    # The job that takes its steps shows this; one that shows another was left over from before a pause or a stop.
    Column("runner", String(36)),
    Column("scheduled_at", Moment),
    Column("started_at", Moment),
    Column("paused_at", Moment),
    Column("failed_at", Moment),
    Column("finished_at", Moment),
    Column("error", Text),
    Column("cancelled_calls", Integer, nullable=False),
    Column("deleted_at", Moment),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "account_pk", "pk"),
    Index(None, "agent_pk"),
    Index(None, "audience_pk"),
)

campaign_members = Table(
    "campaign_members",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("campaign_pk", ForeignKey("campaigns.pk", ondelete="CASCADE"), nullable=False),
    # Of the audience's member that it was copied from when the campaign began.
    Column("member_id", String(24), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("data", JsonText, nullable=False),
    Column("state", String(10), nullable=False),
    # Calls placed so far.
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    # The latest call to it.
    Column("call_pk", ForeignKey("calls.pk", ondelete="SET NULL")),
    Column("updated_at", Moment, nullable=False),
    sa.UniqueConstraint("campaign_pk", "member_id"),
    Index(None, "campaign_pk", "pk"),
    Index(None, "campaign_pk", "state", "due_at", "pk"),
    Index(None, "call_pk"),
)

campaign_events = Table(
    "campaign_events",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("campaign_pk", ForeignKey("campaigns.pk", ondelete="CASCADE"), nullable=False),
    Column("id", String(24), nullable=False),
    Column("action", String(20), nullable=False),
    # Who made it happen: `system`, or the name of a user or key.
    Column("source", Text, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "campaign_pk", "pk"),
)

outbound_calls = Table(
    "outbound_calls",
    metadata,
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("campaign_pk", ForeignKey("campaigns.pk", ondelete="SET NULL")),
    Column("member_pk", ForeignKey("campaign_members.pk", ondelete="SET NULL")),
    # 0 for the first call to somebody, then 1, 2, ...
    Column("attempt", Integer, nullable=False),
    # The first call to this person, where this is not it.
    Column("root_pk", ForeignKey("calls.pk", ondelete="SET NULL")),
    Column("number_id", String(24)),
    Column("carrier", String(20), nullable=False),
    # How far the dialling has come: queued, dialling, talking, over.
    Column("state", String(10), nullable=False),
    # Why it failed, in words.
    Column("failure", Text),
    Column("cost", Float),
    Column("test", Boolean, nullable=False),
    Column("answered_at", Moment),
    Column("created_at", Moment, nullable=False),
    Index(None, "campaign_pk", "call_pk"),
    Index(None, "member_pk"),
    Index(None, "root_pk"),
    *(
        Index(name, column, sqlite_where=sa.text("attempt > 0"), postgresql_where=sa.text("attempt > 0"))
        for name, column in (("ix_outbound_calls_again", "call_pk"), ("ix_outbound_calls_retries", "campaign_pk"))
    ),
    Index(
        "ix_outbound_calls_open",
        "state",
        sqlite_where=sa.text("state <> 'over'"),
        postgresql_where=sa.text("state <> 'over'"),
    ),
)

do_not_call = Table(
    "do_not_call",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    # None: by none of the account's agents.
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE")),
    Column("id", String(24), nullable=False, unique=True),
    Column("phone", String(20), nullable=False),
    Column("source", String(20), nullable=False),
    Column("call_pk", ForeignKey("calls.pk", ondelete="SET NULL")),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "account_pk", "phone"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("webcall", Integer, nullable=False),
    Column("outbound", Integer, nullable=False),
    Column("inbound", Integer, nullable=False),
    Column("chat", Integer, nullable=False),
)

recordings = Table(
    "recordings",
    metadata,
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("media_type", String(100), nullable=False),
    # The audio itself, or where it is kept.
    Column("content", LargeBinary),
    Column("url", Text),
    Column("size", Integer),
    # What short-lived addresses of it are signed with.
    Column("key", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)
