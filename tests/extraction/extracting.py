"""Builders for tests that extract with the scripted model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.aside import run_aside

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer, Findings
from postcall.domain.calls import Role, Transcript, Turn
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.run import extract
from postcall.llm import ModelClient
from postcall.settings import ModelSettings
from postcall.testing import Answered, ScriptedModel

WEDNESDAY = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)

CALL: Transcript = (
    Turn(Role.AGENT, "Harbour Dental, how can I help?"),
    Turn(Role.USER, "Hi, Ana Ruiz here. Could I have a cleaning next Tuesday at 3 pm?"),
    Turn(Role.AGENT, "You are booked in. Is it for one patient?"),
    Turn(Role.USER, "No, for my two boys. Goodbye!"),
)
NAME = DispositionMetric("caller_name", "What is the caller's name?", QuestionType.STRING)
WHEN = DispositionMetric("appointment", "When is the appointment?", QuestionType.DATETIME)
BOYS = DispositionMetric("patients", "How many patients come?", QuestionType.INTEGER)
BOOKED = DispositionMetric("booked", "Was an appointment booked?", QuestionType.BOOLEAN)
REASON = DispositionMetric("reason", "What for?", QuestionType.ENUM, ("cleaning", "pain", "other_reason"))
QUESTIONS = (NAME, WHEN, BOYS, BOOKED, REASON)

TRUTH: Mapping[str, object] = {
    "summary": "Ana booked a cleaning for her two boys.",
    "caller_name": Answered("Ana Ruiz", [(1, "Ana Ruiz here")]),
    "appointment": Answered("2026-03-17T15:00:00", [(1, "next Tuesday at 3 pm")]),
    "patients": Answered(2, [(3, "for my two boys")]),
    "booked": Answered(True, [(2, "You are booked in")]),
    "reason": Answered("cleaning", [(1, "a cleaning")]),
}


def run(
    model: ScriptedModel,
    transcript: Transcript = CALL,
    questions: tuple[DispositionMetric, ...] = QUESTIONS,
    *,
    context_tokens: int = 100_000,
    timeout_s: float = 10.0,
    reasoning: bool = False,
    **changes: Any,
) -> Findings:
    """Extract one call with a client of its own."""
    settings = ModelSettings(
        model.url,
        "scripted",
        "key",
        timeout_s=timeout_s,
        reasoning_model="thinker",
        agent_model="talker",
        agent_models={"electron": "small"},
    )
    config = replace(VersionConfig(questions), use_reasoning_model=reasoning, **changes)

    async def ask() -> Findings:
        client = ModelClient(settings)
        try:
            return await extract(transcript, config, reference=WEDNESDAY, client=client, context_tokens=context_tokens)
        finally:
            await client.close()

    return run_aside(ask())


def answers_of(findings: Findings) -> dict[str, Answer]:
    """The answers by identifier."""
    return {answer.identifier: answer for answer in findings.answers}
