"""Accounts, each a workspace of its own."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.errors import NotFound
from postcall.storage.schema import accounts
from postcall.storage.statements import insert_new

DEFAULT_ACCOUNT = "default"


def find_account(connection: Connection, account: str) -> int:
    """The key of the account's row."""
    pk = connection.execute(sa.select(accounts.c.pk).where(accounts.c.id == account)).scalar_one_or_none()
    if pk is None:
        raise NotFound(f"there is no account {account!r}")
    return int(pk)


def ensure_account(connection: Connection, account: str, *, now: datetime) -> int:
    """The key of the account's row, which is made where it is new."""
    made = insert_new(
        connection, accounts, {"id": account, "name": account, "created_at": now}, returning=accounts.c.pk
    )
    return made if made is not None else find_account(connection, account)
