"""What an analyser found out about one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from postcall.domain.questions import QuestionType

AnswerValue: TypeAlias = str | int | bool | None
"""STRING, ENUM and DATETIME: str (DATETIME as ISO 8601); INTEGER: int; BOOLEAN: bool; None where not `ok`."""


class AnswerStatus(StrEnum):
    """Whether an answer counts; reports count `ok` only."""

    OK = "ok"
    UNKNOWN = "unknown"
    """The transcript does not say."""
    INVALID = "invalid"
    """The model answered outside the type or choices, or without evidence, and asking again did not help."""
    ERROR = "error"
    """The model could not be asked."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the transcript that an answer rests on."""

    turn: int
    """Index into the transcript, from 0."""
    quote: str
    """As it stands in that turn."""


@dataclass(frozen=True, slots=True)
class SecondAnswer:
    """What a model said to a question that was answered already, asked to see how far the two agree."""

    value: AnswerValue
    status: AnswerStatus
    confidence: float | None
    reasoning: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The result for one question."""

    identifier: str
    type: QuestionType
    value: AnswerValue
    status: AnswerStatus
    confidence: float | None
    """How sure the analyser is, 0 to 1; None where it cannot say."""
    reasoning: str
    """Why, in a sentence; for `invalid` and `error`, what went wrong."""
    evidence: tuple[Evidence, ...] = ()
    calibrated: bool = False
    """Whether `confidence` was measured against labelled calls, so that 0.8 is right four times in five."""
    kept_from: str | None = None
    """The extraction that this answer was kept from, because asking anew ended in an error."""
    by: str | None = None
    """Who answered: `rules`, `learned` (a head learned from past calls) or `model`; None where that was not noted."""
    second: SecondAnswer | None = None
    """Set for the small share of learned answers about which a model was asked as well; this one counts."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an extraction cost."""

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    """In the currency of the configured prices; None where no prices are configured."""

    def __add__(self, other: Usage) -> Usage:
        costs = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Usage(
            requests=self.requests + other.requests,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost=sum(costs) if costs else None,
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What an analyser returns for one call, before it is stored."""

    summary: str
    answers: tuple[Answer, ...]
    analyser: str
    """`model`, `built-in` or, where both had a part, `auto`."""
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    """What a reader should know of how it was made, such as that the transcript was read in windows."""


class ExtractionStatus(StrEnum):
    """How a run of the questions ended."""

    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Extraction:
    """One run of a version's questions over one call; never changed once stored."""

    id: str
    call_id: str
    version: int
    revision: int
    """The revision of the transcript that was read."""
    status: ExtractionStatus
    failure_code: str | None
    failure: str | None
    """Why it failed, in words; None where it finished."""
    findings: Findings
    started_at: datetime
    finished_at: datetime
