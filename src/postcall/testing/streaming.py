"""Replies as chat-completions servers stream them: server-sent events, paced, and broken where the script says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from postcall.testing.envelope import Completion, HttpReply, encode
from postcall.testing.replies import Broken, ErrorInStream, RawStream, Stalled
from postcall.testing.requests import ModelRequest

PIECE_CHARACTERS = 24
"""Of text, or of a call's arguments, in one piece where nothing else is said."""
DONE = b"data: [DONE]\n\n"
EVENT_STREAM = "text/event-stream"

Mishap: TypeAlias = Broken | Stalled | ErrorInStream


class Thinking:
    """How long a reply took on purpose, so that a benchmark can subtract it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def wait(self, seconds: float) -> None:
        """Sleep, and count how long it really was."""
        if seconds > 0:
            begun = time.perf_counter()
            try:
                await asyncio.sleep(seconds)
            finally:
                self.seconds += time.perf_counter() - begun


@dataclass(frozen=True)
class Manner:
    """How a reply is streamed."""

    pace: float = 0.0
    """Seconds between two pieces."""
    piece: int = PIECE_CHARACTERS
    """Characters of a piece."""
    mishap: Mishap | None = None


def stream(completion: Completion, request: ModelRequest, manner: Manner, thinking: Thinking) -> HttpReply:
    """The reply as server-sent events: all at once where nothing is to happen between them."""
    pieces = [
        _event(completion, [{"index": 0, "delta": delta, "finish_reason": None}])
        for delta in _deltas(completion.message, manner.piece)
    ]
    pieces[:2] = [b"".join(pieces[:2])]
    wants_usage = bool((request.body.get("stream_options") or {}).get("include_usage"))
    if not manner.pace and manner.mishap is None:
        body = b"".join(pieces) + _ending(completion, wants_usage=wants_usage, think_s=thinking.seconds)
        return HttpReply(body=body, content_type=EVENT_STREAM)

    async def paced() -> AsyncIterator[bytes]:
        for number, piece in enumerate(pieces):
            if _is_due(manner.mishap, number):
                async for instead in _befall(manner.mishap, thinking):
                    yield instead
            if number:
                await thinking.wait(manner.pace)
            yield piece
        if _is_due(manner.mishap, len(pieces), last=True):
            async for instead in _befall(manner.mishap, thinking):
                yield instead
        yield _ending(completion, wants_usage=wants_usage, think_s=thinking.seconds)

    return HttpReply(b"", content_type=EVENT_STREAM, stream=paced())


def stream_raw(raw: RawStream, manner: Manner, thinking: Thinking) -> HttpReply:
    """Pieces as they are."""

    async def pieces() -> AsyncIterator[bytes]:
        for number, piece in enumerate(raw.pieces):
            if number:
                await thinking.wait(manner.pace)
            yield piece.encode() if isinstance(piece, str) else piece
        if not raw.whole:
            raise ConnectionAbortedError

    return HttpReply(b"", content_type=raw.content_type, stream=pieces())


def _is_due(mishap: Mishap | None, number: int, *, last: bool = False) -> bool:
    return mishap is not None and (mishap.after >= number if last else mishap.after == number)


async def _befall(mishap: Mishap | None, thinking: Thinking) -> AsyncIterator[bytes]:
    if isinstance(mishap, Stalled):
        await thinking.wait(mishap.seconds)
        return
    if isinstance(mishap, ErrorInStream):
        yield b"data: " + encode({"error": mishap.error}) + b"\n\n"
    raise ConnectionAbortedError


def _ending(completion: Completion, *, wants_usage: bool, think_s: float) -> bytes:
    more = {"think_s": round(think_s, 6)} if think_s else {}
    finish = [{"index": 0, "delta": {}, "finish_reason": completion.finish_reason}]
    ending = _event(completion, finish, **more)
    if wants_usage and completion.usage is not None:
        ending += _event(completion, [], usage=completion.usage)
    return ending + DONE


def _deltas(message: dict[str, Any], piece: int) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for key in ("reasoning_content", "content", "refusal"):
        for part in _parts(message.get(key) or "", piece):
            yield {key: part}
    for index, call in enumerate(message.get("tool_calls", ())):
        function = call["function"]
        first, *others = _parts(function["arguments"], piece) or [""]
        yield {"tool_calls": [{"index": index, **call, "function": {**function, "arguments": first}}]}
        for other in others:
            yield {"tool_calls": [{"index": index, "function": {"arguments": other}}]}


def _parts(text: str, piece: int) -> Sequence[str]:
    return [text[start : start + piece] for start in range(0, len(text), piece)]


def _event(completion: Completion, choices: list[dict[str, Any]], **more: object) -> bytes:
    return b"data: " + encode({**completion.head("chat.completion.chunk"), "choices": choices, **more}) + b"\n\n"
