"""Everything that the list of an agent's metrics rests on: definitions, questions, names in calls, and numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.metric_format import undeclared_names
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.configure.metric_findings import Finding
from postcall.configure.naming import lint_metrics
from postcall.domain.agents import Agent
from postcall.domain.builtin_metrics import ONLY_LIVE
from postcall.domain.metrics import MetricDefinition
from postcall.domain.queries import Coverage, Measure, MeasureKind, Query
from postcall.domain.questions import DispositionMetric
from postcall.errors import PostcallError
from postcall.reporting.periods import period
from postcall.reporting.reports import KnownName, Reports
from postcall.storage.agents import find_agent, find_agent_row, find_version, list_agents
from postcall.storage.metric_definitions import list_metrics
from postcall.storage.metric_writes import names_written
from postcall.web.people import person_of

COVERED = "last_7_days"
"""The period of the list, the same as everywhere else."""
SEEN = timedelta(days=30)
_AT_ONCE = 40
"""Measures in one query."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the record says of an agent's metrics."""

    agent: Agent
    definitions: tuple[MetricDefinition, ...]
    questions: tuple[DispositionMetric, ...]
    """Of the active version."""
    written: tuple[str, ...]
    """The names that its newest calls carry."""

    @property
    def undeclared(self) -> list[str]:
        """Names that calls carry and nobody has defined."""
        return undeclared_names(self.definitions, self.written)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the linter says."""
        return lint_metrics(self.definitions, self.undeclared)


@dataclass(frozen=True, slots=True)
class MetricNumbers:
    """What the reports say of them."""

    names: tuple[KnownName, ...]
    coverage: dict[str, Coverage]
    """Of the last seven days, by name."""
    last_seen: dict[str, str]
    """The last day of the last thirty on which a call carried it, fitting or not, as `2026-03-02`."""


@dataclass(frozen=True, slots=True)
class MetricsLook:
    """All of it."""

    agents: tuple[Agent, ...]
    known: Known | None
    """None where there is no agent yet."""
    numbers: MetricNumbers | None
    problem: str | None
    """Why there are no numbers."""


async def look_at_metrics(request: Request, slug: str | None) -> MetricsLook:
    """The metrics of an agent, the first where none is named. AgentNotFound where there is none of that name."""
    account_pk = person_of(request).account_pk

    def read(connection: Connection) -> tuple[tuple[Agent, ...], Known | None]:
        agents = tuple(list_agents(connection, account_pk))
        named = slug or (agents[0].slug if agents else None)
        return agents, read_known(connection, account_pk, named) if named else None

    agents, known = await services_of(request).record.read_async(read)
    if known is None:
        return MetricsLook(agents, None, None, None)
    try:
        numbers = await _ask(reports_of(request), account_pk, known, now=services_of(request).clock())
    except PostcallError as error:
        return MetricsLook(agents, known, None, error.message)
    return MetricsLook(agents, known, numbers, None)


def read_known(connection: Connection, account_pk: int, slug: str) -> Known:
    """What the record says."""
    agent = find_agent(connection, account_pk, slug)
    row = find_agent_row(connection, account_pk, slug)
    return Known(
        agent=agent,
        definitions=tuple(list_metrics(connection, account_pk, slug)),
        questions=find_version(connection, row.pk, agent.active_version).config.questions,
        written=names_written(connection, account_pk, slug),
    )


async def _ask(reports: Reports, account_pk: int, known: Known, *, now: datetime) -> MetricNumbers:
    names = await reports.names(account_pk, known.agent.slug)
    carried = [each.name for each in names]
    slug = known.agent.slug
    alone = [[name] for name in carried if name == ONLY_LIVE]  # it is counted among other calls than the rest
    others = [name for name in carried if name != ONLY_LIVE]
    parts = alone + [others[first : first + _AT_ONCE] for first in range(0, len(others), _AT_ONCE)]
    covered = asyncio.gather(*(_coverage(reports, account_pk, slug, part, now=now) for part in parts))
    seen = asyncio.gather(*(_last_seen(reports, account_pk, slug, part, now=now) for part in parts))
    coverage = {each.name.removeprefix("metric."): each for part in await covered for each in part}
    last_seen = {name: day for part in await seen for name, day in part.items()}
    defined = {each.name for each in known.definitions} | {each.identifier for each in known.questions}
    misfits = [name for name in carried if name in defined and _may_hide(coverage.get(name), last_seen.get(name))]
    for name, day in zip(misfits, await _last_misfits(reports, account_pk, slug, misfits, now=now), strict=True):
        last_seen |= {name: max(day, last_seen.get(name, ""))} if day else {}
    return MetricNumbers(names, coverage, last_seen)


async def _coverage(
    reports: Reports, account_pk: int, agent: str, names: Sequence[str], *, now: datetime
) -> tuple[Coverage, ...]:
    since, until = period(COVERED, now, "UTC")
    query = Query(measures=_measures(MeasureKind.SHARE, names), agent=agent, since=since, until=until)
    return (await reports.run(account_pk, query)).coverage


async def _last_seen(
    reports: Reports, account_pk: int, agent: str, names: Sequence[str], *, now: datetime
) -> dict[str, str]:
    query = Query(
        measures=_measures(MeasureKind.COUNT, names),
        agent=agent,
        since=now - SEEN,
        until=_later(now),
        group_by=("day",),
    )
    seen: dict[str, str] = {}
    for row in (await reports.run(account_pk, query)).rows:
        for name, number in zip(names, row.numbers, strict=True):
            if number.value:
                seen[name] = max(seen.get(name, ""), str(row.group[0]))
    return seen


def _may_hide(coverage: Coverage | None, last_seen: str | None) -> bool:
    """Whether its newest value may be one that does not fit, which no measure counts."""
    return last_seen is None or (coverage is not None and coverage.invalid > 0)


async def _last_misfits(
    reports: Reports, account_pk: int, agent: str, names: Sequence[str], *, now: datetime
) -> list[str | None]:
    """For each name the last day on which something was written that does not fit."""
    query = Query(measures=(Measure(MeasureKind.CONVERSATIONS),), agent=agent, since=now - SEEN, until=_later(now))
    found = await asyncio.gather(
        *(reports.calls(account_pk, query, limit=1, misfits_of=f"metric.{name}") for name in names)
    )
    return [each.newest.date().isoformat() if each.newest else None for each in found]


def _measures(kind: MeasureKind, names: Sequence[str]) -> tuple[Measure, ...]:
    return tuple(Measure(kind, f"metric.{name}", name=f"m{index}") for index, name in enumerate(names))


def _later(now: datetime) -> datetime:
    """A call that begins in this very second counts."""
    return now + timedelta(seconds=1)
