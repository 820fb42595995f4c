"""The format in which a finished call is handed in: one JSON object, as docs/calls-in.md describes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from postcall.domain.calls import (
    CallDetails,
    CallStatus,
    Channel,
    Direction,
    DisconnectionReason,
    Environment,
    Handoff,
    IncomingCall,
    MetricValue,
    MetricWrite,
    Role,
    Turn,
)
from postcall.domain.ids import CALL_ID, SLUG
from postcall.domain.metrics import MAX_METRIC_TEXT
from postcall.domain.timeline import check_call_times, check_turn_times, duration_between, shift, to_utc
from postcall.errors import BadInput
from postcall.intake.explain import decode

MAX_TURNS = 20_000
MAX_DEPTH = 32
"""Of metadata: deeper than anybody reads, and what walks over it later does so recursively."""
_NUL = "\x00"
_NUL_SHOWN = "\N{REPLACEMENT CHARACTER}"
"""PostgreSQL stores no null byte in a text, so one is made visible before either database sees it."""

Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=10_000_000)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Short: TypeAlias = Annotated[str, Meta(max_length=500)]
Whole: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Value: TypeAlias = Annotated[str, Meta(max_length=MAX_METRIC_TEXT)] | Whole | float | bool | None


class TurnBody(Struct, forbid_unknown_fields=True):
    role: Literal["agent", "user"]
    text: str
    start_s: Seconds | None = None
    at: Instant | None = None
    latency_s: Seconds | None = None


class HandoffBody(Struct, forbid_unknown_fields=True):
    destination: Name
    reason: Short | None = None


class CallBody(Struct, forbid_unknown_fields=True, rename={"from_number": "from", "to_number": "to"}):
    agent: str
    id: str | None = None
    channel: Channel = Channel.VOICE
    direction: Direction = Direction.INBOUND
    from_number: Short | None = None
    to_number: Short | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    duration_s: Seconds | None = None
    status: CallStatus = CallStatus.COMPLETED
    language: Short | None = None
    environment: Environment = Environment.LIVE
    variant: Short | None = None
    disconnection_reason: DisconnectionReason | None = None
    handoff: HandoffBody | None = None
    turns: Annotated[list[TurnBody], Meta(max_length=MAX_TURNS)] = []
    metrics: dict[Name, Value | list[Value]] = {}
    metadata: dict[str, Any] = {}


class TurnsBody(Struct, forbid_unknown_fields=True):
    """More turns of a live call."""

    turns: Annotated[list[TurnBody], Meta(min_length=1, max_length=MAX_TURNS)]


class MetricsBody(Struct, forbid_unknown_fields=True):
    """More metric writes of a live call."""

    metrics: Annotated[dict[Name, Value | list[Value]], Meta(min_length=1)]
    at: Instant | None = None


class EndBody(Struct, forbid_unknown_fields=True):
    """How a live call ended."""

    ended_at: Instant | None = None
    duration_s: Seconds | None = None
    status: CallStatus = CallStatus.COMPLETED
    disconnection_reason: DisconnectionReason | None = None
    handoff: HandoffBody | None = None


_CALL = msgspec.json.Decoder(CallBody)
_TURNS = msgspec.json.Decoder(TurnsBody)
_METRICS = msgspec.json.Decoder(MetricsBody)
_END = msgspec.json.Decoder(EndBody)


def read_call_body(body: bytes | bytearray) -> IncomingCall:
    """A whole call, or BadInput that names the field and the reason."""
    return make_call(decode(body, _CALL))


def make_call(body: CallBody) -> IncomingCall:
    """Check what types cannot say, and turn the wire's shape into ours."""
    if body.id is not None and (not CALL_ID.fullmatch(body.id) or body.id in {".", ".."}):
        raise BadInput(
            "id: must be 1 to 200 characters without white space, control characters or any of / \\ ? # %", field="id"
        )
    if not SLUG.fullmatch(body.agent):
        raise BadInput(
            "agent: must be 1 to 100 characters without white space, control characters or any of / \\ ? # %",
            field="agent",
        )
    if _depth(body.metadata) > MAX_DEPTH:
        raise BadInput(f"metadata: nested more than {MAX_DEPTH} levels deep", field="metadata")
    started_at, ended_at = to_utc(body.started_at, "started_at"), to_utc(body.ended_at, "ended_at")
    check_call_times(started_at, ended_at)
    turns = make_turns(body.turns)
    check_turn_times(turns)
    if body.duration_s is not None:
        if started_at is None and ended_at is not None:
            started_at = shift(ended_at, -body.duration_s, "duration_s")
        if ended_at is None and started_at is not None:
            ended_at = shift(started_at, body.duration_s, "duration_s")
    details = CallDetails(
        agent=body.agent,
        channel=body.channel,
        direction=body.direction,
        from_number=without_nulls(body.from_number),
        to_number=without_nulls(body.to_number),
        started_at=started_at,
        ended_at=ended_at,
        duration_s=body.duration_s if body.duration_s is not None else duration_between(started_at, ended_at),
        status=body.status,
        language=without_nulls(body.language),
        environment=body.environment,
        variant=without_nulls(body.variant),
        disconnection_reason=body.disconnection_reason,
        handoff=make_handoff(body.handoff),
        metadata=body.metadata,
    )
    return IncomingCall(id=body.id, details=details, turns=turns, metrics=tuple(make_writes(body.metrics, at=None)))


def _depth(value: object) -> int:
    """How deep lists and objects lie in one another, counted to one past what is allowed."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        nested = any(isinstance(each, dict | list) for each in level)
        level, depth = inner, depth + nested
    return depth


def make_turns(bodies: list[TurnBody]) -> tuple[Turn, ...]:
    """The turns, with null bytes made visible."""
    return tuple(
        Turn(
            Role.AGENT if body.role == "agent" else Role.USER,
            body.text if _NUL not in body.text else body.text.replace(_NUL, _NUL_SHOWN),
            body.start_s,
            to_utc(body.at, f"turns[{index}].at") if body.at is not None else None,
            body.latency_s,
        )
        for index, body in enumerate(bodies)
    )


def make_handoff(body: HandoffBody | None) -> Handoff | None:
    """The handoff, where there was one."""
    if body is None:
        return None
    return Handoff(body.destination.replace(_NUL, _NUL_SHOWN), without_nulls(body.reason))


def make_writes(metrics: dict[str, Value | list[Value]], *, at: datetime | None) -> Iterator[MetricWrite]:
    """One write a value; a list is several writes, in order, and null a write without a value."""
    for name, given in metrics.items():
        if given == []:
            raise BadInput(f"metrics.{name}: an empty list writes nothing; leave the name out", field=f"metrics.{name}")
        for value in given if isinstance(given, list) else [given]:
            yield MetricWrite(name.replace(_NUL, _NUL_SHOWN), _metric_value(value), at)


def read_turns_body(body: bytes) -> tuple[Turn, ...]:
    """More turns of a live call; whether they follow those stored is checked with the call."""
    return make_turns(decode(body, _TURNS).turns)


def read_metrics_body(body: bytes) -> tuple[MetricWrite, ...]:
    """More metric writes of a live call."""
    decoded = decode(body, _METRICS)
    return tuple(make_writes(decoded.metrics, at=to_utc(decoded.at, "at")))


def read_end_body(body: bytes) -> EndBody:
    """How a live call ended; an empty body stands for an ordinary end, now."""
    ending = decode(body, _END) if body.strip() else EndBody()
    if ending.status in {CallStatus.PENDING, CallStatus.IN_PROGRESS}:
        raise BadInput(f"status: a call does not end as {ending.status}", field="status")
    return ending


def digest_call(call: IncomingCall) -> str:
    """Stands for a call's content: two calls differ where their digests do."""
    metrics = sorted(call.metrics, key=lambda write: write.name)  # the order of an object's members says nothing
    return digest(msgspec.json.encode((call.details, call.turns, metrics), order="deterministic"))


def digest(content: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(content).hexdigest()


def _metric_value(value: Value) -> MetricValue:
    if value is None:
        return True
    return value.replace(_NUL, _NUL_SHOWN) if isinstance(value, str) else value


def without_nulls(text: str | None) -> str | None:
    """The text with null bytes made visible, as both databases can store it."""
    return text if text is None or _NUL not in text else text.replace(_NUL, _NUL_SHOWN)
