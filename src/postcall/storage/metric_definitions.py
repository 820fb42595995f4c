"""The definitions of real-time metrics: made, changed and retired, never removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.metrics import MetricDefinition, MetricType, check_metric
from postcall.errors import Conflict, MetricNotFound
from postcall.storage.agents import find_agent_row
from postcall.storage.changes import note_agent_change
from postcall.storage.schema import agents, calls, metric_definitions, metric_events
from postcall.storage.statements import insert_new, lock_row

_DEFINITION = sa.select(metric_definitions, agents.c.id.label("agent_id")).join_from(metric_definitions, agents)


@dataclass(frozen=True, slots=True)
class NewMetric:
    """A definition to be made."""

    name: str
    type: MetricType
    expected_values: tuple[str, ...] = ()
    definition: str = ""
    active: bool = True
    in_api: bool = True


@dataclass(frozen=True, slots=True)
class MetricChange:
    """What becomes different about a definition; None leaves it as it is."""

    definition: str | None = None
    expected_values: tuple[str, ...] | None = None
    active: bool | None = None
    in_api: bool | None = None
    name: str | None = None
    """Refused, as is another type, once a call carries the old name."""
    type: MetricType | None = None


def define_metric(
    connection: Connection, account_pk: int, agent: str, metric: NewMetric, *, now: datetime
) -> MetricDefinition:
    """Make a definition; Conflict where the agent has one of this name. The agent's calls are indexed anew."""
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    check_metric(metric.name, metric.type, metric.expected_values, metric.definition)
    if not _insert(connection, agent_pk, metric, now=now):
        raise Conflict(f"there is already a metric {metric.name!r}", field="name")
    note_agent_change(connection, agent_pk, now=now)
    return _find(connection, agent_pk, metric.name)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of definitions that were handed in together."""

    created: tuple[str, ...]
    ignored: tuple[str, ...]
    """Names that the agent had already; their definitions stay as they are."""


def define_missing_metrics(
    connection: Connection, account_pk: int, agent: str, metrics: Sequence[NewMetric], *, now: datetime
) -> Imported:
    """Make those definitions that the agent has not; nothing is changed or removed."""
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    for metric in metrics:
        check_metric(metric.name, metric.type, metric.expected_values, metric.definition)
    made = {metric.name for metric in metrics if _insert(connection, agent_pk, metric, now=now)}
    if made:
        note_agent_change(connection, agent_pk, now=now)
    return _imported(metrics, made)


def foresee_import(connection: Connection, account_pk: int, agent: str, metrics: Sequence[NewMetric]) -> Imported:
    """What `define_missing_metrics` would do."""
    known = {metric.name for metric in list_metrics(connection, account_pk, agent)}
    return _imported(metrics, {metric.name for metric in metrics} - known)


def _imported(metrics: Sequence[NewMetric], made: set[str]) -> Imported:
    names = [metric.name for metric in metrics]
    return Imported(
        created=tuple(name for name in names if name in made),
        ignored=tuple(name for name in names if name not in made),
    )


def change_metric(
    connection: Connection, account_pk: int, agent: str, name: str, change: MetricChange, *, used: bool, now: datetime
) -> MetricDefinition:
    """Change a definition. Where that changes what fits, the agent's calls are indexed anew.

    `used` is what `is_in_use` says, asked beforehand, since it may have to look at every call; then another name or
    type is a Conflict. A type that has no expected values drops them.
    """
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    old = _find(connection, agent_pk, name, to_change=True)
    new = _changed(old, change, now=now)
    if used:
        _keep_identity(old, new)
    check_metric(new.name, new.type, new.expected_values, new.definition)
    if new.name != name and _exists(connection, agent_pk, new.name):
        raise Conflict(f"there is already a metric {new.name!r}", field="name")
    connection.execute(
        sa.update(metric_definitions)
        .where(metric_definitions.c.agent_pk == agent_pk, metric_definitions.c.name == name)
        .values(**_columns(new), updated_at=now)
    )
    if (old.name, old.type, old.expected_values, old.active) != (new.name, new.type, new.expected_values, new.active):
        note_agent_change(connection, agent_pk, now=now)
    return new


def _changed(old: MetricDefinition, change: MetricChange, *, now: datetime) -> MetricDefinition:
    type_ = change.type or old.type
    kept = old.expected_values if type_ is MetricType.STRING else ()
    return replace(
        old,
        name=old.name if change.name is None else change.name,
        type=type_,
        expected_values=kept if change.expected_values is None else change.expected_values,
        definition=old.definition if change.definition is None else change.definition,
        active=old.active if change.active is None else change.active,
        in_api=old.in_api if change.in_api is None else change.in_api,
        updated_at=now,
    )


def _keep_identity(old: MetricDefinition, new: MetricDefinition) -> None:
    if new.type is not old.type:
        raise Conflict(
            f"calls carry {old.name!r} already, so its type stays {old.type}; define another name for {new.type}",
            field="type",
        )
    if new.name != old.name:
        raise Conflict(
            f"calls carry {old.name!r} already, so it keeps its name; define {new.name!r} and retire this one",
            field="name",
        )


def find_metric(connection: Connection, account_pk: int, agent: str, name: str) -> MetricDefinition:
    """One definition, or MetricNotFound."""
    return _find(connection, find_agent_row(connection, account_pk, agent).pk, name)


def list_metrics(connection: Connection, account_pk: int, agent: str) -> list[MetricDefinition]:
    """Every definition of an agent, retired ones too, by name."""
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    return list(definitions_by_agent(connection, [agent_pk]).get(agent_pk, {}).values())


def list_account_metrics(connection: Connection, account_pk: int) -> list[MetricDefinition]:
    """Every definition of every agent, by agent and name."""
    rows = connection.execute(
        _DEFINITION.where(agents.c.account_pk == account_pk).order_by(agents.c.pk, metric_definitions.c.pk)
    ).all()
    return sorted((_read(row) for row in rows), key=lambda metric: (metric.agent_id, metric.name))


def definitions_by_agent(connection: Connection, agent_pks: Iterable[int]) -> dict[int, dict[str, MetricDefinition]]:
    """The definitions of some agents, by the agent's key and by name; an agent that has none has no entry."""
    rows = connection.execute(_DEFINITION.where(metric_definitions.c.agent_pk.in_(list(agent_pks)))).all()
    found: dict[int, dict[str, MetricDefinition]] = {}
    for row in sorted(rows, key=lambda row: str(row.name)):  # the databases sort texts differently
        found.setdefault(row.agent_pk, {})[row.name] = _read(row)
    return found


def is_in_use(connection: Connection, account_pk: int, agent: str, name: str, change: MetricChange) -> bool:
    """Whether a call of the agent carries the name, where the change is one that this would forbid.

    Where no call does, every call of the agent was looked at: not something to do on the record's one writer.
    """
    if change.name is None and change.type is None:
        return False
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    writes = sa.select(sa.literal(1)).where(metric_events.c.call_pk == calls.c.pk, metric_events.c.name == name)
    found = connection.execute(sa.select(calls.c.pk).where(calls.c.agent_pk == agent_pk, sa.exists(writes)).limit(1))
    return found.one_or_none() is not None


def _insert(connection: Connection, agent_pk: int, metric: NewMetric, *, now: datetime) -> bool:
    values = {"agent_pk": agent_pk, **_columns(metric), "created_at": now, "updated_at": now}
    return insert_new(connection, metric_definitions, values, returning=metric_definitions.c.pk) is not None


def _columns(metric: NewMetric | MetricDefinition) -> dict[str, Any]:
    return {
        "name": metric.name,
        "type": metric.type,
        "expected_values": metric.expected_values,
        "definition": metric.definition,
        "active": metric.active,
        "in_api": metric.in_api,
    }


def _exists(connection: Connection, agent_pk: int, name: str) -> bool:
    own = metric_definitions.c.agent_pk == agent_pk, metric_definitions.c.name == name
    return connection.execute(sa.select(metric_definitions.c.pk).where(*own)).one_or_none() is not None


def _find(connection: Connection, agent_pk: int, name: str, *, to_change: bool = False) -> MetricDefinition:
    own = metric_definitions.c.agent_pk == agent_pk, metric_definitions.c.name == name
    if to_change:
        connection.execute(lock_row(connection, sa.select(metric_definitions.c.pk).where(*own)))
    row = connection.execute(_DEFINITION.where(*own)).one_or_none()
    if row is None:
        raise MetricNotFound(name)
    return _read(row)


def _read(row: Row[Any]) -> MetricDefinition:
    return MetricDefinition(
        agent_id=row.agent_id,
        name=row.name,
        type=MetricType(row.type),
        expected_values=tuple(row.expected_values),
        definition=row.definition,
        active=row.active,
        in_api=row.in_api,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
