"""Which moments of which agents' calls a receiver wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.ids import new_object_id
from postcall.domain.webhooks import Moment, Subscription, WebhookFormat, moment_named
from postcall.storage.schema import agents
from postcall.storage.webhook_schema import webhook_subscriptions, webhooks

Wanted: TypeAlias = tuple[int | None, Moment]
"""The key of an agent (None: every agent of the account) and what is wanted of its calls."""


@dataclass(frozen=True, slots=True)
class AgentSubscription:
    """What one receiver wants of an agent's calls."""

    webhook_id: str
    subscription: Subscription


def subscribe(connection: Connection, webhook_pk: int, wanted: Sequence[Wanted], *, now: datetime) -> None:
    """Add subscriptions to a receiver; what is named twice is kept once."""
    for agent_pk, moment in dict.fromkeys(wanted):
        connection.execute(
            sa.insert(webhook_subscriptions).values(
                id=new_object_id(),
                webhook_pk=webhook_pk,
                agent_pk=agent_pk,
                event=moment.value,
                created_at=now,
                updated_at=now,
            )
        )


def agent_subscriptions(
    connection: Connection,
    agent_pk: int,
    *,
    format: WebhookFormat,  # noqa: A002 - as the field
) -> tuple[AgentSubscription, ...]:
    """What receivers of a format want of this agent's calls, the oldest first; those for every agent are not among
    them."""
    rows = connection.execute(
        sa.select(
            webhook_subscriptions,
            webhooks.c.id.label("webhook_id"),
            agents.c.id.label("agent_id"),
            agents.c.name.label("agent_name"),
            agents.c.description.label("agent_description"),
        )
        .join(webhooks, webhooks.c.pk == webhook_subscriptions.c.webhook_pk)
        .join(agents, agents.c.pk == webhook_subscriptions.c.agent_pk)
        .where(webhook_subscriptions.c.agent_pk == agent_pk, webhooks.c.format == format.value)
        .order_by(webhook_subscriptions.c.pk)
    )
    return tuple(
        AgentSubscription(
            row.webhook_id,
            Subscription(
                id=row.id,
                agent_id=row.agent_id,
                moment=moment_named(row.event),
                created_at=row.created_at,
                updated_at=row.updated_at,
                agent_name=row.agent_name or "",
                agent_description=row.agent_description or "",
            ),
        )
        for row in rows
    )


def replace_agent_subscriptions(
    connection: Connection,
    agent_pk: int,
    webhook_pk: int,
    moments: Iterable[Moment],
    *,
    format: WebhookFormat,  # noqa: A002 - as the field
    now: datetime,
) -> None:
    """Let this receiver want these moments of the agent's calls, and no other receiver of the format want any."""
    remove_agent_subscriptions(connection, agent_pk, format=format)
    subscribe(connection, webhook_pk, [(agent_pk, moment) for moment in moments], now=now)


def remove_agent_subscriptions(
    connection: Connection,
    agent_pk: int,
    *,
    format: WebhookFormat,  # noqa: A002 - as the field
) -> int:
    """Take away what every receiver of a format wants of this agent's calls; returns how many there were."""
    of_format = sa.select(webhooks.c.pk).where(webhooks.c.format == format.value)
    gone = connection.execute(
        sa.delete(webhook_subscriptions).where(
            webhook_subscriptions.c.agent_pk == agent_pk, webhook_subscriptions.c.webhook_pk.in_(of_format)
        )
    )
    return gone.rowcount


def replace_webhook_subscriptions(
    connection: Connection, webhook_pk: int, wanted: Sequence[Wanted], *, now: datetime
) -> None:
    """Let a receiver want this and nothing else."""
    connection.execute(sa.delete(webhook_subscriptions).where(webhook_subscriptions.c.webhook_pk == webhook_pk))
    subscribe(connection, webhook_pk, wanted, now=now)
