"""Which version asked what: one question through the versions of an agent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from postcall.configure.diffing import QuestionPart, changed_parts
from postcall.domain.agents import Version
from postcall.domain.questions import DispositionMetric


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as some versions in a row asked it."""

    question: DispositionMetric
    first_version: int
    last_version: int
    since: datetime
    """When the first of them was published."""
    by: str | None
    """Who published that one, where it is known."""
    parts: tuple[QuestionPart, ...]
    """In what it differs from the time before; empty where it had not been asked before, or came back unchanged."""


def question_history(versions: Iterable[Version], identifier: str) -> tuple[Asked, ...]:
    """How versions have asked the question of this identifier, the latest way first; empty where none has.

    A version that does not ask it ends a row, so a question that was taken out and came back has two entries.
    """
    history: list[Asked] = []
    for version in sorted(versions, key=lambda each: each.number):
        question = _find(version, identifier)
        if question is None:
            continue
        last = history[-1] if history else None
        if last is not None and last.question == question and last.last_version == version.number - 1:
            history[-1] = replace(last, last_version=version.number)
            continue
        parts = changed_parts(last.question, question) if last is not None else ()
        history.append(Asked(question, version.number, version.number, version.created_at, version.created_by, parts))
    return tuple(reversed(history))


def questions_ever_asked(versions: Iterable[Version]) -> dict[str, tuple[int, ...]]:
    """The numbers of the versions that ask each question, by its identifier; the questions of the newest first."""
    asked: dict[str, list[int]] = {}
    for version in sorted(versions, key=lambda each: each.number, reverse=True):
        for question in version.config.questions:
            asked.setdefault(question.identifier, []).append(version.number)
    return {identifier: tuple(reversed(numbers)) for identifier, numbers in asked.items()}


def _find(version: Version, identifier: str) -> DispositionMetric | None:
    return next((each for each in version.config.questions if each.identifier == identifier), None)
