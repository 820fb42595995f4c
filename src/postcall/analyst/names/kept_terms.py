"""The names and values that questions may mean, kept between questions so that nobody waits for them twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from postcall.analyst.names.known_terms import Carried, Names, join_terms, read_carried, read_names
from postcall.analyst.names.phrases import phrase_book
from postcall.domain.analysis import KnownTerm
from postcall.reporting.reports import Reports
from postcall.storage.database import Record
from postcall.storage.keys import slugs_of_agents

VALUES_LAST: Final = timedelta(minutes=1)
"""So long the values of the calls are taken as they were; then the next question has them read anew beside it."""
_MOST_KEPT: Final = 200
"""Accounts, keys and agents whose values are kept."""
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose calls the terms are of."""

    account_pk: int
    agents: frozenset[int] | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    names: Names
    carried: Carried
    terms: tuple[KnownTerm, ...]
    """Made of both; the same object for as long as nothing changed, by which its phrases are found again."""
    read_at: datetime


class KeptTerms:
    """Names are always those of this moment, their values up to a minute older or as old as the last question."""

    def __init__(self, record: Record, reports: Reports, *, clock: Callable[[], datetime]) -> None:
        self._record = record
        self._reports = reports
        self._clock = clock
        self._kept: dict[_Whose, _Kept] = {}
        self._reading: dict[tuple[asyncio.AbstractEventLoop, _Whose], asyncio.Task[_Kept]] = {}

    async def of(self, account_pk: int, *, agents: frozenset[int] | None, agent: str | None) -> tuple[KnownTerm, ...]:
        """Those that somebody who may see these agents (None: all) may know of. Raises as `read_terms` does."""
        whose = _Whose(account_pk, agents, agent)
        names = await self._names(whose)
        kept = self._kept.get(whose)
        if kept is None:
            kept = await asyncio.shield(self._read(whose, names))
        elif self._clock() - kept.read_at >= VALUES_LAST:
            self._read(whose, names)
        if kept.names != names:
            kept = await self._with_new_names(whose, kept, names)
        return kept.terms

    async def _names(self, whose: _Whose) -> Names:
        slugs, agents = None, whose.agents
        if agents is not None:
            slugs = await self._record.read_async(lambda c: slugs_of_agents(c, whose.account_pk, agents))
        return await read_names(self._record, self._reports, whose.account_pk, whose.agent, slugs=slugs)

    def _read(self, whose: _Whose, names: Names) -> asyncio.Task[_Kept]:
        """The values read from the calls, once for all who ask for them meanwhile."""
        loop = asyncio.get_running_loop()
        going_on = self._reading.get((loop, whose))
        if going_on is not None:
            return going_on
        task = loop.create_task(self._read_all(whose, names))
        self._reading[loop, whose] = task
        task.add_done_callback(lambda done: self._done(loop, whose, done))
        return task

    async def _read_all(self, whose: _Whose, names: Names) -> _Kept:
        now = self._clock()
        carried = await read_carried(self._reports, whose.account_pk, names)
        return self._keep(whose, _Kept(names, carried, await _joined(names, carried), now))

    def _done(self, loop: asyncio.AbstractEventLoop, whose: _Whose, task: asyncio.Task[_Kept]) -> None:
        del self._reading[loop, whose]
        failure = None if task.cancelled() else task.exception()
        if failure is not None:  # whoever waits for it is told too; the next question tries again
            _log.warning("the values that questions may name could not be read: %s", failure)

    async def _with_new_names(self, whose: _Whose, kept: _Kept, names: Names) -> _Kept:
        """The values of names that there were not yet are read at once, those of the others stay."""
        before = {each.name for each in kept.names.terms}
        new = [each for each in names.terms if each.name not in before]
        carried = kept.carried
        if new:
            found = await read_carried(self._reports, whose.account_pk, names, of=new)
            carried = Carried({**carried.values, **found.values}, carried.fields)
        return self._keep(whose, _Kept(names, carried, await _joined(names, carried), kept.read_at))

    def _keep(self, whose: _Whose, kept: _Kept) -> _Kept:
        self._kept.pop(whose, None)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[whose] = kept
        return kept


async def _joined(names: Names, carried: Carried) -> tuple[KnownTerm, ...]:
    """With their phrases made beside the loop: for hundreds of names that takes a while."""
    terms = join_terms(names, carried)
    await asyncio.to_thread(phrase_book, terms)
    return terms
