"""The form of one question: as it was typed, as what it means, and with what was found about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from postcall.configure.question_lint import Finding, lint_question
from postcall.domain.questions import MAX_QUESTIONS, DispositionMetric, QuestionType, check_question
from postcall.errors import BadInput
from postcall.web.try_form import Mistake, split_choices


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """One question as it was typed."""

    was: str = ""
    """The identifier that the question has in the draft; empty for a new one."""
    identifier: str = ""
    prompt: str = ""
    type: str = QuestionType.STRING.value
    choices: str = ""
    """One a line."""


def form_of(question: DispositionMetric) -> QuestionForm:
    """A question of the draft, to be edited."""
    return QuestionForm(
        question.identifier, question.identifier, question.prompt, question.type.value, "\n".join(question.choices)
    )


def read_form(fields: Mapping[str, str]) -> QuestionForm:
    """The form as it was sent."""
    return QuestionForm(
        was=fields.get("was", ""),
        identifier=fields.get("identifier", "").strip(),
        prompt=fields.get("prompt", "").replace("\r\n", "\n").strip(),
        type=fields.get("type", QuestionType.STRING.value),
        choices=fields.get("choices", "").replace("\r\n", "\n").strip(),
    )


def as_typed(form: QuestionForm) -> DispositionMetric:
    """What the form says so far, whether or not it could be asked."""
    kind = QuestionType(form.type) if form.type in set(QuestionType) else QuestionType.STRING
    return DispositionMetric(form.identifier, form.prompt, kind, split_choices(form.choices))


def others_than(form: QuestionForm, questions: Sequence[DispositionMetric]) -> tuple[DispositionMetric, ...]:
    """The questions of the draft without the one that is edited."""
    return tuple(question for question in questions if question.identifier != form.was)


def lint_form(form: QuestionForm, questions: Sequence[DispositionMetric]) -> tuple[Finding, ...]:
    """What can be said of it beside the other questions; nothing while there is no prompt."""
    return lint_question(as_typed(form), others=others_than(form, questions)) if form.prompt else ()


def take_over(form: QuestionForm, findings: Sequence[Finding], action: str) -> QuestionForm | None:
    """The form after `take:N`, which does what the Nth finding advises; None for any other action."""
    asked = re.fullmatch(r"take:(\d{1,3})", action)
    if asked is None or int(asked[1]) >= len(findings):
        return None
    better = findings[int(asked[1])].replacement
    return replace(form_of(better), was=form.was) if better is not None else None


def read_question(form: QuestionForm, questions: Sequence[DispositionMetric]) -> DispositionMetric | Mistake:
    """The question, or what is wrong with it and at which field."""
    question = as_typed(form)
    try:
        if form.type not in set(QuestionType):
            raise BadInput(f"the type {form.type!r} is none of {', '.join(QuestionType)}", field="question.type")
        check_question(question)
        if question.identifier in {other.identifier for other in others_than(form, questions)}:
            raise BadInput(
                f"there is a question {question.identifier!r} in this draft already", field="question.identifier"
            )
        if len(others_than(form, questions)) >= MAX_QUESTIONS:
            raise BadInput(f"a version asks at most {MAX_QUESTIONS} questions", field="question.identifier")
    except BadInput as error:
        field = (error.field or "question.identifier").rpartition(".")[2]
        return Mistake(field, error.message[:1].upper() + error.message[1:] + ".")
    return question


def put_in(
    form: QuestionForm, question: DispositionMetric, questions: Sequence[DispositionMetric]
) -> tuple[DispositionMetric, ...]:
    """The draft's questions with this one at its place; at the end where it is new, or was removed meanwhile."""
    if any(other.identifier == form.was for other in questions):
        return tuple(question if other.identifier == form.was else other for other in questions)
    return (*questions, question)
