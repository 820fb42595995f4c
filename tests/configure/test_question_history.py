"""Which version asked what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOON, a_question

from postcall.configure.diffing import QuestionPart
from postcall.configure.question_history import question_history, questions_ever_asked
from postcall.domain.agents import Version, VersionConfig
from postcall.domain.questions import DispositionMetric

WHY = a_question("why", "Why?", "ENUM", choices=["pain", "check-up"])
REWORDED = replace(WHY, prompt="What for?")


def versions(*asked: tuple[DispositionMetric, ...]) -> list[Version]:
    """Version 1, 2 and so on, a day apart, the newest first as the record lists them."""
    made = [
        Version("a" * 24, number, VersionConfig(questions), None, NOON + timedelta(days=number), f"person {number}")
        for number, questions in enumerate(asked, start=1)
    ]
    return made[::-1]


def test_versions_that_ask_alike_stand_in_one_row() -> None:
    history = question_history(versions((WHY,), (WHY,), (REWORDED,), (REWORDED,)), "why")
    assert [(each.question, each.first_version, each.last_version, each.parts) for each in history] == [
        (REWORDED, 3, 4, (QuestionPart.PROMPT,)),
        (WHY, 1, 2, ()),
    ]
    assert (history[0].since, history[0].by) == (NOON + timedelta(days=3), "person 3")


def test_a_question_that_was_taken_out_and_came_back_has_two_rows() -> None:
    history = question_history(versions((WHY,), (), (WHY,)), "why")
    assert [(each.first_version, each.last_version) for each in history] == [(3, 3), (1, 1)]


def test_a_question_that_nobody_asked_has_no_history() -> None:
    assert question_history(versions((WHY,)), "booked") == ()


def test_every_question_ever_asked_is_listed_the_current_ones_first() -> None:
    ever = questions_ever_asked(versions((WHY,), (a_question("old"), WHY), (a_question("new"), WHY)))
    assert list(ever.items()) == [("new", (3,)), ("why", (1, 2, 3)), ("old", (2,))]
