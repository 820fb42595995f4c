"""Replies as chat-completions servers send them in one JSON body."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from postcall.testing.replies import (
    CHARACTERS_PER_TOKEN,
    Arguments,
    Calls,
    CutOff,
    Fail,
    Filtered,
    RawBody,
    Refusal,
    Says,
    ToolCalls,
)
from postcall.testing.requests import ModelRequest

CREATED = 1_700_000_000
"""Every reply's `created`: fixed, so that the same script gives the same bytes."""

Spoken = Says | Calls | CutOff | Refusal | Filtered | ToolCalls


@dataclass(frozen=True)
class HttpReply:
    """An HTTP response, ready to send."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    close_after: int | None = None
    """Close the connection after so many bytes of the body; -1: before the status line."""
    stream: AsyncIterator[bytes] | None = None
    """The body instead of `body`, piece by piece; where it raises ConnectionAbortedError the connection closes."""


@dataclass(frozen=True)
class Completion:
    """What both forms of a reply are made of."""

    id: str
    model: str
    message: dict[str, Any]
    finish_reason: str
    usage: dict[str, Any] | None

    def head(self, kind: str) -> dict[str, Any]:
        """What every object of the reply begins with."""
        return {"id": self.id, "object": kind, "created": CREATED, "model": self.model}


def in_one_body(completion: Completion, *, think_s: float) -> HttpReply:
    """The reply as one JSON body."""
    body = {
        **completion.head("chat.completion"),
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
    if think_s:
        body["think_s"] = round(think_s, 6)
    return HttpReply(body=encode(body))


def fail(failure: Fail) -> HttpReply:
    """An error with the usual body."""
    headers = dict(failure.headers)
    if failure.retry_after is not None:
        headers["Retry-After"] = str(failure.retry_after)
    error = {"message": failure.message, "type": failure.type, "param": failure.param, "code": failure.code}
    return HttpReply(body=encode({"error": error}), status=failure.status, headers=tuple(headers.items()))


def send_raw(raw: RawBody) -> HttpReply:
    """The body as it is."""
    body = raw.body.encode() if isinstance(raw.body, str) else raw.body
    return HttpReply(body=body, status=raw.status, content_type=raw.content_type)


def complete(reply: Spoken, request: ModelRequest) -> Completion:
    """The message, its finish reason and its counts."""
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    finish_reason = "stop"
    said = reply if isinstance(reply, Says) else Says("")
    if isinstance(reply, Refusal):
        message["refusal"] = reply.text
    elif isinstance(reply, ToolCalls | Calls):
        message["tool_calls"] = _calls(reply, request)
        message["content"] = reply.text or None if isinstance(reply, Calls) else None
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
    return Completion(
        id=f"chatcmpl-scripted-{request.number}",
        model=request.model,
        message=message,
        finish_reason=finish_reason,
        usage=_count(said, message, request) if said.usage else None,
    )


def _calls(reply: ToolCalls | Calls, request: ModelRequest) -> list[dict[str, Any]]:
    made: Sequence[tuple[str, Arguments]] = (
        reply.calls if isinstance(reply, ToolCalls) else ((reply.name, reply.arguments), *reply.others)
    )
    return [
        {
            "id": f"call_{request.number}_{index}",
            "type": "function",
            "function": {"name": name, "arguments": _as_text(arguments)},
        }
        for index, (name, arguments) in enumerate(made)
    ]


def _as_text(content: object) -> str:
    return content if isinstance(content, str) else encode(content).decode()


def encode(content: object) -> bytes:
    """As JSON, whatever the texts hold."""
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
