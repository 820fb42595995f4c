"""What differs between two configurations, as it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from postcall.api.csv_reply import Cell
from postcall.configure.diffing import (
    ChangeKind,
    ConfigDiff,
    QuestionChange,
    QuestionPart,
    SettingChange,
    SettingValue,
)
from postcall.configure.word_diff import Piece, PieceKind, diff_words
from postcall.domain.questions import DispositionMetric
from postcall.web import words
from postcall.web.tones import Badge, Tone

_TONES = {
    ChangeKind.ADDED: Tone.GOOD,
    ChangeKind.REMOVED: Tone.BAD,
    ChangeKind.CHANGED: Tone.WAITING,
    ChangeKind.MOVED: Tone.QUIET,
}
SETTING_NAMES = {
    "summary_prompt": "Summary prompt",
    "use_reasoning_model": "Reasoning model",
    "analyser": "Analyser",
    "min_confidence": "Least confidence of a learned answer",
    "audit_share": "Share of calls in which the model is asked too",
    "project": "Project",
    "prompt": "Prompt of the agent",
    "greeting": "Greeting",
    "variables": "What is assumed of a caller",
    "agent_model": "The agent's model",
    "asks_agent_model": "Questions are put to the agent's model",
    "kept": "Kept for other interfaces",
}
_TEXTS = {"summary_prompt", "prompt", "greeting"}
"""Settings whose words are compared."""
NOTHING_CHANGED = "They ask the same."


@dataclass(frozen=True, slots=True)
class PieceView:
    """Some words, which stay, went (`removed`) or came (`added`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What happened to one question or setting."""

    name: str
    is_question: bool
    badge: Badge
    note: str
    """Such as `moved from place 1 to 3`; may be empty."""
    prompt: tuple[PieceView, ...]
    """A question's prompt, or a setting's value."""
    type: tuple[PieceView, ...]
    choices: tuple[PieceView, ...]
    """Each choice a piece; those that went stand where they stood."""


@dataclass(frozen=True, slots=True)
class DiffView:
    """Everything that differs, from something to something."""

    title: str
    changes: tuple[ChangeView, ...]
    summary: str
    """`1 added, 2 changed`, or that nothing is."""


def show_diff(diff: ConfigDiff, *, title: str) -> DiffView:
    """The questions first, then the settings."""
    changes = (*map(_show_question, diff.questions), *map(_show_setting, diff.settings))
    return DiffView(title=title, changes=changes, summary=summarise(diff))


def summarise(diff: ConfigDiff) -> str:
    """`1 question added, 2 changed; summary prompt`."""
    if not diff:
        return NOTHING_CHANGED
    counts = {kind: sum(change.kind is kind for change in diff.questions) for kind in ChangeKind}
    questions = ", ".join(f"{words.count(number, 'question')} {kind}" for kind, number in counts.items() if number)
    settings = ", ".join(SETTING_NAMES[each.name].lower() for each in diff.settings)
    return "; ".join(part for part in (questions, f"also the {settings}" if settings else "") if part)


def diff_rows(diff: ConfigDiff) -> Iterator[tuple[Cell, ...]]:
    """The same as rows for a spreadsheet, under DIFF_COLUMNS."""
    for change in diff.questions:
        yield change.identifier, change.kind.value, *_cells(change.before), *_cells(change.after)
    for each in diff.settings:
        yield each.name, "setting", _cell(each.before), None, None, _cell(each.after), None, None


DIFF_COLUMNS = (
    "name",
    "change",
    "prompt_before",
    "type_before",
    "choices_before",
    "prompt_after",
    "type_after",
    "choices_after",
)


def show_pieces(pieces: Sequence[Piece]) -> tuple[PieceView, ...]:
    """Words with their control characters visible."""
    return tuple(PieceView(piece.kind.value, words.visible(piece.text)) for piece in pieces)


def _show_question(change: QuestionChange) -> ChangeView:
    before, after = change.before, change.after
    return ChangeView(
        name=change.identifier,
        is_question=True,
        badge=Badge(change.kind.value, _TONES[change.kind]),
        note=_note(change),
        prompt=show_pieces(diff_words(before.prompt if before else "", after.prompt if after else "")),
        type=_whole(before.type.value if before else None, after.type.value if after else None),
        choices=tuple(_choices(before.choices if before else (), after.choices if after else ())),
    )


def _note(change: QuestionChange) -> str:
    said = []
    if change.parts:
        said.append(" and ".join(_PARTS[part] for part in change.parts))
    if change.moved and change.place_before is not None and change.place_after is not None:
        said.append(f"moved from place {change.place_before + 1} to {change.place_after + 1}")
    return ", ".join(said)


_PARTS = {QuestionPart.PROMPT: "prompt", QuestionPart.TYPE: "type", QuestionPart.CHOICES: "choices"}


def _show_setting(change: SettingChange) -> ChangeView:
    if change.name in _TEXTS:
        pieces = show_pieces(diff_words(str(change.before or ""), str(change.after or "")))
    elif change.name == "project":
        pieces = _whole(show_project(change.before), show_project(change.after))
    else:
        pieces = _whole(_value(change.before), _value(change.after))
    return ChangeView(
        name=SETTING_NAMES[change.name],
        is_question=False,
        badge=Badge(ChangeKind.CHANGED.value, Tone.WAITING),
        note="",
        prompt=pieces,
        type=(),
        choices=(),
    )


def show_project(digest: object) -> str:
    """Enough of a project's digest to tell it from others."""
    return str(digest)[:12] if digest else "none: others host its calls"


def _value(value: object) -> str:
    if value is None:
        return "by itself"
    return words.scalar(value) if isinstance(value, bool | int | float | str) else words.visible(show_kept(value))


def show_kept(value: object) -> str:
    """What another interface wrote, as JSON."""
    return msgspec.json.encode(value, order="deterministic").decode()


def _cell(value: SettingValue) -> Cell:
    return show_kept(value) if isinstance(value, dict) else value


def _whole(before: str | None, after: str | None) -> tuple[PieceView, ...]:
    if before == after:
        return (PieceView(PieceKind.SAME.value, before),) if before else ()
    pairs = ((PieceKind.REMOVED, before), (PieceKind.ADDED, after))
    return tuple(PieceView(kind.value, text) for kind, text in pairs if text is not None)


def _choices(before: Sequence[str], after: Sequence[str]) -> Iterator[PieceView]:
    gone = [choice for choice in before if choice not in after]
    for choice in after:
        kind = PieceKind.SAME if choice in before else PieceKind.ADDED
        yield PieceView(kind.value, words.visible(choice))
    for choice in gone:
        yield PieceView(PieceKind.REMOVED.value, words.visible(choice))


def _cells(question: DispositionMetric | None) -> tuple[Cell, Cell, Cell]:
    if question is None:
        return None, None, None
    return question.prompt, question.type.value, ", ".join(question.choices)
