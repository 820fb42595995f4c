"""The parent's side of one worker: giving it a function to run, and seeing that it comes back."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import msgspec

from postcall.domain.conversations import FailureKind
from postcall.runtime.functions.frames import BadFrame, FrameReader, framed
from postcall.runtime.functions.journal import JournalReader
from postcall.runtime.functions.output import Output
from postcall.runtime.functions.running import Listener
from postcall.runtime.functions.runs import Lost, Run
from postcall.runtime.functions.system import ending
from postcall.runtime.functions.traces import read_trace
from postcall.runtime.functions.zygotes import Zygote
from postcall.runtime.protocol import Answered, FunctionDone, Line, RunFunction, decode_from_process, encode

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64 * 1024
"""Bytes of a journal that are read in one go, so that who writes without end does not keep the others waiting."""
_TRACE_S = 0.05
"""How long a worker has to write where it stands, before it is ended."""
_CODE_S = 0.5
"""How long after its last word a process may take to be reaped; longer, and it has not ended but hung up."""
_END_S = 2.0
"""A worker that was told to end and is still there after this is a sign that nobody ends it."""
_FORK_S = 10.0
"""Likewise one that was to be forked."""


class Worker(asyncio.Protocol):
    """One process. Runs one function at a time; a worker that was `lost` is never used again."""

    def __init__(self, zygote: Zygote, journal: JournalReader, output: Output, clock: Callable[[], float]) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._zygote = zygote
        self._number = 0
        self._frames = FrameReader()
        self._journal = journal
        self._output = output
        self._transport: asyncio.Transport | None = None
        self._run: Run | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._started = False
        self._code: int | None = None
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._lost: Lost | None = None
        self.idle_since = 0.0
        """By the event loop's clock."""

    @classmethod
    async def start(cls, zygote: Zygote, clock: Callable[[], float]) -> Worker:
        """Have one forked. It can be given work at once. Raises OSError where there is no descriptor left for it."""
        with ExitStack() as undo:
            journal = JournalReader()
            undo.callback(journal.close)
            output = Output()
            undo.callback(output.close)
            ours, theirs = socket.socketpair()
            worker = cls(zygote, journal, output, clock)
            with theirs:
                worker._number = zygote.fork(worker, (theirs.fileno(), output.fd, journal.fd))
            undo.pop_all()
        journal.close_fd()
        try:
            transport, _ = await worker._loop.create_unix_connection(lambda: worker, sock=ours)
        except BaseException:
            worker.end()
            ours.close()
            raise
        worker._transport = transport
        return worker

    async def run(self, frame: RunFunction, listener: Listener, limit_s: float) -> FunctionDone | Lost:
        """Run a function to its end or its limit. Afterwards look whether the worker is `lost`."""
        content = encode(frame)
        if self._lost is not None:
            return self._lost
        self._note_output()
        run = self._run = Run(frame, listener, limit_s, self._reply)
        self._journal.begin()
        self._send(content)
        self._set_timer()
        try:
            outcome = await run.outcome
            if isinstance(outcome, Lost):
                outcome = await self._settle(outcome)
            outcome = self._with_output(run, outcome)
            if isinstance(outcome, Lost) or not _leaves_it_usable(outcome):
                self.end()
            return outcome
        except asyncio.CancelledError:
            self.end()
            raise
        finally:
            self._run = None
            run.close()
            if self._timer is not None:
                self._timer.cancel()
            if self._ended.done():
                self._close()

    @property
    def lost(self) -> bool:
        """Whether it cannot be given anything to do any more."""
        return self._lost is not None

    def drain(self, *, most_bytes: int = MOST_AT_ONCE) -> None:
        """Hand on what the function has written so far."""
        run = self._run
        if run is None:
            return
        try:
            run.hear([decode_from_process(content) for content in self._journal.read(run.frame.id, most_bytes)])
        except (msgspec.MsgspecError, ValueError) as error:
            self._lose(Lost(FailureKind.DIED, f"its process wrote what cannot be read: {error}"))

    def end(self) -> None:
        """End the process; it is not waited for."""
        self._lost = self._lost or Lost(FailureKind.DIED, "its process was ended")
        self._zygote.kill(self._number)

    def started(self) -> None:
        """Its time runs from now on: how long it took to fork is not the function's."""
        self._started = True
        if self._run is not None:
            self._set_timer()

    def ended(self, code: int | None) -> None:
        """It is gone."""
        self._code = code
        self._lose(Lost(FailureKind.DIED, "its process ended"))
        if not self._ended.done():
            self._ended.set_result(None)
        if self._run is None:
            self._close()

    def not_started(self, error: int) -> None:
        """There is no worker, and will be none."""
        self._lose(Lost(FailureKind.UNAVAILABLE, f"no process could be started for it: {os.strerror(error)}"))
        self.ended(None)

    def data_received(self, data: bytes) -> None:
        """What the process sent; it may be anything."""
        try:
            for content in self._frames.feed(data):
                frame = decode_from_process(content)
                self.drain(most_bytes=1 << 30)  # written before this was sent
                if self._run is not None:
                    self._run.hear([frame])
        except BadFrame as error:
            self._lose(Lost(FailureKind.NONSENSE, f"its process sent {error}"))
        except (msgspec.MsgspecError, ValueError) as error:
            self._lose(Lost(FailureKind.DIED, f"its process sent what cannot be read: {error}"))

    def connection_lost(self, _exc: Exception | None) -> None:
        """The process has ended, or a function has closed what is not its own."""
        self._lose(Lost(FailureKind.DIED, "its process closed the connection"))

    def _send(self, content: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(framed(content))

    def _reply(self, answer: Answered) -> None:
        self._send(encode(answer))

    def _lose(self, lost: Lost) -> None:
        self._lost = self._lost or lost
        if self._run is not None:
            self._run.finish(lost)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._run is not None:
            delay = self._run.limit_s if self._started else self._run.limit_s + _FORK_S
            self._timer = self._loop.call_later(delay, self._expire)

    def _expire(self) -> None:
        if self._run is None:
            return
        if self._started:
            self._lose(Lost(FailureKind.TIMEOUT, f"it ran longer than {self._run.limit_s:g} s and was stopped"))
        else:
            self._lose(Lost(FailureKind.UNAVAILABLE, "no process could be started for it in time"))
            self._zygote.destroy()

    async def _settle(self, lost: Lost) -> Lost:
        """See that the process has ended, and take what it has left."""
        if lost.kind is FailureKind.TIMEOUT:
            self._zygote.trace(self._number)
            await asyncio.wait({self._ended}, timeout=_TRACE_S)
        elif lost.kind is FailureKind.DIED:
            await asyncio.wait({self._ended}, timeout=_CODE_S)
            if self._code is not None:
                lost = replace(lost, message=f"its process ended: {ending(self._code)}")
        self.end()
        await asyncio.wait({self._ended}, timeout=_END_S)
        if not self._ended.done():
            self._zygote.destroy()
            await asyncio.wait({self._ended}, timeout=_END_S)
        self.drain(most_bytes=1 << 30)
        return lost

    def _with_output(self, run: Run, outcome: FunctionDone | Lost) -> FunctionDone | Lost:
        """Log what the process wrote to its output, apart from where it says that it stood."""
        written = self._output.take()
        if not written:
            return outcome
        trace, others = read_trace(written)
        run.hand_on((), [Line("print", line, self._clock()) for line in others])
        return replace(outcome, trace=trace) if isinstance(outcome, Lost) else outcome

    def _note_output(self) -> None:
        """What came between two functions is nobody's."""
        for line in self._output.take():
            log.info("between functions: %s", line)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._note_output()
        self._output.close()
        self._journal.close()


def _leaves_it_usable(done: FunctionDone) -> bool:
    """Whether the process is as it was before: nothing runs on in it, and its memory is not used up."""
    if done.threads_left or done.children_left:
        return False
    return done.failed is None or not done.failed.message.startswith("MemoryError")
