"""A conversation, put into the dialect of its endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from postcall.llm.chat_shapes import ChatMessage, Tool, ToolCall
from postcall.llm.chat_words import ask_in_words
from postcall.llm.dialect import Dialect, Format, Sent
from postcall.llm.request import encodable

_ENCODER = msgspec.json.Encoder()
_JSON_IN_WORDS = "Reply with one JSON object and nothing else: no prose, no code fence."


@dataclass(frozen=True, slots=True)
class ChatAsk:
    """What a model is to go on from, before it is put into a dialect."""

    model: str
    messages: Sequence[ChatMessage]
    tools: Sequence[Tool]
    max_tokens: int | None
    json_object: bool

    @property
    def free_roles(self) -> bool:
        """Whether a system message comes after another message, or one role speaks twice in a row."""
        roles = [message.role for message in self.messages]
        return "system" in roles[1:] or any(
            first == second != "tool" for first, second in pairwise(role for role in roles if role != "system")
        )


def render_chat(ask: ChatAsk, dialect: Dialect) -> bytes:
    """The request's body."""
    messages = ask.messages
    if ask.tools and not dialect.tools:
        messages = ask_in_words(messages, ask.tools)
    if ask.json_object:
        messages = _with_json_in_words(messages)
    if not dialect.any_roles:
        messages = with_strict_roles(messages)
    body: dict[str, object] = {"model": ask.model, "messages": [_message(each) for each in messages]}
    if ask.tools and dialect.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in ask.tools
        ]
        if dialect.one_at_a_time:
            # What a second call may do depends on where the first one led the conversation.
            body["parallel_tool_calls"] = False
    if ask.json_object and dialect.format is not Format.PLAIN:
        body["response_format"] = {"type": "json_object"}
    if ask.max_tokens is not None and dialect.token_limits:
        body[dialect.token_limits[0]] = ask.max_tokens
    if dialect.streams:
        body["stream"] = True
        if dialect.stream_usage:
            body["stream_options"] = {"include_usage": True}
    try:
        return _ENCODER.encode(body)
    except UnicodeEncodeError:
        return _ENCODER.encode(encodable(body))


def sent_in_chat(ask: ChatAsk, dialect: Dialect) -> Sent:
    """What the request holds that may be refused."""
    tools = bool(ask.tools) and dialect.tools
    return Sent(
        Format.OBJECT if ask.json_object and dialect.format is not Format.PLAIN else Format.PLAIN,
        limited=ask.max_tokens is not None,
        streamed=dialect.streams,
        stream_usage=dialect.streams and dialect.stream_usage,
        tools=tools,
        one_at_a_time=tools and dialect.one_at_a_time,
        free_roles=ask.free_roles and dialect.any_roles,
    )


def with_strict_roles(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same for chat templates that take one system message, the first, and no role twice in a row."""
    system = "\n\n".join(each.content for each in messages if each.role == "system")
    merged = [ChatMessage("system", system)] if system else []
    for message in messages:
        if message.role == "system":
            continue
        last = merged[-1] if merged else None
        if last is not None and last.role == message.role and message.role != "tool":
            content = "\n\n".join(each for each in (last.content, message.content) if each)
            merged[-1] = ChatMessage(message.role, content, last.tool_calls + message.tool_calls)
        else:
            merged.append(message)
    return merged


def _with_json_in_words(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """JSON mode is refused where no message speaks of JSON; and where there is no such mode, words are all there is."""
    last = messages[-1] if messages else None
    if last is None or last.role != "user":
        return [*messages, ChatMessage("user", _JSON_IN_WORDS)]
    return [*messages[:-1], ChatMessage("user", f"{last.content}\n\n{_JSON_IN_WORDS}")]


def _message(message: ChatMessage) -> dict[str, object]:
    made: dict[str, object] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        made["content"] = message.content or None
        made["tool_calls"] = list(_calls(message.tool_calls))
    if message.tool_call_id is not None:
        made["tool_call_id"] = message.tool_call_id
    return made


def _calls(calls: Iterable[ToolCall]) -> Iterable[dict[str, object]]:
    for call in calls:
        function = {"name": call.name, "arguments": call.arguments if _is_json(call.arguments) else "{}"}
        yield {"id": call.id, "type": "function", "function": function}


def _is_json(arguments: str) -> bool:
    """Many servers refuse a whole conversation in which a call was once cut off."""
    try:
        msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return False
    return True
