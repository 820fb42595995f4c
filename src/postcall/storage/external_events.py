"""What others send to a conversation while it goes on, to ids that its functions gave out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import LIVE, CallStatus
from postcall.domain.conversations import CallEvent, EventKind
from postcall.errors import ConversationOver, NotFound
from postcall.storage.access_schema import external_events
from postcall.storage.schema import calls
from postcall.storage.statements import insert_new, lock_row

LIFE = timedelta(hours=1)
"""How long something may be sent to an id."""
GIVEN_OUT = "external_event"
"""What the event is about by which a conversation tells that it has given out an id."""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """What somebody sent."""

    id: str
    send_to_llm: bool
    """The model is told too; else only functions see it."""
    received_at: datetime
    content_type: str | None
    data: str


def keep_given_out(connection: Connection, call_pk: int, events: Iterable[CallEvent]) -> None:
    """Take what is sent to the ids that these events tell of."""
    for event in events:
        given = event.content.get("value")
        if event.kind is not EventKind.SETTING or event.content.get("setting") != GIVEN_OUT:
            continue
        if isinstance(given, dict) and isinstance(given.get("ext_event_id"), str):
            row = {
                "id": given["ext_event_id"],
                "call_pk": call_pk,
                "send_to_llm": bool(given.get("send_to_llm")),
                "expires_at": event.at + LIFE,
                "created_at": event.at,
            }
            insert_new(connection, external_events, row, returning=external_events.c.call_pk)


def receive_event(
    connection: Connection,
    agent_pk: int,
    event_id: str,
    data: str,
    *,
    content_type: str | None,
    now: datetime,
) -> bool:
    """Keep what was sent, for the next turn of the conversation; False where something else was sent to this id before.

    The same again changes nothing. Raises NotFound for an id that no conversation of this agent has given out or that
    has expired, and ConversationOver.
    """
    row = _find(connection, agent_pk, event_id)
    if row is None:
        raise NotFound(f"no conversation of this project waits for an external event {event_id!r}")
    if row.received_at is not None:
        return bool(row.data == data)
    if row.expires_at <= now:
        raise NotFound(f"the external event {event_id!r} has expired: an id is good for an hour")
    if CallStatus(row.status) not in LIVE:
        raise ConversationOver(row.call_id)
    connection.execute(
        sa.update(external_events)
        .where(external_events.c.id == event_id)
        .values(received_at=now, data=data, content_type=content_type)
    )
    return True


def _find(connection: Connection, agent_pk: int, event_id: str) -> Row[Any] | None:
    """The id's row, with its call held: it may be ending just now."""
    found = (
        sa.select(external_events, calls.c.status, calls.c.id.label("call_id"))
        .join_from(external_events, calls)
        .where(external_events.c.id == event_id, calls.c.agent_pk == agent_pk)
    )
    return connection.execute(lock_row(connection, found)).one_or_none()


def untold_events(connection: Connection, call_pk: int) -> tuple[ReceivedEvent, ...]:
    """What has come since the conversation's last turn began, in the order in which it came."""
    rows = connection.execute(
        sa.select(external_events)
        .where(
            external_events.c.call_pk == call_pk,
            external_events.c.received_at.is_not(None),
            external_events.c.told_at.is_(None),
        )
        .order_by(external_events.c.received_at, external_events.c.id)
    )
    return tuple(
        ReceivedEvent(row.id, row.send_to_llm, row.received_at, row.content_type, row.data or "") for row in rows
    )


def say_told(connection: Connection, event_ids: Collection[str], *, now: datetime) -> None:
    """The conversation has taken these in; to be written together with the turn that did."""
    if event_ids:
        connection.execute(sa.update(external_events).where(external_events.c.id.in_(event_ids)).values(told_at=now))
