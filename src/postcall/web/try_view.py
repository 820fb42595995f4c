"""What came of questions that were tried."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.domain.answers import Findings
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.web import words
from postcall.web.answer_view import AnswersView, TurnView, show_answers, show_turns


@dataclass(frozen=True, slots=True)
class TriedView:
    """The answers and the transcript they rest on."""

    summary: str | None
    answers: AnswersView
    notes: tuple[str, ...]
    turns: tuple[TurnView, ...]


def show_tried(transcript: Transcript, questions: tuple[DispositionMetric, ...], findings: Findings) -> TriedView:
    """The findings as the page of a call would show them."""
    return TriedView(
        summary=words.visible(findings.summary) or None,
        answers=show_answers(findings.answers, questions, transcript),
        notes=tuple(words.visible(note) for note in findings.notes),
        turns=show_turns(transcript, findings.answers),
    )
