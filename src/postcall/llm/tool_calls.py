"""Tool calls, from the fragments in which they come."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from postcall.errors import ModelReplyUnusable
from postcall.llm.chat_shapes import ToolCall
from postcall.llm.envelope import NOTHING


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, object] | None = None
    """An object, where a server forgets to put it into a string."""


class _Fragment(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


_FRAGMENTS = msgspec.json.Decoder(list[_Fragment] | None)


def new_call_id() -> str:
    """For a call whose server gave it none."""
    return f"call_{secrets.token_hex(12)}"


@dataclass(slots=True)
class _Open:
    """A call whose fragments are arriving."""

    index: int
    id: str
    name: str
    fragments: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        return "".join(self.fragments)


class ToolCalls:
    """Puts calls together.

    Usually the first fragment has index, id and name, and the others the index and more of the arguments. But servers
    leave out the index or the id, repeat the name each time or make up a new id, or send whole calls under one index.
    """

    def __init__(self, make_id: Callable[[], str]) -> None:
        self._make_id = make_id
        self._calls: list[_Open] = []
        self._latest: dict[int, _Open] = {}
        self._last_index = 0

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, raw: msgspec.Raw) -> None:
        """Take the `tool_calls` of a message or of a piece. Raises ModelReplyUnusable where they are none."""
        if raw == NOTHING:
            return
        try:
            fragments = _FRAGMENTS.decode(raw)
        except msgspec.DecodeError:
            raise ModelReplyUnusable(
                "the model's endpoint sent calls of functions in no known form", retry=True
            ) from None
        for position, fragment in enumerate(fragments or ()):
            self._add(fragment, apart=fragment.index is None and position > 0)

    def whole(self) -> list[ToolCall]:
        """All calls in their order, each with an id of its own. Raises ModelReplyUnusable where one has no name."""
        taken: set[str] = set()
        calls = []
        for call in sorted(self._calls, key=lambda each: each.index):
            if not call.name:
                raise ModelReplyUnusable("the model called a function without naming it", retry=True)
            if not call.id or call.id in taken:
                call.id = self._make_id()
            taken.add(call.id)
            calls.append(ToolCall(call.id, call.name, call.arguments))
        return calls

    def _add(self, fragment: _Fragment, *, apart: bool) -> None:
        """`apart`: it stands in one list with the one before and has no index, so it is another call's."""
        function = fragment.function or _Function()
        arguments = _as_text(function.arguments)
        call = self._open_call(fragment)
        same = call is not None and bool(fragment.id) and call.id == fragment.id
        if call is None or (not same and (apart or _begins_another(call, fragment, arguments))):
            index = self._last_index if fragment.index is None else fragment.index
            call = _Open(index, fragment.id or "", function.name or "")
            self._calls.append(call)
        self._latest[call.index] = call
        self._last_index = call.index
        call.id = call.id or fragment.id or ""
        call.name = call.name or function.name or ""
        if arguments:
            call.fragments.append(arguments)

    def _open_call(self, fragment: _Fragment) -> _Open | None:
        """The call that a fragment most likely goes on with."""
        if fragment.index is not None:
            return self._latest.get(fragment.index)
        if fragment.id:
            known = next((call for call in self._calls if call.id == fragment.id), None)
            if known is not None:
                return known
        return self._latest.get(self._last_index)


def _begins_another(call: _Open, fragment: _Fragment, arguments: str) -> bool:
    """Whether a fragment that could go on with a call begins the next one instead."""
    name = fragment.function.name if fragment.function else None
    if not name or not call.name:
        # A new id alone means nothing: some servers make one up for each fragment.
        return False
    goes_on = not arguments.strip() and not (fragment.id and call.id)
    return name != call.name or (not goes_on and _is_object(call.arguments))


def _is_object(arguments: str) -> bool:
    try:
        msgspec.json.decode(arguments, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _as_text(arguments: str | dict[str, object] | None) -> str:
    if isinstance(arguments, dict):
        return msgspec.json.encode(arguments).decode()
    return arguments or ""
