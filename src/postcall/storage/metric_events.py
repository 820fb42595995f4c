"""What was written during calls, as the definitions of today have it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import MetricValue, StoredMetric
from postcall.domain.metrics import MetricDefinition, fit
from postcall.storage.metric_definitions import definitions_by_agent
from postcall.storage.schema import calls, metric_events


def read_metrics(connection: Connection, call_pks: Collection[int]) -> dict[int, tuple[StoredMetric, ...]]:
    """The metrics of the current revision of each of these calls, in the order of their first writes."""
    rows = connection.execute(
        sa.select(metric_events, calls.c.agent_pk)
        .join_from(
            metric_events,
            calls,
            sa.and_(metric_events.c.call_pk == calls.c.pk, metric_events.c.revision == calls.c.revision),
        )
        .where(calls.c.pk.in_(call_pks))
        .order_by(metric_events.c.call_pk, metric_events.c.position)
    ).all()
    definitions = definitions_by_agent(connection, {row.agent_pk for row in rows})
    by_name: dict[int, dict[str, list[Row[Any]]]] = {pk: {} for pk in call_pks}
    for row in rows:
        by_name[row.call_pk].setdefault(row.name, []).append(row)
    return {
        pk: tuple(
            _put_together(name, writes, definitions.get(writes[0].agent_pk, {}).get(name))
            for name, writes in named.items()
        )
        for pk, named in by_name.items()
    }


class Written(NamedTuple):
    """Every write of one name during one call."""

    values: tuple[MetricValue, ...]
    """In their order, as the definition has them where they fit."""
    last: MetricValue
    """The last that fits; where none does, the last."""
    misfits: int = 0
    """How many do not fit."""

    @property
    def flagged(self) -> bool:
        """None fits the metric's definition, so no report counts it."""
        return self.misfits == len(self.values)


def read_written(connection: Connection, call_pks: Collection[int]) -> dict[int, dict[str, Written]]:
    """`read_metrics` without where each came from and when: by call and name, in the order of the first writes."""
    rows = connection.execute(_WRITTEN, {"pks": list(call_pks)}).all() if call_pks else []
    definitions = definitions_by_agent(connection, {agent_pk for _, agent_pk, _, _ in rows}) if rows else {}
    by_call: dict[int, dict[str, list[MetricValue]]] = {pk: {} for pk in call_pks}
    agent_of: dict[int, int] = {}
    for pk, agent_pk, name, value in rows:
        by_call[pk].setdefault(name, []).append(value)
        agent_of[pk] = agent_pk
    nothing: Mapping[str, MetricDefinition] = {}
    return {
        pk: {
            name: _fitted(values, definitions.get(agent_of[pk], nothing).get(name)) for name, values in by_name.items()
        }
        for pk, by_name in by_call.items()
    }


_WRITTEN = (
    sa.select(metric_events.c.call_pk, calls.c.agent_pk, metric_events.c.name, metric_events.c.value)
    .join_from(
        metric_events,
        calls,
        sa.and_(metric_events.c.call_pk == calls.c.pk, metric_events.c.revision == calls.c.revision),
    )
    .where(calls.c.pk.in_(sa.bindparam("pks", expanding=True)))
    .order_by(metric_events.c.call_pk, metric_events.c.position)
)


def _fitted(values: Sequence[MetricValue], definition: MetricDefinition | None) -> Written:
    fitted = [fit(value, definition) for value in values]
    counting = [value for value in fitted if value is not None]
    shown = tuple(value if there is None else there for value, there in zip(values, fitted, strict=True))
    return Written(shown, counting[-1] if counting else values[-1], misfits=len(fitted) - len(counting))


def writes_of_call(connection: Connection, call_pk: int, revision: int) -> tuple[tuple[str, MetricValue], ...]:
    """Name and value of every write to a call, in order, as they came."""
    rows = connection.execute(_WRITES, {"call_pk": call_pk, "revision": revision})
    return tuple((row.name, row.value) for row in rows)


_WRITES = (
    sa.select(metric_events.c.name, metric_events.c.value)
    .where(metric_events.c.call_pk == sa.bindparam("call_pk"), metric_events.c.revision == sa.bindparam("revision"))
    .order_by(metric_events.c.position)
)


def _put_together(name: str, writes: Sequence[Row[Any]], definition: MetricDefinition | None) -> StoredMetric:
    written = _fitted([write.value for write in writes], definition)
    return StoredMetric(
        name=name,
        value=written.last,
        values=written.values,
        source=writes[-1].source,
        at=writes[-1].at,
        flagged=written.flagged,
        misfits=written.misfits,
    )
