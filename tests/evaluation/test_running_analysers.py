"""An analyser at work on labelled calls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.aside import run_aside
from tests.builders import a_question, an_answer, findings, some_turns

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Findings
from postcall.domain.calls import Transcript
from postcall.errors import ModelUnavailable
from postcall.evaluation.labelled import LabelledCall
from postcall.evaluation.running import Answered, answer_calls
from postcall.extraction.analysers import BuiltInAnalyser

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Parrot:
    """Does what the caller says: answers, fails or breaks; counts how many calls it has at once."""

    name: str = "parrot"
    model: str | None = None
    place: str | None = None
    limit: int = 3
    at_once: int = 0
    most: int = 0
    references: list[datetime] = field(default_factory=list)

    async def analyse(self, transcript: Transcript, config: VersionConfig, *, reference: datetime) -> Findings:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.references.append(reference)
        await asyncio.sleep(0.005)
        self.at_once -= 1
        said = transcript[0].text
        if said == "fail":
            raise ModelUnavailable("the endpoint is away", retry=True)
        if said == "break":
            raise ZeroDivisionError("division by zero")
        return findings(an_answer(config.questions[0].identifier))

    async def close(self) -> None:
        return None


def calls(*said: str) -> list[LabelledCall]:
    return [
        LabelledCall(f"call-{number}", some_turns(f"user: {text}"), MONDAY, {"booked": True})
        for number, text in enumerate(said)
    ]


def run(analyser: Parrot, *said: str, in_flight: int = 1) -> tuple[tuple[Answered, ...], list[int]]:
    told: list[int] = []
    answered = run_aside(
        answer_calls(analyser, calls(*said), [a_question()], in_flight=in_flight, on_progress=told.append)
    )
    return answered, told


def test_a_call_that_fails_is_told_and_costs_no_other() -> None:
    answered, told = run(Parrot(), "hello", "fail", "break", "goodbye")
    assert [each.fault for each in answered] == [
        None,
        "the endpoint is away",
        "postcall failed: ZeroDivisionError: division by zero",
        None,
    ]
    assert [len(each.answers) for each in answered] == [1, 0, 0, 1]
    assert told == [1, 2, 3, 4]


def test_results_stand_in_the_order_of_the_calls_and_never_more_are_in_flight_than_allowed() -> None:
    parrot = Parrot()
    answered, _ = run(parrot, *(f"call {number}" for number in range(12)), in_flight=3)
    assert [each.call.id for each in answered] == [f"call-{number}" for number in range(12)]
    assert parrot.most == 3


def test_each_call_is_timed_and_read_from_its_own_day() -> None:
    parrot = Parrot()
    answered, _ = run(parrot, "hello")
    assert answered[0].ms is not None
    assert 5 <= answered[0].ms < 5_000
    assert parrot.references == [MONDAY]


def test_the_built_in_analyser_answers_every_question_of_a_call() -> None:
    async def ask() -> tuple[Answered, ...]:
        analyser = BuiltInAnalyser()
        try:
            return await answer_calls(analyser, calls("I would like to book a table."), [a_question()], in_flight=1)
        finally:
            await analyser.close()

    [answered] = run_aside(ask())
    assert [answer.identifier for answer in answered.answers] == ["booked"]
    assert answered.fault is None
