"""What a template is, and short ways to write its questions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from postcall.domain.questions import DispositionMetric, QuestionType


class Group(StrEnum):
    """The field of work that a template is from."""

    GENERAL = "general"
    SALES = "sales"
    SUPPORT = "support"
    CLINICS = "clinics"
    COLLECTIONS = "collections"
    QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class Template:
    """One or more questions that answer something people often want to know."""

    id: str
    group: Group
    title: str
    use: str
    """In one line, what the answers are good for."""
    questions: tuple[DispositionMetric, ...]


def text(identifier: str, prompt: str) -> DispositionMetric:
    """A STRING."""
    return DispositionMetric(identifier, prompt, QuestionType.STRING)


def yes_no(identifier: str, prompt: str) -> DispositionMetric:
    """A BOOLEAN."""
    return DispositionMetric(identifier, prompt, QuestionType.BOOLEAN)


def number(identifier: str, prompt: str) -> DispositionMetric:
    """An INTEGER."""
    return DispositionMetric(identifier, prompt, QuestionType.INTEGER)


def moment(identifier: str, prompt: str) -> DispositionMetric:
    """A DATETIME."""
    return DispositionMetric(identifier, prompt, QuestionType.DATETIME)


def choice(identifier: str, asked: str, /, **choices: str) -> DispositionMetric:
    """An ENUM: what is asked, then each choice with when it applies."""
    explained = " ".join(f"{name}: {when}." for name, when in choices.items())
    return DispositionMetric(identifier, f"{asked} {explained}", QuestionType.ENUM, tuple(choices))
