"""What happens to calls, as deliveries to whoever subscribed; written in the transaction in which it happens.

A delivery begins without a body: that is read from the call before the first attempt, and kept. So this costs the
writer one look where nobody subscribed, and one row for each receiver where somebody did.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.ids import new_object_id
from postcall.domain.webhooks import CallMoment, DeliveryState
from postcall.storage.schema import calls
from postcall.storage.webhook_schema import deliveries, webhook_subscriptions, webhooks

_SUBSCRIBERS = (
    sa.select(calls.c.account_pk, webhooks.c.pk)
    .select_from(calls)
    .join(webhooks, webhooks.c.account_pk == calls.c.account_pk)
    .join(webhook_subscriptions, webhook_subscriptions.c.webhook_pk == webhooks.c.pk)
    .where(
        calls.c.pk == sa.bindparam("call_pk"),
        webhooks.c.enabled,
        webhooks.c.deleted_at.is_(None),
        webhook_subscriptions.c.event == sa.bindparam("moment"),
        sa.or_(webhook_subscriptions.c.agent_pk.is_(None), webhook_subscriptions.c.agent_pk == calls.c.agent_pk),
    )
    .distinct()
    .order_by(webhooks.c.pk)
)
_INSERT = sa.insert(deliveries)


def announce(connection: Connection, call_pk: int, moment: CallMoment, *, now: datetime) -> None:
    """Queue a delivery of this moment of a call to every webhook that wants it."""
    for account_pk, webhook_pk in connection.execute(_SUBSCRIBERS, {"call_pk": call_pk, "moment": moment.value}).all():
        connection.execute(
            _INSERT,
            {
                "id": new_object_id(),
                "account_pk": account_pk,
                "webhook_pk": webhook_pk,
                "call_pk": call_pk,
                "event": moment.value,
                "state": DeliveryState.WAITING.value,
                "attempts": 0,
                "due_at": now,
                "created_at": now,
                "updated_at": now,
            },
        )
