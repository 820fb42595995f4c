"""Rows of deliveries as others read them, and what they are named by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from postcall.domain.webhooks import Delivery, DeliveryState
from postcall.storage.schema import calls
from postcall.storage.webhook_schema import call_actions, deliveries, webhooks

# Written out, since a partial index serves only who names its condition.
WAITING = deliveries.c.state == sa.literal_column("'waiting'")
SENDING = deliveries.c.state == sa.literal_column("'sending'")
DEAD = deliveries.c.state == sa.literal_column("'dead'")
OVER = deliveries.c.state.in_([sa.literal_column("'delivered'"), sa.literal_column("'dead'")])


class ReceiverKind(StrEnum):
    """What a delivery goes to."""

    WEBHOOK = "webhook"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One webhook or call action."""

    kind: ReceiverKind
    pk: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process holds until its lease ends."""

    pk: int
    account_pk: int
    receiver: Receiver
    delivery: Delivery
    """With its body, where it has one already."""
    lease: str


DELIVERY_ROWS = (
    sa.select(
        deliveries,
        webhooks.c.id.label("webhook_id"),
        call_actions.c.id.label("action_id"),
        calls.c.id.label("call_id"),
    )
    .outerjoin(webhooks, webhooks.c.pk == deliveries.c.webhook_pk)
    .outerjoin(call_actions, call_actions.c.pk == deliveries.c.action_pk)
    .outerjoin(calls, calls.c.pk == deliveries.c.call_pk)
)


def read_delivery(row: Row[Any], *, body: bool) -> Delivery:
    """A row of DELIVERY_ROWS; `body`: with what is sent."""
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        action_id=row.action_id,
        call_id=row.call_id,
        event=row.event,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        status=row.status,
        error=row.error,
        latency_ms=row.latency_ms,
        replay_of=row.replay_of,
        created_at=row.created_at,
        updated_at=row.updated_at,
        body=row.body if body else None,
    )


def receiver_column(kind: ReceiverKind, table: Any = deliveries) -> sa.ColumnElement[Any]:
    """Which column names this kind of receiver."""
    column: sa.ColumnElement[Any] = table.c.webhook_pk if kind is ReceiverKind.WEBHOOK else table.c.action_pk
    return column
