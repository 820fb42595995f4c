"""A fault of the analyser itself, and text that no person would say."""

from __future__ import annotations

import logging
import time
from typing import cast

import pytest
from tests.extraction.builtin.talk import ask, question, talk

from postcall.domain.answers import AnswerStatus
from postcall.domain.questions import DispositionMetric, QuestionType

CALL = talk("A: Your name?", "U: Anna Kerr.", "A: Thanks, Anna.", "U: Bye.")
BROKEN = DispositionMetric("broken", cast("str", None), QuestionType.STRING)
"""A question that no interface lets in: reading it is a fault."""


def test_a_fault_in_one_question_does_not_cost_the_others(caplog: pytest.LogCaptureFixture) -> None:
    name = question("What is the caller's name?", name="caller_name")
    with caplog.at_level(logging.CRITICAL):
        found = ask(CALL, name, BROKEN, question("Did the caller ask for a human?", "BOOLEAN", name="human"))
    assert [each.status for each in found.answers] == [AnswerStatus.OK, AnswerStatus.ERROR, AnswerStatus.OK]
    assert found.answers[0].value == "Anna Kerr"
    assert found.answers[1].value is None
    assert found.answers[1].reasoning.startswith("the built-in analyser failed on this question: ")
    assert found.summary


def test_a_fault_is_logged_with_the_question(caplog: pytest.LogCaptureFixture) -> None:
    ask(CALL, BROKEN)
    assert "broken" in caplog.text


@pytest.mark.parametrize(
    "piece",
    [
        "i called you ",
        "Anna Smith ",
        "1 2 3 ",
        "the red ",
        "i bought a tent that ",
        "three times ",
        "a b c ",
        "'",
        ". ",
        "Thanks, Bob. ",
    ],
)
def test_a_turn_without_end_is_read_in_bounded_time(piece: str) -> None:
    endless = (piece * 100_000)[:200_000]
    questions = (
        question("Why did they call? a: new order. b: a bill. c: else.", "ENUM", "a", "b", "c", name="why"),
        question("How did it end?", "ENUM", "booked", "cancelled", "answered", "other", name="how"),
        question("Full name of the caller", name="who"),
        question("Which product is it about?", name="product"),
        question("Which insurance company does the caller have?", name="insurer"),
        question("How many times had they called before?", "INTEGER", name="before"),
        question("Mood", "ENUM", "positive", "neutral", "negative", name="mood"),
    )
    start = time.process_time()
    ask(talk("A: Hello, how can I help?", f"U: {endless}", f"A: {endless}"), *questions)
    assert time.process_time() - start < 20  # a few hundred milliseconds; a rule that runs away takes minutes
