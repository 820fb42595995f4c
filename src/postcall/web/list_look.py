"""What the list of calls looks up: the reports say which calls and how many, the record what they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.agents import Agent
from postcall.domain.calls import Transcript
from postcall.domain.saved_views import SavedView
from postcall.domain.views import CallRow, Position
from postcall.reporting.reports import CallKeys, KnownName
from postcall.storage.agents import find_agent_row, find_version, list_agents
from postcall.storage.call_rows import read_transcript
from postcall.storage.call_views import list_calls, read_rows
from postcall.storage.list_facts import ListFacts, has_calls, read_list_facts
from postcall.storage.saved_views import list_views
from postcall.storage.work_counts import WorkDone, count_open_jobs, count_work
from postcall.web.list_query import Asked, counting, of_live_calls, record_filter, speaks_of_status
from postcall.web.list_view import MAIN_ANSWERS
from postcall.web.people import person_of
from postcall.web.remembering import Remembered

LIVE_ROWS = 20
"""Calls in progress that stand above the others."""


@dataclass(frozen=True, slots=True)
class Found:
    """Which calls to show, as the reports have it."""

    keys: CallKeys
    live: CallKeys
    total: int | None
    """None where only the record was asked."""
    in_progress: int
    notes: tuple[str, ...]
    names: tuple[KnownName, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a look at the list brings."""

    rows: tuple[CallRow, ...]
    live: tuple[CallRow, ...]
    next: Position | None
    found: Found
    more: dict[str, ListFacts]
    transcripts: dict[str, Transcript]
    agents: tuple[Agent, ...]
    main_questions: dict[str, tuple[str, ...]]
    """The identifiers of the first questions that each agent's active version asks, by the agent's id."""
    views: tuple[SavedView, ...]
    any_calls: bool
    """The account has calls at all."""
    work: WorkDone | None
    """None where nothing is under way."""


_NO_CALLS = CallKeys((), (), None)


async def look_at_list(request: Request, asked: Asked, given: Sequence[tuple[str, str]]) -> Listing:
    """Everything the page shows. Raises BadInput or AgentNotFound where the address asks for what is not there."""
    account_pk = person_of(request).account_pk
    found = await _ask_record_only(request, account_pk) if asked.extraction else await _ask(request, asked, account_pk)
    remembered: Remembered = request.app.state.remembered_counts

    def look(connection: Connection) -> Listing:
        if asked.query.agent is not None:
            find_agent_row(connection, account_pk, asked.query.agent)
        if asked.extraction:
            page = list_calls(connection, account_pk, record_filter(asked, given), after=asked.after, limit=asked.limit)
            rows, onward = page.rows, page.next
        else:
            rows, onward = read_rows(connection, account_pk, found.keys.pks), found.keys.next
        live = read_rows(connection, account_pk, found.live.pks)
        agents = tuple(list_agents(connection, account_pk, archived=None))
        shown = {row.call.agent_id for row in (*rows, *live)}
        return Listing(
            rows=rows,
            live=live,
            next=onward,
            found=found,
            more=read_list_facts(connection, account_pk, [row.call.id for row in (*rows, *live)]),
            transcripts=_read_transcripts(connection, rows, found.keys) if asked.words else {},
            agents=agents,
            main_questions={
                agent.id: _main_questions(connection, account_pk, agent) for agent in agents if agent.id in shown
            },
            views=list_views(connection, account_pk),
            any_calls=has_calls(connection, account_pk),
            work=remembered.get(f"work {account_pk}", lambda: _count_work(connection, account_pk)),
        )

    return await services_of(request).record.read_async(look)


async def _ask(request: Request, asked: Asked, account_pk: int) -> Found:
    reports = reports_of(request)
    begins = asked.after is None and not speaks_of_status(asked.query.filters)

    async def live() -> CallKeys:
        if not begins:
            return _NO_CALLS
        return await reports.calls(account_pk, of_live_calls(asked.query), limit=LIVE_ROWS)

    keys, counted, in_progress, names = await asyncio.gather(
        reports.calls(account_pk, asked.query, after=asked.after, limit=asked.limit),
        reports.run(account_pk, counting(asked.query)),
        live(),
        reports.names(account_pk),
    )
    return Found(keys, in_progress, counted.calls, counted.in_progress, counted.notes, names)


async def _ask_record_only(request: Request, account_pk: int) -> Found:
    names = await reports_of(request).names(account_pk)
    return Found(_NO_CALLS, _NO_CALLS, None, 0, (), names)


def _read_transcripts(connection: Connection, rows: Sequence[CallRow], keys: CallKeys) -> dict[str, Transcript]:
    pks = dict(zip(keys.ids, keys.pks, strict=True))
    return {
        row.call.id: read_transcript(connection, pks[row.call.id], row.call.revision)
        for row in rows
        if row.call.id in pks
    }


def _count_work(connection: Connection, account_pk: int) -> WorkDone | None:
    return count_work(connection, account_pk) if count_open_jobs(connection, account_pk) else None


def _main_questions(connection: Connection, account_pk: int, agent: Agent) -> tuple[str, ...]:
    row = find_agent_row(connection, account_pk, agent.id)
    questions = find_version(connection, row.pk, agent.active_version).config.questions
    return tuple(question.identifier for question in questions[:MAIN_ANSWERS])
