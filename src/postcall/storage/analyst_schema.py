"""The tables of what the analyst was asked, in the same record; types are in `schema`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from postcall.storage.schema import BigKey, JsonText, Moment, metadata

analyst_threads = Table(
    "analyst_threads",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("account_pk", ForeignKey("accounts.pk"), nullable=False),
    Column("id", String(24), nullable=False, unique=True),
    # Whoever asked: nobody else reads it, since answers hold what that one may see.
    Column("owner", Text, nullable=False),
    # Its first question.
    Column("title", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "account_pk", "owner", "updated_at"),
)

analyst_questions = Table(
    "analyst_questions",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("thread_pk", ForeignKey("analyst_threads.pk", ondelete="CASCADE"), nullable=False),
    # From 1.
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("agent", Text),
    Column("time_zone", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    # How it was read; None where nobody could read it.
    Column("reading", JsonText),
    Column("answer", JsonText, nullable=False),
    UniqueConstraint("thread_pk", "number"),
)

analyst_readings = Table(
    "analyst_readings",
    metadata,
    Column("pk", BigKey, primary_key=True),
    Column("call_pk", ForeignKey("calls.pk", ondelete="CASCADE"), nullable=False),
    # Of the question, the model and how it was asked.
    Column("question", String(64), nullable=False),
    # Of the turns that were read: a call that changed is read anew.
    Column("transcript", String(64), nullable=False),
    # What it says of the question: turns, quotes, labels.
    Column("points", JsonText, nullable=False),
    Column("read_at", Moment, nullable=False, index=True),
    UniqueConstraint("call_pk", "question"),
)
