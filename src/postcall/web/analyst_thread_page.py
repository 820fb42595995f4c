"""The page of a thread: what was asked in it with all answers, and the form to go on."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.analyst.thread_format import read_analysis
from postcall.analyst.threads import owner_of, read_thread
from postcall.analyst.understood_format import read_understood
from postcall.api.services import services_of
from postcall.domain.analysis import Analysis, Question
from postcall.storage.analyst_threads import StoredQuestion, delete_thread
from postcall.web import words
from postcall.web.analyst_calls import NamedCall, read_named
from postcall.web.analyst_frame import AskForm, names_of, principal_of, read_around
from postcall.web.analyst_links import ANALYST
from postcall.web.analyst_view import AnsweredView, calls_named, show_answer
from postcall.web.filter_rows import kinds_of
from postcall.web.render import render

router = APIRouter()
_SHOWN = 20
"""Questions of a thread; the earlier ones on demand."""


@router.api_route(ANALYST + "/{thread}", methods=["GET", "HEAD"])
async def show_thread(request: Request, thread: str) -> Response:
    """A thread with all its answers, and the form to go on."""
    who = principal_of(request)
    found, questions = await services_of(request).record.read_async(lambda c: read_thread(c, who, thread))
    shown = questions if request.query_params.get("earlier") == "yes" else questions[-_SHOWN:]
    last, answers = questions[-1], [(each, read_analysis(each.answer)) for each in shown]
    calls = {call for _, answer in answers for call in calls_named(answer)}
    named = await services_of(request).record.read_async(lambda c: read_named(c, who.account_pk, calls))
    kinds = kinds_of(await names_of(request))
    # Only how the last question was understood can be changed by fields: a hundred names in each would be a large page.
    return render(
        request,
        "analyst_thread.html",
        title=words.visible(found.title),
        here=f"{ANALYST}/{thread}",
        answers=[
            (each.number, _show(each, answer, named, kinds if each is last else None)) for each, answer in answers
        ],
        earlier=len(questions) - len(shown),
        form=AskForm(agent=last.agent or "", time_zone=last.time_zone, thread=thread),
        problem=None,
        **await read_around(request, shown=thread),
    )


@router.post(ANALYST + "/{thread}/delete")
async def forget(request: Request, thread: str) -> Response:
    """Forget a thread."""
    owner = owner_of(principal_of(request))
    await services_of(request).record.write_async(lambda c: delete_thread(c, owner, thread))
    return RedirectResponse(ANALYST, status_code=303)


def _show(
    stored: StoredQuestion, answer: Analysis, named: Mapping[str, NamedCall], kinds: Mapping[str, str] | None
) -> AnsweredView:
    question = Question(stored.text, stored.asked_at, stored.time_zone, stored.agent)
    understood = None if stored.reading is None else read_understood(stored.reading)
    return show_answer(question, answer, understood, anchor=f"question-{stored.number}", named=named, kinds=kinds)
