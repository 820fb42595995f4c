"""Learned heads: one row for each attempt at a question, of which one may answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.label_schema import heads


@dataclass(frozen=True, slots=True)
class HeadKey:
    """A head that answers, without its bytes."""

    pk: int
    identifier: str
    digest: str
    """Of the exact question: a question that was changed since has another, and so no head."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was learned about a question at one time."""

    identifier: str
    digest: str
    version: int
    """The agent's active version at that time."""
    active: bool
    """Whether its head answers."""
    card: Mapping[str, Any]
    created_at: datetime


def store_attempt(
    connection: Connection,
    agent_pk: int,
    *,
    identifier: str,
    digest: str,
    version: int,
    content: bytes | None,
    card: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Append an attempt. Its head, where there is one, takes the place of the question's earlier one.

    Without `content` the earlier head is withdrawn: what was learned last knows best. Returns whether one was.
    """
    same = sa.and_(heads.c.agent_pk == agent_pk, heads.c.digest == digest, heads.c.active.is_(True))
    earlier = connection.execute(sa.update(heads).where(same).values(active=False)).rowcount
    connection.execute(
        sa.insert(heads).values(
            agent_pk=agent_pk,
            identifier=identifier,
            digest=digest,
            version=version,
            active=content is not None,
            content=content,
            card=dict(card),
            created_at=now,
        )
    )
    return earlier > 0 and content is None


def list_heads(connection: Connection, agent_pk: int) -> tuple[HeadKey, ...]:
    """Every head of an agent that answers."""
    rows = connection.execute(_ACTIVE, {"agent_pk": agent_pk})
    return tuple(HeadKey(row.pk, row.identifier, row.digest) for row in rows)


def read_head_content(connection: Connection, pk: int) -> bytes | None:
    """The bytes of a head; None where it has gone since it was listed."""
    content = connection.execute(sa.select(heads.c.content).where(heads.c.pk == pk)).scalar_one_or_none()
    return bytes(content) if content is not None else None


def latest_attempts(connection: Connection, agent_pk: int) -> dict[str, Attempt]:
    """The last attempt at each exact question, by its digest."""
    last = sa.select(sa.func.max(heads.c.pk)).where(heads.c.agent_pk == agent_pk).group_by(heads.c.digest)
    columns = (heads.c.identifier, heads.c.digest, heads.c.version, heads.c.active, heads.c.card, heads.c.created_at)
    rows = connection.execute(sa.select(*columns).where(heads.c.pk.in_(last)))
    return {
        row.digest: Attempt(row.identifier, row.digest, row.version, row.active, row.card, row.created_at)
        for row in rows
    }


_ACTIVE = (
    sa.select(heads.c.pk, heads.c.identifier, heads.c.digest)
    .where(heads.c.agent_pk == sa.bindparam("agent_pk"), heads.c.active.is_(True))
    .order_by(heads.c.pk)
)
"""Built once: it is asked every few seconds while calls are answered."""
