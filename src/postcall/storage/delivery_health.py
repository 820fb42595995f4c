"""How the latest deliveries to each webhook stand: a bounded look, however long the log is."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.webhook_schema import deliveries, webhooks

LATEST = 100


def latest_states(connection: Connection, account_pk: int) -> dict[str, Counter[str]]:
    """How many of the latest 100 deliveries to each webhook are in each state, by the webhook's id."""
    mine = sa.select(webhooks.c.pk, webhooks.c.id).where(
        webhooks.c.account_pk == account_pk, webhooks.c.deleted_at.is_(None)
    )
    return {row.id: _states(connection, row.pk) for row in connection.execute(mine).all()}


def _states(connection: Connection, webhook_pk: int) -> Counter[str]:
    newest = (
        sa.select(deliveries.c.state)
        .where(deliveries.c.webhook_pk == webhook_pk)
        .order_by(deliveries.c.pk.desc())
        .limit(LATEST)
    )
    return Counter(connection.execute(newest).scalars())
