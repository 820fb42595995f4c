"""The form in which questions are tried: its fields as they come back, and as what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from postcall.domain.questions import MAX_QUESTIONS, DispositionMetric, QuestionType, check_question
from postcall.errors import BadInput


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """One question as it was typed."""

    identifier: str = ""
    prompt: str = ""
    type: str = QuestionType.STRING.value
    choices: str = ""


@dataclass(frozen=True, slots=True)
class TryForm:
    """All that was typed."""

    transcript: str
    questions: tuple[QuestionFields, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and the id of the field that it stands at."""

    field: str
    message: str


EXAMPLE = TryForm(
    transcript=(
        "Agent: Thank you for calling Harbour Bikes. How can I help?\n"
        "Caller: Hi, my brakes squeal. Could I bring the bike in on Thursday at ten?\n"
        "Agent: Thursday at ten is free. May I have your name?\n"
        "Caller: Ana Duarte.\n"
        "Agent: You are booked for Thursday at ten, Ana. See you then.\n"
        "Caller: Great, thank you. Bye."
    ),
    questions=(
        QuestionFields("appointment_booked", "Did the agent book an appointment for the caller?", "BOOLEAN"),
        QuestionFields(
            "call_reason",
            "Why did the customer call? repair: something is broken. purchase: they want to buy. other: anything else.",
            "ENUM",
            "repair, purchase, other",
        ),
    ),
)
_FIELD = re.compile(r"q(\d{1,3})_(identifier|prompt|type|choices)")


def read_form(fields: Mapping[str, str]) -> TryForm:
    """The form as it was sent; questions keep their order, gaps closed."""
    typed: dict[int, dict[str, str]] = {}
    for name, value in fields.items():
        found = _FIELD.fullmatch(name)
        if found:
            typed.setdefault(int(found[1]), {})[found[2]] = value
    questions = tuple(QuestionFields(**typed[number]) for number in sorted(typed)[:MAX_QUESTIONS])
    return TryForm(fields.get("transcript", ""), questions)


def change_form(form: TryForm, action: str) -> TryForm | None:
    """The form after `add` or `remove:N`; None for any other action, which asks the questions."""
    if action == "add":
        return replace(form, questions=(*form.questions, QuestionFields()))
    removed = re.fullmatch(r"remove:(\d{1,3})", action)
    if removed:
        number = int(removed[1])
        return replace(form, questions=form.questions[:number] + form.questions[number + 1 :])
    return None


def read_questions(form: TryForm) -> tuple[tuple[DispositionMetric, ...], tuple[Mistake, ...]]:
    """The questions that can be asked, and every mistake in the others."""
    if not form.questions:
        return (), (Mistake("add", "Add at least one question."),)
    questions: list[DispositionMetric] = []
    mistakes: list[Mistake] = []
    seen: set[str] = set()
    for index, typed in enumerate(form.questions):
        try:
            question = _read_question(typed)
            if question.identifier in seen:
                raise BadInput(f"the identifier {question.identifier!r} stands twice", field="question.identifier")
        except BadInput as error:
            name = (error.field or "question.identifier").rpartition(".")[2]
            mistakes.append(Mistake(f"q{index}_{name}", f"Question {index + 1}: {error.message}."))
            continue
        seen.add(question.identifier)
        questions.append(question)
    return tuple(questions), tuple(mistakes)


def split_choices(text: str) -> tuple[str, ...]:
    """Choices one a line or, on a single line, between commas."""
    parts = text.strip().splitlines() if "\n" in text.strip() else text.split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _read_question(typed: QuestionFields) -> DispositionMetric:
    try:
        kind = QuestionType(typed.type)
    except ValueError:
        known = ", ".join(QuestionType)
        raise BadInput(f"the type {typed.type!r} is none of {known}", field="question.type") from None
    question = DispositionMetric(typed.identifier.strip(), typed.prompt.strip(), kind, split_choices(typed.choices))
    check_question(question)
    return question
