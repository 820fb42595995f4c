"""What the scripted model was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

_DECODER = json.JSONDecoder()
_LINE_WITH_OBJECT = re.compile(r"^\{", re.MULTILINE)


class NotARequest(Exception):
    """The body is no chat-completions request; the message says why, as a real server's would."""


@dataclass(frozen=True)
class ReceivedCall:
    """A call of a function that the model made earlier, as the client repeats it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ReceivedMessage:
    """One message of the conversation with the model."""

    role: str
    content: str
    """The text; parts that are no text are left out."""
    tool_calls: tuple[ReceivedCall, ...] = ()
    """Of an assistant's message."""
    tool_call_id: str | None = None
    """Of a tool's message: which call it answers."""


@dataclass(frozen=True)
class ToolResult:
    """What a function returned to the model."""

    name: str
    """Empty where no call of this request has the result's id."""
    content: str
    tool_call_id: str | None = None


@dataclass(frozen=True)
class ModelRequest:
    """One chat-completions request, as it arrived."""

    number: int
    """Counts from 1 in the order of arrival."""
    messages: tuple[ReceivedMessage, ...]
    body: Mapping[str, Any]
    """The whole JSON body."""
    headers: Mapping[str, str]
    """Names in lower case."""
    streams: bool = True
    """Whether the scripted model streams at all."""

    @cached_property
    def text(self) -> str:
        """All messages' contents, a line break between two."""
        return "\n".join(message.content for message in self.messages)

    @property
    def prompt_characters(self) -> int:
        """The length of all messages' contents together."""
        return sum(len(message.content) for message in self.messages)

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))

    @property
    def stream(self) -> bool:
        """Whether the reply comes in pieces: where they are wanted, and the server streams."""
        return self.streams and bool(self.body.get("stream"))

    @property
    def response_format(self) -> str:
        """`json_schema`, `json_object` or `text`."""
        wanted = self.body.get("response_format")
        return str(wanted.get("type", "text")) if isinstance(wanted, dict) else "text"

    @property
    def json_schema(self) -> Mapping[str, Any] | None:
        """The `json_schema` part of the response format (name, strict, schema); None where there is none."""
        wanted = self.body.get("response_format")
        part = wanted.get("json_schema") if isinstance(wanted, dict) else None
        return part if isinstance(part, dict) else None

    @cached_property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema that the reply must fit: from the response format, else the last one in the prompt."""
        part = self.json_schema
        if part is not None:
            schema = part.get("schema")
            return schema if isinstance(schema, dict) else None
        return _last_schema(self.text)

    @property
    def tools(self) -> tuple[Mapping[str, Any], ...]:
        """The functions on offer, each with `name`, `description` and `parameters`."""
        offered = self.body.get("tools") or []
        return tuple(tool["function"] for tool in offered if isinstance(tool, dict) and "function" in tool)

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The names of the functions on offer."""
        return tuple(str(tool.get("name", "")) for tool in self.tools)

    @property
    def system(self) -> str:
        """All system messages' contents, a line break between two."""
        return "\n".join(self._said_by("system"))

    @property
    def step(self) -> str:
        """The last system message: in a flow the prompt of the step. Empty where there is none."""
        return (self._said_by("system") or [""])[-1]

    @property
    def last_user(self) -> str:
        """What the user said last; empty where the user said nothing yet."""
        return (self._said_by("user") or [""])[-1]

    @cached_property
    def tool_results(self) -> tuple[ToolResult, ...]:
        """All that functions returned, oldest first."""
        names = {call.id: call.name for message in self.messages for call in message.tool_calls}
        return tuple(
            ToolResult(names.get(message.tool_call_id or "", ""), message.content, message.tool_call_id)
            for message in self.messages
            if message.role == "tool"
        )

    @property
    def latest_result(self) -> ToolResult | None:
        """The result that the model is to go on from; None where something was said since."""
        spoken = [message for message in self.messages if message.role != "system"]
        return self.tool_results[-1] if spoken and spoken[-1].role == "tool" else None

    def _said_by(self, role: str) -> list[str]:
        return [message.content for message in self.messages if message.role == role]


def read_request(body: bytes, headers: Mapping[str, str], *, number: int, streams: bool = True) -> ModelRequest:
    """Read a request's body, or raise NotARequest."""
    try:
        wanted = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise NotARequest(f"We could not parse the JSON body of your request. ({error})") from None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("messages"), list) or not wanted["messages"]:
        raise NotARequest("Missing required parameter: 'messages'.")
    if not isinstance(wanted.get("model"), str):
        raise NotARequest("you must provide a model parameter")
    if wanted.get("n") not in (None, 1):
        raise NotARequest("Only one choice can be asked for: 'n' must be 1.")
    return ModelRequest(
        number=number,
        messages=tuple(_read_message(message) for message in wanted["messages"]),
        body=wanted,
        headers=headers,
        streams=streams,
    )


def _read_message(message: object) -> ReceivedMessage:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise NotARequest("Invalid value in 'messages': each needs a role.")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    answered, called = message.get("tool_call_id"), message.get("tool_calls")
    return ReceivedMessage(
        role=message["role"],
        content=content if isinstance(content, str) else "",
        tool_calls=tuple(_read_call(call) for call in called) if isinstance(called, list) else (),
        tool_call_id=answered if isinstance(answered, str) else None,
    )


def _read_call(call: object) -> ReceivedCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise NotARequest("Invalid value in 'messages': each of the tool_calls needs a function with a name.")
    return ReceivedCall(str(call.get("id", "")), function["name"], str(function.get("arguments", "")))


def _last_schema(text: str) -> Mapping[str, Any] | None:
    """The last JSON object with `properties` that begins at the start of a line."""
    for match in reversed(list(_LINE_WITH_OBJECT.finditer(text))):
        try:
            found, _ = _DECODER.raw_decode(text, match.start())
        except ValueError:
            continue
        if isinstance(found, dict) and "properties" in found:
            return found
    return None
