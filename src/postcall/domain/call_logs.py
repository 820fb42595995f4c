"""A call with all that a log of calls says of it, and which calls such a log is to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason, Json, Role, Turn
from postcall.domain.outbound import PlacedCall
from postcall.domain.questions import QuestionType
from postcall.domain.views import CallRow

WEB_CALL: dict[str, Json] = {"session": "web"}
"""What the metadata of a conversation begin with that somebody holds through a web page's call button."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait for the agent."""

    turn: int
    """The index of the agent's turn, from 0."""
    seconds: float
    begins_s: float | None
    """When the agent began to speak, in seconds from the start of the call; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class RecordedAt:
    """Where a call's recording is: with us, or at an address of somebody else's."""

    media_type: str
    url: str | None
    key: bytes
    """What short-lived addresses of it are signed with."""


@dataclass(frozen=True, slots=True)
class Family:
    """The calls to one person, of which this is one."""

    retries: int
    """Calls after the first."""
    next_id: str | None
    """The call that followed this one, where nobody had answered."""


@dataclass(frozen=True, slots=True)
class CallLog:
    """A call in a log: as lists show it, and what else is known of how it came about."""

    row: CallRow
    agent_name: str
    version_id: str | None
    asked: tuple[tuple[str, QuestionType], ...]
    """The questions of its version: identifier and type."""
    agent_model: str | None
    """What the agent calls its own model."""
    voice: dict[str, str]
    """The voice that its version names, under the names it was given."""
    waits: tuple[Wait, ...]
    placed: PlacedCall | None
    family: Family
    recording: RecordedAt | None

    @property
    def is_web_call(self) -> bool:
        """Begun by the call button of a web page."""
        return is_web_call(self.row.call.details.metadata)


class CallKind(StrEnum):
    """By which way a call came or went."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    WEB_CALL = "web_call"
    CHAT = "chat"


class Attempts(StrEnum):
    """Whether the calls that followed one that nobody answered are shown."""

    FIRST = "first"
    AGAIN = "again"
    ALL = "all"


class SortBy(StrEnum):
    """By what a log is in order."""

    STARTED = "started"
    UPDATED = "updated"
    DURATION = "duration"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True)
class StatusIs:
    """One status, and of pending calls which."""

    status: CallStatus
    queued: bool | None = None
    """Of a call to be placed: whether it waits for a free line. None: either."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which calls to show; every given condition must hold. None: the condition is not given; empty: nothing fits."""

    agents: tuple[str, ...] | None = None
    campaigns: tuple[str, ...] | None = None
    versions: tuple[str, ...] | None = None
    """Ids."""
    kinds: tuple[CallKind, ...] | None = None
    statuses: tuple[StatusIs, ...] | None = None
    reasons: tuple[DisconnectionReason, ...] | None = None
    durations: tuple[tuple[float, float | None], ...] | None = None
    """Seconds: from, and up to but without; None: without an end."""
    search: str = ""
    """Part of the id or of either number, in capitals or not."""
    attempts: Attempts = Attempts.ALL
    since: datetime | None = None
    """Calls that started at this time or later."""
    until: datetime | None = None
    """Calls that started at this time or earlier."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some of the calls that fit, and how many there are."""

    logs: tuple[CallLog, ...]
    total: int


def is_web_call(metadata: Mapping[str, Json]) -> bool:
    """Whether a conversation with these metadata is a web call; only what comes first counts."""
    return next(iter(metadata.items()), None) == next(iter(WEB_CALL.items()))


def kind_of(channel: Channel, direction: Direction, *, web_call: bool) -> CallKind:
    """Voice is a telephone's, whatever carried it; everything written is a chat."""
    if channel is Channel.VOICE:
        return CallKind.OUTBOUND if direction is Direction.OUTBOUND else CallKind.INBOUND
    return CallKind.WEB_CALL if web_call else CallKind.CHAT


def waits_of(turns: Sequence[Turn], started_at: datetime) -> tuple[Wait, ...]:
    """The waits that are known."""
    return tuple(
        Wait(index, turn.latency_s, _begins(turn, started_at))
        for index, turn in enumerate(turns)
        if turn.role is Role.AGENT and turn.latency_s is not None
    )


def _begins(turn: Turn, started_at: datetime) -> float | None:
    if turn.start_s is not None:
        return turn.start_s
    return None if turn.at is None else max(0.0, (turn.at - started_at).total_seconds())
