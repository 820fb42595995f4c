"""The form by which somebody says that an answer is right, or what would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Answer, AnswerStatus
from postcall.domain.labels import Label, Verdict
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.domain.views import CallFile
from postcall.web import words

THERE_IS_NONE = "there is none"


@dataclass(frozen=True, slots=True)
class GivenView:
    """The label that counts."""

    verdict: str
    """`Confirmed` or `Corrected to Tuesday`."""
    by: str
    """Who and when."""
    why: str | None


@dataclass(frozen=True, slots=True)
class LabelForm:
    """What one answer's form needs."""

    identifier: str
    index: int
    """Of the answer, to come back to it."""
    action: str
    confirm: str | None
    """What the button that confirms says; None where there is nothing to confirm."""
    options: tuple[tuple[str, str], ...]
    """Value and words of each choice; empty where any text may be right."""
    numeric: bool
    hint: str
    asks_name: bool
    """Nobody has signed in, so whoever labels may say who they are."""
    given: GivenView | None


def show_label_forms(
    file: CallFile, questions: Sequence[DispositionMetric], *, action: str, asks_name: bool
) -> dict[str, LabelForm]:
    """A form for each answer of the current extraction whose question is known, by identifier."""
    if file.extraction is None:
        return {}
    asked = {question.identifier: question for question in questions}
    labels = {label.identifier: label for label in file.labels}
    return {
        answer.identifier: _form(index, answer, asked[answer.identifier], labels, action=action, asks_name=asks_name)
        for index, answer in enumerate(file.extraction.findings.answers)
        if answer.identifier in asked
    }


def _form(
    index: int,
    answer: Answer,
    question: DispositionMetric,
    labels: Mapping[str, Label],
    *,
    action: str,
    asks_name: bool,
) -> LabelForm:
    label = labels.get(answer.identifier)
    return LabelForm(
        identifier=answer.identifier,
        index=index,
        action=action,
        confirm=_CONFIRM.get(answer.status),
        options=_options(question),
        numeric=question.type is QuestionType.INTEGER,
        hint="such as 2026-03-05 or 2026-03-05T15:00" if question.type is QuestionType.DATETIME else "",
        asks_name=asks_name,
        given=_given(label) if label is not None else None,
    )


_CONFIRM = {AnswerStatus.OK: "It is right", AnswerStatus.UNKNOWN: "Right, there is none"}


def _options(question: DispositionMetric) -> tuple[tuple[str, str], ...]:
    if question.type is QuestionType.BOOLEAN:
        return (("true", "Yes"), ("false", "No"))
    return tuple((choice, words.visible(choice)) for choice in question.choices)


def _given(label: Label) -> GivenView:
    return GivenView(
        verdict="Confirmed" if label.verdict is Verdict.CONFIRMED else f"Corrected: {_right(label)}",
        by=f"by {words.visible(label.who) if label.who else 'somebody'}, {words.moment(label.at)} UTC",
        why=words.visible(label.why) if label.why else None,
    )


def _right(label: Label) -> str:
    if label.value is None:
        return THERE_IS_NONE
    if label.type is QuestionType.DATETIME and isinstance(label.value, str):
        return words.iso_moment(label.value)
    return words.scalar(label.value)
