"""Replies as chat-completions servers send them: one JSON body, or server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from postcall.testing.replies import CHARACTERS_PER_TOKEN, CutOff, Fail, Filtered, RawBody, Refusal, Says, ToolCalls
from postcall.testing.requests import ModelRequest

CREATED = 1_700_000_000
"""Every reply's `created`: fixed, so that the same script gives the same bytes."""
PIECE_CHARACTERS = 24
"""Of content in one streamed chunk."""

Spoken = Says | CutOff | Refusal | Filtered | ToolCalls


@dataclass(frozen=True)
class HttpReply:
    """An HTTP response, ready to send."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    close_after: int | None = None
    """Close the connection after so many bytes of the body; -1: before the status line."""


@dataclass(frozen=True)
class _Completion:
    """What both forms of a reply are made of."""

    id: str
    model: str
    message: dict[str, Any]
    finish_reason: str
    usage: dict[str, Any] | None


def speak(reply: Spoken, request: ModelRequest) -> HttpReply:
    """The reply as one JSON body, or as a stream where the request asks for one."""
    completion = _complete(reply, request)
    if request.stream:
        return HttpReply(body=b"".join(_events(completion, request)), content_type="text/event-stream")
    body: dict[str, Any] = {
        "id": completion.id,
        "object": "chat.completion",
        "created": CREATED,
        "model": completion.model,
        "choices": [
            {
                "index": 0,
                "message": completion.message,
                "logprobs": None,
                "finish_reason": completion.finish_reason,
            }
        ],
    }
    if completion.usage is not None:
        body["usage"] = completion.usage
    return HttpReply(body=_encode(body))


def fail(failure: Fail) -> HttpReply:
    """An error with the usual body."""
    headers = dict(failure.headers)
    if failure.retry_after is not None:
        headers["Retry-After"] = str(failure.retry_after)
    error = {"message": failure.message, "type": failure.type, "param": failure.param, "code": failure.code}
    return HttpReply(body=_encode({"error": error}), status=failure.status, headers=tuple(headers.items()))


def send_raw(raw: RawBody) -> HttpReply:
    """The body as it is."""
    body = raw.body.encode() if isinstance(raw.body, str) else raw.body
    return HttpReply(body=body, status=raw.status, content_type=raw.content_type)


def _complete(reply: Spoken, request: ModelRequest) -> _Completion:
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    finish_reason = "stop"
    said = reply if isinstance(reply, Says) else Says("")
    if isinstance(reply, Refusal):
        message["refusal"] = reply.text
    elif isinstance(reply, ToolCalls):
        message["tool_calls"] = [
            {
                "id": f"call_{request.number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": _encode(arguments).decode()},
            }
            for index, (name, arguments) in enumerate(reply.calls)
        ]
        finish_reason = "tool_calls"
    elif isinstance(reply, Filtered):
        message["content"] = reply.content
        finish_reason = "content_filter"
    elif isinstance(reply, CutOff):
        text = _as_text(reply.content)
        message["content"] = text[: len(text) // 2 if reply.at is None else reply.at]
        finish_reason = "length"
    else:
        message["content"], finish_reason = _within_limit(_as_text(reply.content), reply.finish_reason, request)
        if reply.reasoning is not None:
            message["reasoning_content"] = reply.reasoning
    return _Completion(
        id=f"chatcmpl-scripted-{request.number}",
        model=request.model,
        message=message,
        finish_reason=finish_reason,
        usage=_count(said, message, request) if said.usage else None,
    )


def _as_text(content: object) -> str:
    return content if isinstance(content, str) else _encode(content).decode()


def _encode(content: object) -> bytes:
    try:
        return msgspec.json.encode(content)
    except UnicodeEncodeError:
        # A lone surrogate can be sent as an escape, and some servers do.
        return json.dumps(content).encode()


def _within_limit(text: str, finish_reason: str, request: ModelRequest) -> tuple[str, str]:
    limit = request.body.get("max_completion_tokens") or request.body.get("max_tokens")
    if isinstance(limit, int) and len(text) > limit * CHARACTERS_PER_TOKEN:
        return text[: limit * CHARACTERS_PER_TOKEN], "length"
    return text, finish_reason


def _count(said: Says, message: dict[str, Any], request: ModelRequest) -> dict[str, Any]:
    prompt = tokens(request.prompt_characters) if said.prompt_tokens is None else said.prompt_tokens
    spoken = len(message["content"] or "") + len(message["refusal"] or "")
    completion = tokens(spoken) if said.completion_tokens is None else said.completion_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": said.cached_tokens},
    }


def tokens(characters: int) -> int:
    """How many tokens the scripted model takes so many characters for."""
    return -(-characters // CHARACTERS_PER_TOKEN)


def _events(completion: _Completion, request: ModelRequest) -> Iterator[bytes]:
    wants_usage = bool((request.body.get("stream_options") or {}).get("include_usage"))
    for delta in _deltas(completion.message):
        yield _event(completion, [{"index": 0, "delta": delta, "finish_reason": None}])
    yield _event(completion, [{"index": 0, "delta": {}, "finish_reason": completion.finish_reason}])
    if wants_usage and completion.usage is not None:
        yield _event(completion, [], usage=completion.usage)
    yield b"data: [DONE]\n\n"


def _deltas(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for key in ("reasoning_content", "content", "refusal"):
        text = message.get(key) or ""
        for start in range(0, len(text), PIECE_CHARACTERS):
            yield {key: text[start : start + PIECE_CHARACTERS]}
    for index, call in enumerate(message.get("tool_calls", ())):
        yield {"tool_calls": [{"index": index, **call}]}


def _event(completion: _Completion, choices: list[dict[str, Any]], **more: object) -> bytes:
    chunk = {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": completion.model,
        "choices": choices,
        **more,
    }
    return b"data: " + _encode(chunk) + b"\n\n"
