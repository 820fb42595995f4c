"""The chat-completions body around a model's words."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from postcall.domain.answers import Usage
from postcall.errors import ModelRefused, ModelReplyUnusable
from postcall.llm.complaint import complaint_from
from postcall.llm.faults import QUOTED, fault, hide_key
from postcall.llm.messages import Reply
from postcall.settings import ModelSettings


class _Part(msgspec.Struct):
    """Content that comes in parts; those that are no text (a reasoning trace, say) are left out."""

    type: str = ""
    text: str | None = None


NOTHING = msgspec.Raw(b"null")


class Words(msgspec.Struct):
    """What the model says, or the next piece of it."""

    content: str | list[_Part] | None = None
    refusal: str | None = None
    tool_calls: msgspec.Raw = NOTHING
    """Read by who asked for some."""


class _Choice(msgspec.Struct):
    message: Words | None = None
    delta: Words | None = None
    """Instead of `message` where the reply comes in pieces."""
    finish_reason: str | None = None


class Envelope(msgspec.Struct):
    """A reply, or a piece of one."""

    choices: list[_Choice] | None = None
    model: str | None = None
    usage: msgspec.Raw = NOTHING
    """Read apart: what a server gets wrong in its counts must not cost the answer."""
    error: Any = None
    object: Any = None


class _PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    """DeepSeek's name for what it cached."""


_ENVELOPE = msgspec.json.Decoder(Envelope)
_USAGE = msgspec.json.Decoder(_Usage | None)


def read_reply(body: bytes, settings: ModelSettings, *, model: str) -> Reply:
    """The reply in a body that came with 200, or the ModelError that says why there is none.

    A reply that the token limit cut off is a reply: its `finish_reason` is `length` and its text may be empty.
    """
    envelope = open_body(body)
    if not envelope.choices:
        if envelope.error is not None:
            raise late_fault(envelope.error, settings, model=model)
        raise ModelReplyUnusable("the model's endpoint sent a reply without choices", retry=True)
    choice = envelope.choices[0]
    message = choice.message or Words()
    text = text_of(message)
    finish_reason = choice.finish_reason or "stop"
    check_said(settings, refusal=message.refusal or "", finish_reason=finish_reason, empty=not text.strip())
    return Reply(
        text=text,
        finish_reason=finish_reason,
        usage=read_usage(envelope.usage, settings),
        model=envelope.model or model,
    )


def check_said(settings: ModelSettings, *, refusal: str, finish_reason: str, empty: bool) -> None:
    """Raise where a whole reply is none: the model declined, a filter stopped it, or it says nothing."""
    if refusal:
        words = hide_key(refusal, settings)[:QUOTED]
        raise ModelRefused(f"the model declined to answer: {words}", retry=False)
    if finish_reason == "content_filter":
        raise ModelRefused("the endpoint's content filter stopped the reply", retry=False)
    if empty and finish_reason != "length":
        raise ModelReplyUnusable("the model's reply is empty", retry=True)


def open_body(body: bytes) -> Envelope:
    """The envelope that came whole. Raises ModelReplyUnusable where it is none."""
    if not body.strip():
        raise ModelReplyUnusable("the model's endpoint sent an empty body", retry=True)
    try:
        return decode(body)
    except (ValueError, RecursionError):
        if body.lstrip()[:1] == b"<":
            raise ModelReplyUnusable(
                "the model's endpoint sent a web page instead of a reply; does POSTCALL_LLM_BASE_URL lack its /v1?",
                retry=True,
            ) from None
        raise ModelReplyUnusable(
            "the model's endpoint sent a body that is no chat-completions reply", retry=True
        ) from None


def decode(body: bytes) -> Envelope:
    """An envelope, or a piece of one. Raises ValueError or RecursionError."""
    try:
        return _ENVELOPE.decode(body)
    except msgspec.DecodeError:
        # Half an emoji, which servers send as the escape of a lone surrogate, must not cost the whole reply.
        return _ENVELOPE.decode(json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace"))


def late_fault(error: object, settings: ModelSettings, *, model: str) -> Exception:
    """An error that a gateway noticed after it had promised 200; its `code` is then often the status."""
    return fault(complaint_from(_status_of(error), {"error": error}), settings, model=model)


def _status_of(error: object) -> int:
    if not isinstance(error, dict):
        return 502
    code = error.get("code")
    if isinstance(code, str) and code.isdecimal() and len(code) == 3:
        code = int(code)
    if isinstance(code, int) and 400 <= code <= 599:
        return code
    return 429 if "rate_limit" in f"{code} {error.get('type')}" else 502


def text_of(message: Words) -> str:
    """The text, of its parts those that are text."""
    if isinstance(message.content, list):
        return "".join(part.text or "" for part in message.content if part.type in {"text", "output_text"})
    return message.content or ""


def read_usage(raw: msgspec.Raw, settings: ModelSettings) -> Usage:
    """The counts and their cost; zero where the server counts nothing."""
    try:
        usage = _USAGE.decode(raw) or _Usage()
    except msgspec.DecodeError:
        usage = _Usage()
    prompt = usage.prompt_tokens or 0
    completion = usage.completion_tokens or 0
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens if details else None) or usage.prompt_cache_hit_tokens or 0
    return Usage(
        requests=1,
        prompt_tokens=prompt,
        cached_tokens=cached,
        completion_tokens=completion,
        cost=_cost(prompt, completion, settings),
    )


def _cost(prompt: int, completion: int, settings: ModelSettings) -> float | None:
    if settings.price_prompt is None or settings.price_completion is None:
        return None
    return (prompt * settings.price_prompt + completion * settings.price_completion) / 1_000_000
