"""The page of a question that is being answered: step by step, with a button to stop."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from postcall.analyst.threads import owner_of
from postcall.web import words
from postcall.web.analyst_asking import Asking
from postcall.web.analyst_frame import askings_of, end_of, path_of_asking, principal_of
from postcall.web.analyst_links import ANALYST
from postcall.web.analyst_steps import show_steps
from postcall.web.looking_again import digest_of, has_seen, is_partial
from postcall.web.render import render

router = APIRouter()
_STOPS_S = 5.0
"""How long a question that is stopped may take to tell what it has found."""
_BEAT_S = 10.0
_EVERY_S = 2
"""How often a page looks that cannot be told."""


@router.api_route(ANALYST + "/asked/{asking_id}", methods=["GET", "HEAD"])
async def show_asking(request: Request, asking_id: str) -> Response:
    """A question on its way; once it is answered, its thread."""
    asking = askings_of(request).find(owner_of(principal_of(request)), asking_id)
    end = end_of(asking)
    if end is not None and not is_partial(request):
        return RedirectResponse(end, status_code=303)
    seen = digest_of(len(asking.steps), asking.is_over)
    if has_seen(request, seen):
        return Response(status_code=204)
    return render(
        request,
        "_analyst_live.html" if is_partial(request) else "analyst_live.html",
        question=words.visible(asking.question.text),
        thread=asking.question.thread or "",
        steps=show_steps(asking.steps),
        here=path_of_asking(asking),
        seen=seen,
        every_s=_EVERY_S,
        over=asking.is_over,
        stopped=asking.stopped,
        problem=None if asking.problem is None else words.visible(asking.problem.message),
        end=end,
    )


@router.get(ANALYST + "/asked/{asking_id}/news")
async def tell_news(request: Request, asking_id: str) -> Response:
    """A word whenever there is something new on the page of a question, as server-sent events."""
    asking = askings_of(request).find(owner_of(principal_of(request)), asking_id)
    return StreamingResponse(_news(asking), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.post(ANALYST + "/asked/{asking_id}/stop")
async def stop(request: Request, asking_id: str) -> Response:
    """End the work, with an answer made of what there is so far where that can be had at once."""
    asking = askings_of(request).find(owner_of(principal_of(request)), asking_id)
    await asking.stop(_STOPS_S)
    return RedirectResponse(end_of(asking) or path_of_asking(asking), status_code=303)


async def _news(asking: Asking) -> AsyncGenerator[bytes, None]:
    yield b"data: begun\n\n"
    while not asking.is_over:
        before = len(asking.steps)
        await asking.changed(_BEAT_S)
        yield b": still there\n\n" if len(asking.steps) == before and not asking.is_over else b"data: new\n\n"
    yield b"event: over\ndata: over\n\n"
