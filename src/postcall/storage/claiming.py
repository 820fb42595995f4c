"""Which deliveries may be sent now, and by whom: fairly between receivers, and in the order of each call.

The order that a receiver sees of a call is that of the rows: only the oldest open delivery of a call is claimed. What
stands behind another is put off until that one's time, and fetched back as soon as it is settled, so that a backlog is
not looked through again and again.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.webhooks import DeliveryState
from postcall.storage.delivery_rows import (
    DELIVERY_ROWS,
    SENDING,
    WAITING,
    Claim,
    Receiver,
    ReceiverKind,
    read_delivery,
    receiver_column,
)
from postcall.storage.statements import unindexed
from postcall.storage.webhook_schema import call_actions, deliveries, webhooks

_PUT_OFF = timedelta(seconds=2)
"""How long what stands behind a delivery under way waits at most, should nobody fetch it back."""


def due_receivers(connection: Connection, *, now: datetime) -> list[Receiver]:
    """Those that something could be sent to now; one that is disabled gets nothing.

    Deleted webhooks are among them: what failed, or was queued, while one was deleted is claimed to be buried.
    """
    return [
        Receiver(kind, pk)
        for kind, due in _DUE_RECEIVERS.items()
        for pk in connection.execute(due, {"now": now}).scalars()
    ]


# Built once: building a statement costs as much as running it.
_DUE = (WAITING, deliveries.c.due_at <= sa.bindparam("now"))
_DUE_RECEIVERS = {
    ReceiverKind.WEBHOOK: sa.select(webhooks.c.pk).where(
        sa.or_(webhooks.c.enabled, webhooks.c.deleted_at.is_not(None)),
        sa.exists().where(deliveries.c.webhook_pk == webhooks.c.pk, *_DUE),
    ),
    ReceiverKind.ACTION: sa.select(call_actions.c.pk).where(
        sa.exists().where(deliveries.c.action_pk == call_actions.c.pk, *_DUE)
    ),
}


def claim_deliveries(
    connection: Connection, receiver: Receiver, *, room: int, most: int, lease_s: float, now: datetime
) -> list[Claim]:
    """Take up to `room` deliveries that may be sent to a receiver now, the longest due first.

    No more than `most` are on their way to it then, whoever holds the others.
    """
    if not _hold(connection, receiver):
        return []
    under_way = connection.execute(_under_way(receiver.kind), {"to": receiver.pk}).scalar_one()
    room = min(room, most - under_way)
    if room <= 0:
        return []
    candidates = _candidates(connection, receiver, limit=room * 4 + 16, now=now)
    _put_off(connection, [row for row in candidates if row.behind is not None], now=now)
    free = [row.pk for row in candidates if row.behind is None][:room]
    if not free:
        return []
    lease = secrets.token_hex(16)
    until = now + timedelta(seconds=lease_s)
    connection.execute(_HOLD, {"free": free, "token": lease, "until": until})
    rows = connection.execute(_HELD, {"free": free, "token": lease}).all()
    found = {row.pk: Claim(row.pk, row.account_pk, receiver, read_delivery(row, body=True), lease) for row in rows}
    return [found[pk] for pk in free if pk in found]


_FREE = deliveries.c.pk.in_(sa.bindparam("free", expanding=True))
_HOLD = (
    sa.update(deliveries)
    .where(_FREE, WAITING)
    .values(state=DeliveryState.SENDING.value, lease=sa.bindparam("token"), leased_until=sa.bindparam("until"))
)
_HELD = DELIVERY_ROWS.where(_FREE, deliveries.c.lease == sa.bindparam("token"))


@cache
def _under_way(kind: ReceiverKind) -> sa.Select[Any]:
    # Without the receiver's own index, which holds all that it ever got: what is being sent is a few.
    to = sa.bindparam("to", type_=sa.BigInteger)
    return sa.select(sa.func.count()).select_from(deliveries).where(SENDING, unindexed(receiver_column(kind)) == to)


@dataclass(frozen=True, slots=True)
class _Candidate:
    pk: int
    behind: int | None
    """The oldest open delivery of the same call, where this is another."""


def _hold(connection: Connection, receiver: Receiver) -> bool:
    """One process at a time claims for a receiver, so that its limit holds; another does not wait for that."""
    statement = _receiver(receiver.kind, locks=connection.dialect.name == "postgresql")
    return connection.execute(statement, {"pk": receiver.pk}).first() is not None


@cache
def _receiver(kind: ReceiverKind, *, locks: bool) -> sa.Select[Any]:
    table = webhooks if kind is ReceiverKind.WEBHOOK else call_actions
    row = sa.select(table.c.pk).where(table.c.pk == sa.bindparam("pk"))
    return row.with_for_update(key_share=True, skip_locked=True) if locks else row


def _candidates(connection: Connection, receiver: Receiver, *, limit: int, now: datetime) -> list[_Candidate]:
    """What is due, the longest first, each with the oldest open delivery of its call that it stands behind."""
    given = {"to": receiver.pk, "now": now, "most": limit}
    return [_Candidate(row.pk, row.behind) for row in connection.execute(_due_to(receiver.kind), given)]


@cache
def _due_to(kind: ReceiverKind) -> sa.Select[Any]:
    older, to = deliveries.alias(), sa.bindparam("to", type_=sa.BigInteger)
    behind = (
        sa.select(sa.func.min(older.c.pk))
        .where(
            older.c.call_pk == deliveries.c.call_pk,
            older.c.pk < deliveries.c.pk,
            receiver_column(kind, older) == to,
            older.c.state.in_([DeliveryState.WAITING.value, DeliveryState.SENDING.value]),
        )
        .correlate(deliveries)
        .scalar_subquery()
    )
    return (
        sa.select(deliveries.c.pk, behind.label("behind"))
        .where(WAITING, receiver_column(kind) == to, deliveries.c.due_at <= sa.bindparam("now"))
        .order_by(deliveries.c.due_at, deliveries.c.pk)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _put_off(connection: Connection, blocked: Sequence[_Candidate], *, now: datetime) -> None:
    """Until the time of what each stands behind, where that is known."""
    pks = {row.behind for row in blocked}
    if not pks:
        return
    waiting = sa.select(deliveries.c.pk, deliveries.c.due_at).where(deliveries.c.pk.in_(pks), WAITING)
    due: dict[int, datetime] = {row.pk: row.due_at for row in connection.execute(waiting)}
    for row in blocked:
        until = max(due.get(row.behind or 0, now), now + _PUT_OFF)
        connection.execute(sa.update(deliveries).where(deliveries.c.pk == row.pk, WAITING).values(due_at=until))
