"""Invented businesses of several trades, asked in several ways: the rules answer most of their questions rightly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from postcall.api.question_format import QuestionBody, make_questions
from postcall.domain.agents import VersionConfig
from postcall.domain.calls import Role, Transcript, Turn
from postcall.extraction.builtin import analyse

FOLDER = Path(__file__).parent / "businesses"
SPEAKER = {"A": Role.AGENT, "U": Role.USER}
LEAST_RIGHT = 0.75
"""Of all labels of a business: well below what is reached, so that this notices a rule that broke."""


def read_turns(lines: list[str]) -> Transcript:
    """`A: …` is the agent, `U: …` the user."""
    return tuple(Turn(SPEAKER[line[0]], line[2:].strip()) for line in lines)


@pytest.mark.parametrize("business", sorted(file.stem for file in FOLDER.glob("*.json")))
def test_most_questions_of_a_business_are_answered_rightly(business: str) -> None:
    content = json.loads((FOLDER / f"{business}.json").read_text())
    questions = make_questions([msgspec.convert(question, QuestionBody) for question in content["questions"]])
    right = asked = 0
    for call in content["calls"]:
        reference = datetime.fromisoformat(call["started_at"]).replace(tzinfo=UTC)
        found = analyse(read_turns(call["turns"]), VersionConfig(questions=questions), reference=reference)
        for answer in found.answers:
            if answer.identifier in call["gold"]:
                asked += 1
                right += str(answer.value).casefold() == str(call["gold"][answer.identifier]).casefold()
    assert asked >= 40
    assert right / asked >= LEAST_RIGHT, f"{right} of {asked}"
