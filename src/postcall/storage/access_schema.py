"""The tables of who may see what, of who did, and of what leaves in files; types are in `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from postcall.storage.schema import BigKey, JsonText, Moment, metadata

key_minutes = Table(
    "key_minutes",
    metadata,
    # How often a key was used in the minute in which it was last used, for each limit that it has.
    Column("key_pk", ForeignKey("api_keys.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("limited", String(20), primary_key=True),
    # Minutes since 1970.
    Column("minute", BigInteger, nullable=False),
    Column("requests", Integer, nullable=False),
    sqlite_with_rowid=False,
)

api_settings = Table(
    "api_settings",
    metadata,
    # An agent without a row shows everything.
    Column("agent_pk", ForeignKey("agents.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("show_transcripts", Boolean, nullable=False),
    # The names that replies may hold; None: every one.
    Column("response_metrics", JsonText),
    Column("handoff", JsonText, nullable=False),
    Column("updated_by", Text),
    Column("updated_at", Moment, nullable=False),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("at", Moment, nullable=False),
    # Who: a key, a person, whoever sits at the machine, or a command.
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", String(24)),
    Column("actor", Text),
    # What they did, to what.
    Column("action", String(20), nullable=False),
    Column("subject_kind", String(30), nullable=False),
    Column("subject", Text),
    # The slug of the agent that it belongs to.
    Column("agent", Text),
    # By which request or command, and what was answered.
    Column("request", Text, nullable=False),
    Column("status", Integer),
    # How often within the minute: of what comes by the thousand, such as calls handed in.
    Column("times", Integer, nullable=False),
    Index(None, "account_pk", "pk"),
    Index(None, "account_pk", "actor_id", "pk"),
    Index(None, "account_pk", "subject", "pk"),
    Index(None, "at"),
)

external_events = Table(
    "external_events",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), nullable=False),
    Column("send_to_llm", Boolean, nullable=False),
    Column("expires_at", Moment, nullable=False),
    # Null until somebody has sent it.
    Column("received_at", Moment),
    Column("content_type", Text),
    Column("data", Text),
    # Set when the conversation has taken it in.
    Column("told_at", Moment),
    Column("created_at", Moment, nullable=False),
    Index(None, "call_pk"),
)

exports = Table(
    "exports",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    Column("wanted", JsonText, nullable=False),
    Column("state", String(10), nullable=False),
    # How far it has come, from which whoever takes it up goes on.
    Column("progress", JsonText, nullable=False),
    # The whole of it once it is finished.
    Column("manifest", JsonText),
    Column("error", Text),
    Column("created_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    # When its files are thrown away.
    Column("expires_at", Moment),
    Index(None, "account_pk", "pk"),
    Index(None, "expires_at"),
)

export_files = Table(
    "export_files",
    metadata,
    Column("export_pk", ForeignKey("exports.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("name", String(100), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

vector_spaces = Table(
    "vector_spaces",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    # `built-in`, or what the endpoint calls its model.
    Column("model", Text, nullable=False),
    Column("dimensions", Integer, nullable=False),
    # What turns a text into a vector, where we learned it ourselves; from so many calls.
    Column("content", LargeBinary),
    Column("learned_from", Integer, nullable=False),
    # Calls up to this key, and changes up to this moment, have vectors.
    Column("progress", JsonText, nullable=False),
    Column("created_at", Moment, nullable=False),
    # The newest one is searched once this is set.
    Column("ready_at", Moment),
    Index(None, "account_pk", "pk"),
)

call_vectors = Table(
    "call_vectors",
    metadata,
    Column("space_pk", ForeignKey("vector_spaces.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    # Of how many turns it was made: of a call that goes on, it is made again.
    Column("turns", Integer, nullable=False),
    # Little-endian halves (IEEE 754, 2 bytes), of length 1.
    Column("vector", LargeBinary, nullable=False),
    Index(None, "call_pk"),
    sqlite_with_rowid=False,
)
