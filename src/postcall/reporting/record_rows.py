"""What the index reads of the record. Plain SQL on the driver's own cursor: a million calls pass through here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.metrics import MetricDefinition
from postcall.reporting.projection import Answered, CallColumns, PlacedColumns, Traits, Write, project
from postcall.storage.metric_definitions import definitions_by_agent
from postcall.storage.plain_rows import by_call, plain_rows
from postcall.storage.schema import agents, calls

_CALL_SQL = """
SELECT calls.pk, calls.account_pk, calls.agent_pk, agents.slug, calls.id, calls.started_at, calls.version,
       calls.channel, calls.direction, calls.environment, calls.variant, calls.language, calls.status,
       calls.disconnection_reason, calls.handoff_destination, calls.handoff_reason, calls.from_number,
       calls.to_number, calls.duration_s, calls.user_turns, calls.agent_turns, calls.latency_s,
       calls.current_extraction_pk
FROM calls JOIN agents ON agents.pk = calls.agent_pk
WHERE {which}
"""
_WRITES_SQL = """
SELECT calls.pk, metric_events.name, metric_events.value
FROM calls JOIN metric_events ON metric_events.call_pk = calls.pk AND metric_events.revision = calls.revision
WHERE {which} ORDER BY calls.pk, metric_events.position
"""
_ANSWERS_SQL = """
SELECT calls.pk, answers.identifier, answers.value, answers.status
FROM calls JOIN answers ON answers.extraction_pk = calls.current_extraction_pk
WHERE {which} ORDER BY calls.pk, answers.position
"""
_PLACED_SQL = """
SELECT outbound_calls.call_pk, outbound_calls.attempt, outbound_calls.cost, campaigns.id, campaigns.name
FROM outbound_calls LEFT JOIN campaigns ON campaigns.pk = outbound_calls.campaign_pk
WHERE {which}
"""


@dataclass(frozen=True, slots=True)
class Lines:
    """Some calls as the index takes them."""

    rows: list[str]
    """One JSON object each."""
    traits: Traits


def read_lines(connection: Connection, call_pks: Collection[int]) -> Lines:
    """The rows of these calls; one that is gone has none."""
    return _read(connection, f"{{pk}} IN ({','.join(map(str, call_pks))})") if call_pks else Lines([], Traits())


def read_range(connection: Connection, after: int, upto: int) -> Lines:
    """The rows of the calls with keys in (after, upto]."""
    return _read(connection, f"{{pk}} > {after} AND {{pk}} <= {upto}")


def key_ranges(connection: Connection, *, size: int) -> Iterator[tuple[int, int]]:
    """Ranges (after, upto] that hold every call there is, each at most `size` keys wide."""
    low, high = connection.execute(sa.select(sa.func.min(calls.c.pk), sa.func.max(calls.c.pk))).one()
    if low is None:
        return
    after = low - 1
    while after < high:
        yield after, min(after + size, high)
        after += size


def calls_of_agents(connection: Connection, agent_pks: Collection[int]) -> list[int]:
    """The keys of every call of these agents."""
    return list(connection.execute(sa.select(calls.c.pk).where(calls.c.agent_pk.in_(agent_pks))).scalars())


def agent_slugs(connection: Connection, account_pk: int) -> dict[int, str]:
    """The slug of every agent of the account, by its key."""
    rows = connection.execute(sa.select(agents.c.pk, agents.c.slug).where(agents.c.account_pk == account_pk))
    return {row.pk: row.slug for row in rows}


def _read(connection: Connection, condition: str) -> Lines:
    """`condition` names the calls by `{pk}`."""
    which, of_placed = condition.format(pk="calls.pk"), condition.format(pk="outbound_calls.call_pk")
    found = [CallColumns._make(row) for row in plain_rows(connection, _CALL_SQL.format(which=which))]
    writes: dict[int, list[Write]] = by_call(plain_rows(connection, _WRITES_SQL.format(which=which)))
    answered: dict[int, list[Answered]] = by_call(plain_rows(connection, _ANSWERS_SQL.format(which=which)))
    placed = {row[0]: PlacedColumns._make(row) for row in plain_rows(connection, _PLACED_SQL.format(which=of_placed))}
    known = definitions_by_agent(connection, {call.agent_pk for call in found})
    traits = Traits()
    none: dict[str, MetricDefinition] = {}
    lines = [
        project(
            call,
            writes.get(call.pk, ()),
            answered.get(call.pk, ()),
            known.get(call.agent_pk, none),
            traits,
            placed.get(call.pk),
        )
        for call in found
    ]
    return Lines(lines, traits)
