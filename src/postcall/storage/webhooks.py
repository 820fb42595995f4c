"""The receivers of an account; their secrets are sealed, and this file sees neither keys nor values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.webhooks import DeliveryState, Subscription, Webhook, WebhookFormat, moment_named
from postcall.errors import BadInput, TooManyWebhooks, WebhookNotFound
from postcall.storage.concurrency import hold_account
from postcall.storage.schema import agents
from postcall.storage.subscriptions import Wanted, subscribe
from postcall.storage.webhook_schema import deliveries, webhook_subscriptions, webhooks

URL_TAKEN = "A webhook with this URL has already been registered"
IN_USE = (
    "Cannot delete webhook: It is currently assigned to one or more agents. Please remove all agent assignments first."
)

MOST: Final = {WebhookFormat.POLYAI: 10}
"""How many receivers of a format an account may have, where the published interface limits them."""
REPEATABLE: Final = frozenset({WebhookFormat.POLYAI})
"""Formats whose published interface lets one address be several receivers."""


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A receiver to be; everything in it has been checked (configure/webhooks.py)."""

    id: str
    url: str
    description: str
    format: WebhookFormat
    sealed: bytes
    """Its secret."""
    created_by: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wanted: Sequence[Wanted] = ()
    timeout_ms: int | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """What becomes of a receiver; None stays as it is."""

    url: str | None = None
    description: str | None = None
    headers: Mapping[str, str] | None = None
    """All of them: those that are not named go."""
    enabled: bool | None = None
    """While it is not, nothing new is queued for it, and what waits goes on waiting."""
    timeout_ms: int | None = None


def add_webhook(connection: Connection, account_pk: int, new: NewWebhook, *, now: datetime) -> Webhook:
    """Keep a new receiver with what it wants; BadInput where the account has one of this URL in its format, and
    TooManyWebhooks where it has as many as the format allows."""
    hold_account(connection, account_pk)
    _refuse_more(connection, account_pk, new.format)
    _refuse_second(connection, account_pk, new.url, new.format)
    added = connection.execute(
        sa.insert(webhooks)
        .values(
            account_pk=account_pk,
            id=new.id,
            url=new.url,
            description=new.description,
            format=new.format.value,
            secret=new.sealed,
            headers=dict(new.headers),
            timeout_ms=new.timeout_ms,
            enabled=new.enabled,
            created_by=new.created_by,
            created_at=now,
            updated_at=now,
        )
        .returning(webhooks.c.pk)
    ).scalar_one()
    subscribe(connection, added, new.wanted, now=now)
    return find_webhook(connection, account_pk, new.id)


def list_webhooks(
    connection: Connection,
    account_pk: int,
    *,
    format: WebhookFormat | None = None,  # noqa: A002 - as the field
) -> tuple[Webhook, ...]:
    """Every receiver of an account, the oldest first; only those of one format where that is named."""
    wanted = _mine(account_pk).order_by(webhooks.c.pk)
    if format is not None:
        wanted = wanted.where(webhooks.c.format == format.value)
    return read_webhooks(connection, connection.execute(wanted).all())


def find_webhook(connection: Connection, account_pk: int, webhook_id: str) -> Webhook:
    """One receiver; WebhookNotFound also where it is another account's or was deleted."""
    return read_webhooks(connection, [find_webhook_row(connection, account_pk, webhook_id)])[0]


def find_webhook_row(connection: Connection, account_pk: int, webhook_id: str) -> Row[Any]:
    """Like `find_webhook`, with the row's key and its sealed secret."""
    row = connection.execute(_mine(account_pk).where(webhooks.c.id == webhook_id)).one_or_none()
    if row is None:
        raise WebhookNotFound(webhook_id)
    return row


@dataclass(frozen=True, slots=True)
class Addressee:
    """A receiver as the deliverer needs it."""

    webhook: Webhook
    """Without its subscriptions."""
    account_pk: int
    sealed: bytes
    sealed_before: bytes | None = None
    """The secret before, while that still counts (`Webhook.old_secret_until`)."""


def find_addressee(connection: Connection, webhook_pk: int) -> Addressee | None:
    """The receiver of a delivery, whoever's it is; None where it was deleted."""
    row = connection.execute(_ADDRESSEE, {"pk": webhook_pk}).one_or_none()
    if row is None:
        return None
    before = None if row.secret_before is None else bytes(row.secret_before)
    return Addressee(_read(row, ()), row.account_pk, bytes(row.secret), before)


_ADDRESSEE = sa.select(webhooks).where(webhooks.c.pk == sa.bindparam("pk"), webhooks.c.deleted_at.is_(None))


def change_webhook(
    connection: Connection, account_pk: int, webhook_id: str, change: WebhookChange, *, now: datetime
) -> Webhook:
    """Change what is named; BadInput where another receiver of the account has the URL in the same format."""
    row = find_webhook_row(connection, account_pk, webhook_id)
    if change.url is not None:
        hold_account(connection, account_pk)
        _refuse_second(connection, account_pk, change.url, WebhookFormat(row.format), besides=row.pk)
    values = {
        "url": change.url,
        "description": change.description,
        "headers": None if change.headers is None else dict(change.headers),
        "enabled": change.enabled,
        "timeout_ms": change.timeout_ms,
    }
    given = {name: value for name, value in values.items() if value is not None}
    connection.execute(sa.update(webhooks).where(webhooks.c.pk == row.pk).values(**given, updated_at=now))
    return find_webhook(connection, account_pk, webhook_id)


def delete_webhook(connection: Connection, account_pk: int, webhook_id: str, *, now: datetime) -> None:
    """Take a receiver away; its log stays, and what still waits for it is dead. BadInput while it is subscribed."""
    row = find_webhook_row(connection, account_pk, webhook_id)
    used = sa.select(webhook_subscriptions.c.pk).where(webhook_subscriptions.c.webhook_pk == row.pk).limit(1)
    if connection.execute(used).first() is not None:
        raise BadInput(IN_USE)
    connection.execute(sa.update(webhooks).where(webhooks.c.pk == row.pk).values(deleted_at=now, updated_at=now))
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.webhook_pk == row.pk, deliveries.c.state == DeliveryState.WAITING.value)
        .values(state=DeliveryState.DEAD.value, error="the webhook was deleted", updated_at=now)
    )


def read_webhooks(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Webhook, ...]:
    """Rows of the table with their subscriptions, in the same order."""
    wanted = _subscriptions(connection, [row.pk for row in rows])
    return tuple(_read(row, tuple(wanted.get(row.pk, ()))) for row in rows)


def _read(row: Row[Any], subscriptions: tuple[Subscription, ...]) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        description=row.description,
        format=WebhookFormat(row.format),
        enabled=row.enabled,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        headers=row.headers,
        subscriptions=subscriptions,
        timeout_ms=row.timeout_ms,
        old_secret_until=row.secret_before_until,
    )


def _subscriptions(connection: Connection, webhook_pks: list[int]) -> dict[int, list[Subscription]]:
    found: dict[int, list[Subscription]] = {}
    rows = connection.execute(
        sa.select(
            webhook_subscriptions,
            agents.c.id.label("agent_id"),
            agents.c.name.label("agent_name"),
            agents.c.description.label("agent_description"),
        )
        .outerjoin(agents, agents.c.pk == webhook_subscriptions.c.agent_pk)
        .where(webhook_subscriptions.c.webhook_pk.in_(webhook_pks))
        .order_by(webhook_subscriptions.c.pk)
    )
    for row in rows:
        found.setdefault(row.webhook_pk, []).append(
            Subscription(
                id=row.id,
                agent_id=row.agent_id,
                moment=moment_named(row.event),
                created_at=row.created_at,
                updated_at=row.updated_at,
                agent_name=row.agent_name or "",
                agent_description=row.agent_description or "",
            )
        )
    return found


def _mine(account_pk: int) -> sa.Select[Any]:
    return sa.select(webhooks).where(webhooks.c.account_pk == account_pk, webhooks.c.deleted_at.is_(None))


def _refuse_more(connection: Connection, account_pk: int, format_: WebhookFormat) -> None:
    most = MOST.get(format_)
    if most is None:
        return
    mine = _mine(account_pk).where(webhooks.c.format == format_.value).subquery()
    if connection.execute(sa.select(sa.func.count()).select_from(mine)).scalar_one() >= most:
        raise TooManyWebhooks(most)


def _refuse_second(
    connection: Connection, account_pk: int, url: str, format_: WebhookFormat, *, besides: int | None = None
) -> None:
    """One URL once in a format: whoever asks holds the account, so that two of the same moment wait for each other."""
    if format_ in REPEATABLE:
        return
    same = (webhooks.c.url == url, webhooks.c.format == format_.value)
    taken = _mine(account_pk).where(*same, webhooks.c.pk != (besides or 0)).limit(1)
    if connection.execute(taken).first() is not None:
        raise BadInput(URL_TAKEN, field="url")
