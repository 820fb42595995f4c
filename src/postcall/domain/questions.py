"""The questions that an owner asks of every finished call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from postcall.errors import BadInput

IDENTIFIER = re.compile(r"[a-z0-9_]{1,100}")
MAX_QUESTIONS = 200


class QuestionType(StrEnum):
    """What an answer's value is."""

    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    INTEGER = "INTEGER"
    ENUM = "ENUM"
    DATETIME = "DATETIME"


@dataclass(frozen=True, slots=True)
class DispositionMetric:
    """One question in plain words, answered after the call."""

    identifier: str
    """Lower-case letters, digits and underscores; unique among the questions of a version."""
    prompt: str
    type: QuestionType
    choices: tuple[str, ...] = ()
    """The values an ENUM may take; empty for every other type."""


def check_questions(questions: Sequence[DispositionMetric]) -> None:
    """Refuse a question set that could not be asked; the error names the question and the reason."""
    if len(questions) > MAX_QUESTIONS:
        raise BadInput(
            f"a question set holds at most {MAX_QUESTIONS} questions, not {len(questions)}", field="questions"
        )
    seen: dict[str, int] = {}
    for index, question in enumerate(questions):
        where = f"questions[{index}]"
        check_question(question, where=where)
        if question.identifier in seen:
            raise BadInput(
                f"the identifier {question.identifier!r} stands twice: "
                f"in questions {seen[question.identifier]} and {index}",
                field=f"{where}.identifier",
            )
        seen[question.identifier] = index


def check_question(question: DispositionMetric, *, where: str = "question") -> None:
    """Refuse a question that breaks a rule of its own."""
    if not IDENTIFIER.fullmatch(question.identifier):
        raise BadInput(
            f"the identifier {question.identifier!r} must be 1 to 100 lower-case letters, digits and underscores",
            field=f"{where}.identifier",
        )
    if not question.prompt.strip():
        raise BadInput("the prompt is empty", field=f"{where}.prompt")
    if question.type is QuestionType.ENUM:
        if not question.choices:
            raise BadInput("an ENUM needs choices", field=f"{where}.choices")
        if any(not choice.strip() for choice in question.choices):
            raise BadInput("a choice is empty", field=f"{where}.choices")
        if len(set(question.choices)) != len(question.choices):
            raise BadInput("a choice stands twice", field=f"{where}.choices")
    elif question.choices:
        raise BadInput(f"only an ENUM has choices, and this is {question.type}", field=f"{where}.choices")
