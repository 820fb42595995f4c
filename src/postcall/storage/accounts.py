"""Accounts and the keys that act for them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.keys import ApiKey, Principal, Scope
from postcall.errors import NotFound
from postcall.storage.schema import Moment, accounts, api_keys
from postcall.storage.statements import insert_new

DEFAULT_ACCOUNT = "default"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; the secret is shown this once and stored only as a digest."""

    key: ApiKey
    secret: str


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


def digest_secret(secret: str) -> str:
    """SHA-256: enough for secrets of 256 random bits, which no dictionary holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    connection: Connection,
    account: str,
    *,
    name: str,
    scopes: frozenset[Scope],
    expires_at: datetime | None,
    now: datetime,
    secret: str | None = None,
) -> NewKey:
    """Make a key; `secret` is given only where the operator chose it."""
    secret = secret or f"pc_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=secrets.token_hex(12),
        account=account,
        name=name,
        shown=f"{secret[:6]}…{secret[-4:]}",
        scopes=scopes,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    connection.execute(
        sa.insert(api_keys).values(
            account_pk=find_account(connection, account),
            id=key.id,
            name=name,
            digest=digest_secret(secret),
            shown=key.shown,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return NewKey(key, secret)


_WHO = (
    sa.select(
        accounts.c.pk,
        accounts.c.id,
        api_keys.c.name,
        api_keys.c.scopes,
        api_keys.c.expires_at,
        api_keys.c.revoked_at,
    )
    .join_from(api_keys, accounts)
    .where(api_keys.c.digest == sa.bindparam("digest"))
)


def who_holds(connection: Connection, secret: str, *, now: datetime) -> Principal | None:
    """Whom this secret stands for; None where it is unknown, revoked or expired."""
    row = connection.execute(_WHO, {"digest": digest_secret(secret)}).one_or_none()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    scopes = frozenset(Scope(scope) for scope in row.scopes)
    return Principal(account=row.id, account_pk=row.pk, scopes=scopes, name=row.name)


def list_keys(connection: Connection, account: str) -> list[ApiKey]:
    """Every key of the account, the newest first."""
    rows = connection.execute(
        sa.select(api_keys)
        .where(api_keys.c.account_pk == find_account(connection, account))
        .order_by(api_keys.c.pk.desc())
    )
    return [
        ApiKey(
            id=row.id,
            account=account,
            name=row.name,
            shown=row.shown,
            scopes=frozenset(Scope(scope) for scope in row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]


def revoke_key(connection: Connection, account: str, key_id: str, *, now: datetime) -> None:
    """From its commit on the key opens nothing."""
    changed = connection.execute(
        sa.update(api_keys)
        .where(api_keys.c.account_pk == find_account(connection, account), api_keys.c.id == key_id)
        .values(revoked_at=sa.func.coalesce(api_keys.c.revoked_at, sa.literal(now, Moment)))
    )
    if changed.rowcount == 0:
        raise NotFound(f"there is no key {key_id!r}")
