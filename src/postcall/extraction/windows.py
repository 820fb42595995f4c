"""Long transcripts: read in overlapping windows, and what the windows found put together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from postcall.domain.answers import Answer, AnswerStatus, Evidence
from postcall.domain.calls import Transcript, Turn
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.checking import is_fallback
from postcall.extraction.prompt import render_turn
from postcall.extraction.support import says_number
from postcall.extraction.tokens import estimate_tokens

OVERLAP: Final = 0.1
"""Of a window's tokens, so that a question and its reply are not torn apart."""
_MAX_MERGED_QUOTES: Final = 10
_SHOWN_QUOTES: Final = 3
_LEAST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Window:
    """Turns that are read together."""

    first: int
    """Index of the first turn in the whole call."""
    lines: tuple[str, ...]

    @property
    def last(self) -> int:
        """Index of the last turn."""
        return self.first + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How a transcript is read."""

    windows: tuple[Window, ...]
    cut_turns: tuple[int, ...] = ()
    """The turns of which only the beginning and the end are read."""


@dataclass(frozen=True, slots=True)
class WindowReading:
    """What one window gave."""

    window: Window
    summary: str
    answers: Mapping[str, Answer]


def plan_windows(transcript: Transcript, *, room: int) -> Plan:
    """Part a transcript into windows of at most `room` tokens; one window where it fits.

    A turn longer than a whole window is cut in its middle, and the cut is written into it.
    """
    lines = [render_turn(index, turn) for index, turn in enumerate(transcript)]
    if 2 * sum(map(len, lines)) <= room:  # no character counts for more than two tokens
        return Plan((Window(0, tuple(lines)),))
    sizes = [estimate_tokens(line) + 1 for line in lines]
    if sum(sizes) <= room:
        return Plan((Window(0, tuple(lines)),))
    cut = []
    for index, size in enumerate(sizes):
        if size > room:
            lines[index] = _cut_turn(index, transcript[index], room=room)
            sizes[index] = estimate_tokens(lines[index]) + 1
            cut.append(index)
    return Plan(tuple(Window(first, tuple(lines[first:end])) for first, end in _spans(sizes, room)), tuple(cut))


def _spans(sizes: Sequence[int], room: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    first = 0
    while True:
        end, used = first, 0
        while end < len(sizes) and (end == first or used + sizes[end] <= room):
            used += sizes[end]
            end += 1
        spans.append((first, end))
        if end >= len(sizes):
            return spans
        following, overlap = end, 0
        most = min(room * OVERLAP, room - sizes[end])  # the next new turn must fit behind what is repeated
        while following - 1 > first and overlap + sizes[following - 1] <= most:
            following -= 1
            overlap += sizes[following]
        first = following


def _cut_turn(index: int, turn: Turn, *, room: int) -> str:
    """The turn's first two thirds and last third of what fits, with a mark between."""
    length = len(turn.text)
    kept = length
    while True:
        kept = int(kept * 0.8)
        head, tail = turn.text[: kept * 2 // 3], turn.text[length - kept // 3 :]
        marked = replace(turn, text=f"{head} [... {length - len(head) - len(tail)} characters left out ...] {tail}")
        line = render_turn(index, marked)
        if estimate_tokens(line) + 1 <= room or kept < 10:
            return line


def merge(
    question: DispositionMetric, readings: Sequence[WindowReading]
) -> Answer | tuple[tuple[WindowReading, Answer], ...]:
    """The answer that the windows agree on; else what each of those that say something says.

    A window that knows beats one that does not: the answer need not stand in every part of the call.
    """
    found = [(reading, reading.answers[question.identifier]) for reading in readings]
    known = [(reading, answer) for reading, answer in found if answer.status is AnswerStatus.OK]
    said = [(reading, answer) for reading, answer in known if not is_fallback(question, answer.value)]
    voices = said or known
    if not voices:
        return _least_bad([answer for _, answer in found])
    answers = [answer for _, answer in voices]
    merged = _joined(answers)
    if len({answer.value for answer in answers}) > 1 or _adds_up(question, answers, merged):
        return tuple(voices)
    return merged


def _least_bad(answers: Sequence[Answer]) -> Answer:
    """Where no window has an answer: a failure in one of them is shown rather than the others' silence."""
    for status in (AnswerStatus.ERROR, AnswerStatus.INVALID):
        for answer in answers:
            if answer.status is status:
                return answer
    return max(answers, key=lambda answer: len(answer.reasoning))


def _joined(answers: Sequence[Answer]) -> Answer:
    surest = max(answers, key=lambda answer: (bool(answer.evidence), answer.confidence or 0.0))
    return replace(surest, evidence=_all_evidence(answers)[:_MAX_MERGED_QUOTES])


def _adds_up(question: DispositionMetric, answers: Sequence[Answer], merged: Answer) -> bool:
    """Whether equal counts in several windows may be counts of different things."""
    if question.type is not QuestionType.INTEGER or len(answers) < 2 or not isinstance(merged.value, int):
        return False
    if any(says_number(one.quote, merged.value) for one in merged.evidence):
        return False
    return len(_all_evidence(answers)) > merged.value > 0


def _all_evidence(answers: Sequence[Answer]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(one for answer in answers for one in answer.evidence))


def render_findings(
    readings: Sequence[WindowReading],
    conflicts: Mapping[str, tuple[tuple[WindowReading, Answer], ...]],
    *,
    total: int,
    room: int,
) -> str:
    """What the windows found, one JSON object a line, for the request that settles it; it stands for the transcript."""
    shown = max(_LEAST_SHOWN, int(room * 2 / len(readings)))  # at two characters a token
    lines = [f"The conversation of {total} turns was too long to read at once. What its parts say, one per line:"]
    for reading in readings:
        part: dict[str, object] = {
            "turns": f"{reading.window.first}-{reading.window.last}",
            "summary": reading.summary[:shown],
        }
        answers = {
            identifier: _shown_answer(answer)
            for identifier, voices in conflicts.items()
            for other, answer in voices
            if other is reading
        }
        if answers:
            part["answers"] = answers
        lines.append(json.dumps(part, ensure_ascii=False))
    lines.append("End of the parts.\n\n")
    return "\n".join(lines)


def _shown_answer(answer: Answer) -> dict[str, object]:
    return {
        "value": answer.value,
        "confidence": answer.confidence,
        "evidence": [{"turn": one.turn, "quote": one.quote} for one in answer.evidence[:_SHOWN_QUOTES]],
    }
