"""Projects of a few lines, and their functions run in real processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import TypeVar

import uvloop

from postcall.domain.conversations import FunctionKind
from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.functions.pools import FunctionPools
from postcall.runtime.functions.running import FunctionCall, Functions
from postcall.runtime.projects.model import Flow, FunctionSpec, Project
from postcall.runtime.protocol import Answered, Ask, Context, FunctionDone, Line, Written

T = TypeVar("T")
QUICK = PoolLimits(import_s=1.0)
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def project_of(files: Mapping[str, str], *, project_id: str = "bakery") -> Project:
    """A project of Python files alone; keys are paths, or names of global functions."""
    sources = {
        name if name.endswith(".py") else f"functions/{name}.py": dedent(source) for name, source in files.items()
    }
    folders = {file.split("/")[1] for file in sources if file.startswith("flows/")}
    flows = {folder.title(): Flow(folder.title(), folder, "", "start", {}, {}, {}) for folder in folders}
    return Project(project_id, "default", project_id, sources=sources, flows=flows)


def spec_of(name: str, *, flow: str | None = None) -> FunctionSpec:
    """A global function, or one of a flow."""
    if flow is None:
        return FunctionSpec(name, FunctionKind.GLOBAL, f"functions/{name}.py", f"functions.{name}")
    folder = flow.lower()
    file, module = f"flows/{folder}/functions/{name}.py", f"flows.{folder}.functions.{name}"
    return FunctionSpec(name, FunctionKind.TRANSITION, file, module, flow=flow)


@dataclass
class Heard:
    """A listener that remembers."""

    writes: list[Written] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)
    """When each write came."""
    answer: Callable[[Ask], Awaitable[Answered]] | None = None

    def wrote(self, writes: Sequence[Written]) -> None:
        self.writes += writes
        self.arrived += [time.time()] * len(writes)

    def logged(self, lines: Sequence[Line]) -> None:
        self.lines += lines

    async def asked(self, ask: Ask) -> Answered:
        assert self.answer is not None
        return await self.answer(ask)

    @property
    def names(self) -> list[str]:
        return [write.name for write in self.writes]

    @property
    def said(self) -> list[str]:
        return [line.content for line in self.lines]


@dataclass
class Workshop:
    """One project's functions."""

    pools: FunctionPools
    project: Project
    digest: str = "one"

    @property
    def functions(self) -> Functions:
        return self.pools.of(self.digest, self.project)

    async def run(
        self,
        name: str,
        *,
        of: str = "CALL-1",
        state: bytes = b"",
        limit_s: float = 10.0,
        heard: Heard | None = None,
        flow: str | None = None,
        **arguments: object,
    ) -> FunctionDone:
        """Run one function for the conversation `of`."""
        context = Context(of, "sandbox", "webchat.polyai", current_flow=flow, has_model=True)
        call = FunctionCall(spec_of(name, flow=flow), context, state, limit_s, dict(arguments))
        return await self.functions.run(call, heard or Heard())


def in_workshop(
    files: Mapping[str, str],
    work: Callable[[Workshop], Awaitable[T]],
    *,
    limits: PoolLimits = QUICK,
    loop: str = "asyncio",
    environ: Mapping[str, str] | None = None,
) -> T:
    """What `work` returns, on an event loop and a thread of its own; the processes are ended after it."""

    async def main() -> T:
        pools = FunctionPools(limits, environ=environ)
        try:
            return await work(Workshop(pools, project_of(files)))
        finally:
            await pools.close()

    def run() -> T:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            return runner.run(main())

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def text_of(done: FunctionDone) -> str:
    """What it returned; a test fails with the reason where it has failed."""
    assert done.failed is None, done.failed
    return done.returned.text or ""


def kind_of(done: FunctionDone) -> str | None:
    """How it failed; None where it did not."""
    return None if done.failed is None else done.failed.kind


def processes_in(folder: str) -> dict[int, str]:
    """The processes that work in this folder, or did before it was removed, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str((entry / "cwd").readlink()).startswith(folder):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().decode().replace("\0", " ")
    return found


def wait_until(true: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    """Whether it became true in time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


WHERE = """
import os

def where(conv):
    return os.getcwd()
"""
"""A function that tells the folder in which all processes of its project work."""
