"""Metrics, log lines, output, questions and state on their way between a function and its session."""

from __future__ import annotations

import asyncio
import statistics

import pytest
from tests.runtime.functions.workshop import Heard, Workshop, in_workshop, kind_of, text_of

from postcall.runtime.protocol import Answered, Ask, FunctionDone


def run_one(name: str, source: str, heard: Heard, *, limit_s: float = 10.0, loop: str = "asyncio") -> FunctionDone:
    async def work(workshop: Workshop) -> FunctionDone:
        return await workshop.run(name, heard=heard, limit_s=limit_s)

    return in_workshop({name: source}, work, loop=loop)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_metric_arrives_while_the_function_still_runs(loop: str) -> None:
    source = """
        import time

        def writes(conv):
            for number in range(20):
                conv.write_metric("NUMBER", number)
                time.sleep(0.02)
        """
    heard = Heard()
    assert run_one("writes", source, heard, loop=loop).failed is None
    assert [write.value for write in heard.writes] == list(range(20))
    took = [arrived - write.at for arrived, write in zip(heard.arrived, heard.writes, strict=True)]
    assert statistics.median(took) < 0.05


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("os._exit(0)", "died"),
        ("ctypes.string_at(0)", "died"),
        ("os.kill(os.getpid(), 9)", "died"),
        ("re.match(r'(a+)+$', 'a' * 60 + 'b')", "timeout"),
        ("raise ValueError", "raised"),
    ],
)
def test_what_was_written_before_the_end_is_there_however_it_ended(ending: str, kind: str) -> None:
    source = f"""
        import ctypes, os, re

        def ends(conv):
            for number in range(5000):
                conv.write_metric("NUMBER", number)
            conv.log.warning("the end is near")
            {ending}
        """
    heard = Heard()
    assert kind_of(run_one("ends", source, heard, limit_s=1.0)) == kind
    assert [write.value for write in heard.writes] == list(range(5000))
    assert "the end is near" in heard.said


def test_what_goes_to_the_descriptors_becomes_lines_of_the_log() -> None:
    source = """
        import os, subprocess, sys

        def talks(conv):
            print("printed")
            os.write(1, b"written \\xff\\n")
            subprocess.run(["sh", "-c", "echo from a child; echo complaint >&2"])
            sys.__stderr__.write("past the log\\n")
        """
    heard = Heard()
    assert run_one("talks", source, heard).failed is None
    assert heard.said == ["printed", "written �", "from a child", "complaint", "past the log"]
    assert {line.level for line in heard.lines} == {"print"}


def test_a_flood_of_output_is_kept_in_part_and_its_end_with_it() -> None:
    source = """
        import os

        def floods(conv):
            for number in range(10_000):
                os.write(1, b"line %d\\n" % number)
        """
    heard = Heard()
    assert run_one("floods", source, heard).failed is None
    assert (heard.said[0], heard.said[-1]) == ("line 0", "line 9999")
    assert any("bytes are not kept" in line for line in heard.said)
    assert len(heard.said) < 2_500


def test_a_very_long_line_is_shortened_and_those_around_it_are_whole() -> None:
    source = """
        def logs(conv):
            conv.log.info("before")
            conv.log.info("x" * 5_000_000)
            conv.log.info("after")
        """
    heard = Heard()
    assert run_one("logs", source, heard).failed is None
    assert [len(line) < 10_000 for line in heard.said] == [True, True, True]
    assert (heard.said[0], heard.said[2]) == ("before", "after")


def test_several_threads_ask_at_once_and_each_gets_its_own_answer() -> None:
    async def answer(ask: Ask) -> Answered:
        number = int(str(ask.arguments["prompt"]).split()[-1])
        await asyncio.sleep(0.01 * (10 - number))
        return Answered(ask.ask, value=f"answer {number}")

    source = """
        from concurrent.futures import ThreadPoolExecutor

        def asks(conv):
            def ask(number):
                return conv.utils.prompt_llm(f"question {number}")
            with ThreadPoolExecutor(10) as pool:
                return ", ".join(pool.map(ask, range(10)))
        """
    done = run_one("asks", source, Heard(answer=answer))
    assert text_of(done) == ", ".join(f"answer {number}" for number in range(10))
    assert done.threads_left == 0


def test_a_question_that_nobody_can_answer_raises_in_the_function_only() -> None:
    async def answer(ask: Ask) -> Answered:
        raise ConnectionResetError

    source = """
        def asks(conv):
            try:
                conv.utils.prompt_llm("question")
            except Exception as error:
                return type(error).__name__
        """
    assert text_of(run_one("asks", source, Heard(answer=answer))) == "RuntimeError"


def test_a_function_that_waits_for_an_answer_is_stopped_in_time() -> None:
    async def answer(ask: Ask) -> Answered:
        await asyncio.sleep(600)
        raise AssertionError

    source = "def asks(conv):\n    return conv.utils.prompt_llm('question')\n"
    assert kind_of(run_one("asks", source, Heard(answer=answer), limit_s=0.3)) == "timeout"


STATEFUL = {
    "models": """
        from dataclasses import dataclass
        from datetime import datetime
        from zoneinfo import ZoneInfo
        from pydantic import BaseModel

        class Guest(BaseModel):
            name: str
            born: datetime

        @dataclass
        class Booking:
            guest: Guest
            seats: list[int]

        def models(conv): pass
        """,
    "books": """
        import os
        from datetime import datetime
        from zoneinfo import ZoneInfo
        from functions.models import Booking, Guest

        def books(conv):
            guest = Guest(name="Ada", born=datetime(1815, 12, 10, tzinfo=ZoneInfo("America/New_York")))
            conv.state.booking = Booking(guest, [1, 2])
            conv.state.process = os.getpid()
        """,
    "reads": """
        import os
        from functions.models import Booking

        def reads(conv):
            assert isinstance(conv.state.booking, Booking)
            conv.state.booking.seats.append(3)
            other = conv.state.process != os.getpid()
            guest = conv.state.booking.guest
            return f"{guest.name} {guest.born.tzinfo} {conv.state.booking.seats} {other}"
        """,
    "dies": "import os\n\ndef dies(conv):\n    os._exit(1)\n",
}


def test_objects_of_the_project_survive_from_one_process_to_another() -> None:
    async def work(workshop: Workshop) -> tuple[FunctionDone, FunctionDone]:
        booked = await workshop.run("books")
        await workshop.run("dies", state=booked.state)
        return booked, await workshop.run("reads", state=booked.state)

    booked, read = in_workshop(STATEFUL, work)
    assert "Ada" in str(booked.projection["booking"])
    assert text_of(read) == "Ada America/New_York [1, 2, 3] True"
