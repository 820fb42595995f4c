"""What was written during calls, as the definitions of today have it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

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
    """The last write that fits is the value; where none fits, the last one stands there flagged."""
    fitted = [fit(write.value, definition) for write in writes]
    counting = [value for value in fitted if value is not None]
    return StoredMetric(
        name=name,
        value=counting[-1] if counting else writes[-1].value,
        values=tuple(write.value if value is None else value for write, value in zip(writes, fitted, strict=True)),
        source=writes[-1].source,
        at=writes[-1].at,
        flagged=not counting,
        misfits=len(fitted) - len(counting),
    )
