"""Everything that the page of one metric rests on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.agents import Agent
from postcall.domain.dashboards import Tile
from postcall.domain.metrics import MetricDefinition, MetricType
from postcall.domain.queries import All, Condition, Coverage, Measure, MeasureKind, Operator, Query
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.errors import MetricNotFound, PostcallError
from postcall.reporting.asking import run_tiles
from postcall.reporting.reports import KnownName, Reports
from postcall.reporting.tile_results import TileNumbers
from postcall.reporting.toolbar import Toolbar, toolbar_conditions
from postcall.storage.agents import list_agents
from postcall.storage.metric_writes import Sighting, read_sightings
from postcall.web.metric_tiles import Distribution, ask_distribution, metric_tiles
from postcall.web.metrics_look import Known, read_known
from postcall.web.people import person_of

_RECENT = 12
"""Calls shown as evidence."""
_NUMBERS = {MetricType.INTEGER, MetricType.FLOAT}


@dataclass(frozen=True, slots=True)
class MetricLook:
    """One metric, in the calls of an agent or of all."""

    name: str
    agents: tuple[Agent, ...]
    agent: Agent | None
    """None where all agents are meant."""
    definition: MetricDefinition | None
    question: DispositionMetric | None
    """As the active version asks it."""
    carried: tuple[KnownName, ...]
    """How calls carry it, by agent; empty where none does."""
    kind: str
    """`boolean`, `number` or `text`."""
    tiles: tuple[Tile, ...]
    numbers: list[TileNumbers | PostcallError]
    """One for each tile."""
    distribution: Distribution
    coverage: Coverage | None
    sightings: list[Sighting]
    """The newest calls that have a value."""
    misfits: list[Sighting]
    """The newest calls that carry it with nothing that fits."""


async def look_at_metric(request: Request, name: str, toolbar: Toolbar) -> MetricLook:
    """All of it. MetricNotFound where nothing bears the name; what the reports raise where there are none."""
    account_pk, reports = person_of(request).account_pk, reports_of(request)
    record = services_of(request).record

    def read(connection: Connection) -> tuple[tuple[Agent, ...], Known | None]:
        agents = tuple(list_agents(connection, account_pk, archived=None))
        meant = toolbar.agent or (agents[0].slug if len(agents) == 1 else None)
        return agents, read_known(connection, account_pk, meant) if meant else None

    agents, known = await record.read_async(read)
    definition = _named(known, name)
    question = next((each for each in known.questions if each.identifier == name), None) if known else None
    carried = tuple(each for each in await reports.names(account_pk, toolbar.agent) if each.name == name)
    if definition is None and question is None and not carried:
        raise MetricNotFound(name)
    kind = _kind(definition, question, carried)
    tiles = metric_tiles(name, kind)
    numbers, distribution, coverage, pks, misfits = await asyncio.gather(
        run_tiles(reports, account_pk, tiles, toolbar),
        ask_distribution(reports, account_pk, name, toolbar),
        _coverage(reports, account_pk, name, toolbar),
        _newest(reports, account_pk, name, toolbar),
        _misfits(reports, account_pk, name, toolbar, carried=bool(carried)),
    )
    return MetricLook(
        name=name,
        agents=agents,
        agent=known.agent if known else None,
        definition=definition,
        question=question,
        carried=carried,
        kind=kind,
        tiles=tiles,
        numbers=numbers,
        distribution=distribution,
        coverage=coverage,
        sightings=await record.read_async(lambda c: read_sightings(c, pks, name)),
        misfits=await record.read_async(lambda c: read_sightings(c, misfits, name)),
    )


def _named(known: Known | None, name: str) -> MetricDefinition | None:
    return next((each for each in known.definitions if each.name == name), None) if known else None


def _kind(
    definition: MetricDefinition | None, question: DispositionMetric | None, carried: tuple[KnownName, ...]
) -> str:
    """What calls carry decides; where none does yet, what was defined or is asked."""
    kinds = {each.kind for each in carried if each.kind}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds:
        return "text"
    if definition is not None:
        return "number" if definition.type in _NUMBERS else definition.type.value
    if question is not None:
        return {QuestionType.BOOLEAN: "boolean", QuestionType.INTEGER: "number"}.get(question.type, "text")
    return "text"


async def _coverage(reports: Reports, account_pk: int, name: str, toolbar: Toolbar) -> Coverage | None:
    found = await reports.run(account_pk, _query(toolbar, Measure(MeasureKind.SHARE, f"metric.{name}", name="have")))
    return found.coverage[0] if found.coverage else None


async def _newest(reports: Reports, account_pk: int, name: str, toolbar: Toolbar) -> tuple[int, ...]:
    having = Condition(f"metric.{name}", Operator.EXISTS)
    return (await reports.calls(account_pk, _query(toolbar, filters=(having,)), limit=_RECENT)).pks


async def _misfits(reports: Reports, account_pk: int, name: str, toolbar: Toolbar, *, carried: bool) -> tuple[int, ...]:
    if not carried:
        return ()
    query = _query(toolbar, Measure(MeasureKind.CONVERSATIONS, name="calls"))
    return (await reports.calls(account_pk, query, limit=_RECENT, misfits_of=f"metric.{name}")).pks


def _query(toolbar: Toolbar, *measures: Measure, filters: tuple[Condition, ...] = ()) -> Query:
    return Query(
        measures=measures,
        agent=toolbar.agent,
        since=toolbar.since,
        until=toolbar.until,
        time_zone=toolbar.time_zone,
        filters=All((*toolbar_conditions(toolbar), *filters)),
    )
