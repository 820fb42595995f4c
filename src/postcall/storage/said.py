"""What was said in calls, with as much of each call as one needs to show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import Transcript, Turn
from postcall.storage.conversation_rows import read_transcripts
from postcall.storage.schema import agents, calls


@dataclass(frozen=True, slots=True)
class Said:
    """The words of one call."""

    call_id: str
    agent: str
    """The agent's slug."""
    started_at: datetime
    language: str | None
    """A BCP 47 tag."""
    turns: Transcript


# With the plus, SQLite goes from the calls to their agents; it would else look through every call of the few agents.
_AGENT = sa.literal_column("+calls.agent_pk", sa.BigInteger)
_CALL: sa.Select[Any] = sa.select(
    calls.c.pk, calls.c.id, calls.c.started_at, calls.c.language, agents.c.slug
).join_from(calls, agents, agents.c.pk == _AGENT)


def read_said(connection: Connection, call_pks: Sequence[int]) -> tuple[Said, ...]:
    """The words of the calls of these keys, in the order given; one that is gone is left out."""
    rows = {row.pk: row for row in connection.execute(_CALL.where(calls.c.pk.in_(call_pks)))}
    words = read_transcripts(connection, call_pks)
    return tuple(_said(rows[pk], words.get(pk, ())) for pk in call_pks if pk in rows)


def read_said_of(connection: Connection, account_pk: int, call_id: str) -> Said | None:
    """The words of one call; None where the account has no such call."""
    row = connection.execute(_CALL.where(calls.c.account_pk == account_pk, calls.c.id == call_id)).one_or_none()
    return None if row is None else _said(row, read_transcripts(connection, [row.pk]).get(row.pk, ()))


def _said(row: Row[Any], words: Sequence[Turn]) -> Said:
    return Said(row.id, row.slug, row.started_at, row.language, tuple(words))
