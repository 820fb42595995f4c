"""What happens to calls, as deliveries to whoever subscribed; written in the transaction in which it happens.

A delivery begins without a body: that is read from the call before the first attempt, and kept. So this costs the
writer one look where nobody subscribed, and one row for each receiver where somebody did.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.call_actions import ActionCategory
from postcall.domain.ids import new_object_id
from postcall.domain.webhooks import CallMoment, DeliveryState
from postcall.storage.jobs import add_job
from postcall.storage.schema import calls
from postcall.storage.webhook_schema import call_actions, deliveries, webhook_subscriptions, webhooks

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

RUN_ACTIONS = "run_actions"
"""The kind of job that does what agents want done once a call is over."""
_ACTIONS = (
    sa.select(call_actions.c.pk)
    .join(calls, calls.c.agent_pk == call_actions.c.agent_pk)
    .where(
        calls.c.pk == sa.bindparam("call_pk"),
        call_actions.c.category == ActionCategory.POST_CALL.value,
        call_actions.c.deleted_at.is_(None),
        ~sa.exists().where(deliveries.c.action_pk == call_actions.c.pk, deliveries.c.call_pk == calls.c.pk),
    )
    .limit(1)
)


def announce(connection: Connection, call_pk: int, moment: CallMoment, *, now: datetime) -> None:
    """Queue a delivery of this moment of a call to every webhook that wants it."""
    if _nobody_listens(connection):
        return
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


def _nobody_listens(connection: Connection) -> bool:
    """Whether there is no subscription at all, which is so in most records, where every call taken in asks.

    Only on SQLite, where the driver alone takes a twentieth of the time that the whole question does; elsewhere the
    way to the database is what costs.
    """
    if connection.dialect.name != "sqlite":
        return False
    driver: Any = connection.connection.dbapi_connection
    return driver.execute("SELECT 1 FROM webhook_subscriptions LIMIT 1").fetchone() is None


def set_off_actions(connection: Connection, call_pk: int, *, now: datetime) -> None:
    """Queue what the agent wants done now that nothing more will be found out about a call: one look where it is none.

    Called where an extraction ends, and where a call is over and none follows; another run of the questions later
    repeats nothing.
    """
    if connection.execute(_ACTIONS, {"call_pk": call_pk}).first() is not None:
        add_job(connection, RUN_ACTIONS, {}, call_pk=call_pk, now=now)
