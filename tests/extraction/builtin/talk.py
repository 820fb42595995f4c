"""Transcripts and questions in a line each, for the tests of the built-in analyser."""

from __future__ import annotations

from datetime import UTC, datetime

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer, Findings
from postcall.domain.calls import Role, Transcript, Turn
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.builtin import Background, analyse

WEDNESDAY = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def talk(*lines: str) -> Transcript:
    """`talk("A: Hello", "U: Hi")`: A is the agent, U the caller."""
    roles = {"A": Role.AGENT, "U": Role.USER}
    return tuple(Turn(roles[line[0]], line[2:].strip()) for line in lines)


def question(prompt: str, kind: str = "STRING", *choices: str, name: str = "answer") -> DispositionMetric:
    """A question whose identifier says nothing, unless `name` is given."""
    return DispositionMetric(name, prompt, QuestionType(kind), choices)


def ask(transcript: Transcript, *questions: DispositionMetric, background: Background | None = None) -> Findings:
    """The findings about a call of Wednesday, 4 March 2026."""
    return analyse(transcript, VersionConfig(questions=questions), reference=WEDNESDAY, background=background)


def answer(transcript: Transcript, prompt: str, kind: str = "STRING", *choices: str, name: str = "answer") -> Answer:
    """The answer to one question."""
    return ask(transcript, question(prompt, kind, *choices, name=name)).answers[0]
