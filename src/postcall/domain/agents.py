"""Who takes calls, and under which configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from postcall.domain.calls import Json
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
    description: str = ""
    archived_at: datetime | None = None
    """From then on it takes no calls and is in no list; its calls and numbers stay."""


AUDIT_SHARE = 0.02


class AnalyserChoice(StrEnum):
    """Who answers the questions of a version."""

    BUILT_IN = "built-in"
    """Learned heads where there are any, rules for the rest; never a model."""
    MODEL = "model"
    """The configured model alone."""
    AUTO = "auto"
    """Learned heads where they are sure, the model for the rest."""


class ToolKind(StrEnum):
    """What an agent that is one prompt may do besides speaking."""

    END_CALL = "end_call"
    TRANSFER_CALL = "transfer_call"


@dataclass(frozen=True, slots=True)
class PromptTool:
    """Something that such an agent's model may call."""

    kind: ToolKind
    name: str
    description: str
    number: str = ""
    """Whom a transfer goes to."""


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
    prompt: str | None = None
    """Of an agent that is one prompt, from which its project is made; None where somebody pushed a project, or none."""
    greeting: str = ""
    """What such an agent says first; empty: the model begins."""
    tools: tuple[PromptTool, ...] = ()
    """What such an agent may do besides speaking."""
    variables: dict[str, Json] = field(default_factory=dict)
    """What such an agent assumes of a caller of whom it knows nothing else."""
    agent_model: str | None = None
    """What the agent calls its own model; `POSTCALL_LLM_AGENT_MODELS` says which one that is."""
    asks_agent_model: bool = False
    """The questions are answered by the agent's own model rather than by `POSTCALL_LLM_MODEL`."""
    kept: dict[str, Json] = field(default_factory=dict)
    """What another interface wrote and postcall only gives back, under that interface's own names."""


@dataclass(frozen=True, slots=True)
class Version:
    """A published, immutable configuration of an agent."""

    agent_id: str
    number: int
    """Counts from 1 within the agent; below 0 it is a draft that was called to try it, and never published."""
    config: VersionConfig
    label: str | None
    created_at: datetime
    created_by: str | None = None
    id: str = ""
    """24 hex digits."""
    description: str = ""
    pinned: bool = False
    """Somebody wants to find it again."""
    branch_id: str | None = None
    """None: the branch that every agent begins with."""
    parent: int | None = None
    """The number of the version that it was made from."""
    draft_id: str | None = None
    """The draft that it was."""
    restored_from: int | None = None
    """The number of the version of which it is a copy."""
    activated_by: str | None = None
    activated_at: datetime | None = None


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
    branch_id: str | None = None
    """The branch whose one open draft it is."""
