"""The log of who read and changed what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry, AuditEvent
from postcall.errors import AgentNotFound
from postcall.storage.access_schema import audit_events
from postcall.storage.agents import find_agent_row

_OLD_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines are wanted; None is no condition."""

    actor: str | None = None
    """The id of a key or a user."""
    actor_name: str | None = None
    """What somebody is called; also those without an id, such as commands."""
    action: Action | None = None
    subject_kind: str | None = None
    subject: str | None = None
    agent: str | None = None
    """An id or slug; also of an agent that is gone, whose lines stay."""
    since: datetime | None = None
    """Done then or later."""
    until: datetime | None = None
    """Done before."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some lines, the newest first."""

    events: tuple[AuditEvent, ...]
    before: int | None
    """What to ask for to see the next page; None: there is none."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The same thing, done so many times since it was last written down."""

    account_pk: int
    at: datetime
    """When first within its minute."""
    entry: AuditEntry
    times: int
    adds_to: int | None = None
    """The line of the same minute, which counts on; None: a new one."""


def add_audit(connection: Connection, account_pk: int, entry: AuditEntry, *, now: datetime) -> None:
    """Write one line, in the transaction of what it tells of, where that is at hand."""
    connection.execute(_INSERT, _values(Counted(account_pk, now, entry, 1)))


def add_counted(connection: Connection, lines: Iterable[Counted]) -> list[int]:
    """Write many; returns the key of each one's line, which those of the same minute may be added to."""
    return [_add_to(connection, line, line.adds_to) if line.adds_to else _add(connection, line) for line in lines]


def list_audit(
    connection: Connection, account_pk: int, wanted: AuditFilter, *, before: int | None = None, limit: int = 50
) -> AuditPage:
    """A page of an account's log, the newest first; `before` is that of the page before."""
    query = sa.select(audit_events).where(
        audit_events.c.account_pk == account_pk, *_conditions(connection, account_pk, wanted)
    )
    if before is not None:
        query = query.where(audit_events.c.pk < before)
    rows = connection.execute(query.order_by(audit_events.c.pk.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    return AuditPage(tuple(_read(row) for row in shown), shown[-1].pk if len(rows) > limit else None)


def forget_old_audit(connection: Connection, *, now: datetime, kept: timedelta) -> int:
    """Drop what is older than it is kept, some at a time; returns how many."""
    old = sa.select(audit_events.c.pk).where(audit_events.c.at < now - kept).limit(_OLD_AT_ONCE)
    return connection.execute(sa.delete(audit_events).where(audit_events.c.pk.in_(old))).rowcount


_INSERT = sa.insert(audit_events)
_INSERT_ONE = _INSERT.returning(audit_events.c.pk)
_COUNT = (
    sa.update(audit_events)
    .where(audit_events.c.pk == sa.bindparam("line"))
    .values(times=audit_events.c.times + sa.bindparam("more"))
)


def _add(connection: Connection, line: Counted) -> int:
    return int(connection.execute(_INSERT_ONE, _values(line)).scalar_one())


def _add_to(connection: Connection, line: Counted, pk: int) -> int:
    """A line that was dropped meanwhile, which takes a retention of no time, begins anew."""
    counted = connection.execute(_COUNT, {"line": pk, "more": line.times})
    return pk if counted.rowcount else _add(connection, line)


def _values(line: Counted) -> dict[str, Any]:
    entry = line.entry
    return {
        "account_pk": line.account_pk,
        "at": line.at,
        "actor_kind": entry.actor.kind.value,
        "actor_id": entry.actor.id,
        "actor": entry.actor.name,
        "action": entry.action.value,
        "subject_kind": entry.subject_kind,
        "subject": entry.subject,
        "agent": entry.agent,
        "request": entry.request,
        "status": entry.status,
        "times": line.times,
    }


def _conditions(connection: Connection, account_pk: int, wanted: AuditFilter) -> Iterable[sa.ColumnElement[bool]]:
    if wanted.actor is not None:
        yield audit_events.c.actor_id == wanted.actor
    if wanted.actor_name is not None:
        yield audit_events.c.actor == wanted.actor_name
    if wanted.action is not None:
        yield audit_events.c.action == wanted.action.value
    if wanted.subject_kind is not None:
        yield audit_events.c.subject_kind == wanted.subject_kind
    if wanted.subject is not None:
        yield audit_events.c.subject == wanted.subject
    if wanted.agent is not None:
        yield audit_events.c.agent.in_(_names_of(connection, account_pk, wanted.agent))
    if wanted.since is not None:
        yield audit_events.c.at >= wanted.since
    if wanted.until is not None:
        yield audit_events.c.at < wanted.until


def _names_of(connection: Connection, account_pk: int, agent: str) -> set[str]:
    """A request names an agent by its slug or its id, and is written down as it came."""
    try:
        row = find_agent_row(connection, account_pk, agent)
    except AgentNotFound:
        return {agent}
    return {agent, row.id, row.slug}


def _read(row: Row[Any]) -> AuditEvent:
    return AuditEvent(
        pk=row.pk,
        at=row.at,
        entry=AuditEntry(
            actor=Actor(ActorKind(row.actor_kind), row.actor_id, row.actor),
            action=Action(row.action),
            subject_kind=row.subject_kind,
            request=row.request,
            subject=row.subject,
            agent=row.agent,
            status=row.status,
        ),
        times=row.times,
    )
