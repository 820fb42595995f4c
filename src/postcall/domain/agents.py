"""Who takes calls, and under which configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from postcall.domain.questions import DispositionMetric

DEFAULT_SUMMARY_PROMPT = (
    "Summarise the call in two or three sentences: who called, what they wanted, what was done and how it ended."
)


@dataclass(frozen=True, slots=True)
class Agent:
    """What takes calls."""

    id: str
    """24 hex digits."""
    slug: str
    """A name that may stand for the id; unique in the account."""
    name: str
    account: str
    active_version: int
    created_at: datetime


AUDIT_SHARE = 0.02


class AnalyserChoice(StrEnum):
    """Who answers the questions of a version."""

    BUILT_IN = "built-in"
    """Learned heads where there are any, rules for the rest; never a model."""
    MODEL = "model"
    """The configured model alone."""
    AUTO = "auto"
    """Learned heads where they are sure, the model for the rest."""


@dataclass(frozen=True, slots=True)
class VersionConfig:
    """The part of a version that says what to ask once a call is over."""

    questions: tuple[DispositionMetric, ...] = ()
    summary_prompt: str = DEFAULT_SUMMARY_PROMPT
    use_reasoning_model: bool = False
    """Ask `POSTCALL_LLM_REASONING_MODEL` rather than `POSTCALL_LLM_MODEL`."""
    analyser: AnalyserChoice | None = None
    """None: the model where one is configured, built-in otherwise."""
    min_confidence: float | None = None
    """Below it a learned head does not answer. None: 0.8 where a model then does, 0.5 where nobody would."""
    audit_share: float = AUDIT_SHARE
    """The share of calls in which `auto` asks the model also what learned heads have answered, to compare."""
    project: str | None = None
    """The digest of the project folder that takes the calls; None where others host them."""


@dataclass(frozen=True, slots=True)
class Version:
    """A published, immutable configuration of an agent."""

    agent_id: str
    number: int
    """Counts from 1 within the agent."""
    config: VersionConfig
    label: str | None
    created_at: datetime
    created_by: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A version being edited; any number of them may wait beside the published ones."""

    id: str
    """24 hex digits."""
    agent_id: str
    name: str
    base_version: int
    """The number of the version it began as, or was last brought up to date with."""
    config: VersionConfig
    revision: int
    """Counts every save, from 1: whoever saves names the revision they saw, so that nobody overwrites unseen."""
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    updated_by: str | None = None
    """Who saved it last."""
