"""Requests answered before: the same Idempotency-Key gets the same answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.errors import KeyReused
from postcall.storage.schema import answered_requests

KEPT = timedelta(days=7)
"""Longer than any sender retries."""


def answer_once(
    connection: Connection,
    account_pk: int,
    key: str,
    *,
    digest: str,
    now: datetime,
    answer: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Do the work of a request, or where its key was seen before return what was answered then.

    Raises KeyReused where the key came with another request, which `digest` stands for.
    """
    if connection.dialect.name == "postgresql":  # the same key at the same moment: the second waits for the first
        connection.execute(_LOCK, {"name": f"{account_pk}\n{key}"})
    known = connection.execute(
        sa.select(answered_requests.c.digest, answered_requests.c.answer).where(
            answered_requests.c.account_pk == account_pk, answered_requests.c.key == key
        )
    ).one_or_none()
    if known is not None:
        if known.digest != digest:
            raise KeyReused(key)
        stored: dict[str, Any] = known.answer
        return stored
    answered = answer()
    connection.execute(
        sa.insert(answered_requests).values(
            account_pk=account_pk, key=key, digest=digest, answer=answered, created_at=now
        )
    )
    return answered


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def forget_old_requests(connection: Connection, *, now: datetime) -> int:
    """Drop the keys that nobody retries any more; returns how many."""
    return connection.execute(sa.delete(answered_requests).where(answered_requests.c.created_at < now - KEPT)).rowcount
