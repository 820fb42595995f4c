"""The list of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.native.parameters import read_cursor, read_filter, read_limit, write_cursor
from postcall.api.native.shapes import call_row_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.agents import Agent
from postcall.domain.calls import CallStatus
from postcall.domain.views import CallPage
from postcall.errors import BadInput, NotFound, PostcallError
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.agents import find_agent_row, find_version, list_agents
from postcall.storage.call_views import count_calls, list_calls
from postcall.storage.work_counts import WorkDone, count_open_jobs, count_work
from postcall.web import filters, words
from postcall.web.list_view import MAIN_ANSWERS, is_unfinished, shared_columns, show_row, show_work
from postcall.web.looking_again import BUSY_S, IDLE_S, Looking, digest_of, has_seen, is_partial
from postcall.web.remembering import Remembered
from postcall.web.render import render

router = APIRouter()
_ROWS = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """What one look at the record found for the page."""

    page: CallPage
    agents: list[Agent]
    main_questions: dict[str, tuple[str, ...]]
    """The identifiers of the first questions that each agent's active version asks, by the agent's id."""
    calls: int
    work: WorkDone | None
    """None where nothing is under way."""


@router.api_route("/", methods=["GET", "HEAD"])
async def show_start() -> Response:
    """The list is where one begins."""
    return RedirectResponse("/calls", status_code=307)


@router.api_route("/calls.json", methods=["GET", "HEAD"])
async def show_list_json(request: Request) -> Response:
    """The same calls as JSON."""
    listing = await _look(request, _query(request))
    rows = [call_row_json(row) for row in listing.page.rows]
    return json_reply({"calls": rows, "next_cursor": write_cursor(listing.page.next)})


@router.api_route("/calls", methods=["GET", "HEAD"])
async def show_list(request: Request) -> Response:
    """The list, or with the header of htmx only the part of it that changes."""
    given = list(request.query_params.multi_items())
    query = filters.tidy(given)
    if query != given:  # a form sends its empty fields too; the address that people share has none
        return RedirectResponse(filters.path_of(query), status_code=303)
    try:
        listing = await _look(request, _query(request))
    except (BadInput, NotFound) as error:
        return await _show_problem(request, query, error)
    return _show(request, query, listing)


async def _look(request: Request, query: dict[str, str]) -> Listing:
    wanted, after, limit = read_filter(query), read_cursor(query), read_limit(query, default=_ROWS)

    remembered: Remembered = request.app.state.remembered_counts

    def look(connection: Connection) -> Listing:
        account = find_account(connection, DEFAULT_ACCOUNT)
        agents = list_agents(connection, account)
        page = list_calls(connection, account, wanted, after=after, limit=limit)
        shown = {row.call.agent_id for row in page.rows}
        return Listing(
            page=page,
            agents=agents,
            main_questions={
                agent.id: _main_questions(connection, account, agent) for agent in agents if agent.id in shown
            },
            calls=remembered.get("calls", lambda: count_calls(connection, account)),
            work=remembered.get("work", lambda: _count_work(connection, account)),
        )

    return await services_of(request).record.read_async(look)


def _count_work(connection: Connection, account_pk: int) -> WorkDone | None:
    return count_work(connection, account_pk) if count_open_jobs(connection, account_pk) else None


def _main_questions(connection: Connection, account_pk: int, agent: Agent) -> tuple[str, ...]:
    row = find_agent_row(connection, account_pk, agent.id)
    questions = find_version(connection, row.pk, agent.active_version).config.questions
    return tuple(question.identifier for question in questions[:MAIN_ANSWERS])


def _show(request: Request, query: list[tuple[str, str]], listing: Listing) -> Response:
    seen = digest_of([call_row_json(row) for row in listing.page.rows], listing.work, listing.calls)
    if has_seen(request, seen):
        return Response(status_code=204)
    rows = tuple(show_row(row, listing.main_questions) for row in listing.page.rows)
    template = "_call_rows.html" if is_partial(request) else "calls.html"
    return render(
        request,
        template,
        **_values(request, query, listing, seen),
        rows=rows,
        columns=shared_columns(rows),
        problem=None,
    )


def _values(request: Request, query: list[tuple[str, str]], listing: Listing, seen: str) -> dict[str, Any]:
    plain = filters.without(query, *filters.PAGE_ONLY)
    first = filters.without(plain, "cursor")
    busy = listing.work is not None or is_unfinished(listing.page.rows)
    older = write_cursor(listing.page.next)
    return {
        **_form(query, listing.agents),
        "work": show_work(listing.work) if listing.work else None,
        "total": words.count(listing.calls, "call"),
        "empty": listing.calls == 0,
        "looking": Looking(
            href=filters.path_of([*plain, ("seen", seen)]),
            every_s=BUSY_S if busy else IDLE_S,
            paused=dict(query).get("watch") == "no",
            busy=busy,
            pause=filters.path_of([*plain, ("watch", "no")]),
            resume=filters.path_of(plain),
        ),
        "older": filters.path_of([*first, ("cursor", older)]) if older else None,
        "newest": filters.path_of(first) if plain != first else None,
        "json_path": filters.path_of(plain, "/calls.json"),
        "key_file": str(services_of(request).settings.key_file),
        "address": str(request.base_url).rstrip("/"),
    }


def _form(query: list[tuple[str, str]], agents: list[Agent]) -> dict[str, Any]:
    return {
        "chips": filters.chips(query),
        "fields": filters.field_values(dict(query)),
        "metric_filters": filters.metric_filters(query),
        "agents": [(agent.slug, agent.name) for agent in agents],
        "statuses": [(status.value, words.spelled(status)) for status in CallStatus],
    }


async def _show_problem(request: Request, query: list[tuple[str, str]], error: PostcallError) -> Response:
    """A filter that cannot be read: the page with its form and what is wrong, and no calls."""
    listing = await _look(request, {})
    return render(
        request,
        "calls.html",
        status=error.status,
        **_values(request, query, listing, ""),
        rows=(),
        columns=(),
        problem=error.message,
    )


def _query(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if name not in filters.PAGE_ONLY}
