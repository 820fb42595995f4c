"""What an export reads of the record. Plain SQL on the driver's own cursor, as every call passes through here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.exports import ExportWanted
from postcall.domain.metrics import MetricDefinition
from postcall.storage.agents import find_agent_row
from postcall.storage.metric_definitions import definitions_by_agent
from postcall.storage.plain_rows import by_call, plain_rows
from postcall.storage.schema import calls
from postcall.storage.statements import unindexed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IN_SQL = 1_000
"""Keys in one statement."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which calls of the record an export is about."""

    account_pk: int
    agent_pks: tuple[int, ...]
    """Empty: all."""
    since: datetime | None
    until: datetime | None
    transcripts: bool


class CallFields(NamedTuple):
    """A call's row, in the order in which it is read."""

    pk: int
    agent_pk: int
    id: str
    agent: str
    agent_id: str
    version: int
    status: str
    channel: str
    direction: str
    environment: str
    started_at: int
    """Microseconds since 1970, as every moment here."""
    started_at_is_intake: bool
    ended_at: int | None
    duration_s: float | None
    from_number: str | None
    to_number: str | None
    language: str | None
    variant: str | None
    disconnection_reason: str | None
    handoff_destination: str | None
    handoff_reason: str | None
    user_turns: int
    agent_turns: int
    latency_s: float | None
    revision: int
    metadata: str | None
    """As JSON text."""
    created_at: int
    extraction_id: str | None
    extraction_version: int | None
    extracted_at: int | None
    analyser: str | None
    model: str | None
    summary: str | None
    campaign_id: str | None
    attempt: int | None
    cost: float | None


class WriteFields(NamedTuple):
    """A metric write."""

    call_pk: int
    position: int
    name: str
    value: str
    """As JSON text."""
    source: str
    at: int


class AnswerFields(NamedTuple):
    """An answer of a call's current extraction."""

    call_pk: int
    position: int
    identifier: str
    type: str
    value: str | None
    """As JSON text."""
    status: str
    confidence: float | None
    calibrated: bool
    reasoning: str
    evidence: str
    """As JSON text."""
    kept_from: str | None
    answered_by: str | None


class TurnFields(NamedTuple):
    """A turn of a call's current transcript."""

    call_pk: int
    position: int
    role: str
    text: str
    start_s: float | None
    at: int | None
    latency_s: float | None


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """All that an export may say of a call."""

    call: CallFields
    writes: Sequence[WriteFields]
    answers: Sequence[AnswerFields]
    turns: Sequence[TurnFields]
    definitions: dict[str, MetricDefinition]
    """Those of its agent, by name."""


_CALLS_SQL = """
SELECT calls.pk, calls.agent_pk, calls.id, agents.slug, agents.id, calls.version, calls.status, calls.channel,
       calls.direction, calls.environment, calls.started_at, calls.started_at_is_intake, calls.ended_at,
       calls.duration_s, calls.from_number, calls.to_number, calls.language, calls.variant, calls.disconnection_reason,
       calls.handoff_destination, calls.handoff_reason, calls.user_turns, calls.agent_turns, calls.latency_s,
       calls.revision, calls.metadata, calls.created_at, extractions.id, extractions.version, extractions.finished_at,
       extractions.analyser, extractions.model, extractions.summary, campaigns.id, outbound_calls.attempt,
       outbound_calls.cost
FROM calls JOIN agents ON agents.pk = calls.agent_pk
     LEFT JOIN extractions ON extractions.pk = calls.current_extraction_pk
     LEFT JOIN outbound_calls ON outbound_calls.call_pk = calls.pk
     LEFT JOIN campaigns ON campaigns.pk = outbound_calls.campaign_pk
WHERE calls.pk IN ({keys}) ORDER BY calls.pk
"""
_WRITES_SQL = """
SELECT calls.pk, metric_events.position, metric_events.name, metric_events.value, metric_events.source,
       metric_events.at
FROM calls JOIN metric_events ON metric_events.call_pk = calls.pk AND metric_events.revision = calls.revision
WHERE calls.pk IN ({keys}) ORDER BY calls.pk, metric_events.position
"""
_ANSWERS_SQL = """
SELECT calls.pk, answers.position, answers.identifier, answers.type, answers.value, answers.status,
       answers.confidence, answers.calibrated, answers.reasoning, answers.evidence, answers.kept_from,
       answers.answered_by
FROM calls JOIN answers ON answers.extraction_pk = calls.current_extraction_pk
WHERE calls.pk IN ({keys}) ORDER BY calls.pk, answers.position
"""
_TURNS_SQL = """
SELECT calls.pk, turns.position, turns.role, turns.text, turns.start_s, turns.at, turns.latency_s
FROM calls JOIN turns ON turns.call_pk = calls.pk AND turns.revision = calls.revision
WHERE calls.pk IN ({keys}) ORDER BY calls.pk, turns.position
"""


def source_of(connection: Connection, account_pk: int, wanted: ExportWanted) -> Source:
    """The calls that an export wants; AgentNotFound where one of the agents is gone."""
    pks = tuple(find_agent_row(connection, account_pk, named).pk for named in wanted.agents)
    return Source(account_pk, pks, wanted.since, wanted.until, wanted.transcripts)


def count_calls_of(connection: Connection, source: Source) -> int:
    """How many calls there are to export."""
    query = sa.select(sa.func.count()).select_from(calls).where(calls.c.account_pk == source.account_pk)
    return int(connection.execute(query.where(*_conditions(source))).scalar_one())


def next_keys(connection: Connection, source: Source, *, after: int, limit: int) -> list[int]:
    """The keys of the next calls after this one, in their order."""
    # By their keys, in which they lie: an index by any other order would be sorted whole for each of these looks.
    query = sa.select(calls.c.pk).where(calls.c.pk > after, unindexed(calls.c.account_pk) == source.account_pk)
    query = query.where(*_conditions(source)).order_by(calls.c.pk).limit(limit)
    return list(connection.execute(query).scalars())


def wanted_keys(connection: Connection, source: Source, call_pks: Iterable[int]) -> list[int]:
    """Those of these calls that are there and wanted, in the order of their keys."""
    wanted = sorted(call_pks)
    found: list[int] = []
    for first in range(0, len(wanted), _IN_SQL):
        some = wanted[first : first + _IN_SQL]
        mine = unindexed(calls.c.account_pk) == source.account_pk
        query = sa.select(calls.c.pk).where(calls.c.pk.in_(some), mine, *_conditions(source)).order_by(calls.c.pk)
        found.extend(connection.execute(query).scalars())
    return found


def read_recorded(connection: Connection, call_pks: Sequence[int], *, transcripts: bool) -> list[RecordedCall]:
    """These calls whole, in the order of their keys; not more than some hundred at once."""
    if not call_pks:
        return []
    keys = ",".join(map(str, call_pks))
    found = [_call(row) for row in plain_rows(connection, _CALLS_SQL.format(keys=keys))]
    writes = by_call(plain_rows(connection, _WRITES_SQL.format(keys=keys)))
    answers = by_call(plain_rows(connection, _ANSWERS_SQL.format(keys=keys)))
    turns = by_call(plain_rows(connection, _TURNS_SQL.format(keys=keys))) if transcripts else {}
    known = definitions_by_agent(connection, {call.agent_pk for call in found})
    none: dict[str, MetricDefinition] = {}
    return [
        RecordedCall(
            call,
            [WriteFields._make(row) for row in writes.get(call.pk, ())],
            [_answer(row) for row in answers.get(call.pk, ())],
            [TurnFields._make(row) for row in turns.get(call.pk, ())],
            known.get(call.agent_pk, none),
        )
        for call in found
    ]


def moment(microseconds: int) -> datetime:
    """The time that a number in these rows stands for."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _call(row: tuple[Any, ...]) -> CallFields:
    fields = CallFields._make(row)
    return fields._replace(started_at_is_intake=bool(fields.started_at_is_intake))  # SQLite has numbers for it


def _answer(row: tuple[Any, ...]) -> AnswerFields:
    fields = AnswerFields._make(row)
    return fields._replace(calibrated=bool(fields.calibrated))


def _conditions(source: Source) -> Iterable[sa.ColumnElement[bool]]:
    if source.agent_pks:
        yield unindexed(calls.c.agent_pk).in_(source.agent_pks)
    if source.since is not None:
        yield calls.c.started_at >= source.since
    if source.until is not None:
        yield calls.c.started_at < source.until
