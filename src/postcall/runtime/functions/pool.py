"""One version's processes as a session sees them: a function is given, an answer comes back."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from itertools import count

from postcall.domain.conversations import FailureKind
from postcall.runtime.functions.known import Known
from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.functions.running import FunctionCall, Listener
from postcall.runtime.functions.runs import Lost
from postcall.runtime.functions.static import boot_frame
from postcall.runtime.functions.workers import Worker
from postcall.runtime.functions.zygotes import CannotStart, NoProcess, Zygote
from postcall.runtime.projects.model import Project
from postcall.runtime.protocol import Failed, FunctionDone, RunFunction

_REMEMBERED = 10_000
"""Conversations whose last worker is known."""


class Pool:
    """The processes of one version, of which a share of the workers may run functions at once.

    The `slots` are those of all projects together: one is held while a function runs, and none while it waits for the
    project to be imported or for the project's own functions.
    """

    def __init__(
        self,
        project: Project,
        limits: PoolLimits,
        known: Known,
        *,
        environ: Mapping[str, str],
        slots: asyncio.Semaphore,
        boots: asyncio.Semaphore,
    ) -> None:
        self._project = project
        self._limits = limits
        self._known = known
        self._environ = environ
        self._slots = slots
        self._boots = boots
        self._share = asyncio.Semaphore(limits.share)
        self._closed = False
        self._zygote: Zygote | None = None
        self._starting: asyncio.Task[Zygote] | None = None
        self._last: OrderedDict[str, Worker] = OrderedDict()
        self._runs = count(1)
        self.busy: set[Worker] = set()
        self.idle: dict[Worker, None] = {}
        """In the order in which they became idle."""
        self.waiting = 0
        """Functions that are being run, or about to be."""
        self.used_at = asyncio.get_running_loop().time()

    async def run(self, call: FunctionCall, listener: Listener, make_room: Callable[[], None]) -> FunctionDone:
        """Run a function. `make_room` is called before a process is added to those that are there."""
        number = next(self._runs) & 0xFFFF_FFFF
        frame = _frame(number, call)
        self.waiting += 1
        try:
            async with self._share:
                outcome, seconds = await self._run_in_slot(frame, call, listener, make_room)
        except CannotStart as error:
            seconds = 0.0
            outcome = Lost(FailureKind.UNAVAILABLE, f"the project's processes could not be started: {error}")
        except (OverflowError, TypeError, ValueError) as error:  # such as an integer of thirty digits
            seconds = 0.0
            outcome = Lost(FailureKind.NONSENSE, f"it cannot be given its arguments: {error}")
        finally:
            self.waiting -= 1
            self.used_at = asyncio.get_running_loop().time()
        if isinstance(outcome, Lost):
            return _failed(call, number, outcome, seconds=seconds)
        return outcome

    @property
    def stale(self) -> bool:
        """Whether new processes would have a module that these have not."""
        return self._zygote is not None and self._zygote.blocked != self._known.blocked

    def due(self) -> bool:
        """Whether what could not be imported is to be tried again."""
        return self._known.due(asked_at=self.used_at, now=asyncio.get_running_loop().time())

    async def try_again(self) -> None:
        """Import in processes of their own what could not be imported, so that nobody waits for it."""
        boot = boot_frame(self._project, self._limits, self._known.to_leave_out)
        refused: str | None = None
        try:
            async with self._boots:
                zygote = await Zygote.start(boot, environ=self._environ, boot_s=self._limits.boot_s)
            await zygote.close()
            blocked = zygote.blocked
        except CannotStart as error:
            blocked, refused = dict(error.blocked), str(error)
        self._known.tried(blocked, refused=refused, now=asyncio.get_running_loop().time())

    async def close(self) -> None:
        """End the processes and wait until they have ended."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        zygote, self._zygote = self._zygote, None
        self._forget_workers()
        if zygote is not None:
            await zygote.close()

    def end_idle(self, *, before: float) -> None:
        """End the workers that have been idle since before this time."""
        for worker in [worker for worker in self.idle if worker.idle_since < before]:
            self.end(worker)

    def end(self, worker: Worker) -> None:
        """End an idle worker."""
        self.idle.pop(worker, None)
        worker.end()

    async def _run_in_slot(
        self, frame: RunFunction, call: FunctionCall, listener: Listener, make_room: Callable[[], None]
    ) -> tuple[FunctionDone | Lost, float]:
        """How it ended, and after how long, without what it waited for a slot."""
        while True:
            zygote = await self._started()
            broken = zygote.broken.get(call.spec.module)
            if broken is not None:
                place = f"{broken.file}:{broken.line}" if broken.line else broken.file
                return Lost(FailureKind.UNAVAILABLE, f"{place} cannot be imported: {broken.message}"), 0.0
            async with self._slots:
                if zygote.alive:
                    began = time.perf_counter()
                    outcome = await self._run(zygote, frame, call, listener, make_room)
                    return outcome, time.perf_counter() - began

    async def _started(self) -> Zygote:
        if self._closed:
            raise RuntimeError("these pools are closed")
        if self._zygote is not None and self._zygote.alive:
            return self._zygote
        if self._known.refused is not None:
            raise CannotStart(self._known.refused)
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
            self._starting.add_done_callback(self._have_started)
        starting = self._starting
        try:
            # Others wait for the same start, which one of them may not cancel.
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            if starting.cancelled():
                raise CannotStart("they are being ended") from None
            raise

    def _have_started(self, starting: asyncio.Task[Zygote]) -> None:
        self._starting = None
        if not starting.cancelled():
            starting.exception()  # told to each who waits

    async def _start(self) -> Zygote:
        before, self._zygote = self._zygote, None
        self._forget_workers()
        if before is not None:
            await before.close()
        loop, known = asyncio.get_running_loop(), self._known
        boot = boot_frame(self._project, self._limits, known.blocked)
        try:
            async with self._boots:
                zygote = await Zygote.start(boot, environ=self._environ, boot_s=self._limits.boot_s)
        except NoProcess:
            raise
        except CannotStart as error:
            known.cannot_start(str(error), error.blocked, now=loop.time())
            raise
        known.started(zygote.blocked, now=loop.time())
        self._zygote = zygote
        return zygote

    async def _run(
        self, zygote: Zygote, frame: RunFunction, call: FunctionCall, listener: Listener, make_room: Callable[[], None]
    ) -> FunctionDone | Lost:
        worker = self._take(call.context.id)
        if worker is None:
            make_room()
            try:
                worker = await Worker.start(zygote, time.time)
            except OSError as error:
                return Lost(FailureKind.UNAVAILABLE, f"no process could be started for it: {error}")
        self.busy.add(worker)
        try:
            return await worker.run(frame, listener, call.limit_s)
        finally:
            self.busy.discard(worker)
            self._give_back(worker, call.context.id)

    def _take(self, conversation: str) -> Worker | None:
        """The worker that this conversation had before, or else the one that was used last."""
        for worker in [worker for worker in self.idle if worker.lost]:
            del self.idle[worker]
        mine = self._last.get(conversation)
        if mine is None or mine not in self.idle:
            mine = next(reversed(self.idle), None)
        if mine is not None:
            del self.idle[mine]
        return mine

    def _give_back(self, worker: Worker, conversation: str) -> None:
        if worker.lost:
            return
        worker.idle_since = asyncio.get_running_loop().time()
        self.idle[worker] = None
        self._last[conversation] = worker
        self._last.move_to_end(conversation)
        while len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)

    def _forget_workers(self) -> None:
        self.idle.clear()
        self._last.clear()


def _frame(number: int, call: FunctionCall) -> RunFunction:
    spec = call.spec
    return RunFunction(
        number,
        spec.kind,
        spec.name,
        spec.module,
        call.context,
        call.state,
        flow=spec.flow,
        arguments=call.arguments,
    )


def _failed(call: FunctionCall, number: int, lost: Lost, *, seconds: float = 0.0) -> FunctionDone:
    """Nobody has looked into the state: it goes back as it came, and what it shows is not known here."""
    failed = Failed(lost.kind, lost.message, lost.trace)
    return FunctionDone(number, call.state, {}, {}, failed=failed, seconds=seconds)
