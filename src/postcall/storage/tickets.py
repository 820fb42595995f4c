"""Tickets: what may be done once, by whoever holds the ticket, at any server that shares the record.

Kept among the answered requests, which are forgotten by themselves after some days; only a digest of the ticket is
there, so that who reads the record cannot use it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.schema import answered_requests

PREFIX = "wct_"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket was good for."""

    account_pk: int
    content: dict[str, Any]


def issue_ticket(
    connection: Connection, account_pk: int, content: dict[str, Any], *, until: datetime, now: datetime
) -> str:
    """A new ticket, good once until then."""
    token = f"{PREFIX}{account_pk:x}_{secrets.token_urlsafe(24)}"
    connection.execute(
        sa.insert(answered_requests).values(
            account_pk=account_pk,
            key=_key(token),
            digest="",
            answer={"until": until.timestamp(), "content": content},
            created_at=now,
        )
    )
    return token


def redeem_ticket(connection: Connection, token: str, *, now: datetime) -> Ticket | None:
    """What it is good for; None where it was used, is no longer good, or never was."""
    account_pk = _account_of(token)
    if account_pk is None:
        return None
    kept: dict[str, Any] | None = connection.execute(
        sa.delete(answered_requests)
        .where(answered_requests.c.account_pk == account_pk, answered_requests.c.key == _key(token))
        .returning(answered_requests.c.answer)
    ).scalar_one_or_none()
    if kept is None or kept["until"] < now.timestamp():
        return None
    return Ticket(account_pk, kept["content"])


def _key(token: str) -> str:
    return f"ticket {hashlib.sha256(token.encode()).hexdigest()}"


def _account_of(token: str) -> int | None:
    number = token.removeprefix(PREFIX).partition("_")[0]
    if not token.startswith(PREFIX) or len(number) > 12:
        return None
    try:
        return int(number, 16)
    except ValueError:
        return None
