"""How a running function reaches its parent: what it writes goes into the journal, what it asks over the socket."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from postcall.runtime.conv.errors import documented
from postcall.runtime.functions.frames import framed, read_frame
from postcall.runtime.functions.journal import JournalWriter
from postcall.runtime.protocol import Answered, Ask, Frame, Line, Logged, Written, Wrote, decode_to_process, encode

LONGEST = 64 * 1024
"""Bytes of one line or one write; what is longer is shortened."""
_CUT = 8 * 1024
T = TypeVar("T")


class Link:
    """The socket. Several threads may send; one at a time reads, for all that wait."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._process = os.getpid()
        self._sending = threading.Lock()
        self._turn = threading.Condition()
        self._reading = False
        self._answers: dict[int, Answered] = {}
        self._asked = 0

    @property
    def ours(self) -> bool:
        """Whether this is the process that the link was made in, and no child that a function forked."""
        return os.getpid() == self._process

    def send(self, content: bytes) -> None:
        """Send a frame, whole."""
        with self._sending:
            self._connection.sendall(framed(content))

    def number(self) -> int:
        """For the next question."""
        with self._turn:
            self._asked += 1
            return self._asked

    def wait_for(self, number: int) -> Answered:
        """The answer to this question."""
        while True:
            with self._turn:
                while number not in self._answers and self._reading:
                    self._turn.wait()
                if number in self._answers:
                    return self._answers.pop(number)
                self._reading = True
            frame = self._read()
            with self._turn:
                self._reading = False
                if isinstance(frame, Answered):
                    self._answers[frame.ask] = frame
                self._turn.notify_all()

    def _read(self) -> Frame:
        content = read_frame(self._connection)
        if content is None:
            os._exit(1)  # the parent is gone; nobody will answer
        frame: Frame = decode_to_process(content)
        return frame


class RunChannel:
    """One function's way out. Used from any of its threads, and useless once it has ended."""

    def __init__(self, link: Link, journal: JournalWriter, run: int) -> None:
        self._link = link
        self._journal = journal
        self._run = run
        self._open = True

    def wrote(self, write: Written) -> None:
        """A metric was written."""
        self._put(Wrote(self._run, (write,)))

    def logged(self, line: Line) -> None:
        """A line was logged."""
        self._put(Logged(self._run, (line,)))

    def ask(self, what: str, arguments: Mapping[str, Any]) -> Any:
        """Ask the session, and wait for its answer. Raises what `errors.documented` makes of an error."""
        if not (self._open and self._link.ours):
            raise RuntimeError(f"{what}: the function has ended")
        number = self._link.number()
        self._link.send(encode(Ask(self._run, number, what, dict(arguments))))
        answer = self._link.wait_for(number)
        if answer.error is not None:
            raise documented(answer.error, tuple(answer.error_arguments))
        return answer.value

    def close(self) -> None:
        """From now on what leftover threads write is nobody's."""
        self._open = False

    def _put(self, frame: Wrote | Logged) -> None:
        if not (self._open and self._link.ours):
            return
        content = encode(frame)
        if len(content) > LONGEST:
            content = encode(_shortened(frame))
        if not self._journal.add(content):
            self._link.send(content)


def _shortened(frame: Wrote | Logged) -> Wrote | Logged:
    """As much of one line, or of one value, as anybody reads."""
    if isinstance(frame, Logged):
        lines = (replace(line, content=_cut(line.content), extras={}) for line in frame.lines)
        return replace(frame, lines=tuple(lines))
    writes = (replace(one, name=one.name[:_CUT], value=_cut(one.value)) for one in frame.writes)
    return replace(frame, writes=tuple(writes))


def _cut(value: T) -> T | str:
    return f"{value[:_CUT]}… ({len(value):,} characters)" if isinstance(value, str) and len(value) > _CUT else value
