"""The log of deliveries: what was told to whom, how that went, and telling it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.ids import new_object_id
from postcall.domain.webhooks import Delivery, DeliveryAttempt, DeliveryState
from postcall.errors import Conflict, DeliveryNotFound
from postcall.storage.delivery_rows import DEAD, DELIVERY_ROWS, OVER, read_delivery
from postcall.storage.schema import calls
from postcall.storage.statements import unindexed
from postcall.storage.webhook_schema import call_actions, deliveries, delivery_attempts, webhooks
from postcall.storage.webhooks import find_webhook_row

TEST = "test"
"""The event of deliveries that somebody sends to see whether they arrive; one attempt each."""
MOST_REPLAYED = 10_000
"""By one request."""
_OLD_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are wanted; None is no condition."""

    webhook_id: str | None = None
    action_id: str | None = None
    call_id: str | None = None
    event: str | None = None
    states: frozenset[DeliveryState] | None = None
    since: datetime | None = None
    """Queued then or later."""
    until: datetime | None = None
    """Queued before."""


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Some deliveries, the newest first, without their bodies."""

    deliveries: tuple[Delivery, ...]
    after: str | None
    """What to ask for to see the next page; None: there is none."""


@dataclass(frozen=True, slots=True)
class DeliveryFile:
    """All that is known of a delivery."""

    delivery: Delivery
    """With its body."""
    attempts: tuple[DeliveryAttempt, ...]
    """In the order in which they were made; one under way has neither status nor error."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay of many has queued."""

    count: int
    more: bool
    """Whether there were more than one request repeats."""
    last_at: datetime | None
    """When the last that is repeated was queued: what a request for the rest begins with."""


def list_deliveries(
    connection: Connection, account_pk: int, wanted: DeliveryFilter, *, after: str | None = None, limit: int = 50
) -> DeliveryPage:
    """A page of an account's deliveries; DeliveryNotFound where `after` names none."""
    query = _wanted(account_pk, wanted)
    if after is not None:
        query = query.where(deliveries.c.pk < _find(connection, account_pk, after).pk)
    rows = connection.execute(query.order_by(deliveries.c.pk.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    return DeliveryPage(
        tuple(read_delivery(row, body=False) for row in shown), shown[-1].id if len(rows) > limit else None
    )


def find_delivery(connection: Connection, account_pk: int, delivery_id: str) -> DeliveryFile:
    """One delivery with its body and every attempt."""
    row = _find(connection, account_pk, delivery_id)
    attempts = connection.execute(
        sa.select(delivery_attempts)
        .where(delivery_attempts.c.delivery_pk == row.pk)
        .order_by(delivery_attempts.c.number)
    )
    return DeliveryFile(read_delivery(row, body=True), tuple(_read_attempt(attempt) for attempt in attempts))


def add_test(connection: Connection, account_pk: int, webhook_id: str, *, now: datetime) -> Delivery:
    """Queue a test of a receiver; Conflict where it is disabled, since nothing would be sent."""
    hook = find_webhook_row(connection, account_pk, webhook_id)
    if not hook.enabled:
        raise Conflict(f"the webhook {webhook_id!r} is disabled, so nothing is sent to it")
    return _add(connection, account_pk, {"webhook_pk": hook.pk, "event": TEST}, now=now)


def replay_delivery(connection: Connection, account_pk: int, delivery_id: str, *, now: datetime) -> Delivery:
    """Queue a delivery once more: a new one, with an id of its own, that says which it repeats.

    A webhook's body is read from the record anew; an action's is the same again. Conflict where it is still on its way
    or its receiver has gone.
    """
    row = _find(connection, account_pk, delivery_id)
    if DeliveryState(row.state) not in _ENDED:
        raise Conflict(f"the delivery {delivery_id!r} is still on its way")
    if _is_gone(connection, row):
        raise Conflict(f"the receiver of the delivery {delivery_id!r} was deleted or is disabled")
    return _add(connection, account_pk, _again(row), now=now)


def replay_deliveries(
    connection: Connection, account_pk: int, wanted: DeliveryFilter, *, now: datetime, limit: int = MOST_REPLAYED
) -> Replayed:
    """Queue again every delivery that matches, the oldest first, in one transaction.

    Left out are tests, replays (what they repeat is repeated itself), those on their way, and those whose receiver has
    gone or is disabled. Replays are queued now, so a range that ends before now never repeats itself.
    """
    query = (
        _wanted(account_pk, wanted)
        .where(
            OVER,
            deliveries.c.replay_of.is_(None),
            deliveries.c.call_pk.is_not(None),
            sa.or_(deliveries.c.webhook_pk.is_(None), sa.and_(webhooks.c.enabled, webhooks.c.deleted_at.is_(None))),
            sa.or_(deliveries.c.action_pk.is_(None), call_actions.c.deleted_at.is_(None)),
        )
        .order_by(deliveries.c.pk)
        .limit(limit + 1)
    )
    rows = connection.execute(query).all()
    again = [_values(account_pk, _again(row), now=now) for row in rows[:limit]]
    if again:
        connection.execute(sa.insert(deliveries), again)
    return Replayed(len(again), len(rows) > limit, rows[len(again) - 1].created_at if again else None)


def forget_old_deliveries(connection: Connection, *, now: datetime, kept: timedelta) -> int:
    """Drop what ended longer ago than it is kept, some at a time; returns how many. What waits is never dropped."""
    old = sa.select(deliveries.c.pk).where(OVER, deliveries.c.updated_at < now - kept).limit(_OLD_AT_ONCE)
    return connection.execute(sa.delete(deliveries).where(deliveries.c.pk.in_(old))).rowcount


_ENDED = frozenset({DeliveryState.DELIVERED, DeliveryState.DEAD})


def _wanted(account_pk: int, wanted: DeliveryFilter) -> sa.Select[Any]:
    named = (
        (wanted.call_id, deliveries.c.call_pk, calls),
        (wanted.action_id, deliveries.c.action_pk, call_actions),
        (wanted.webhook_id, deliveries.c.webhook_pk, webhooks),
    )
    # Each is of this account or nothing, so that it stands for the account, of which there may be a million; they are
    # found by the first that is named, since that is what the fewest have in common.
    owners: list[tuple[sa.Column[Any], Any]] = [
        (column, _key(table, account_pk, id_)) for id_, column, table in named if id_ is not None
    ]
    (column, key), *others = owners or [(deliveries.c.account_pk, account_pk)]
    query = DELIVERY_ROWS.where(column == key, *(unindexed(column) == key for column, key in others))
    if wanted.event is not None:
        query = query.where(deliveries.c.event == wanted.event)
    if wanted.states == frozenset({DeliveryState.DEAD}):
        query = query.where(DEAD)
    elif wanted.states is not None:
        query = query.where(deliveries.c.state.in_([state.value for state in wanted.states]))
    if wanted.since is not None:
        query = query.where(deliveries.c.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(deliveries.c.created_at < wanted.until)
    return query


def _key(table: sa.Table, account_pk: int, id_: str) -> sa.ScalarSelect[Any]:
    return sa.select(table.c.pk).where(table.c.account_pk == account_pk, table.c.id == id_).scalar_subquery()


def _find(connection: Connection, account_pk: int, delivery_id: str) -> Row[Any]:
    query = DELIVERY_ROWS.where(deliveries.c.account_pk == account_pk, deliveries.c.id == delivery_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise DeliveryNotFound(delivery_id)
    return row


def _is_gone(connection: Connection, row: Row[Any]) -> bool:
    there = (
        sa.select(webhooks.c.pk).where(
            webhooks.c.pk == row.webhook_pk, webhooks.c.enabled, webhooks.c.deleted_at.is_(None)
        )
        if row.webhook_pk is not None
        else sa.select(call_actions.c.pk).where(call_actions.c.pk == row.action_pk, call_actions.c.deleted_at.is_(None))
    )
    return connection.execute(there).first() is None


def _again(row: Row[Any]) -> dict[str, Any]:
    return {
        "webhook_pk": row.webhook_pk,
        "action_pk": row.action_pk,
        "call_pk": row.call_pk,
        "event": row.event,
        "body": row.body if row.action_pk is not None else None,
        "replay_of": row.replay_of or row.id,
    }


def _add(connection: Connection, account_pk: int, what: dict[str, Any], *, now: datetime) -> Delivery:
    values = _values(account_pk, what, now=now)
    connection.execute(sa.insert(deliveries).values(**values))
    return read_delivery(_find(connection, account_pk, values["id"]), body=True)


def _values(account_pk: int, what: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    return {
        "id": new_object_id(),
        "account_pk": account_pk,
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "due_at": now,
        "created_at": now,
        "updated_at": now,
        **what,
    }


def _read_attempt(row: Row[Any]) -> DeliveryAttempt:
    return DeliveryAttempt(
        number=row.number,
        at=row.at,
        status=row.status,
        error=row.error,
        latency_ms=row.latency_ms,
        answer=row.answer,
    )
