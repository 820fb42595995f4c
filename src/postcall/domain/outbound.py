"""Calls that postcall places: to whom, from where, when, and how far they have come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from postcall.domain.calls import Environment, Json

HANGS_UP = "[hangs up]"
"""By which a model that plays the person called says that this person hangs up."""


class DialState(StrEnum):
    """How far a placed call has come, whatever its status is called."""

    QUEUED = "queued"
    """For a free line."""
    DIALLING = "dialling"
    TALKING = "talking"
    OVER = "over"


class DialOutcome(StrEnum):
    """What a carrier says of a call that it placed."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Dialled:
    """How the dialling ended."""

    outcome: DialOutcome
    why: str | None = None
    """Of a failure, in words."""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number that calls are placed from."""

    id: str
    """24 hex digits."""
    number: str
    """E.164."""
    carrier: str
    agent_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CallingHours:
    """When people may be called, by the clock where they are."""

    start: str
    """`HH:MM`, the first minute."""
    end: str
    """`HH:MM`, the first minute that is too late; after `start`."""
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    """ISO weekdays, Monday is 1."""


class CampaignStatus(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PROCESSING = "processing"
    """Started; its members are being copied."""
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Stopped for good."""


class MemberState(StrEnum):
    """How a campaign stands with one person."""

    WAITING = "waiting"
    """For a first or another call, from `due_at` on."""
    CALLING = "calling"
    REACHED = "reached"
    """A call to them was answered and is over."""
    MISSED = "missed"
    """No call is left."""
    SKIPPED = "skipped"
    """They are on a do-not-call list, or the campaign was stopped before their turn."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Calls of one agent to everybody in an audience."""

    id: str
    """24 hex digits."""
    name: str
    description: str
    agent_id: str
    agent_slug: str
    agent_name: str
    audience_id: str
    audience_name: str
    number_ids: tuple[str, ...]
    max_retries: int
    """Calls after the first one, while nobody answers."""
    retry_delay_s: int
    calling_hours: CallingHours | None
    status: CampaignStatus
    scheduled_at: datetime | None
    started_at: datetime | None
    paused_at: datetime | None
    failed_at: datetime | None
    finished_at: datetime | None
    error: str | None
    cancelled_calls: int
    created_by: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """What is known of a call because postcall placed it."""

    campaign_id: str | None
    campaign_name: str | None
    member_id: str | None
    attempt: int
    """0 for the first call to this person, then 1, 2, ..."""
    root_id: str | None
    """The id of the first call to them, where this is another."""
    state: DialState
    failure: str | None
    cost: float | None
    test: bool
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call to be placed."""

    agent: str
    """Its id or slug."""
    to_number: str
    """E.164."""
    version: int | None = None
    """None: the agent's active one."""
    number_id: str | None = None
    """The number to call from; None: the agent's, else the account's first."""
    variables: dict[str, Json] = field(default_factory=dict)
    """What the agent knows of this person; over the agent's own defaults."""
    metadata: dict[str, Json] = field(default_factory=dict)
    test: bool = False
    """The call is in the sandbox: reports can tell it from others."""
    environment: Environment | None = None
    """None: the sandbox for a test, else live."""
    variant: str | None = None
    """Of the agent; None: its usual one."""
    sip_headers: dict[str, str] = field(default_factory=dict)
    """What the agent's functions see in `conv.sip_headers`."""
    id_prefix: str = "CALL"
    """How the id that is made for it begins."""
