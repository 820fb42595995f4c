"""The processes of all projects: one `FunctionPools` for each event loop."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import Mapping

from postcall.runtime.functions.known import Known
from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.functions.pool import Pool
from postcall.runtime.functions.running import FunctionCall, Functions, Listener
from postcall.runtime.projects.model import Project
from postcall.runtime.protocol import FunctionDone

log = logging.getLogger(__name__)

LISTEN_S = 0.005
"""How often the journals of functions that run are read."""
_BOOTS = 32
"""Projects that are imported at once: after a restart hundreds may be called for within a second."""
_REMEMBERED = 10_000
"""Versions of which is known what could not be imported."""
_LOOK_S = 5.0
"""How often idle processes are looked for, at the most."""


class FunctionPools:
    """Runs functions of any version. Use it on one event loop only, and `close` it there.

    At most `limits.workers` functions run at once, `limits.share` of one version's, in the order in which they came.
    """

    def __init__(self, limits: PoolLimits | None = None, *, environ: Mapping[str, str] | None = None) -> None:
        self._limits = limits or PoolLimits()
        self._environ = os.environ if environ is None else environ
        self._slots = asyncio.Semaphore(self._limits.workers)
        self._boots = asyncio.Semaphore(_BOOTS)
        self._pools: dict[str, Pool] = {}
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._listening: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._trying: asyncio.Task[None] | None = None
        """A new try to import what could not be: one at a time, since each may keep a core busy for long."""
        self._closed = False

    def of(self, digest: str, project: Project) -> Functions:
        """The functions of the version with this digest. Nothing is started before one is run."""
        return _FunctionsOf(self, digest, project)

    async def run(self, digest: str, project: Project, call: FunctionCall, listener: Listener) -> FunctionDone:
        """Run one of its functions; see `Functions`."""
        if self._closed:
            raise RuntimeError("these pools are closed")
        pool = self._pools.get(digest) or self._new_pool(digest, project)
        self._listen()
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_after())
        return await pool.run(call, listener, self._make_room)

    async def close(self) -> None:
        """End all processes, those that run functions too, and wait until they have ended."""
        self._closed = True
        for task in (self._looking, self._trying):
            if task is not None:
                task.cancel()
                await asyncio.wait({task})
        pools, self._pools = list(self._pools.values()), {}
        await asyncio.gather(*(pool.close() for pool in pools))
        if self._listening is not None:
            self._listening.cancel()

    def _new_pool(self, digest: str, project: Project) -> Pool:
        known = self._known.setdefault(digest, Known(self._limits.retry_s))
        self._known.move_to_end(digest)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        pool = Pool(project, self._limits, known, environ=self._environ, slots=self._slots, boots=self._boots)
        self._pools[digest] = pool
        return pool

    def _listen(self) -> None:
        """Read the journals until nothing runs."""
        if self._listening is None:
            self._listening = asyncio.get_running_loop().call_later(LISTEN_S, self._read_journals)

    def _read_journals(self) -> None:
        self._listening = None
        for pool in self._pools.values():
            for worker in pool.busy:
                worker.drain()
        if any(pool.waiting for pool in self._pools.values()):
            self._listen()

    def _make_room(self) -> None:
        """End the worker that has been idle longest, where there are as many as there may be."""
        pools = self._pools.values()
        if sum(len(pool.busy) + len(pool.idle) for pool in pools) < self._limits.workers:
            return
        idle = [(worker.idle_since, id(worker), worker, pool) for pool in pools for worker in pool.idle]
        if idle:
            _since, _id, worker, pool = min(idle, key=lambda entry: entry[:2])
            pool.end(worker)

    async def _look_after(self) -> None:
        """End what has been idle for long or could be better, and try again what could not be imported."""
        limits = self._limits
        while True:
            await asyncio.sleep(min(_LOOK_S, limits.worker_idle_s / 2, limits.project_idle_s / 2, limits.retry_s / 2))
            try:
                await self._end_idle()
            except OSError:  # the others are looked after all the same, and these again
                log.exception("the processes of a project could not be ended")
            if self._trying is None or self._trying.done():
                due = next((pool for pool in self._pools.values() if pool.due()), None)
                self._trying = asyncio.create_task(due.try_again()) if due is not None else None

    async def _end_idle(self) -> None:
        loop, limits = asyncio.get_running_loop(), self._limits
        for digest, pool in list(self._pools.items()):
            pool.end_idle(before=loop.time() - limits.worker_idle_s)
            if not pool.waiting and (pool.stale or pool.used_at < loop.time() - limits.project_idle_s):
                del self._pools[digest]
                await pool.close()


class _FunctionsOf:
    """One version's functions; as cheap as its two names."""

    def __init__(self, pools: FunctionPools, digest: str, project: Project) -> None:
        self._pools = pools
        self._digest = digest
        self._project = project

    async def run(self, call: FunctionCall, listener: Listener) -> FunctionDone:
        """Run it to its end, or to its limit."""
        return await self._pools.run(self._digest, self._project, call, listener)
