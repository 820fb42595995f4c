"""Trying an agent's questions, published or not, on calls that are over. Nothing of it is stored."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import CallStatus
from postcall.domain.views import CallFilter, CallRow, ExtractionState
from postcall.errors import BadInput, NotFound, PostcallError
from postcall.extraction.analysers import AgentAnalyser
from postcall.storage.call_views import list_calls, read_call
from postcall.web import words
from postcall.web.form_fields import read_fields
from postcall.web.list_view import other_side
from postcall.web.people import person_of
from postcall.web.question_set import QuestionSet, find_set
from postcall.web.questions_page import PATH
from postcall.web.render import render
from postcall.web.tried_view import TriedView, show_tried, sum_up, tried_json
from postcall.web.trying import MAX_CALLS, PastCall, Places, Tried, try_calls

router = APIRouter()
_OFFERED = 20
_CHOSEN_AT_FIRST = 3


@dataclass(frozen=True, slots=True)
class OfferedView:
    """A call that can be chosen."""

    id: str
    started: str
    about: str
    chosen: bool


@router.api_route(PATH + "/try", methods=["GET", "HEAD"])
async def show_try(request: Request, agent: str) -> Response:
    """The agent's newest completed calls, to choose some."""
    asked = await find_set(request, agent)
    rows = await _newest(request, asked)
    return await _show(request, asked, chosen=[row.call.id for row in rows[:_CHOSEN_AT_FIRST]])


@router.post(PATH + "/try.json")
async def try_as_json(request: Request, agent: str) -> Response:
    """Ask, and answer with JSON."""
    fields = await read_fields(request)
    asked = await find_set(request, agent)
    chosen = read_chosen(fields)
    _check(asked, chosen)
    return json_reply({"calls": [tried_json(each) for each in await _try(request, asked, chosen)]})


@router.post(PATH + "/try")
async def try_on_calls(request: Request, agent: str) -> Response:
    """Ask the questions of the chosen calls.

    Where htmx asks, the reply has a row for each call, which then asks for itself by `/try/one`, so that each shows as
    soon as it is there. Otherwise the page comes once all are done.
    """
    fields = await read_fields(request)
    asked = await find_set(request, agent)
    chosen = read_chosen(fields)
    by_script = request.headers.get("hx-request") == "true"
    try:
        _check(asked, chosen)
    except BadInput as error:
        if by_script:  # a reply of 4xx would not be shown
            return render(request, "_tried_calls.html", problem=error.message, waiting=(), calls=(), summed_up=None)
        return await _show(request, asked, chosen=chosen, problem=error.message, status=error.status)
    if by_script:
        waiting = [(call_id, asked.path("/try/one", call=call_id)) for call_id in chosen]
        return render(request, "_tried_calls.html", problem=None, waiting=waiting, calls=(), summed_up=None)
    tried = await _try(request, asked, chosen)
    return await _show(request, asked, chosen=chosen, tried=tried)


@router.post(PATH + "/try/one")
async def try_on_one(request: Request, agent: str) -> Response:
    """Ask the questions of one call; a part of the page, also where it cannot be done."""
    call_id = request.query_params.get("call", "")
    try:
        asked = await find_set(request, agent)
        [tried] = await _try(request, asked, [call_id])
    except PostcallError as error:  # such as a draft that was published meanwhile: said in the row that waits for it
        tried = Tried(call_id, None, None, error.message, 0.0)
    return render(request, "_tried_call.html", call=show_tried(tried))


def read_chosen(fields: Mapping[str, str]) -> list[str]:
    """The ids that were ticked, then those that were typed, each once."""
    ticked = [value for name, value in fields.items() if name.startswith("call_") and value]
    typed = re.split(r"[\s,;]+", fields.get("ids", "").strip())
    return [call_id for call_id in dict.fromkeys((*ticked, *typed)) if call_id]


def _check(asked: QuestionSet, chosen: Sequence[str]) -> None:
    if not asked.questions:
        raise BadInput("There is no question to try yet. Add one first.", field="questions")
    if not chosen:
        raise BadInput("Choose at least one call.", field="calls")
    if len(chosen) > MAX_CALLS:
        raise BadInput(f"Choose at most {MAX_CALLS} calls, not {len(chosen)}.", field="calls")


async def _try(request: Request, asked: QuestionSet, chosen: Sequence[str]) -> list[Tried]:
    account_pk = person_of(request).account_pk

    def look(connection: Connection) -> list[PastCall | Tried]:
        return [_read(connection, account_pk, call_id) for call_id in chosen]

    found = await services_of(request).record.read_async(look)
    analyser: AgentAnalyser = request.app.state.analyser
    there = [call for call in found if isinstance(call, PastCall)]
    places: Places = request.app.state.tried_calls
    tried = await try_calls(
        there,
        asked.config,
        analyser,
        agent_pk=asked.agent_pk,
        free=places.free(analyser),
        timer=time.perf_counter,
    )
    by_id = {each.call_id: each for each in tried}
    return [by_id[call.id] if isinstance(call, PastCall) else call for call in found]


def _read(connection: Connection, account_pk: int, call_id: str) -> PastCall | Tried:
    try:
        file = read_call(connection, account_pk, call_id)
    except NotFound as error:
        return Tried(call_id, None, None, error.message, 0.0)
    return PastCall(file.call.id, file.call.started_at, file.turns, file.extraction)


async def _newest(request: Request, asked: QuestionSet) -> Sequence[CallRow]:
    """The agent's newest completed calls in which the caller spoke."""
    wanted = CallFilter(agent=asked.agent.id, status=CallStatus.COMPLETED.value)
    account_pk = person_of(request).account_pk
    page = await services_of(request).record.read_async(
        lambda c: list_calls(c, account_pk, wanted, after=None, limit=_OFFERED)
    )
    return [row for row in page.rows if row.progress.state is not ExtractionState.NONE]


async def _show(
    request: Request,
    asked: QuestionSet,
    *,
    chosen: Sequence[str],
    tried: Sequence[Tried] = (),
    problem: str | None = None,
    status: int = 200,
) -> Response:
    offered = [_show_offered(row, chosen) for row in await _newest(request, asked)]
    shown: tuple[TriedView, ...] = tuple(show_tried(each) for each in tried)
    draft = asked.draft
    agent_href = asked.path().partition("/questions")[0]
    return render(
        request,
        "questions_try.html",
        status=status,
        problem=problem,
        calls=shown,
        summed_up=sum_up(tried) if tried else None,
        waiting=(),
        offered=offered,
        typed=" ".join(call_id for call_id in chosen if call_id not in {call.id for call in offered}),
        most=MAX_CALLS,
        counted=words.count(len(asked.questions), "question"),
        state=f"the draft “{words.visible(draft.name)}”" if draft else f"version {asked.agent.active_version}",
        may_try=person_of(request).may_change,
        agent=words.visible(asked.agent.name),
        agent_href=agent_href,
        set_href=asked.path(),
        try_href=asked.path("/try"),
        publish_href=f"{agent_href}/drafts/{draft.id}" if draft else None,
    )


def _show_offered(row: CallRow, chosen: Sequence[str]) -> OfferedView:
    call = row.call
    summary = words.first_line(row.extraction.findings.summary, 90) if row.extraction else ""
    caller = other_side(call.details)
    length = words.duration(call.duration_s) if call.duration_s is not None else ""
    return OfferedView(
        id=call.id,
        started=f"{words.moment(call.started_at)} UTC",
        about=" · ".join(part for part in (caller, length, summary) if part),
        chosen=call.id in chosen,
    )
