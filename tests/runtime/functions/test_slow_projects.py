"""Projects that import slowly or never, or whose functions do not end: who waits for them, and how often."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from tests.runtime.functions.workshop import QUICK, Workshop, in_workshop, kind_of, project_of, text_of

from postcall.runtime.functions.known import Known
from postcall.runtime.protocol import FunctionDone

WORKS = "def works(conv):\n    return 'works'\n"
HANGS = "import time\ntime.sleep(600)\n"
WAITS_FOR = "import pathlib, time\nwhile not pathlib.Path({path!r}).exists():\n    time.sleep(0.01)\n\n"
FOUR = replace(QUICK, workers=4)


def another(workshop: Workshop) -> Workshop:
    """Another agent, whose functions are quick."""
    return Workshop(workshop.pools, project_of({"works": WORKS}, project_id="other"), "other")


async def timed(workshop: Workshop, name: str) -> tuple[FunctionDone, float]:
    began = time.perf_counter()
    done = await workshop.run(name)
    return done, time.perf_counter() - began


async def until(workshop: Workshop, name: str, *, seconds: float = 20.0) -> FunctionDone:
    """What the function answers once it can be run, asked again and again."""
    give_up = time.monotonic() + seconds
    while True:
        done = await workshop.run(name)
        if done.failed is None or time.monotonic() > give_up:
            return done
        await asyncio.sleep(0.02)


def test_nobody_waits_twice_for_a_module_that_hangs() -> None:
    async def work(workshop: Workshop) -> tuple[float, float, str | None]:
        _, first = await timed(workshop, "works")
        await asyncio.sleep(0.5)  # its processes end meanwhile
        done, again = await timed(workshop, "works")
        assert text_of(done) == "works"
        return first, again, kind_of(await workshop.run("hangs"))

    limits = replace(QUICK, import_s=3.0, worker_idle_s=0.1, project_idle_s=0.2)
    first, again, hangs = in_workshop({"works": WORKS, "hangs": HANGS}, work, limits=limits)
    assert again < 3.0 <= first
    assert hangs == "unavailable"


def test_a_project_that_cannot_be_started_is_refused_at_once_the_second_time() -> None:
    async def work(workshop: Workshop) -> list[tuple[FunctionDone, float]]:
        return [await timed(workshop, "works") for _ in range(2)]

    limits = replace(QUICK, import_s=10.0, boot_s=2.0)
    (first, _), (second, seconds) = in_workshop({"works": WORKS, "hangs": HANGS}, work, limits=limits)
    assert first.failed is not None
    assert second.failed is not None
    assert second.failed.message == first.failed.message
    assert seconds < 1.0


def test_a_module_that_hung_once_comes_back_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "there"

    async def work(workshop: Workshop) -> tuple[str | None, str]:
        before = kind_of(await workshop.run("late"))
        path.touch()
        return before, text_of(await until(workshop, "late"))

    late = WAITS_FOR.format(path=str(path)) + "def late(conv):\n    return 'late'\n"
    before, after = in_workshop({"late": late}, work, limits=replace(QUICK, import_s=0.5, retry_s=0.2))
    assert (before, after) == ("unavailable", "late")


def test_a_project_that_could_not_be_started_comes_back_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "there"

    async def work(workshop: Workshop) -> tuple[str | None, str]:
        before = kind_of(await workshop.run("late"))
        path.touch()
        return before, text_of(await until(workshop, "late"))

    late = WAITS_FOR.format(path=str(path)) + "def late(conv):\n    return 'late'\n"
    limits = replace(QUICK, import_s=10.0, boot_s=3.0, retry_s=0.2)
    before, after = in_workshop({"late": late}, work, limits=limits)
    assert (before, after) == ("unavailable", "late")


def test_more_modules_hang_than_there_is_time_for_and_the_rest_is_served_in_the_end() -> None:
    """Each try leaves out what the one before has found."""

    async def work(workshop: Workshop) -> tuple[str | None, str]:
        return kind_of(await workshop.run("works")), text_of(await until(workshop, "works"))

    files = {"works": WORKS, **{f"hangs{number}": HANGS for number in range(3)}}
    limits = replace(QUICK, import_s=1.0, boot_s=2.8, retry_s=0.1)
    assert in_workshop(files, work, limits=limits) == ("unavailable", "works")


def test_an_agent_whose_functions_do_not_end_leaves_workers_to_the_others() -> None:
    async def work(workshop: Workshop) -> str:
        slow = [asyncio.create_task(workshop.run("hangs", of=f"CALL-{number}", limit_s=60)) for number in range(12)]
        await asyncio.sleep(0.1)
        try:
            return text_of(await asyncio.wait_for(another(workshop).run("works"), 20))
        finally:
            for one in slow:
                one.cancel()

    hangs = "import time\n\ndef hangs(conv):\n    time.sleep(600)\n"
    assert in_workshop({"hangs": hangs}, work, limits=FOUR) == "works"


def test_a_project_that_is_being_imported_takes_no_worker() -> None:
    async def work(workshop: Workshop) -> str:
        slow = asyncio.create_task(workshop.run("hangs"))
        await asyncio.sleep(0.1)
        try:
            return text_of(await asyncio.wait_for(another(workshop).run("works"), 20))
        finally:
            slow.cancel()

    limits = replace(QUICK, workers=1, import_s=40.0)
    assert in_workshop({"hangs": HANGS}, work, limits=limits) == "works"


def test_what_failed_is_tried_again_after_a_pause_that_grows_and_only_when_it_is_asked_for() -> None:
    known = Known(30.0)
    known.started({"functions.hangs": "takes longer"}, now=100.0)
    assert not known.due(asked_at=90.0, now=1000.0), "nobody asked since"
    assert not known.due(asked_at=110.0, now=120.0), "too soon"
    assert known.due(asked_at=110.0, now=131.0)
    known.tried({"functions.hangs": "takes longer"}, refused=None, now=131.0)
    assert not known.due(asked_at=180.0, now=190.0)
    assert known.due(asked_at=180.0, now=192.0)
    known.tried({}, refused=None, now=192.0)
    assert known.blocked == {}
    assert not known.due(asked_at=1000.0, now=2000.0), "all is well"


def test_a_new_try_that_does_not_end_takes_nothing_away() -> None:
    known = Known(30.0)
    known.started({"functions.hangs": "takes longer"}, now=100.0)
    known.tried({"functions.hangs": "takes longer", "functions.more": "too"}, refused="too long", now=200.0)
    assert (set(known.blocked), known.refused) == ({"functions.hangs"}, None)
