"""Asking the reports for one question: every query gets the id by which the answer marks its numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from postcall.domain.analysis import Asked
from postcall.domain.keys import Principal
from postcall.domain.queries import All, Condition, Filter, Measure, MeasureKind, Query, Result
from postcall.errors import AgentNotFound
from postcall.reporting.query_format import name_measures
from postcall.reporting.reports import CallKeys, Reports
from postcall.services import Services
from postcall.storage.agents import find_agent_row

CONVERSATIONS = Measure(MeasureKind.CONVERSATIONS, name="conversations")
QUERIES_AT_ONCE = 2
"""Of one question: a comparison of everything asks a hundred, and dashboards wait for the same threads."""


class Asking:
    """The queries of one question, each kept to the agents that whoever asks may know of."""

    def __init__(self, services: Services, reports: Reports, who: Principal, *, agent: str | None) -> None:
        self.services = services
        self.reports = reports
        self._who = who
        self._agent = agent
        self._asked: list[Asked] = []
        self._places = asyncio.Semaphore(QUERIES_AT_ONCE)

    @property
    def account_pk(self) -> int:
        """Whose calls they are."""
        return self._who.account_pk

    @property
    def queries(self) -> int:
        """How many have got an id."""
        return len(self._asked)

    async def check(self) -> None:
        """AgentNotFound unless the agent that the question is about is there, and may be seen."""
        if self._agent is not None:
            await self._check(self._agent)

    async def keep(self, query: Query) -> Query:
        """The query of the question's agent, as this asker may ask it. AgentNotFound for an agent of others."""
        agent = query.agent or self._agent
        if agent is not None and self._who.agents is not None:
            await self._check(agent)
        measures = name_measures(query.measures, query.group_by)
        return replace(query, agent=agent, among=self._who.agents, measures=measures)

    async def try_out(self, queries: Sequence[Query]) -> list[Asked]:
        """Their results in their order, without ids: `add` those that the answer uses. BadInput as of the reports."""
        kept = [await self.keep(each) for each in queries]
        results = await asyncio.gather(*map(self._run, kept))
        return [Asked(query, result) for query, result in zip(kept, results, strict=True)]

    async def ask(self, queries: Sequence[Query]) -> tuple[Asked, ...]:
        """The same with ids."""
        return tuple(self.add(each) for each in await self.try_out(queries))

    def add(self, asked: Asked) -> Asked:
        """The query with an id; the one that it has where it was added before."""
        for known in self._asked:
            if known.query == asked.query:
                return known
        named = replace(asked, id=f"q{self.queries + 1}")
        self._asked.append(named)
        return named

    async def calls(self, query: Query, *, limit: int) -> CallKeys:
        """The newest calls that the query finds."""
        return await self.reports.calls(self.account_pk, await self.keep(query), limit=limit)

    async def _run(self, query: Query) -> Result:
        async with self._places:
            return await self.reports.run(self.account_pk, query)

    async def _check(self, agent: str) -> None:
        row = await self.services.record.read_async(lambda c: find_agent_row(c, self.account_pk, agent))
        if not self._who.may_see(row.pk):
            raise AgentNotFound(agent)


def counting(query: Query) -> Query:
    """How many calls the query finds."""
    return replace(query, measures=(CONVERSATIONS,), group_by=(), having=(), order=(), limit=None, compare=False)


def unfiltered(query: Query) -> Query:
    """How many there are before it filters: of the same agent, period and environment."""
    return replace(counting(query), text=None, filters=All(tuple(filter(_of_environment, query.filters.parts))))


def is_filtered(query: Query) -> bool:
    """Whether it finds fewer calls than `unfiltered`."""
    return query.text is not None or not all(map(_of_environment, query.filters.parts))


def _of_environment(part: Filter) -> bool:
    return isinstance(part, Condition) and part.field == "field.environment"
