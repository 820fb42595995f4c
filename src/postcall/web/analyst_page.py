"""The page on which questions are asked in words: its threads, and the answer as it comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from postcall.analyst.thread_format import read_analysis
from postcall.analyst.threads import kept_to, owner_of
from postcall.analyst.understood_format import read_understood
from postcall.api.analysts import ask
from postcall.api.native.analyst_shapes import AskedFor, read_question
from postcall.api.services import services_of
from postcall.domain.analysis import Question
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput, Conflict, PostcallError
from postcall.storage.agents import list_agents
from postcall.storage.analyst_threads import (
    StoredQuestion,
    delete_thread,
    find_thread,
    list_threads,
    read_questions,
)
from postcall.storage.dashboards import list_dashboards
from postcall.web import words
from postcall.web.analyst_asking import Asking, Askings
from postcall.web.analyst_view import AnsweredView, show_answer, show_step
from postcall.web.dashboard_toolbar import COOKIE
from postcall.web.form_fields import read_fields
from postcall.web.looking_again import digest_of, has_seen, is_partial
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()
ANALYST = "/analyst"
_LISTED = 30
_SHOWN = 20
"""Questions of a thread; the earlier ones on demand."""
_PATIENCE_S = 0.8
"""How long a question is waited for before the page shows it on its way."""
_BEAT_S = 10.0
_EVERY_S = 2
"""How often a page looks that cannot be told."""
_EXAMPLES = (
    "How many calls were there this week?",
    "What share of calls was handed off last month?",
    "Average duration per day in the last 14 days",
    "Which hour is the busiest?",
    "Calls where somebody says refund",
)


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """One thread in the list."""

    href: str
    title: str
    asked: str


@dataclass(frozen=True, slots=True)
class AskForm:
    """What the form shows."""

    question: str = ""
    agent: str = ""
    time_zone: str = "UTC"
    thread: str = ""


@router.api_route(ANALYST, methods=["GET", "HEAD"])
async def show_analyst(request: Request) -> Response:
    """The form, examples, and what was asked before."""
    form = AskForm(time_zone=_zone(request), agent=request.query_params.get("agent", ""))
    return await _show_start(request, form)


@router.post(ANALYST)
async def take_question(request: Request) -> Response:
    """Begin to answer; the page of the question shows how it goes."""
    fields, who = await read_fields(request), principal_of(request)
    form = AskForm(
        fields.get("question", ""), fields.get("agent", ""), fields.get("time_zone", ""), fields.get("thread", "")
    )
    try:
        asked = _read(request, form, fields)
        if asked.question.thread is not None:
            thread = asked.question.thread
            await services_of(request).record.read_async(lambda c: find_thread(c, owner_of(who), thread))
        reading = None if asked.reading is None else kept_to(asked.reading, who)
        told = ask(request, who, asked.question, reading=reading)
        asking = askings_of(request).begin(owner_of(who), asked.question, told)
    except (BadInput, Conflict) as problem:
        return await _show_start(request, form, problem)
    await asking.ended(_PATIENCE_S)
    return RedirectResponse(_end_of(asking) or _path(asking), status_code=303)


@router.api_route(ANALYST + "/asked/{asking_id}", methods=["GET", "HEAD"])
async def show_asking(request: Request, asking_id: str) -> Response:
    """A question on its way; once it is answered, its thread."""
    asking = askings_of(request).find(owner_of(principal_of(request)), asking_id)
    end = _end_of(asking)
    if end is not None and not is_partial(request):
        return RedirectResponse(end, status_code=303)
    seen = digest_of(len(asking.steps), asking.is_over)
    if has_seen(request, seen):
        return Response(status_code=204)
    return render(
        request,
        "_analyst_live.html" if is_partial(request) else "analyst_live.html",
        question=words.visible(asking.question.text),
        steps=[show_step(each) for each in asking.steps],
        here=_path(asking),
        seen=seen,
        every_s=_EVERY_S,
        over=asking.is_over,
        stopped=asking.stopped,
        problem=None if asking.problem is None else words.visible(asking.problem.message),
        answered=_answered(asking),
        end=end,
        **await _around(request),
    )


@router.get(ANALYST + "/asked/{asking_id}/news")
async def tell_news(request: Request, asking_id: str) -> Response:
    """A word whenever there is something new on the page of a question, as server-sent events."""
    asking = askings_of(request).find(owner_of(principal_of(request)), asking_id)
    return StreamingResponse(_news(asking), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.post(ANALYST + "/asked/{asking_id}/stop")
async def stop(request: Request, asking_id: str) -> Response:
    """End the work."""
    asking = askings_of(request).find(owner_of(principal_of(request)), asking_id)
    await asking.stop()
    return RedirectResponse(_end_of(asking) or _path(asking), status_code=303)


@router.api_route(ANALYST + "/{thread}", methods=["GET", "HEAD"])
async def show_thread(request: Request, thread: str) -> Response:
    """A thread with all its answers, and the form to go on."""
    owner = owner_of(principal_of(request))
    found, questions = await services_of(request).record.read_async(
        lambda c: (find_thread(c, owner, thread), read_questions(c, owner, thread))
    )
    shown = questions if request.query_params.get("earlier") == "yes" else questions[-_SHOWN:]
    last = questions[-1]
    return render(
        request,
        "analyst_thread.html",
        title=words.visible(found.title),
        here=f"{ANALYST}/{thread}",
        answers=[(each.number, _stored(each)) for each in shown],
        earlier=len(questions) - len(shown),
        form=AskForm(agent=last.agent or "", time_zone=last.time_zone, thread=thread),
        problem=None,
        **await _around(request),
    )


@router.post(ANALYST + "/{thread}/delete")
async def forget(request: Request, thread: str) -> Response:
    """Forget a thread."""
    owner = owner_of(principal_of(request))
    await services_of(request).record.write_async(lambda c: delete_thread(c, owner, thread))
    return RedirectResponse(ANALYST, status_code=303)


def principal_of(request: Request) -> Principal:
    """The person as one who asks: of every agent of their account."""
    person = person_of(request)
    scopes = {Scope.READ, *((Scope.PII,) if person.may_see_pii else ())}
    return Principal(person.account, person.account_pk, frozenset(scopes), name=person.email)


def askings_of(request: Request) -> Askings:
    """Those of the running application."""
    askings: Askings = request.app.state.askings
    return askings


def _read(request: Request, form: AskForm, fields: Mapping[str, str]) -> AskedFor:
    raw: dict[str, Any] = {"question": form.question}
    raw |= {name: text for name in ("agent", "time_zone", "thread") if (text := fields.get(name, "").strip())}
    if fields.get("reading", "").strip():
        try:
            raw["reading"] = msgspec.json.decode(fields["reading"])
        except msgspec.DecodeError as error:
            raise BadInput(f"reading: is not JSON: {error}", field="reading") from None
    return read_question(raw, now=services_of(request).clock())


async def _show_start(request: Request, form: AskForm, problem: PostcallError | None = None) -> Response:
    owner = owner_of(principal_of(request))
    threads = await services_of(request).record.read_async(lambda c: list_threads(c, owner, limit=_LISTED))
    return render(
        request,
        "analyst.html",
        status=problem.status if problem else 200,
        form=form,
        problem=words.visible(problem.message) if problem else None,
        examples=_EXAMPLES,
        threads=[
            ThreadLink(
                f"{ANALYST}/{each.id}", words.visible(each.title), _when(each.questions, words.moment(each.updated_at))
            )
            for each in threads
        ],
        **await _around(request),
    )


async def _around(request: Request) -> dict[str, Any]:
    """What every form of these pages offers."""
    account_pk = person_of(request).account_pk
    agents, dashboards = await services_of(request).record.read_async(
        lambda c: (list_agents(c, account_pk, archived=None), list_dashboards(c, account_pk))
    )
    return {
        "agents": [(each.slug, each.name) for each in agents],
        "dashboards": [(each.id, each.name) for each in dashboards],
        "may_change": person_of(request).may_change,
    }


async def _news(asking: Asking) -> AsyncGenerator[bytes, None]:
    yield b"data: begun\n\n"
    while not asking.is_over:
        before = len(asking.steps)
        await asking.changed(_BEAT_S)
        yield b": still there\n\n" if len(asking.steps) == before and not asking.is_over else b"data: new\n\n"
    yield b"event: over\ndata: over\n\n"


def _answered(asking: Asking) -> AnsweredView | None:
    if asking.analysis is None:
        return None
    return show_answer(asking.question, asking.analysis, asking.understood, anchor="answer", choices=asking.choices)


def _stored(stored: StoredQuestion) -> AnsweredView:
    question = Question(stored.text, stored.asked_at, stored.time_zone, stored.agent)
    understood = None if stored.reading is None else read_understood(stored.reading)
    return show_answer(question, read_analysis(stored.answer), understood, anchor=f"question-{stored.number}")


def _end_of(asking: Asking) -> str | None:
    """Where the answer is kept; None while there is none, and where it asks back: only here the choices are known."""
    if asking.analysis is None or asking.analysis.thread is None or asking.choices:
        return None
    return f"{ANALYST}/{asking.analysis.thread}#latest"


def _path(asking: Asking) -> str:
    return f"{ANALYST}/asked/{asking.id}"


def _zone(request: Request) -> str:
    return request.cookies.get(COOKIE, "UTC")[:60]


def _when(questions: int, moment: str) -> str:
    return f"{words.count(questions, 'question')}, last {moment} UTC"
