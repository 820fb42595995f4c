"""What calls carry under a metric's name: for guessing a definition, and as examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.answers import Answer, Extraction
from postcall.domain.calls import MetricValue
from postcall.storage.agents import find_agent_row
from postcall.storage.extractions import read_extractions
from postcall.storage.schema import agents, calls, metric_events

NEWEST = 2_000
"""Calls that are looked at for names and values: what none of them carries is no longer written."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one call says under a name."""

    call_id: str
    agent_slug: str
    started_at: datetime
    writes: tuple[MetricValue, ...]
    """In the order written; empty where only a question bears the name."""
    answer: Answer | None
    """Of the current extraction."""


def names_written(connection: Connection, account_pk: int, agent: str) -> tuple[str, ...]:
    """The names that the agent's newest calls carry, in the order of the alphabet."""
    query = sa.select(metric_events.c.name).distinct().select_from(_writes_of(connection, account_pk, agent))
    return tuple(sorted(connection.execute(query).scalars()))


def values_written(connection: Connection, account_pk: int, agent: str, name: str) -> tuple[MetricValue, ...]:
    """Every write of a name in the agent's newest calls."""
    writes = _writes_of(connection, account_pk, agent)
    query = sa.select(metric_events.c.value).select_from(writes).where(metric_events.c.name == name)
    return tuple(connection.execute(query).scalars())


def read_sightings(connection: Connection, call_pks: Sequence[int], name: str) -> list[Sighting]:
    """What these calls say under a name, in the order of the keys; a call that is gone by now is left out."""
    if not call_pks:
        return []
    rows = {
        row.pk: row
        for row in connection.execute(
            sa.select(calls, agents.c.slug).join_from(calls, agents).where(calls.c.pk.in_(call_pks))
        )
    }
    writes: dict[int, list[MetricValue]] = {}
    found = connection.execute(
        sa.select(metric_events.c.call_pk, metric_events.c.value)
        .join_from(metric_events, calls)
        .where(
            metric_events.c.call_pk.in_(call_pks),
            metric_events.c.revision == calls.c.revision,
            metric_events.c.name == name,
        )
        .order_by(metric_events.c.call_pk, metric_events.c.position)
    )
    for write in found:
        writes.setdefault(write.call_pk, []).append(write.value)
    current = [row.current_extraction_pk for row in rows.values() if row.current_extraction_pk is not None]
    extractions = read_extractions(connection, current)
    answers = {pk: _answer(extractions.get(row.current_extraction_pk), name) for pk, row in rows.items()}
    return [
        Sighting(
            call_id=rows[pk].id,
            agent_slug=rows[pk].slug,
            started_at=rows[pk].started_at,
            writes=tuple(writes.get(pk, ())),
            answer=answers[pk],
        )
        for pk in call_pks
        if pk in rows
    ]


def _answer(extraction: Extraction | None, name: str) -> Answer | None:
    if extraction is None:
        return None
    return next((answer for answer in extraction.findings.answers if answer.identifier == name), None)


def _writes_of(connection: Connection, account_pk: int, agent: str) -> sa.FromClause:
    """The writes of the agent's newest calls."""
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    newest = (
        sa.select(calls.c.pk, calls.c.revision)
        .where(calls.c.agent_pk == agent_pk)
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(NEWEST)
        .subquery()
    )
    return newest.join(
        metric_events, (metric_events.c.call_pk == newest.c.pk) & (metric_events.c.revision == newest.c.revision)
    )
