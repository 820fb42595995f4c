"""What somebody types who talks with an agent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Command:
    """What a line asks for."""

    name: str
    """`say`, `silence`, `dtmf`, `hangup`, `state`, `help`, `nothing`, or `wrong`."""
    rest: str = ""
    """What is said, the digits, or what is wrong with the line."""


def read_line(line: str | None) -> Command:
    """The command in a line; None, the end of the input, hangs up."""
    if line is None:
        return Command("hangup")
    text = line.strip()
    if not text:
        return Command("nothing")
    if not text.startswith("/"):
        return Command("say", text)
    word, _, rest = text.partition(" ")
    rest = rest.strip()
    if word == "/dtmf":
        if rest and set(rest) <= set("0123456789*#"):
            return Command("dtmf", rest)
        return Command("wrong", "/dtmf takes digits, * and #, such as /dtmf 123#")
    if word in {"/silence", "/hangup", "/state", "/help"} and not rest:
        return Command(word[1:])
    return Command("wrong", f"{text} is no command; /help lists them")


class Lines:
    """The lines of standard input, whether it is a terminal, a pipe or a file; within `with`, Ctrl-C ends them.

    They are read from the descriptor, on a thread that may stay behind: at the end of the process nothing waits for it.
    """

    def __init__(self) -> None:
        self.interrupted = asyncio.Event()
        """Ctrl-C was pressed; a second one ends the program at once."""
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()

    def __enter__(self) -> Self:
        threading.Thread(target=self._read, name="terminal", daemon=True).start()
        self._loop.add_signal_handler(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.remove_signal_handler(signal.SIGINT)

    async def next(self) -> str | None:
        """The next line; None at the end of the input or after Ctrl-C."""
        return None if self.interrupted.is_set() else await self._lines.get()

    def _interrupt(self) -> None:
        self._loop.remove_signal_handler(signal.SIGINT)
        self.interrupted.set()
        self._lines.put_nowait(None)

    def _read(self) -> None:
        waiting = b""
        while chunk := _read_some():
            *lines, waiting = (waiting + chunk).split(b"\n")
            for line in lines:
                self._tell(line)
        if waiting:
            self._tell(waiting)
        self._tell(None)

    def _tell(self, line: bytes | None) -> None:
        text = line.decode(errors="replace") if line is not None else None
        with suppress(RuntimeError):  # the loop is closed: the conversation ended first
            self._loop.call_soon_threadsafe(self._lines.put_nowait, text)


def _read_some() -> bytes:
    """What is there to read; empty at the end of the input, also where that was never open."""
    try:
        return os.read(sys.stdin.fileno(), _CHUNK)
    except (OSError, ValueError):
        return b""
