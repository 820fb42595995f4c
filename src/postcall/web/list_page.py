"""The list of calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.api.native.parameters import write_cursor
from postcall.api.native.shapes import call_row_json
from postcall.api.replies import json_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.queries import All
from postcall.domain.searching import read_search
from postcall.errors import BadInput, NotFound, PostcallError
from postcall.web import filters, words
from postcall.web.filter_rows import DO, FORM_ONLY, FilterForm, change_rows, filters_of, kinds_of, read_form, rows_of
from postcall.web.filter_view import FormView, show_form
from postcall.web.list_look import Listing, look_at_list
from postcall.web.list_query import Asked, counting, read_list
from postcall.web.list_view import RowFacts, is_unfinished, show_rows, show_work
from postcall.web.looking_again import BUSY_S, IDLE_S, Looking, digest_of, has_seen, is_partial
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()

Given = list[tuple[str, str]]
_TO_LOOSEN = 6
"""Filters whose removal is tried where nothing matches."""


@router.api_route("/", methods=["GET", "HEAD"])
async def show_start() -> Response:
    """The numbers are where one begins."""
    return RedirectResponse("/overview", status_code=307)


@router.api_route("/calls.json", methods=["GET", "HEAD"])
async def show_list_json(request: Request) -> Response:
    """The same calls as JSON."""
    given = _without_page(request.query_params.multi_items())
    listing = await look_at_list(request, read_list(given, now=_now(request)), given)
    return json_reply(
        {
            "calls": [call_row_json(row) for row in listing.rows],
            "next_cursor": write_cursor(listing.next),
            "total": listing.found.total,
            "in_progress": listing.found.in_progress,
            "notes": listing.found.notes,
        }
    )


@router.api_route("/calls", methods=["GET", "HEAD"])
async def show_list(request: Request) -> Response:
    """The list, or with the header of htmx only the part of it that changes."""
    given: Given = list(request.query_params.multi_items())
    if any(key in FORM_ONLY for key, _ in given):
        return await _take_form(request, given)
    query = filters.tidy(given)
    if query != given:  # a form sends its empty fields too; the address that people share has none
        return RedirectResponse(filters.path_of(query), status_code=303)
    try:
        asked = read_list(query, now=_now(request))
        listing = await look_at_list(request, asked, query)
    except (BadInput, NotFound) as error:
        return await _show_problem(request, query, error)
    return await _show(request, query, asked, listing)


async def _take_form(request: Request, given: Given) -> Response:
    """The form was sent: to the address of its filters or, where a row is added or removed, the form again."""
    plain = filters.tidy(filters.without(given, *FORM_ONLY, *filters.PLACE))
    action = dict(given).get(DO, "")
    try:
        form = change_rows(read_form(given, read_list(plain, now=_now(request)).filters.parts), action)
        kinds = kinds_of(await reports_of(request).names(person_of(request).account_pk))
        if not action or action == "show":
            return RedirectResponse(
                filters.path_of(filters.with_filters(plain, filters_of(form, kinds))), status_code=303
            )
    except (BadInput, NotFound) as error:
        return await _show_problem(request, filters.without(plain, "filters"), error, _as_typed(given))
    query = filters.with_filters(plain, All(form.rest))
    if is_partial(request):
        view = show_form(query, form, kinds=kinds, agents=(), columns=(), action=action)
        return render(request, "_filter_rows.html", form=view)
    asked = read_list(query, now=_now(request))
    listing = await look_at_list(request, asked, query)
    view = show_form(
        query, form, kinds=kinds, agents=listing.agents, columns=asked.columns, action=action, is_open=True
    )
    return await _show(request, query, asked, listing, form=view)


async def _show(
    request: Request, query: Given, asked: Asked, listing: Listing, *, form: FormView | None = None
) -> Response:
    seen = digest_of(
        [call_row_json(row) for row in (*listing.live, *listing.rows)],
        listing.work,
        listing.found.total,
        listing.found.in_progress,
    )
    if has_seen(request, seen):
        return Response(status_code=204)
    facts = RowFacts(
        main_questions=listing.main_questions,
        more=listing.more,
        transcripts=listing.transcripts,
        search=read_search(asked.words),
        query=tuple(filters.without(query, *filters.PAGE_ONLY)),
        zone=ZoneInfo(asked.query.time_zone),
    )
    columns, rows = show_rows((*listing.live, *listing.rows), asked.columns, facts)
    template = "_call_rows.html" if is_partial(request) else "calls.html"
    nothing = listing.any_calls and not rows
    return render(
        request,
        template,
        **_values(request, query, asked, listing, seen),
        live=rows[: len(listing.live)],
        rows=rows[len(listing.live) :],
        columns=columns,
        form=form or _form(query, asked, listing),
        loosen=await _loosen(request, query, asked.filters) if nothing and not asked.extraction else (),
        problem=None,
    )


def _values(request: Request, query: Given, asked: Asked, listing: Listing, seen: str) -> dict[str, Any]:
    plain = _without_page(query)
    first = filters.without(plain, *filters.PLACE)
    busy = listing.work is not None or bool(listing.live) or is_unfinished(listing.rows)
    older = write_cursor(listing.next)
    chips = filters.chips(query, asked.filters)
    text = filters.path_of(first, "")[1:]
    return {
        "chips": chips,
        "work": show_work(listing.work) if listing.work else None,
        "total": _total(listing, filtered=bool(chips)),
        "in_progress": f"{listing.found.in_progress:,} in progress" if listing.found.in_progress else "",
        "notes": listing.found.notes if listing.any_calls else (),
        "zone": asked.query.time_zone,
        "empty": not listing.any_calls,
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
        "csv_path": filters.path_of(first, "/calls.csv"),
        "lines_path": filters.path_of(first, "/calls.jsonl"),
        "views": [(view, filters.path_of([], "/calls") + (f"?{view.query}" if view.query else ""), view.query == text)
                  for view in listing.views],
        "view_query": text,
        "may_change": person_of(request).may_change,
        "key_file": str(services_of(request).settings.key_file),
        "address": str(request.base_url).rstrip("/"),
    }  # fmt: skip


def _form(query: Given, asked: Asked, listing: Listing) -> FormView:
    return show_form(
        query,
        rows_of(asked.filters),
        kinds=kinds_of(listing.found.names),
        agents=listing.agents,
        columns=asked.columns,
    )


def _total(listing: Listing, *, filtered: bool) -> str:
    if listing.found.total is None:
        return ""
    return f"{words.count(listing.found.total, 'call')} {'match' if filtered else 'in all'}"


async def _loosen(request: Request, query: Given, tree: All) -> tuple[tuple[str, str], ...]:
    """Where nothing matches: how many calls there would be without each of the filters."""
    offers = []
    for chip in filters.chips(query, tree)[:_TO_LOOSEN]:
        fewer = read_list(filters.tidy(_query_of(chip.remove)), now=_now(request))
        counted = await reports_of(request).run(person_of(request).account_pk, counting(fewer.query))
        if counted.calls:
            said = f"{chip.label}: {chip.value}" if chip.label else chip.value
            offers.append((f"Without “{said}”: {words.count(counted.calls, 'call')}", chip.remove))
    return tuple(offers)


async def _show_problem(
    request: Request, query: Given, error: PostcallError, form: FilterForm | None = None
) -> Response:
    """A filter that cannot be read: the page with its form and what is wrong, and no calls."""
    asked = read_list([], now=_now(request))
    listing = await look_at_list(request, asked, [])
    shown = show_form(
        query,
        form or FilterForm(()),
        kinds=kinds_of(listing.found.names),
        agents=listing.agents,
        columns=asked.columns,
        is_open=True,
    )
    if is_partial(request):
        return render(request, "_filter_rows.html", status=200, form=shown)
    values = _values(request, query, asked, listing, "")
    return render(
        request,
        "calls.html",
        status=error.status,
        **{**values, "total": "", "in_progress": "", "notes": ()},
        live=(),
        rows=(),
        columns=(),
        form=shown,
        loosen=(),
        problem=error.message,
    )


def _as_typed(given: Sequence[tuple[str, str]]) -> FilterForm | None:
    try:
        return read_form(given, ())
    except BadInput:
        return None


def _query_of(address: str) -> Given:
    return parse_qsl(address.partition("?")[2])


def _without_page(query: Sequence[tuple[str, str]]) -> Given:
    return filters.without(query, *filters.PAGE_ONLY)


def _now(request: Request) -> datetime:
    return services_of(request).clock()
