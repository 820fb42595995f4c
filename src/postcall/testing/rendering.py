"""From what a script says to what goes over the wire."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping
from dataclasses import replace

from postcall.testing.envelope import HttpReply, complete, encode, fail, in_one_body, send_raw
from postcall.testing.replies import (
    Broken,
    BrokenConnection,
    Delayed,
    ErrorInStream,
    Fail,
    Paced,
    RawBody,
    RawStream,
    ReplyFunction,
    Says,
    ScriptedReply,
    Stalled,
)
from postcall.testing.requests import ModelRequest
from postcall.testing.streaming import Manner, Thinking, stream, stream_raw


async def render(reply: ScriptedReply, request: ModelRequest, manner: Manner, thinking: Thinking) -> HttpReply:
    """The reply, ready to send; what waits before its first byte has waited."""
    if isinstance(reply, str | Mapping):
        reply = Says(reply)
    if isinstance(reply, Fail):
        return fail(reply)
    if isinstance(reply, RawBody):
        return send_raw(reply)
    if isinstance(reply, RawStream):
        return stream_raw(reply, manner, thinking)
    if isinstance(reply, BrokenConnection):
        return break_off(await render(reply.reply, request, manner, thinking), reply.after)
    if isinstance(reply, Delayed):
        await thinking.wait(reply.seconds)
        return await render(reply.reply, request, manner, thinking)
    if isinstance(reply, Paced):
        manner = replace(
            manner,
            pace=manner.pace if reply.pace is None else reply.pace,
            piece=manner.piece if reply.piece is None else reply.piece,
        )
        return await render(reply.reply, request, manner, thinking)
    if isinstance(reply, Broken | Stalled | ErrorInStream):
        if request.stream:
            return await render(reply.reply, request, replace(manner, mishap=reply), thinking)
        return await _befall_whole(reply, request, manner, thinking)
    if callable(reply):
        return await render(await _call(reply, request, thinking), request, manner, thinking)
    completion = complete(reply, request)
    if request.stream:
        return stream(completion, request, manner, thinking)
    return in_one_body(completion, think_s=thinking.seconds)


async def _befall_whole(
    reply: Broken | Stalled | ErrorInStream, request: ModelRequest, manner: Manner, thinking: Thinking
) -> HttpReply:
    """The same mishap where nothing is streamed."""
    if isinstance(reply, ErrorInStream):
        return HttpReply(encode({"error": reply.error}))
    if isinstance(reply, Stalled):
        await thinking.wait(reply.seconds)
        return await render(reply.reply, request, manner, thinking)
    whole = await render(reply.reply, request, manner, thinking)
    return break_off(whole, len(whole.body) // 2)


async def _call(function: ReplyFunction, request: ModelRequest, thinking: Thinking) -> ScriptedReply:
    """What a test's function replies; its failure is answered, since the test waits for an answer and not for us."""
    try:
        made = function(request)
        if not inspect.isawaitable(made):
            return made
        begun = time.perf_counter()
        try:
            return await made
        finally:
            thinking.seconds += time.perf_counter() - begun
    except Exception as error:  # noqa: BLE001 - whatever a test's function raises
        return Fail(500, f"The reply function of this scripted model raised {error!r}.", code="reply_function_failed")


def break_off(whole: HttpReply, after: int | None) -> HttpReply:
    """The same, with the connection closed after so many bytes of the body; None: before the status line."""
    return replace(whole, close_after=-1 if after is None else min(after, len(whole.body) - 1))
