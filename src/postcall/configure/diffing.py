"""What differs between two configurations, so that it can be shown, and applied."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, TypeAlias

from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.domain.calls import Json
from postcall.domain.questions import DispositionMetric

SettingValue: TypeAlias = str | float | bool | AnalyserChoice | dict[str, Json] | None


class QuestionPart(StrEnum):
    """What of a question can differ while it remains the same question."""

    PROMPT = "prompt"
    TYPE = "type"
    CHOICES = "choices"


class ChangeKind(StrEnum):
    """What happened to a question."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    """Perhaps moved as well."""
    MOVED = "moved"
    """Asked as before, at another place."""


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """What happened to the question of one identifier; another identifier is another question."""

    identifier: str
    kind: ChangeKind
    before: DispositionMetric | None
    after: DispositionMetric | None
    place_before: int | None
    """Index among the questions, from 0; None where there was no such question."""
    place_after: int | None
    parts: tuple[QuestionPart, ...] = ()
    """What changed; empty unless `kind` is CHANGED."""
    moved: bool = False
    """Whether it stands elsewhere among those that both have."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A field of VersionConfig besides the questions."""

    name: str
    before: SettingValue
    after: SettingValue


@dataclass(frozen=True, slots=True)
class ConfigDiff:
    """Everything in which one configuration differs from another; empty (and false) where they are equal."""

    questions: tuple[QuestionChange, ...] = ()
    """In the order of the newer questions, the removed ones where they stood."""
    settings: tuple[SettingChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.questions or self.settings)


_SETTINGS = tuple(field.name for field in fields(VersionConfig) if field.name not in {"questions", "tools"})
"""Tools are told with `kept`, which has them as they were written."""


def diff_configs(before: VersionConfig, after: VersionConfig) -> ConfigDiff:
    """What leads from one to the other; identifiers are unique in each, as `check_questions` demands."""
    return ConfigDiff(
        questions=_diff_questions(before.questions, after.questions),
        settings=tuple(
            SettingChange(name, getattr(before, name), getattr(after, name))
            for name in _SETTINGS
            if getattr(before, name) != getattr(after, name)
        ),
    )


def apply_diff(diff: ConfigDiff, config: VersionConfig) -> VersionConfig:
    """The newer configuration, given the older one.

    On any other configuration it does what it can: an added question that is there already is replaced, one to be
    changed or removed that is not there is added or passed over, and places are as near as they can be.
    """
    placed = {change.identifier for change in diff.questions if change.kind is ChangeKind.ADDED or change.moved}
    gone = {change.identifier for change in diff.questions if change.after is None}
    newer = {change.identifier: change.after for change in diff.questions if change.after is not None}
    kept = [
        newer.pop(question.identifier, question)
        for question in config.questions
        if question.identifier not in placed | gone
    ]
    for change in sorted(
        (each for each in diff.questions if each.identifier in newer), key=lambda each: each.place_after or 0
    ):
        kept.insert(change.place_after or 0, newer[change.identifier])
    settings: dict[str, Any] = {each.name: each.after for each in diff.settings}
    return replace(config, questions=tuple(kept), **settings)


def changed_parts(before: DispositionMetric, after: DispositionMetric) -> tuple[QuestionPart, ...]:
    """In what one asking of a question differs from another."""
    return tuple(part for part in QuestionPart if getattr(before, part.value) != getattr(after, part.value))


def _diff_questions(
    before: Sequence[DispositionMetric], after: Sequence[DispositionMetric]
) -> tuple[QuestionChange, ...]:
    old_places = {question.identifier: place for place, question in enumerate(before)}
    new_places = {question.identifier: place for place, question in enumerate(after)}
    common = [question.identifier for question in after if question.identifier in old_places]
    still = {common[index] for index in _longest_rise([old_places[name] for name in common])}
    changes = []
    for place, question in enumerate(after):
        old_place = old_places.get(question.identifier)
        moved = old_place is not None and question.identifier not in still
        change = _diff_question(None if old_place is None else before[old_place], question, moved=moved)
        if change is not None:
            changes.append(replace(change, place_before=old_place, place_after=place))
    for place, question in enumerate(before):
        if question.identifier not in new_places:
            removed = QuestionChange(question.identifier, ChangeKind.REMOVED, question, None, place, None)
            changes.insert(sum(_stands_before(each, place) for each in changes), removed)
    return tuple(changes)


def _diff_question(before: DispositionMetric | None, after: DispositionMetric, *, moved: bool) -> QuestionChange | None:
    if before is None:
        return QuestionChange(after.identifier, ChangeKind.ADDED, None, after, None, None)
    parts = changed_parts(before, after)
    if not parts and not moved:
        return None
    kind = ChangeKind.CHANGED if parts else ChangeKind.MOVED
    return QuestionChange(after.identifier, kind, before, after, None, None, parts, moved=moved)


def _stands_before(change: QuestionChange, place: int) -> bool:
    return change.place_before is not None and change.place_before < place


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """The indices of a longest rising subsequence: the questions that did not move while others did."""
    tails: list[int] = []
    """For each length, the smallest number on which a rise of that length ends."""
    ends: list[int] = []
    earlier: list[int | None] = []
    for index, number in enumerate(numbers):
        length = bisect_left(tails, number)
        earlier.append(ends[length - 1] if length else None)
        if length == len(tails):
            tails.append(number)
            ends.append(index)
        else:
            tails[length], ends[length] = number, index
    found: list[int] = []
    at = ends[-1] if ends else None
    while at is not None:
        found.append(at)
        at = earlier[at]
    return found[::-1]
