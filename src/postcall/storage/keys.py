"""The keys that act for accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.keys import ApiKey, Principal, Scope
from postcall.errors import BadInput, Conflict, NotFound
from postcall.storage.accounts import find_account
from postcall.storage.agents import find_agent_row
from postcall.storage.analyst_threads import forget_threads_of, key_owner
from postcall.storage.schema import Moment, accounts, api_keys
from postcall.storage.schema import agents as agent_rows

_NO_NARROW_ADMIN = "a key for chosen agents cannot have the scope 'admin', which is for the account"
USED_TO = timedelta(minutes=1)
"""How exactly it is known when a key was last used: a row is written no oftener."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; the secret is shown this once and stored only as a digest."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds a key."""

    principal: Principal
    is_good: bool
    """Whether the key opens anything; it does not once it was revoked or has expired."""


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What changes of a key; None: that stays."""

    name: str | None = None
    scopes: frozenset[Scope] | None = None
    per_minute: int | None = None
    unlimited: bool = False
    """It has no limit of its own any more."""


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
    agents: Sequence[str] | None = None,
    per_minute: int | None = None,
    created_by: str | None = None,
) -> NewKey:
    """Make a key; `secret` is given only where the operator chose it.

    `agents`: ids or slugs of those it is for; AgentNotFound where there is one that the account has not.
    """
    account_pk = find_account(connection, account)
    mine = None if agents is None else _find_agents(connection, account_pk, agents)
    if mine is not None and Scope.ADMIN in scopes:
        raise BadInput(_NO_NARROW_ADMIN, field="agents")
    secret = secret or f"pc_{token_urlsafe(32)}"
    key = ApiKey(
        id=token_hex(12),
        account=account,
        name=name,
        shown=f"{secret[:6]}…{secret[-4:]}",
        scopes=scopes,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
        agents=None if mine is None else tuple(sorted(mine.values())),
        per_minute=per_minute,
        created_by=created_by,
    )
    connection.execute(
        sa.insert(api_keys).values(
            account_pk=account_pk,
            id=key.id,
            name=name,
            digest=digest_secret(secret),
            shown=key.shown,
            scopes=sorted(scopes),
            agents=None if mine is None else sorted(mine),
            per_minute=per_minute,
            created_by=created_by,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return NewKey(key, secret)


_WHO = (
    sa.select(
        accounts.c.pk,
        accounts.c.id,
        api_keys.c.pk.label("key_pk"),
        api_keys.c.id.label("key_id"),
        api_keys.c.name,
        api_keys.c.scopes,
        api_keys.c.agents,
        api_keys.c.per_minute,
        api_keys.c.expires_at,
        api_keys.c.revoked_at,
    )
    .join_from(api_keys, accounts)
    .where(api_keys.c.digest == sa.bindparam("digest"))
)


def who_holds(connection: Connection, secret: str, *, now: datetime) -> Principal | None:
    """Whom this secret stands for; None where it is unknown, revoked or expired."""
    found = find_holder(connection, secret, now=now)
    return found.principal if found is not None and found.is_good else None


def find_holder(connection: Connection, secret: str, *, now: datetime) -> Holder | None:
    """Whom this secret stands for, or stood for until it was revoked or expired; None where it is unknown."""
    row = connection.execute(_WHO, {"digest": digest_secret(secret)}).one_or_none()
    if row is None:
        return None
    is_over = row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now)
    principal = Principal(
        account=row.id,
        account_pk=row.pk,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        name=row.name,
        agents=None if row.agents is None else frozenset(row.agents),
        key_id=row.key_id,
        key_pk=row.key_pk,
        per_minute=row.per_minute,
    )
    return Holder(principal, is_good=not is_over)


def note_use(connection: Connection, key_pk: int, *, now: datetime) -> None:
    """The key was used just now."""
    connection.execute(
        sa.update(api_keys)
        .where(
            api_keys.c.pk == key_pk, sa.or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at <= now - USED_TO)
        )
        .values(last_used_at=now)
    )


def list_keys(connection: Connection, account: str) -> list[ApiKey]:
    """Every key of the account, the newest first."""
    account_pk = find_account(connection, account)
    rows = connection.execute(
        sa.select(api_keys).where(api_keys.c.account_pk == account_pk).order_by(api_keys.c.pk.desc())
    ).all()
    slugs = _slugs(connection, account_pk)
    return [_read(row, account, slugs) for row in rows]


def find_key(connection: Connection, account: str, key_id: str) -> ApiKey:
    """One key, also a revoked one; NotFound where the account has none of this id."""
    account_pk = find_account(connection, account)
    row = connection.execute(
        sa.select(api_keys).where(api_keys.c.account_pk == account_pk, api_keys.c.id == key_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no key {key_id!r}")
    return _read(row, account, _slugs(connection, account_pk))


def update_key(connection: Connection, account: str, key_id: str, change: KeyChange) -> ApiKey:
    """Change a key from the commit on; NotFound, or Conflict where it was revoked, which nothing undoes."""
    known = find_key(connection, account, key_id)
    if known.revoked_at is not None:
        raise Conflict(f"the key {key_id!r} was revoked; make a new one")
    if known.agents is not None and change.scopes is not None and Scope.ADMIN in change.scopes:
        raise BadInput(_NO_NARROW_ADMIN, field="scopes")
    if values := _changed_values(change):
        connection.execute(sa.update(api_keys).where(api_keys.c.id == key_id).values(**values))
    return find_key(connection, account, key_id)


def _changed_values(change: KeyChange) -> dict[str, Any]:
    """Only what is named: of two who change a key at once, neither gives back what the other has taken away."""
    values: dict[str, Any] = {}
    if change.name is not None:
        values["name"] = change.name
    if change.scopes is not None:
        values["scopes"] = sorted(change.scopes)
    if change.unlimited or change.per_minute is not None:
        values["per_minute"] = None if change.unlimited else change.per_minute
    return values


def revoke_key(connection: Connection, account: str, key_id: str, *, now: datetime) -> None:
    """From its commit on the key opens nothing. What it asked the analyst goes, since nobody can read it any more."""
    account_pk = find_account(connection, account)
    changed = connection.execute(
        sa.update(api_keys)
        .where(api_keys.c.account_pk == account_pk, api_keys.c.id == key_id)
        .values(revoked_at=sa.func.coalesce(api_keys.c.revoked_at, sa.literal(now, Moment)))
    )
    if changed.rowcount == 0:
        raise NotFound(f"there is no key {key_id!r}")
    forget_threads_of(connection, key_owner(account_pk, key_id))


def slugs_of_agents(connection: Connection, account_pk: int, agent_pks: Collection[int]) -> tuple[str, ...]:
    """The slugs of the agents of these keys, in order; those that were removed are left out."""
    slugs = _slugs(connection, account_pk)
    return tuple(sorted(slugs[pk] for pk in agent_pks if pk in slugs))


def _find_agents(connection: Connection, account_pk: int, named: Sequence[str]) -> dict[int, str]:
    """Their slugs by their keys; one that is named twice is one."""
    found = [find_agent_row(connection, account_pk, agent) for agent in named]
    return {row.pk: row.slug for row in found}


def _slugs(connection: Connection, account_pk: int) -> dict[int, str]:
    rows = connection.execute(
        sa.select(agent_rows.c.pk, agent_rows.c.slug).where(agent_rows.c.account_pk == account_pk)
    )
    return {row.pk: row.slug for row in rows}


def _read(row: Row[Any], account: str, slugs: dict[int, str]) -> ApiKey:
    """An agent that was removed is no longer named: the key opens nothing of it."""
    return ApiKey(
        id=row.id,
        account=account,
        name=row.name,
        shown=row.shown,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        agents=None if row.agents is None else tuple(sorted(slugs[pk] for pk in row.agents if pk in slugs)),
        per_minute=row.per_minute,
        last_used_at=row.last_used_at,
        created_by=row.created_by,
    )
