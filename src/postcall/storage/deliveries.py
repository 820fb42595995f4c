"""Deliveries on their way: begun, settled, given back.

Whoever does any of it holds the delivery under a lease (claiming.py); without it, nothing that is said here counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.folding import storable
from postcall.domain.webhooks import DeliveryState
from postcall.storage.delivery_rows import SENDING, Claim, ReceiverKind, receiver_column
from postcall.storage.webhook_schema import deliveries, delivery_attempts

INTERRUPTED = "the process that sent it stopped before it was known how it ended"
_MAX_ERROR = 1_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended."""

    status: int | None = None
    """None: there was no answer."""
    error: str | None = None
    """None: the receiver has taken it."""
    latency_ms: int | None = None
    answer: str | None = None
    """The beginning of what the receiver said."""


def begin_attempt(
    connection: Connection, claim: Claim, *, body: str | None, lease_s: float, now: datetime
) -> int | None:
    """Say that an attempt begins, with this body where none was kept before; its number, from 1.

    To be committed before the first byte leaves. None: the lease was lost, so nothing may be sent.
    """
    until = now + timedelta(seconds=lease_s)
    number = connection.execute(
        _BEGIN, {"held_pk": claim.pk, "held_lease": claim.lease, "sent": body, "until": until, "now": now}
    ).scalar_one_or_none()
    if number is None:
        return None
    connection.execute(_ATTEMPT, {"delivery_pk": claim.pk, "number": number, "at": now})
    return int(number)


# Built once: building a statement costs as much as running it.
_HELD = (deliveries.c.pk == sa.bindparam("held_pk"), deliveries.c.lease == sa.bindparam("held_lease"))
_BEGIN = (
    sa.update(deliveries)
    .where(*_HELD)
    .values(
        attempts=deliveries.c.attempts + 1,
        body=sa.func.coalesce(deliveries.c.body, sa.bindparam("sent", type_=sa.Text)),
        leased_until=sa.bindparam("until"),
        updated_at=sa.bindparam("now"),
    )
    .returning(deliveries.c.attempts)
)
_ATTEMPT = sa.insert(delivery_attempts)
_SETTLE = (
    sa.update(deliveries)
    .where(*_HELD)
    .values(
        state=sa.bindparam("then"),
        lease=None,
        leased_until=None,
        due_at=sa.bindparam("due"),
        updated_at=sa.bindparam("now"),
        status=sa.bindparam("told_status"),
        error=sa.bindparam("told_error"),
        latency_ms=sa.bindparam("told_latency_ms"),
    )
)
_END_ATTEMPT = (
    sa.update(delivery_attempts)
    .where(
        delivery_attempts.c.delivery_pk == sa.bindparam("held_pk"),
        delivery_attempts.c.number == sa.bindparam("ended_number"),
    )
    .values(
        status=sa.bindparam("told_status"),
        error=sa.bindparam("told_error"),
        latency_ms=sa.bindparam("told_latency_ms"),
        answer=sa.bindparam("told_answer"),
    )
)


def settle_attempt(
    connection: Connection,
    claim: Claim,
    number: int,
    ended: Ended,
    *,
    state: DeliveryState,
    due_at: datetime,
    now: datetime,
) -> bool:
    """Store how an attempt ended and what becomes of the delivery. False: the lease was lost, and with it the word."""
    told = {
        "held_pk": claim.pk,
        "told_status": ended.status,
        "told_error": storable(ended.error)[:_MAX_ERROR] if ended.error is not None else None,
        "told_latency_ms": ended.latency_ms,
    }
    then = {"then": state.value, "due": due_at, "now": now, "held_lease": claim.lease}
    if connection.execute(_SETTLE, {**told, **then}).rowcount != 1:
        return False
    answer = storable(ended.answer) if ended.answer is not None else None
    connection.execute(_END_ATTEMPT, {**told, "ended_number": number, "told_answer": answer})
    if state in (DeliveryState.DELIVERED, DeliveryState.DEAD):
        _fetch_next(connection, claim, now=now)
    return True


def end_unsent(connection: Connection, claim: Claim, error: str, *, now: datetime) -> None:
    """Nothing is to be sent, and never will be: the delivery is dead, without an attempt."""
    connection.execute(
        sa.update(deliveries)
        .where(*_held(claim))
        .values(
            state=DeliveryState.DEAD.value,
            lease=None,
            leased_until=None,
            error=storable(error)[:_MAX_ERROR],
            updated_at=now,
        )
    )
    _fetch_next(connection, claim, now=now)


def give_back(connection: Connection, claim: Claim, *, now: datetime) -> None:
    """Let another process send it, perhaps again; for what was not settled."""
    _free(connection, *_held(claim), now=now)


def renew_leases(connection: Connection, held: Sequence[Claim], *, lease_s: float, now: datetime) -> None:
    """A heartbeat: this process is still at these."""
    for lease in {claim.lease for claim in held}:
        pks = [claim.pk for claim in held if claim.lease == lease]
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.pk.in_(pks), deliveries.c.lease == lease)
            .values(leased_until=now + timedelta(seconds=lease_s))
        )


def free_lost_deliveries(connection: Connection, *, now: datetime) -> int:
    """Give back what processes that died were sending; returns how many. Perhaps they arrived: their ids tell."""
    return _free(connection, SENDING, deliveries.c.leased_until < now, now=now)


def _fetch_next(connection: Connection, claim: Claim, *, now: datetime) -> None:
    """What stood behind this in the same call may be sent at once."""
    if claim.delivery.call_id is not None:
        given = {"done": claim.pk, "to": claim.receiver.pk, "now": now}
        connection.execute(_next_of_call(claim.receiver.kind), given)


@cache
def _next_of_call(kind: ReceiverKind) -> sa.Update:
    done, next_ = deliveries.alias(), deliveries.alias()
    behind = sa.select(sa.func.min(next_.c.pk)).where(
        next_.c.call_pk == sa.select(done.c.call_pk).where(done.c.pk == sa.bindparam("done")).scalar_subquery(),
        next_.c.pk > sa.bindparam("done"),
        receiver_column(kind, next_) == sa.bindparam("to", type_=sa.BigInteger),
        next_.c.state == DeliveryState.WAITING.value,
    )
    return (
        sa.update(deliveries)
        .where(
            deliveries.c.pk == behind.scalar_subquery(),
            deliveries.c.attempts == 0,
            deliveries.c.due_at > sa.bindparam("now"),
        )
        .values(due_at=sa.bindparam("now"))
    )


def _free(connection: Connection, *which: sa.ColumnElement[bool], now: datetime) -> int:
    """Back to those that wait; of an attempt that had begun, nobody knows how it ended."""
    freed = connection.execute(
        sa.update(deliveries)
        .where(*which)
        .values(state=DeliveryState.WAITING.value, lease=None, leased_until=None, due_at=now, updated_at=now)
        .returning(deliveries.c.pk, deliveries.c.attempts)
    ).all()
    for row in freed:
        begun = connection.execute(
            sa.update(delivery_attempts)
            .where(
                delivery_attempts.c.delivery_pk == row.pk,
                delivery_attempts.c.number == row.attempts,
                delivery_attempts.c.status.is_(None),
                delivery_attempts.c.error.is_(None),
            )
            .values(error=INTERRUPTED)
        )
        if begun.rowcount:
            told = {"status": None, "error": INTERRUPTED, "latency_ms": None}
            connection.execute(sa.update(deliveries).where(deliveries.c.pk == row.pk).values(**told))
    return len(freed)


def _held(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (deliveries.c.pk == claim.pk, deliveries.c.lease == claim.lease)
