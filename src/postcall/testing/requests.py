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
class ReceivedMessage:
    """One message of the conversation with the model."""

    role: str
    content: str
    """The text; parts that are no text are left out."""


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
        """Whether the reply is wanted in pieces."""
        return bool(self.body.get("stream"))

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


def read_request(body: bytes, headers: Mapping[str, str], *, number: int) -> ModelRequest:
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
    )


def _read_message(message: object) -> ReceivedMessage:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise NotARequest("Invalid value in 'messages': each needs a role.")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ReceivedMessage(role=message["role"], content=content if isinstance(content, str) else "")


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
