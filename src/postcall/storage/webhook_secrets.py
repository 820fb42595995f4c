"""What receivers' deliveries are signed with: sealed, so this file sees neither keys nor values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.webhook_schema import webhooks
from postcall.storage.webhooks import find_webhook_row


def keep_webhook_secret(
    connection: Connection,
    account_pk: int,
    webhook_id: str,
    sealed: bytes,
    *,
    before: bytes | None = None,
    now: datetime,
) -> None:
    """Store the same secrets, sealed anew."""
    row = find_webhook_row(connection, account_pk, webhook_id)
    values = {"secret": sealed, "secret_before": before, "updated_at": now}
    connection.execute(sa.update(webhooks).where(webhooks.c.pk == row.pk).values(**values))


def replace_webhook_secret(
    connection: Connection, account_pk: int, webhook_id: str, sealed: bytes, *, until: datetime | None, now: datetime
) -> None:
    """Another secret; the present one becomes the one before until then (None: it is forgotten at once).

    The one before that is forgotten, also where its time was not over.
    """
    row = find_webhook_row(connection, account_pk, webhook_id)
    connection.execute(
        sa.update(webhooks)
        .where(webhooks.c.pk == row.pk)
        .values(
            secret=sealed,
            # The row's own at this moment: of two that rotate at once, the second keeps what the first has made.
            secret_before=sa.null() if until is None else webhooks.c.secret,
            secret_before_until=until,
            updated_at=now,
        )
    )


def forget_old_secrets(connection: Connection, *, now: datetime) -> None:
    """Wipe out the secrets before, whose time is over."""
    over = webhooks.c.secret_before_until <= now
    connection.execute(sa.update(webhooks).where(over).values(secret_before=sa.null(), secret_before_until=sa.null()))


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """What one receiver's deliveries are signed with."""

    account_pk: int
    webhook_id: str
    sealed: bytes
    before: bytes | None


def every_webhook_secret(connection: Connection) -> list[SealedSecrets]:
    """The sealed secrets of every receiver that is there, which nobody replaces until this transaction ends."""
    rows = connection.execute(_SECRETS)
    return [
        SealedSecrets(
            row.account_pk, row.id, bytes(row.secret), None if row.secret_before is None else bytes(row.secret_before)
        )
        for row in rows
    ]


_SECRETS = (
    sa.select(webhooks.c.account_pk, webhooks.c.id, webhooks.c.secret, webhooks.c.secret_before)
    .where(webhooks.c.deleted_at.is_(None))
    .with_for_update()
)
