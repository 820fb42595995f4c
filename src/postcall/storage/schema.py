"""The tables of the record, the same on SQLite and PostgreSQL.

Moments are whole microseconds since 1970 in UTC: one integer compares and sorts alike on both databases. JSON is text
for the same reason, and because PostgreSQL's own type refuses some strings that callers say.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class JsonText(TypeDecorator[Any]):
    """Any JSON value, stored as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else msgspec.json.decode(value)


BigKey = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only under the exact type INTEGER."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("id", String(100), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("shown", String(20), nullable=False),
    Column("scopes", JsonText, nullable=False),
    # The keys of the agents it is for; None: every agent there is and will be.
    Column("agents", JsonText),
    # Requests a minute at most.
    Column("per_minute", Integer),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    # To the minute.
    Column("last_used_at", Moment),
)

agents = Table(
    "agents",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False),
    Column("slug", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("active_version", Integer, nullable=False),
    Column("description", Text),
    # What else is known of it that no version holds: a picture, who may see it.
    Column("profile", JsonText),
    Column("archived_at", Moment),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment),
    sa.UniqueConstraint("account_pk", "id"),
    sa.UniqueConstraint("account_pk", "slug"),
    sqlite_autoincrement=True,  # a removed agent's key never comes back, so that keys can be remembered
)

versions = Table(
    "versions",
    metadata,
    Column("agent_pk", ForeignKey("agents.pk"), primary_key=True),
    # From 1; below 0 are those that were never published, only called to try a draft.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("config", JsonText, nullable=False),
    Column("label", Text),
    Column("description", Text),
    Column("pinned", Boolean, nullable=False, server_default=sa.false()),
    # None: the branch that every agent begins with.
    Column("branch_id", String(24)),
    # The number of the version that it was made from.
    Column("parent", Integer),
    # The id of the draft that it was; what was saved in it stays in `draft_edits`.
    Column("draft_id", String(24)),
    # The number of the version of which it is a copy.
    Column("restored_from", Integer),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("activated_by", Text),
    Column("activated_at", Moment),
)

branches = Table(
    "branches",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    # The id of the branch that it came from, and the number of the version there.
    Column("source_id", String(24), nullable=False),
    Column("source_version", Integer, nullable=False),
    Column("archived_at", Moment),
    Column("created_by", Text),
    Column("updated_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "agent_pk"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("base_version", Integer, nullable=False),
    # The branch whose one open draft this is: its id; None for every other draft.
    Column("branch_id", String(24), unique=True),
    Column("config", JsonText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_by", Text),
    Column("updated_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "agent_pk"),
)

draft_edits = Table(
    "draft_edits",
    metadata,
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # Also of drafts that have been published.
    Column("draft_id", String(24), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("config", JsonText, nullable=False),
    Column("by", Text),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

metric_definitions = Table(
    "metric_definitions",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("type", String(10), nullable=False),
    Column("expected_values", JsonText, nullable=False),
    Column("definition", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("in_api", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sa.UniqueConstraint("agent_pk", "name"),
)

IS_LIVE = sa.text("status IN ('pending', 'in_progress')")
"""Word for word what the partial index says, or SQLite does not use it."""

calls = Table(
    "calls",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(200), nullable=False),
    Column("agent_pk", ForeignKey("agents.pk"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("direction", String(20), nullable=False),
    Column("from_number", Text),
    Column("to_number", Text),
    Column("started_at", Moment, nullable=False),
    Column("started_at_is_intake", Boolean, nullable=False),
    Column("ended_at", Moment),
    Column("duration_s", Float),
    Column("status", String(20), nullable=False),
    Column("language", Text),
    Column("environment", String(20), nullable=False),
    Column("variant", Text),
    Column("disconnection_reason", String(20)),
    Column("handoff_destination", Text),
    Column("handoff_reason", Text),
    Column("metadata", JsonText),
    Column("user_turns", Integer, nullable=False, server_default="0"),
    Column("agent_turns", Integer, nullable=False, server_default="0"),
    Column("latency_s", Float),
    Column("digest", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("current_extraction_pk", BigInteger),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sa.UniqueConstraint("account_pk", "id"),
    Index(None, "account_pk", "started_at", "pk"),
    Index(None, "agent_pk", "started_at", "pk"),
    Index(None, "account_pk", "updated_at", "pk"),
    Index(None, "agent_pk", "updated_at", "pk"),
    Index("ix_calls_live", "updated_at", sqlite_where=IS_LIVE, postgresql_where=IS_LIVE),
)

turns = Table(
    "turns",
    metadata,
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("role", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("start_s", Float),
    Column("at", Moment),
    Column("latency_s", Float),
    sqlite_with_rowid=False,
)

metric_events = Table(
    "metric_events",
    metadata,
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("value", JsonText, nullable=False),
    Column("source", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("flagged", Boolean, nullable=False),
    # Of a hosted call: the turn that wrote it, so that a turn that is run again does not write twice.
    Column("turn", Integer),
    sqlite_with_rowid=False,
)

extractions = Table(
    "extractions",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("failure_code", String(50)),
    Column("failure", Text),
    Column("analyser", String(20), nullable=False),
    Column("model", Text),
    Column("summary", Text, nullable=False),
    Column("usage", JsonText, nullable=False),
    Column("notes", JsonText, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment, nullable=False),
    Index(None, "call_pk", "pk"),
)

answers = Table(
    "answers",
    metadata,
    Column("extraction_pk", ForeignKey("extractions.pk", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("identifier", String(100), nullable=False),
    Column("type", String(10), nullable=False),
    Column("value", JsonText),
    Column("status", String(10), nullable=False),
    Column("confidence", Float),
    Column("calibrated", Boolean, nullable=False),
    Column("reasoning", Text, nullable=False),
    Column("evidence", JsonText, nullable=False),
    Column("kept_from", String(24)),
    Column("answered_by", String(10)),
    Column("second", JsonText),
    sqlite_with_rowid=False,
)

jobs = Table(
    "jobs",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE")),
    Column("payload", JsonText, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("run_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", String(32)),
    Column("leased_until", Moment),
    Column("last_error", Text),
    Column("created_at", Moment, nullable=False),
    Index(
        "ix_jobs_queued",
        "kind",
        "priority",
        "pk",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    ),
    Index(
        "ix_jobs_running",
        "leased_until",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    ),
    Index(None, "call_pk"),
)

answered_requests = Table(
    "answered_requests",
    metadata,
    Column("account_pk", ForeignKey("accounts.pk"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("answer", JsonText, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    sqlite_with_rowid=False,
)

changes = Table(
    "changes",
    metadata,
    Column("pk", BigKey, primary_key=True),
    # Who wrote it, by which PostgreSQL tells what is still open; nothing on SQLite, where one writes at a time.
    Column("xid", BigInteger, index=True),
    # Of what was changed, or is gone by now: so neither refers to a row.
    Column("call_pk", BigInteger),
    Column("agent_pk", BigInteger),
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,  # a key never comes back, also after the newest were forgotten
)
