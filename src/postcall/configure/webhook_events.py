"""What a webhook is told, and of whose calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy.engine import Connection

from postcall.domain.webhooks import AlertMoment, CallMoment, Moment, Webhook, WebhookFormat
from postcall.errors import BadInput
from postcall.storage import webhooks as table
from postcall.storage.agents import find_agent_row
from postcall.storage.subscriptions import Wanted, replace_webhook_subscriptions
from postcall.storage.webhooks import WebhookChange

WantedOf: TypeAlias = tuple[str | None, Moment]
"""An agent's id or slug (None: every agent of the account) and what is wanted of its calls."""

TELLABLE: Final[Mapping[WebhookFormat, tuple[Moment, ...]]] = {
    WebhookFormat.ATOMS: (CallMoment.STARTED, CallMoment.ENDED, CallMoment.EXTRACTED),
    WebhookFormat.POLYAI: (*CallMoment, *AlertMoment),
    WebhookFormat.NATIVE: tuple(CallMoment),
}
"""What each format has words for; of alerts, which watch all calls, nothing is told yet."""


def find_wanted(
    connection: Connection,
    account_pk: int,
    format_: WebhookFormat,
    wanted: Sequence[WantedOf],
) -> list[Wanted]:
    """With the keys of the agents; AgentNotFound, or BadInput where the format has no word for an event."""
    for agent, moment in wanted:
        if moment not in TELLABLE[format_]:
            words = ", ".join(TELLABLE[format_])
            raise BadInput(f"event: {moment.value!r} is none of {words}, which this format has", field="event")
        if agent is not None and isinstance(moment, AlertMoment):
            raise BadInput(f"event: {moment.value!r} is of every agent's calls together; name no agent", field="event")
    keys = {name: find_agent_row(connection, account_pk, name).pk for name, _ in wanted if name is not None}
    return [(None if name is None else keys[name], moment) for name, moment in wanted]


def update_webhook(
    connection: Connection,
    account_pk: int,
    webhook_id: str,
    change: WebhookChange,
    *,
    wanted: Sequence[WantedOf] | None = None,
    now: datetime,
) -> Webhook:
    """Change what is named; `wanted` takes the place of all that it was told before."""
    found = table.change_webhook(connection, account_pk, webhook_id, change, now=now)
    if wanted is None:
        return found
    keys = find_wanted(connection, account_pk, found.format, wanted)
    row = table.find_webhook_row(connection, account_pk, webhook_id)
    replace_webhook_subscriptions(connection, row.pk, keys, now=now)
    return table.find_webhook(connection, account_pk, webhook_id)


def remove_webhook(connection: Connection, account_pk: int, webhook_id: str, *, now: datetime) -> None:
    """Take a webhook away whatever it is told; its log stays, and what still waits for it is dead."""
    row = table.find_webhook_row(connection, account_pk, webhook_id)
    replace_webhook_subscriptions(connection, row.pk, (), now=now)
    table.delete_webhook(connection, account_pk, webhook_id, now=now)
