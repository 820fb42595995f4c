"""What a bad function costs: its own run."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest
from tests.runtime.functions.workshop import (
    WHERE,
    Heard,
    Workshop,
    in_workshop,
    kind_of,
    processes_in,
    text_of,
    wait_until,
)

from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.protocol import FunctionDone

BAD = {
    "raises": """
        def raises(conv):
            conv.write_metric("SEEN")
            raise LookupError("no such booking")
        """,
    "sleeps": """
        import signal, time

        def sleeps(conv):
            conv.write_metric("SEEN")
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(1)
        """,
    "spins": """
        import re

        def spins(conv):
            conv.write_metric("SEEN")
            re.match(r"(a+)+$", "a" * 60 + "b")
        """,
    "recurses": """
        import sys

        def down(n):
            return max([n], key=down)  # through C each time, so that the stack is used up

        def recurses(conv):
            conv.write_metric("SEEN")
            sys.setrecursionlimit(10**9)
            return str(down(0))
        """,
    "eats_memory": """
        def eats_memory(conv):
            conv.write_metric("SEEN")
            eaten = []
            while True:
                eaten.append(bytes(32 * 1024 * 1024))
        """,
    "returns_too_much": """
        def returns_too_much(conv):
            conv.write_metric("SEEN")
            return "x" * 100_000_000
        """,
    "leaves_threads": """
        import threading, time

        def leaves_threads(conv):
            conv.write_metric("SEEN")
            for _ in range(3):
                threading.Thread(target=time.sleep, args=(3600,)).start()
            return "begun"
        """,
    "exits": """
        import os

        def exits(conv):
            conv.write_metric("SEEN")
            os._exit(7)
        """,
    "forks": """
        import os, subprocess, time

        def forks(conv):
            conv.write_metric("SEEN")
            subprocess.Popen(["sleep", "3600"], start_new_session=True)
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(3600)
            return "forked"
        """,
    "floods": """
        import os

        def floods(conv):
            conv.write_metric("SEEN")
            while True:
                print("again and again")
                os.write(1, b"x" * 65536)
                os.write(2, b"y" * 65536)
        """,
}
STOPPED = ("sleeps", "spins")
"""These would go on for ever."""
GOOD = {
    "good": """
        import time

        def good(conv, number: int):
            conv.write_metric("GOOD", number)
            time.sleep(0.01)
            return f"number {number}"
        """
}


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_ten_bad_functions_at_once_cost_nobody_else_anything(loop: str) -> None:
    heard = {name: Heard() for name in BAD}

    async def work(workshop: Workshop) -> tuple[dict[str, FunctionDone], list[str], float, str]:
        folder = text_of(await workshop.run("where"))
        limits_s = dict.fromkeys(STOPPED, 2.0)
        runs = (workshop.run(name, of=name, limit_s=limits_s.get(name, 30.0), heard=heard[name]) for name in BAD)
        bad = asyncio.gather(*runs)
        answers, took = list[str](), list[float]()
        while not bad.done():
            began = time.monotonic()
            good = [workshop.run("good", of=f"good {number}", number=number) for number in range(4)]
            answers += [text_of(done) for done in await asyncio.gather(*good)]
            took.append(time.monotonic() - began)
        return dict(zip(BAD, await bad, strict=True)), answers, statistics.median(took), folder

    limits = PoolLimits(memory_mib=512)
    done, answers, typical, folder = in_workshop({**BAD, **GOOD, "where": WHERE}, work, loop=loop, limits=limits)
    kinds = {name: kind_of(one) for name, one in done.items()}
    assert kinds.pop("recurses") in {"died", "raised"}  # a newer Python stops it before it crashes
    assert kinds == {
        "raises": "raised",
        "sleeps": "timeout",
        "spins": "timeout",
        "eats_memory": "raised",
        "returns_too_much": "nonsense",
        "leaves_threads": None,
        "exits": "died",
        "forks": None,
        "floods": "raised",
    }
    assert {name: one.names for name, one in heard.items()} == {name: ["SEEN"] for name in BAD}
    assert len(answers) >= 40
    assert set(answers) == {f"number {number}" for number in range(4)}
    assert typical < 0.5, "neighbours wait for bad functions"
    assert processes_in(folder) == {}


def run_bad(name: str, source: str, *, limit_s: float = 5.0, heard: Heard | None = None) -> FunctionDone:
    async def work(workshop: Workshop) -> FunctionDone:
        done = await workshop.run(name, limit_s=limit_s, heard=heard)
        assert text_of(await workshop.run("good", number=1)) == "number 1"
        return done

    return in_workshop({name: source, **GOOD}, work)


def test_where_a_stopped_function_stood_is_told() -> None:
    done = run_bad("spins", BAD["spins"], limit_s=0.3)
    assert done.failed is not None
    assert done.failed.message == "it ran longer than 0.3 s and was stopped"
    assert 'File "functions/spins.py", line 6, in spins' in done.failed.trace
    assert "postcall" not in done.failed.trace


def test_where_a_function_crashed_is_told() -> None:
    done = run_bad("crashes", "import ctypes\n\ndef crashes(conv):\n    ctypes.string_at(0)\n")
    assert done.failed is not None
    assert (done.failed.kind, done.failed.message) == ("died", "its process ended: it crashed (SIGSEGV)")
    assert 'File "functions/crashes.py", line 4, in crashes' in done.failed.trace


def test_a_function_that_closes_every_descriptor_is_ended() -> None:
    done = run_bad("closes", "import os, time\n\ndef closes(conv):\n    os.closerange(0, 999)\n    time.sleep(60)\n")
    assert done.failed is not None
    assert (done.failed.kind, done.failed.message) == ("died", "its process closed the connection")
    assert done.seconds < 3


@pytest.mark.parametrize("garbage", [b"\xff" * 64, b"\0\0\0\4\xc1\xc1\xc1\xc1", b"\0\0\0\1\x01"])
def test_a_function_that_writes_garbage_to_its_sockets_is_ended(garbage: bytes) -> None:
    source = f"""
        import os, stat, time

        def garbles(conv):
            for fd in range(3, 64):
                try:
                    if stat.S_ISSOCK(os.fstat(fd).st_mode):
                        os.write(fd, {garbage!r})
                except OSError:
                    pass
            time.sleep(60)
        """
    done = run_bad("garbles", source)
    assert kind_of(done) in {"died", "nonsense"}
    assert done.seconds < 3


def test_the_state_goes_back_as_it_came_where_the_function_was_stopped() -> None:
    async def work(workshop: Workshop) -> tuple[FunctionDone, FunctionDone, FunctionDone]:
        first = await workshop.run("remembers")
        stopped = await workshop.run("remembers_not", state=first.state, limit_s=0.3)
        return first, stopped, await workshop.run("recalls", state=stopped.state)

    files = {
        "remembers": "def remembers(conv):\n    conv.state.name = 'Ada'\n",
        "remembers_not": "def remembers_not(conv):\n    conv.state.name = 'Eve'\n    while True: pass\n",
        "recalls": "def recalls(conv):\n    return conv.state.name\n",
    }
    first, stopped, last = in_workshop(files, work)
    assert stopped.state == first.state
    assert text_of(last) == "Ada"


def test_a_state_that_is_too_large_is_refused_and_the_one_before_kept() -> None:
    async def work(workshop: Workshop) -> tuple[FunctionDone, FunctionDone]:
        first = await workshop.run("fills", size=10)
        return first, await workshop.run("fills", state=first.state, size=30_000_000)

    source = "import os\n\ndef fills(conv, size: int):\n    conv.state.blob = os.urandom(size)\n"
    first, second = in_workshop({"fills": source}, work)
    assert kind_of(second) == "nonsense"
    assert second.state == first.state


def test_what_a_function_leaves_running_is_ended_soon_after_it() -> None:
    async def work(workshop: Workshop) -> bool:
        folder = text_of(await workshop.run("where"))
        before = len(processes_in(folder))
        done = await workshop.run("forks", of="other")
        assert done.children_left
        done = await workshop.run("leaves_threads", of="third")
        assert done.threads_left == 3
        text_of(await workshop.run("where"))
        return await asyncio.to_thread(wait_until, lambda: len(processes_in(folder)) <= before)

    files = {"where": WHERE, "forks": BAD["forks"], "leaves_threads": BAD["leaves_threads"]}
    assert in_workshop(files, work)


def test_a_function_that_kills_all_processes_of_its_project_does_not_end_the_project() -> None:
    source = """
        import os, signal, time

        def regicide(conv):
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        """
    done = run_bad("regicide", source)
    assert done.failed is not None
    assert done.failed.kind == "died"


def test_an_alarm_that_a_function_leaves_behind_ends_nobody() -> None:
    async def work(workshop: Workshop) -> None:
        before = text_of(await workshop.run("sets"))
        await asyncio.sleep(0.3)
        assert text_of(await workshop.run("tells")) == before

    files = {
        "sets": "import os, signal\n\ndef sets(conv):\n    signal.setitimer(0, 0.1)\n    return str(os.getpid())\n",
        "tells": "import os\n\ndef tells(conv):\n    return str(os.getpid())\n",
    }
    in_workshop(files, work)


def test_numbers_that_no_frame_can_hold_cost_one_run_or_none() -> None:
    async def work(workshop: Workshop) -> tuple[FunctionDone, FunctionDone]:
        heard = Heard()
        wrote = await workshop.run("counts", heard=heard)
        assert heard.names == ["STARS"]
        return wrote, await workshop.run("good", number=10**30)

    source = (
        "def counts(conv):\n    conv.write_metric('STARS', 10**30)\n    conv.state.stars = 10**30\n    return 'many'\n"
    )
    wrote, given = in_workshop({"counts": source, **GOOD}, work)
    assert text_of(wrote) == "many"
    assert kind_of(given) == "nonsense"


def test_a_stopped_zygote_is_replaced() -> None:
    async def work(workshop: Workshop) -> FunctionDone:
        done = await workshop.run("stops_all", limit_s=0.3)
        assert text_of(await workshop.run("good", number=1)) == "number 1"
        return done

    source = """
        import os, signal, time

        def stops_all(conv):
            os.kill(os.getppid(), signal.SIGSTOP)
            time.sleep(60)
        """
    assert kind_of(in_workshop({"stops_all": source, **GOOD}, work)) in {"timeout", "unavailable"}
