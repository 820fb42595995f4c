"""Tools for models whose endpoint takes none: offered in words, and called in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from postcall.errors import ModelReplyUnusable
from postcall.llm.chat_shapes import ChatMessage, Tool, ToolCall
from postcall.llm.salvage import read_object
from postcall.llm.tool_calls import new_call_id

_MAY_BE_CALL = frozenset({"", "{", "`"})
"""How a text begins that is an object, perhaps in a code fence."""
_HOW = """You can call functions. To call one, reply with nothing but a JSON object like this, no prose, no code fence:
{"call": "name of the function", "arguments": {}}
You are then told what it returned. To talk to the user instead, reply in plain words and never mention functions.
The functions:
"""


def ask_in_words(messages: Sequence[ChatMessage], tools: Sequence[Tool]) -> list[ChatMessage]:
    """The conversation with the tools described, and with earlier calls and their results told as text."""
    described = "\n".join(
        f"- {tool.name}: {tool.description} Arguments: {msgspec.json.encode(tool.parameters).decode()}"
        for tool in tools
    )
    told = [_told(message) for message in messages]
    start = next((number for number, message in enumerate(told) if message.role != "system"), len(told))
    return [*told[:start], ChatMessage("system", _HOW + described), *told[start:]]


class WordsOrCall:
    """Holds back a reply in which a call may be written; without tools in words everything passes at once."""

    def __init__(self, tools: Sequence[Tool], make_id: Callable[[], str] = new_call_id) -> None:
        self._held = ""
        self._passes = not tools
        self._make_id = make_id

    def hear(self, text: str) -> str:
        """What of the text so far is certainly to be said."""
        if self._passes:
            return text
        self._held += text
        if self._held.lstrip()[:1] in _MAY_BE_CALL:
            return ""
        self._passes = True
        return self._held

    def end(self) -> tuple[str, list[ToolCall]]:
        """What was held back: something to say after all, or a call."""
        if self._passes or not self._held.strip():
            return "", []
        call = self._call()
        return ("", [call]) if call else (self._held, [])

    def _call(self) -> ToolCall | None:
        try:
            said = read_object(self._held).content
        except ModelReplyUnusable:
            return None
        name, arguments = said.get("call"), said.get("arguments")
        if not isinstance(name, str):
            return None
        filled = msgspec.json.encode(arguments if isinstance(arguments, dict) else {}).decode()
        return ToolCall(self._make_id(), name, filled)


def _told(message: ChatMessage) -> ChatMessage:
    if message.role == "tool":
        return ChatMessage("user", f"The function returned:\n{message.content}")
    if not message.tool_calls:
        return message
    calls = (f'{{"call": "{call.name}", "arguments": {call.arguments or "{}"}}}' for call in message.tool_calls)
    return ChatMessage(message.role, "\n".join([*([message.content] if message.content else []), *calls]))
