"""Secrets of agents, sealed: this file sees neither keys nor values (configure/sealing.py does)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.hosted_schema import secrets
from postcall.storage.statements import upsert


@dataclass(frozen=True, slots=True)
class SecretName:
    """A secret as it is listed; its value is nowhere."""

    name: str
    created_at: datetime
    updated_at: datetime


def keep_sealed(connection: Connection, agent_pk: int, name: str, sealed: bytes, *, now: datetime) -> SecretName:
    """Store a sealed value, in place of the one before."""
    upsert(
        connection,
        secrets,
        {"agent_pk": agent_pk, "name": name, "sealed": sealed, "created_at": now, "updated_at": now},
        changing=("sealed", "updated_at"),
    )
    row = connection.execute(
        sa.select(secrets.c.created_at, secrets.c.updated_at).where(
            secrets.c.agent_pk == agent_pk, secrets.c.name == name
        )
    ).one()
    return SecretName(name, row.created_at, row.updated_at)


def read_sealed(connection: Connection, agent_pk: int, name: str) -> bytes | None:
    """A sealed value; None where there is none of this name."""
    sealed = connection.execute(_SEALED, {"agent_pk": agent_pk, "name": name}).scalar_one_or_none()
    return None if sealed is None else bytes(sealed)


_SEALED = sa.select(secrets.c.sealed).where(
    secrets.c.agent_pk == sa.bindparam("agent_pk"), secrets.c.name == sa.bindparam("name")
)


def read_all_sealed(connection: Connection, agent_pk: int) -> dict[str, bytes]:
    """Every sealed value of an agent, by name."""
    rows = connection.execute(sa.select(secrets.c.name, secrets.c.sealed).where(secrets.c.agent_pk == agent_pk))
    return {row.name: bytes(row.sealed) for row in rows}


def every_sealed(connection: Connection) -> dict[tuple[int, str], bytes]:
    """Every sealed value of every agent, by the agent's key and name."""
    rows = connection.execute(sa.select(secrets.c.agent_pk, secrets.c.name, secrets.c.sealed))
    return {(row.agent_pk, row.name): bytes(row.sealed) for row in rows}


def list_secrets(connection: Connection, agent_pk: int) -> tuple[SecretName, ...]:
    """The names of an agent's secrets with their dates, by name."""
    rows = connection.execute(
        sa.select(secrets.c.name, secrets.c.created_at, secrets.c.updated_at).where(secrets.c.agent_pk == agent_pk)
    )
    found = (SecretName(row.name, row.created_at, row.updated_at) for row in rows)
    return tuple(sorted(found, key=lambda secret: secret.name))  # the databases sort texts differently


def remove_secret(connection: Connection, agent_pk: int, name: str) -> bool:
    """Take a secret away; False where there was none."""
    gone = connection.execute(sa.delete(secrets).where(secrets.c.agent_pk == agent_pk, secrets.c.name == name))
    return gone.rowcount == 1
