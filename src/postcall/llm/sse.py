"""Server-sent events, from bytes that arrive however they like."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.errors import ModelReplyUnusable

MAX_EVENT = 1024 * 1024
"""Bytes of one event: far more than any model says, and less than what a mistaken address could pour into memory."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    data: bytes
    """Its data lines, a line break between two."""
    name: bytes = b""
    """Empty, as with all usual replies; some gateways say `error`."""


class EventReader:
    """Finds the events in a stream, whatever ends its lines; comments and unknown fields are passed over."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._name = b""
        self._begun = False
        self._after_return = False

    def feed(self, received: bytes) -> list[Event]:
        """The events that these bytes complete. Raises ModelReplyUnusable where one grows without end."""
        if self._after_return and received:
            # A line ended with a return; the line feed that may follow belongs to it.
            received = received.removeprefix(b"\n")
            self._after_return = False
        lines = (self._rest + received).splitlines(keepends=True)
        self._rest = lines.pop() if lines and not lines[-1].endswith((b"\n", b"\r")) else b""
        if not self._rest and lines and lines[-1].endswith(b"\r"):
            self._after_return = True
        found: list[Event] = []
        for line in lines:
            self._take(line.rstrip(b"\r\n"), found)
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT:
            raise ModelReplyUnusable("the model's endpoint sends a piece of a reply that does not end", retry=True)
        return found

    def end(self) -> list[Event]:
        """What the stream ended with: many servers leave out the empty line after the last event."""
        found: list[Event] = []
        self._take(self._rest, found)
        self._take(b"", found)
        return found

    def _take(self, line: bytes, found: list[Event]) -> None:
        if not self._begun:
            line = line.removeprefix(_BOM)
            self._begun = True
        if not line:
            if self._data:
                found.append(Event(b"\n".join(self._data), self._name))
            self._data, self._name = [], b""
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._name = value
        elif name == b"error":
            # llama.cpp's way to say so, which the standard does not know.
            self._data, self._name = [value], b"error"
