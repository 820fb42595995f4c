"""The process that runs functions, one at a time."""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import socket
import sys
from contextlib import suppress

from msgspec.structs import replace

from postcall.runtime.conv.running import run_function
from postcall.runtime.functions import system
from postcall.runtime.functions.finding import ProjectFunctions
from postcall.runtime.functions.frames import LARGEST, read_frame
from postcall.runtime.functions.journal import JournalWriter
from postcall.runtime.functions.link import Link, RunChannel
from postcall.runtime.protocol import Boot, Failed, FunctionDone, RunFunction, decode_to_process, encode

_LARGEST_ORDER = 2 * LARGEST
"""A state that just fits into an answer comes back with the conversation around it."""


class Worker:
    """Waits for a function to run, runs it, answers, and waits again."""

    def __init__(self, connection: socket.socket, journal: JournalWriter, boot: Boot) -> None:
        self._link = Link(connection)
        self._connection = connection
        self._journal = journal
        self._project = boot.project
        self._find = ProjectFunctions(boot.project)

    def serve(self) -> None:
        """Until the parent closes its end."""
        while (content := read_frame(self._connection, largest=_LARGEST_ORDER)) is not None:
            frame = decode_to_process(content)
            if isinstance(frame, RunFunction):
                self._run(frame)

    def _run(self, frame: RunFunction) -> None:
        process = os.getpid()
        self._journal.begin(frame.id)
        channel = RunChannel(self._link, self._journal, frame.id)
        try:
            done = run_function(frame, self._project, channel, self._find)
        except BaseException as error:  # noqa: BLE001 - such as no memory left to tell what happened; told as a failure
            done = _failed(frame, "died", f"its process could not go on: {type(error).__name__}")
        if os.getpid() != process:
            os._exit(0)  # a child that the function forked and let run on
        channel.close()
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)  # an alarm that is still to come would end the next function
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # full, or closed by the function
                stream.flush()
        if system.has_children():
            done = replace(done, children_left=True)
        self._link.send(_encode(done, frame))


def _encode(done: FunctionDone, frame: RunFunction) -> bytes:
    """The answer; where it is too large, or nothing that can be told, what is left of it when that is taken away."""
    try:
        content = encode(done)
        if len(content) <= LARGEST:
            return content
        message = f"it left {len(content):,} bytes to keep; {LARGEST:,} are allowed"
    except (MemoryError, ValueError, TypeError, OverflowError, RecursionError) as error:
        message = f"what it left cannot be kept: {type(error).__name__}: {error}"
    return encode(_failed(frame, "nonsense", message))


def _failed(frame: RunFunction, kind: str, message: str) -> FunctionDone:
    return FunctionDone(frame.id, frame.state, {}, {}, failed=Failed(kind, message))


def run_worker(boot: Boot, connection: int, output: int, journal: int, *, parent: int) -> None:
    """Make this freshly forked process a worker, and be one until the end. The descriptors are its own."""
    # Not a session of its own: Linux takes milliseconds to make one.
    os.setpgid(0, 0)
    system.end_with_parent(parent)
    system.adopt_orphans()
    _write_into(output)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    writer = JournalWriter(journal)
    os.close(journal)
    random.seed()
    Worker(socket.socket(fileno=connection), writer, boot).serve()


def _write_into(output: int) -> None:
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    # Written by C at once, also while a function spins and lets no Python run.
    faulthandler.enable(file=2, all_threads=False)
    faulthandler.register(signal.SIGUSR1, file=2, all_threads=False)
