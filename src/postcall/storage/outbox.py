"""What was asked to leave the house: messages and handoffs of hosted calls, and how far each has come.

A provider without idempotency keys may get a message once at most. So that a message is being sent is committed before
its first byte leaves (`begin_sending`); whoever finds it so later, without a word of its sender, cannot know whether it
went out and says so (`uncertain`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.conversations import OutboxItem, OutboxKind, OutboxState, Outgoing
from postcall.domain.folding import storable
from postcall.domain.ids import new_outbox_id
from postcall.errors import Conflict, OutboxItemNotFound
from postcall.storage.hosted_schema import outbox
from postcall.storage.jobs import add_job
from postcall.storage.schema import calls
from postcall.storage.statements import lock_row

SEND = "send"
"""The kind of job that sends one message."""

_AGAIN = frozenset({OutboxState.RECORDED, OutboxState.FAILED, OutboxState.UNCERTAIN})


def may_be_sent_again(item: OutboxItem) -> bool:
    """Whether somebody may send it on purpose: others are on their way or have arrived."""
    return item.state in _AGAIN


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message with the turn that asked for it."""

    item: OutboxItem
    turn: int


def add_outgoing(
    connection: Connection,
    call_pk: int,
    turn: int,
    outgoings: Sequence[Outgoing],
    *,
    sendable: Callable[[Outgoing], bool],
    now: datetime,
) -> list[str]:
    """Keep what a turn asked for, in the transaction that stores the turn; returns the ids in the same order.

    What `sendable` says can be sent gets a job; the rest stays `recorded`.
    """
    ids = []
    for outgoing in outgoings:
        item_id, queued = new_outbox_id(), sendable(outgoing)
        connection.execute(
            _INSERT,
            {
                "id": item_id,
                "call_pk": call_pk,
                "turn": turn,
                "kind": outgoing.kind.value,
                "recipient": storable(outgoing.to),
                "content": _dump(outgoing),
                "state": OutboxState.QUEUED.value if queued else OutboxState.RECORDED.value,
                "attempts": 0,
                "created_at": now,
                "updated_at": now,
            },
        )
        if queued:
            add_job(connection, SEND, {"outbox": item_id}, call_pk=call_pk, now=now)
        ids.append(item_id)
    return ids


_INSERT = sa.insert(outbox)


def outbox_of_call(connection: Connection, call_pk: int) -> tuple[OutboxRow, ...]:
    """Everything that a call asked to send, in the order in which it did."""
    rows = connection.execute(sa.select(outbox).where(outbox.c.call_pk == call_pk).order_by(outbox.c.pk))
    return tuple(OutboxRow(_read(row), row.turn) for row in rows)


def find_outgoing(connection: Connection, item_id: str) -> OutboxItem:
    """One message, whoever's it is; for the sender. OutboxItemNotFound where its call has gone."""
    row = connection.execute(sa.select(outbox).where(outbox.c.id == item_id)).one_or_none()
    if row is None:
        raise OutboxItemNotFound(item_id)
    return _read(row)


def begin_sending(connection: Connection, item_id: str, *, now: datetime) -> int | None:
    """Say that it is being sent from now on; the number of this attempt, or None where it is not to be sent.

    Only what is `queued` may be sent. What another sender left in the middle becomes `uncertain` here.
    """
    row = connection.execute(lock_row(connection, sa.select(outbox).where(outbox.c.id == item_id))).one_or_none()
    if row is None:
        return None
    if row.state == OutboxState.SENDING:
        _set(connection, item_id, OutboxState.UNCERTAIN, INTERRUPTED, now=now)
    if row.state != OutboxState.QUEUED:
        return None
    attempt = int(row.attempts) + 1
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == item_id)
        .values(state=OutboxState.SENDING.value, attempts=attempt, error=None, updated_at=now)
    )
    return attempt


INTERRUPTED = "it was being sent when the sender stopped, so perhaps it went out; it is not sent again by itself"


def settle_sending(
    connection: Connection,
    item_id: str,
    attempt: int,
    state: OutboxState,
    *,
    error: str | None = None,
    now: datetime,
) -> bool:
    """How an attempt ended: sent, failed, uncertain, or queued to be tried again.

    A word that comes late, after the attempt was given up as uncertain, still counts; one about an attempt that was
    followed by another does not, and the answer is False. So does `queued` then: by itself nothing is sent again.
    """
    open_ = [OutboxState.SENDING.value]
    if state is not OutboxState.QUEUED:
        open_.append(OutboxState.UNCERTAIN.value)
    changed = connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == item_id, outbox.c.attempts == attempt, outbox.c.state.in_(open_))
        .values(state=state.value, error=storable(error)[:_MAX_ERROR] if error else None, updated_at=now)
    )
    return changed.rowcount == 1


_MAX_ERROR = 1_000


def give_up_sending(connection: Connection, item_id: str, error: str, *, now: datetime) -> None:
    """No attempt is left: what waits has failed, what was left in the middle is uncertain, the rest stays."""
    row = connection.execute(
        lock_row(connection, sa.select(outbox.c.state).where(outbox.c.id == item_id))
    ).one_or_none()
    if row is None:
        return
    if row.state == OutboxState.QUEUED:
        _set(connection, item_id, OutboxState.FAILED, error, now=now)
    elif row.state == OutboxState.SENDING:
        _set(connection, item_id, OutboxState.UNCERTAIN, INTERRUPTED, now=now)


def send_again(
    connection: Connection,
    account_pk: int,
    item_id: str,
    *,
    sendable: Callable[[Outgoing], bool],
    now: datetime,
) -> OutboxItem:
    """Send a message that was recorded, refused or is uncertain, because somebody says so; perhaps a second time."""
    mine = (
        sa.select(outbox)
        .join(calls, calls.c.pk == outbox.c.call_pk)
        .where(outbox.c.id == item_id, calls.c.account_pk == account_pk)
    )
    row = connection.execute(_lock(connection, mine)).one_or_none()
    if row is None:
        raise OutboxItemNotFound(item_id)
    item = _read(row)
    if not may_be_sent_again(item):
        raise Conflict(f"the message {item_id!r} is {item.state}, so it is not sent again")
    if not sendable(item.outgoing):
        raise Conflict(f"nothing is configured that could send this {item.outgoing.kind}")
    _set(connection, item_id, OutboxState.QUEUED, None, now=now)
    add_job(connection, SEND, {"outbox": item_id}, call_pk=row.call_pk, now=now)
    return find_outgoing(connection, item_id)


def _lock(connection: Connection, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Like lock_row, for the message alone: its call goes on being written."""
    return statement.with_for_update(of=outbox) if connection.dialect.name == "postgresql" else statement


def _set(connection: Connection, item_id: str, state: OutboxState, error: str | None, *, now: datetime) -> None:
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == item_id)
        .values(state=state.value, error=storable(error)[:_MAX_ERROR] if error else None, updated_at=now)
    )


def _dump(outgoing: Outgoing) -> dict[str, Any]:
    """The content, with the one field that has no column."""
    kept: dict[str, Any] = {"content": outgoing.content}
    if outgoing.retry_count is not None:
        kept["retry_count"] = outgoing.retry_count
    return kept


def _read(row: Row[Any]) -> OutboxItem:
    return OutboxItem(
        id=row.id,
        outgoing=Outgoing(
            kind=OutboxKind(row.kind),
            to=row.recipient,
            content=row.content["content"],
            retry_count=row.content.get("retry_count"),
        ),
        state=OutboxState(row.state),
        error=row.error,
        attempts=row.attempts,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
