"""By which id other systems ask for a conversation's state after a handoff."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.visibility import HandoffApi, shared_id_of
from postcall.storage.hosted_schema import conversations
from postcall.storage.schema import calls

READ_AGAIN = timedelta(days=30)
"""Calls that began longer ago are not found by a key that was chosen later: nobody takes over from them any more."""
_BLOCK = 500


def find_by_shared_id(connection: Connection, agent_pk: int, shared_id: str) -> str | None:
    """The id of the agent's newest call with this shared id."""
    found: str | None = connection.execute(
        sa.select(calls.c.id)
        .join_from(conversations, calls)
        .where(conversations.c.shared_id == shared_id, calls.c.agent_pk == agent_pk)
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found


def read_shared_ids_again(connection: Connection, agent_pk: int, settings: HandoffApi, *, now: datetime) -> None:
    """Give the agent's calls the ids that these settings mean, in place of those they had.

    To be called by whoever holds the agent (`lock_agent`), or a turn that is stored meanwhile keeps the old one.
    """
    mine = sa.select(calls.c.pk).where(calls.c.agent_pk == agent_pk)
    connection.execute(
        sa.update(conversations)
        .where(conversations.c.shared_id.is_not(None), conversations.c.call_pk.in_(mine))
        .values(shared_id=None)
    )
    after = 0
    recent = (
        sa.select(conversations.c.call_pk, conversations.c.state)
        .join_from(conversations, calls)
        .where(calls.c.agent_pk == agent_pk, calls.c.started_at >= now - READ_AGAIN)
        .order_by(conversations.c.call_pk)
        .limit(_BLOCK)
    )
    change = sa.update(conversations).where(conversations.c.call_pk == sa.bindparam("pk"))
    while rows := connection.execute(recent.where(conversations.c.call_pk > after)).all():
        after = rows[-1].call_pk
        found = [{"pk": row.call_pk, "shared": shared_id_of(settings, row.state)} for row in rows]
        if known := [each for each in found if each["shared"] is not None]:
            connection.execute(change.values(shared_id=sa.bindparam("shared")), known)
