"""What the list of calls shows besides the calls themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.schema import calls


@dataclass(frozen=True, slots=True)
class Talk:
    """How much was said in a call."""

    user_turns: int
    agent_turns: int
    latency_s: float | None
    """How long the agent took to answer, on average."""


def has_calls(connection: Connection, account_pk: int) -> bool:
    """Whether the account has any call at all."""
    found = sa.select(sa.literal(1)).where(calls.c.account_pk == account_pk).limit(1)
    return connection.execute(found).first() is not None


def read_talk(connection: Connection, account_pk: int, call_ids: Sequence[str]) -> dict[str, Talk]:
    """How much was said in each of these calls, by their ids."""
    rows = connection.execute(
        sa.select(calls.c.id, calls.c.user_turns, calls.c.agent_turns, calls.c.latency_s).where(
            calls.c.account_pk == account_pk, calls.c.id.in_(call_ids)
        )
    )
    return {row.id: Talk(row.user_turns, row.agent_turns, row.latency_s) for row in rows}
