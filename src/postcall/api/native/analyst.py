"""Questions in words, answered by reports and cited calls, and the threads that they were asked in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeAlias

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from postcall.analyst.steps import Step
from postcall.analyst.threads import kept_to, owner_of, read_thread
from postcall.analyst.understood_format import write_understood
from postcall.api.analysts import ask, check_places
from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.narrowing import check_agent_of
from postcall.api.native.analyst_shapes import (
    AskedFor,
    analysis_json,
    question_json,
    read_question,
    step_json,
    thread_json,
)
from postcall.api.native.parameters import read_limit
from postcall.api.replies import error_body, json_reply
from postcall.api.services import services_of
from postcall.domain.keys import Principal, Scope
from postcall.errors import PostcallError
from postcall.intake.explain import decode
from postcall.storage.analyst_threads import delete_thread, find_open_thread, list_threads

router = APIRouter(prefix="/postcall/v1", tags=["analyst"])

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
_JSON = msgspec.json.Decoder(Any)
_STREAM = "text/event-stream"
_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
_FAILED = "postcall failed at this question; its log says why"
KEEP_ALIVE_S = 15.0
"""Of a stream on which nothing else is to be said."""
_LOOKS_S = 1.0
"""How often it is looked whether whoever waits for an answer is still there."""
_GONE = 499
"""Nobody reads this status; logs of servers know it as that of a client who has left."""
Told: TypeAlias = AsyncGenerator[tuple[str, dict[str, Any]], None]
"""The names of events with what they say."""


@router.post("/analyst")
async def post_question(request: Request) -> Response:
    """A question in words: `{question, agent?, thread?, time_zone?, reading?}`.

    `thread` goes on with an earlier answer; `reading`, as an answer's `reading` or one of its `choices`, says how the
    question is to be understood. With `Accept: text/event-stream` the way there is told as `step` events before the one
    `answer`; what fails after the first of them is told as `error`. To stop, close the connection.
    """
    principal = await authenticate(request, Scope.READ, narrow=True)
    raw = decode(await read_body(request, limit=MAX_BODY), _JSON)
    asked = read_question(raw, now=services_of(request).clock())
    await _check(request, principal, asked)
    told = _ask(request, principal, asked)
    if _STREAM in request.headers.get("accept", ""):
        return StreamingResponse(stream_events(told), media_type=_STREAM, headers=_HEADERS)
    return await _answer(request, told)


@router.get("/analyst/threads")
async def get_threads(request: Request) -> Response:
    """The threads that this key has asked in, the newest first: `?limit=50`."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    limit = read_limit(request.query_params)
    found = await services_of(request).record.read_async(lambda c: list_threads(c, owner_of(principal), limit=limit))
    return json_reply({"threads": [thread_json(each) for each in found]})


@router.get("/analyst/threads/{thread}")
async def get_thread(request: Request, thread: str) -> Response:
    """All that was asked and answered in a thread."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    found, questions = await services_of(request).record.read_async(lambda c: read_thread(c, principal, thread))
    return json_reply({**thread_json(found), "questions": [question_json(each, thread) for each in questions]})


@router.delete("/analyst/threads/{thread}", status_code=204)
async def remove_thread(request: Request, thread: str) -> Response:
    """Forget a thread with all that was asked in it."""
    principal = await authenticate(request, Scope.WRITE, narrow=True)
    await services_of(request).record.write_async(lambda c: delete_thread(c, owner_of(principal), thread))
    return Response(status_code=204)


async def _check(request: Request, principal: Principal, asked: AskedFor) -> None:
    """Refuse, while there is still a status, one question too many, and an agent or thread that is not theirs."""
    check_places(request, principal)
    thread, reading = asked.question.thread, asked.reading
    queries = () if reading is None else (*reading.queries, *((reading.calls,) if reading.calls else ()))
    for agent in {asked.question.agent, *(query.agent for query in queries)}:
        if agent is not None:
            await check_agent_of(request, principal, agent)
    if thread is not None:
        await services_of(request).record.read_async(lambda c: find_open_thread(c, owner_of(principal), thread))


async def _ask(request: Request, principal: Principal, asked: AskedFor) -> Told:
    """The steps and the answer, each with the name of its event."""
    reading = None if asked.reading is None else kept_to(asked.reading, principal)
    async with aclosing(ask(request, principal, asked.question, reading=reading)) as told:
        async for each in told:
            if isinstance(each, Step):
                reading = each.understood or reading
                yield "step", step_json(each)
            else:
                shown = None if reading is None else write_understood(reading)
                yield "answer", analysis_json(each, reading=shown)


async def _answer(request: Request, told: Told) -> Response:
    """What is told at last. The work ends soon after whoever asked has gone."""
    coming = asyncio.ensure_future(_last(told))
    try:
        while not (await asyncio.wait({coming}, timeout=_LOOKS_S))[0]:
            if await request.is_disconnected():
                return Response(status_code=_GONE)
        return json_reply(coming.result())
    finally:
        await _end(coming)


async def _last(told: Told) -> dict[str, Any]:
    async with aclosing(told):
        return [content async for _, content in told][-1]


async def stream_events(told: Told, *, keep_alive_s: float = KEEP_ALIVE_S) -> AsyncGenerator[bytes, None]:
    """The stream. It says now and then that it is there, or proxies close it; and whoever has gone is noticed then."""
    async with aclosing(told):
        while True:
            coming = asyncio.ensure_future(_next(told))
            try:
                while not (await asyncio.wait({coming}, timeout=keep_alive_s))[0]:
                    yield b": still there\n\n"
                found = coming.result()
            except PostcallError as error:  # the status is out by now
                yield _event("error", error_body(error)["error"])
                return
            except Exception:  # as above; whoever listens is told, and the log says why
                log.exception("a question to the analyst failed")
                yield _event("error", error_body(PostcallError(_FAILED))["error"])
                return
            finally:
                await _end(coming)
            if found is None:
                return
            yield _event(*found)


async def _next(told: Told) -> tuple[str, dict[str, Any]] | None:
    return await anext(told, None)


async def _end(coming: asyncio.Future[Any]) -> None:
    """Stop what nobody waits for any more, and let it tidy up."""
    if not coming.done():
        coming.cancel()
        await asyncio.wait({coming})


def _event(name: str, content: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: ".encode() + msgspec.json.encode(content) + b"\n\n"
