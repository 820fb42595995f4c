"""A call as it is stored: who spoke to whom, when, and what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

JsonScalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "JsonScalar | list[Json] | dict[str, Json]"
MetricValue: TypeAlias = str | int | float | bool


class Role(StrEnum):
    """Who speaks in a turn."""

    AGENT = "agent"
    USER = "user"


class CallStatus(StrEnum):
    """Where a call stands; only completed calls with a user turn are extracted."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset({CallStatus.PENDING, CallStatus.IN_PROGRESS})
"""The statuses of a call that has not ended."""


class Channel(StrEnum):
    """How the two sides are connected."""

    VOICE = "voice"
    WEBCHAT = "webchat"
    SMS = "sms"


class Direction(StrEnum):
    """Who started the call."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class DisconnectionReason(StrEnum):
    """How a call ended."""

    USER_HANGUP = "user_hangup"
    AGENT_HANGUP = "agent_hangup"
    HANDOFF = "handoff"
    TIMEOUT = "timeout"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    ERROR = "error"


class Environment(StrEnum):
    """Which stage of the agent took the call."""

    LIVE = "live"
    PRE_RELEASE = "pre-release"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance."""

    role: Role
    text: str
    start_s: float | None = None
    """Seconds from the start of the call."""
    at: datetime | None = None
    """When it was said, where the sender knows the clock time rather than the offset."""
    latency_s: float | None = None
    """Seconds that the agent took to answer."""


Transcript: TypeAlias = tuple[Turn, ...]
"""The turns in the order spoken. Evidence names a turn by its index here, from 0."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """The call was passed to a person or another line."""

    destination: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MetricWrite:
    """One write of a real-time metric, as it arrives."""

    name: str
    value: MetricValue = True
    """A write without a value is a flag and counts as true."""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallDetails:
    """What is known of a call besides its words and metrics."""

    agent: str
    """The agent's id or slug, as the sender named it."""
    channel: Channel = Channel.VOICE
    direction: Direction = Direction.INBOUND
    from_number: str | None = None
    to_number: str | None = None
    started_at: datetime | None = None
    """None where the sender did not say; the record then holds the intake time and flags it."""
    ended_at: datetime | None = None
    duration_s: float | None = None
    status: CallStatus = CallStatus.COMPLETED
    language: str | None = None
    """A BCP 47 tag such as `en` or `es-MX`."""
    environment: Environment = Environment.LIVE
    variant: str | None = None
    disconnection_reason: DisconnectionReason | None = None
    handoff: Handoff | None = None
    metadata: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A whole call as a sender hands it in, checked but not stored."""

    id: str | None
    details: CallDetails
    turns: Transcript = ()
    metrics: tuple[MetricWrite, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredMetric:
    """All writes of one name during one call."""

    name: str
    value: MetricValue
    """Of the last write that fits the metric's definition; of the last one where none does."""
    values: tuple[MetricValue, ...]
    """Of every write, as the definition has it where it fits."""
    source: str
    """Where the last write came from: `intake` (sent with the call), `live` (while it ran), `end_function` (after it);
    `built-in` where postcall itself knows it."""
    at: datetime
    """When the last write happened, or was taken in where the sender did not say."""
    flagged: bool
    """No write fits the metric's definition, so no report counts it."""
    misfits: int = 0
    """How many writes do not fit; reports leave these out."""


@dataclass(frozen=True, slots=True)
class Call:
    """The stored record of one conversation."""

    id: str
    account: str
    agent_id: str
    agent_slug: str
    version: int
    """The number of the agent's version that was active when the call was first accepted."""
    details: CallDetails
    started_at: datetime
    started_at_is_intake: bool
    """No start was given, so `started_at` is when the call was taken in."""
    duration_s: float | None
    revision: int
    """How many times the transcript was replaced, from 1."""
    created_at: datetime
    updated_at: datetime
