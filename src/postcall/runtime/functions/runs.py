"""One function while it runs: what it says goes to its listener, what it asks is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from postcall.domain.conversations import FailureKind
from postcall.runtime.functions.running import Listener
from postcall.runtime.protocol import (
    Answered,
    Ask,
    FromProcess,
    FunctionDone,
    Line,
    Logged,
    RunFunction,
    Written,
    Wrote,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a function did not come to an end of its own."""

    kind: FailureKind
    message: str
    trace: str = ""


class Run:
    """One function, from its start to its `outcome`."""

    def __init__(
        self, frame: RunFunction, listener: Listener, limit_s: float, reply: Callable[[Answered], None]
    ) -> None:
        self.frame = frame
        self.limit_s = limit_s
        self.outcome: asyncio.Future[FunctionDone | Lost] = asyncio.get_running_loop().create_future()
        self._listener = listener
        self._reply = reply
        self._asks: set[asyncio.Task[None]] = set()

    def finish(self, outcome: FunctionDone | Lost) -> None:
        """The first outcome counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def hear(self, frames: Iterable[FromProcess]) -> None:
        """Take what came from the process; frames of a run before this one are nobody's."""
        writes, lines = list[Written](), list[Line]()
        for frame in frames:
            match frame:
                case Wrote(id=self.frame.id):
                    writes += frame.writes
                case Logged(id=self.frame.id):
                    lines += frame.lines
                case Ask(id=self.frame.id):
                    self._ask(frame)
                case FunctionDone(id=self.frame.id):
                    self.finish(frame)
                case _:
                    pass
        self.hand_on(writes, lines)

    def hand_on(self, writes: Sequence[Written], lines: Sequence[Line]) -> None:
        """Tell the listener."""
        try:
            if writes:
                self._listener.wrote(writes)
            if lines:
                self._listener.logged(lines)
        except Exception:  # a fault of the session's must not keep other functions from being heard
            log.exception("what %s wrote could not be taken", self.frame.name)

    def close(self) -> None:
        """Nothing is asked any more."""
        for task in self._asks:
            task.cancel()

    def _ask(self, ask: Ask) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(ask))
        self._asks.add(task)
        task.add_done_callback(self._asks.discard)

    async def _answer(self, ask: Ask) -> None:
        try:
            answer = await self._listener.asked(ask)
        except Exception:  # the function waits; it is told, and goes on
            log.exception("%s could not be answered to %s", ask.what, self.frame.name)
            answer = Answered(ask.ask, error="RuntimeError", error_arguments=(f"{ask.what} could not be answered",))
        self._reply(answer)
