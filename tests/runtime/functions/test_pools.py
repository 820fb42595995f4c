"""Processes that come when they are needed, are used again, and go."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.runtime.functions.workshop import (
    QUICK,
    WHERE,
    Workshop,
    in_workshop,
    kind_of,
    processes_in,
    project_of,
    text_of,
    wait_until,
)

from postcall.runtime.protocol import FunctionDone

WHO = """
import os, time

def who(conv, seconds: float = 0.0):
    time.sleep(seconds)
    return str(os.getpid())
"""
COUNTS = """
seen = []

def counts(conv):
    seen.append(conv.id)
    return str(len(seen))
"""


def test_a_conversation_comes_back_to_the_process_it_had() -> None:
    async def work(workshop: Workshop) -> tuple[list[str], list[str]]:
        first = [text_of(done) for done in await asyncio.gather(*(ask(workshop, number) for number in range(4)))]
        again = [text_of(await ask(workshop, number)) for number in (2, 0, 3, 1)]
        return first, [again[1], again[3], again[0], again[2]]

    async def ask(workshop: Workshop, number: int) -> FunctionDone:
        return await workshop.run("who", of=f"CALL-{number}", seconds=0.2)

    first, again = in_workshop({"who": WHO}, work)
    assert len(set(first)) == 4
    assert again == first


def test_what_a_module_keeps_is_there_for_the_next_function() -> None:
    async def work(workshop: Workshop) -> list[str]:
        return [text_of(await workshop.run("counts")) for _ in range(3)]

    assert in_workshop({"counts": COUNTS}, work) == ["1", "2", "3"]


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_two_hundred_functions_at_once_are_all_answered(loop: str) -> None:
    async def work(workshop: Workshop) -> list[str]:
        asked = (workshop.run("echo", of=f"CALL-{number}", number=number) for number in range(200))
        return [text_of(done) for done in await asyncio.gather(*asked)]

    echo = "def echo(conv, number: int):\n    return f'{conv.id} {number}'\n"
    answers = in_workshop({"echo": echo}, work, loop=loop)
    assert answers == [f"CALL-{number} {number}" for number in range(200)]


def test_no_more_processes_run_than_are_allowed_and_the_rest_wait_in_order() -> None:
    async def work(workshop: Workshop) -> tuple[list[int], set[str]]:
        ended: list[int] = []

        async def ask(number: int) -> str:
            done = await workshop.run("who", of=f"CALL-{number}", seconds=0.05)
            ended.append(number)
            return text_of(done)

        return ended, set(await asyncio.gather(*(ask(number) for number in range(6))))

    ended, processes = in_workshop({"who": WHO}, work, limits=replace(QUICK, workers=1))
    assert ended == list(range(6))
    assert len(processes) == 1


def test_an_idle_process_makes_room_for_another_projects() -> None:
    async def work(workshop: Workshop) -> tuple[str, int, str]:
        folder = text_of(await workshop.run("where"))
        busy = len(processes_in(folder))
        other = Workshop(workshop.pools, project_of({"where": WHERE}), "two")
        answer = text_of(await other.run("where"))
        await asyncio.to_thread(wait_until, lambda: len(processes_in(folder)) < busy)
        return folder, busy - len(processes_in(folder)), answer

    folder, ended, other = in_workshop({"where": WHERE}, work, limits=replace(QUICK, workers=1))
    assert ended == 1
    assert other != folder


def test_idle_processes_end_and_come_back() -> None:
    async def work(workshop: Workshop) -> tuple[bool, bool, str, str]:
        folder = text_of(await workshop.run("where"))
        fewer = await asyncio.to_thread(wait_until, lambda: len(processes_in(folder)) == 2)
        none = await asyncio.to_thread(wait_until, lambda: not processes_in(folder))
        return fewer, none, folder, text_of(await workshop.run("where"))

    limits = replace(QUICK, worker_idle_s=0.2, project_idle_s=1.0)
    fewer, none, before, after = in_workshop({"where": WHERE}, work, limits=limits)
    assert fewer
    assert none
    assert before != after


def test_a_session_that_goes_away_ends_its_function() -> None:
    async def work(workshop: Workshop) -> bool:
        folder = text_of(await workshop.run("where"))
        running = asyncio.create_task(workshop.run("who", of="gone", seconds=60.0))
        await asyncio.sleep(0.3)
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()
        text_of(await workshop.run("where"))
        return await asyncio.to_thread(wait_until, lambda: len(processes_in(folder)) == 3)

    assert in_workshop({"where": WHERE, "who": WHO}, work)


def test_nothing_is_left_after_closing_also_while_functions_run() -> None:
    folders: list[str] = []

    async def work(workshop: Workshop) -> None:
        folders.append(text_of(await workshop.run("where")))
        running = [asyncio.create_task(workshop.run("who", of=str(number), seconds=60.0)) for number in range(3)]
        await asyncio.sleep(0.3)
        await workshop.pools.close()
        assert {kind_of(await one) for one in running} == {"died"}

    in_workshop({"where": WHERE, "who": WHO}, work)
    assert processes_in(folders[0]) == {}
    assert not Path(folders[0]).exists()


PARENT = """
import asyncio, sys
from tests.runtime.functions.workshop import WHERE, Workshop, QUICK, project_of, text_of
from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.functions.pools import FunctionPools

STAYS = '''
import os, subprocess, time

def stays(conv):
    subprocess.Popen(["sleep", "3600"], start_new_session=True)
    while True:
        time.sleep(0.001)
'''

async def main():
    workshop = Workshop(FunctionPools(QUICK), project_of({"where": WHERE, "stays": STAYS}))
    folder = text_of(await workshop.run("where"))
    running = [asyncio.create_task(workshop.run("stays", of=str(n), limit_s=600)) for n in range(3)]
    await asyncio.sleep(0.5)
    print(folder, flush=True)
    await asyncio.gather(*running)

asyncio.run(main())
"""


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=root, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        folder = parent.stdout.readline().strip()
        seen = processes_in(folder)
        assert sum("sleep" in line for line in seen.values()) == 3
        assert len(seen) >= 8
        parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not processes_in(folder)), processes_in(folder)
    assert wait_until(lambda: not Path(folder).exists())


HANGS = """
import os, pathlib, time

told = pathlib.Path({told!r})
told.with_suffix(".new").write_text(os.getcwd())
told.with_suffix(".new").rename(told)
time.sleep(600)
"""


def test_an_import_that_hangs_ends_with_the_parent_too(tmp_path: Path) -> None:
    root, told = Path(__file__).parents[3], tmp_path / "folder"
    source = PARENT.replace('"where": WHERE', f'"hangs": {HANGS.format(told=str(told))!r}, "where": WHERE')
    source = source.replace("FunctionPools(QUICK)", f"FunctionPools(PoolLimits(folders=({str(tmp_path)!r},)))")
    with subprocess.Popen([sys.executable, "-c", source], cwd=root) as parent:
        assert wait_until(told.exists)
        folder = told.read_text()
        assert len(processes_in(folder)) == 2
        parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not processes_in(folder)), processes_in(folder)
