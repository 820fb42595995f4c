"""The page on which questions are asked in words, and where they are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.analyst.threads import kept_to, owner_of
from postcall.api.analysts import ask, check_places
from postcall.api.native.analyst_shapes import AskedFor, read_question
from postcall.api.services import services_of
from postcall.errors import AnalystBusy, BadInput, Conflict, PostcallError, TooManyQuestions
from postcall.storage.analyst_threads import find_thread
from postcall.storage.list_facts import has_calls
from postcall.web import words
from postcall.web.analyst_changing import said_of
from postcall.web.analyst_examples import make_examples
from postcall.web.analyst_frame import (
    AskForm,
    askings_of,
    end_of,
    names_of,
    new_form,
    path_of_asking,
    principal_of,
    read_around,
    remember_zone,
)
from postcall.web.analyst_links import ANALYST
from postcall.web.analyst_reading import DROP, change_reading, is_changed
from postcall.web.filter_rows import kinds_of
from postcall.web.form_fields import read_pairs
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()
_PATIENCE_S = 0.8
"""How long a question is waited for before the page shows it on its way."""
_MOST_FIELDS = 300
BEGUN = "begun"
"""Is sent with the reading of a link: the words that it stands for."""
EDITED = "edited"
"""Is sent with a reading whose queries were written by hand: what it says of itself no longer holds."""


@router.api_route(ANALYST, methods=["GET", "HEAD"])
async def show_analyst(request: Request) -> Response:
    """The form, examples, and what was asked before."""
    return await _show_start(request, new_form(request))


@router.post(ANALYST)
async def take_question(request: Request) -> Response:
    """Begin to answer; the page of the question shows how it goes."""
    pairs, who = await read_pairs(request, most=_MOST_FIELDS), principal_of(request)
    fields = dict(pairs)
    fields["question"] = fields.get("example") or fields.get("question", "")
    if BEGUN in fields and fields["question"].split() != fields[BEGUN].split():
        fields["reading"] = ""  # other words than those that the link began with: they are read as they stand
    form = AskForm(
        question=fields["question"],
        agent=fields.get("agent", ""),
        time_zone=fields.get("time_zone", ""),
        thread=fields.get("thread", ""),
        reading=fields.get("reading", "") if BEGUN in fields else "",
    )
    try:
        asked = await _put_right(request, _read(request, fields), pairs)
        thread = asked.question.thread
        if thread is not None:
            await services_of(request).record.read_async(lambda c: find_thread(c, owner_of(who), thread))
        reading = None if asked.reading is None else kept_to(asked.reading, who)
        check_places(request, who)
        asking = askings_of(request).begin(
            owner_of(who),
            asked.question,
            lambda stop: ask(request, who, asked.question, reading=reading, stop=stop),
        )
    except (BadInput, Conflict, TooManyQuestions, AnalystBusy) as problem:
        return await _show_start(request, form, problem)
    await asking.ended(_PATIENCE_S)
    reply = RedirectResponse(end_of(asking) or path_of_asking(asking), status_code=303)
    remember_zone(request, reply, asked.question.time_zone)
    return reply


def _read(request: Request, fields: Mapping[str, str]) -> AskedFor:
    raw: dict[str, Any] = {"question": fields["question"]}
    raw |= {name: text for name in ("agent", "time_zone", "thread") if (text := fields.get(name, "").strip())}
    if fields.get("reading", "").strip():
        try:
            raw["reading"] = msgspec.json.decode(fields["reading"])
        except msgspec.DecodeError as error:
            raise BadInput(f"reading: is not JSON: {error}", field="reading") from None
    return read_question(raw, now=services_of(request).clock())


async def _put_right(request: Request, asked: AskedFor, pairs: Sequence[tuple[str, str]]) -> AskedFor:
    """With the reading as the form changes it."""
    if asked.reading is None:
        return asked
    fields, now = dict(pairs), asked.question.now
    if is_changed(pairs):
        kinds = kinds_of(await names_of(request))
        reading = change_reading(asked.reading, pairs, kinds=kinds, now=now)
        question = replace(asked.question, agent=None) if fields.get(DROP) == "agent" else asked.question
        return AskedFor(question, reading)
    if fields.get(BEGUN):  # the agent can be chosen beside the words that a link began
        queries = tuple(replace(each, agent=asked.question.agent) for each in asked.reading.queries)
        return replace(asked, reading=replace(asked.reading, queries=queries))
    if fields.get(EDITED):
        says = said_of(asked.reading, now) if asked.reading.queries or asked.reading.calls else ""
        return replace(asked, reading=replace(asked.reading, says=says, taken=(), left=()))
    return asked


async def _show_start(request: Request, form: AskForm, problem: PostcallError | None = None) -> Response:
    account_pk = person_of(request).account_pk
    names, around = await names_of(request), await read_around(request)
    return render(
        request,
        "analyst.html",
        status=problem.status if problem else 200,
        form=form,
        problem=words.visible(problem.message) if problem else None,
        examples=make_examples(names, [slug for slug, _ in around["agents"]]),
        empty=not await services_of(request).record.read_async(lambda c: has_calls(c, account_pk)),
        **around,
    )
