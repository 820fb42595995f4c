"""This interface's words for how calls stand, what they are and how they end, and what each of them means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from postcall.api.atoms.errors import AtomsError
from postcall.api.atoms.parameters import read_choice
from postcall.domain.call_logs import Attempts, CallKind, SortBy, StatusIs
from postcall.domain.calls import CallStatus, Direction, DisconnectionReason
from postcall.domain.outbound import DialState, PlacedCall

T = TypeVar("T")

_WAITING = {CallStatus.PENDING: "in_queue"}
"""The statuses that have another word while the call waits for a free line."""
_STATUSES: Mapping[str, tuple[StatusIs, ...]] = {
    "pending": (StatusIs(CallStatus.PENDING, queued=False),),
    "in_queue": (StatusIs(CallStatus.PENDING, queued=True),),
    **dict.fromkeys(("in_progress", "active", "processing"), (StatusIs(CallStatus.IN_PROGRESS),)),
    **{
        status.value: (StatusIs(status),)
        for status in CallStatus
        if status not in {CallStatus.PENDING, CallStatus.IN_PROGRESS}
    },
    "blocked": (),
}
"""`active` and `processing` are the vendor's finer words for a call that goes on; nothing is ever blocked here."""

_REASONS = {
    DisconnectionReason.HANDOFF: "transfer_complete",
    DisconnectionReason.NO_ANSWER: "dial_no_answer",
    DisconnectionReason.ERROR: "system_error",
}
_READ_REASONS: Mapping[str, tuple[DisconnectionReason, ...]] = {
    **{reason.value: (reason,) for reason in DisconnectionReason},
    **{word: (reason,) for reason, word in _REASONS.items()},
    "connection_error": (DisconnectionReason.ERROR,),
}

_TYPES = {
    CallKind.INBOUND: "telephony_inbound",
    CallKind.OUTBOUND: "telephony_outbound",
    CallKind.WEB_CALL: "webcall",
    CallKind.CHAT: "chat",
}
_CONVERSATION_TYPES = {
    CallKind.INBOUND: "telephonyInbound",
    CallKind.OUTBOUND: "telephonyOutbound",
    CallKind.WEB_CALL: "webcall",
    CallKind.CHAT: "chat",
}
_READ_TYPES: Mapping[str, tuple[CallKind, ...]] = {word: (kind,) for kind, word in _TYPES.items()} | {
    kind.value: (kind,) for kind in (CallKind.INBOUND, CallKind.OUTBOUND)
}
"""With the short ones of the analytics routes."""

_DURATIONS: Mapping[str, tuple[tuple[float, float | None], ...]] = {
    "0-30": ((0, 30),),
    "30-60": ((30, 60),),
    "1-5": ((60, 300),),
    "1-3": ((60, 180),),
    "3-5": ((180, 300),),
    "5+": ((300, None),),
    "5 ": ((300, None),),  # a plus sign that nobody escaped
}
_ATTEMPTS = {"initial": Attempts.FIRST, "retry": Attempts.AGAIN, "all": Attempts.ALL}
_SORTS = {
    "createdAt": SortBy.STARTED,
    "updatedAt": SortBy.UPDATED,
    "callDuration": SortBy.DURATION,
    "avgLatency": SortBy.LATENCY,
}


def wire_status(status: CallStatus, placed: PlacedCall | None = None) -> str:
    """The word for a status; a call that waits for a free line is in the queue."""
    if placed is not None and placed.state is DialState.QUEUED:
        return _WAITING.get(status, status.value)
    return status.value


def wire_reason(reason: DisconnectionReason) -> str:
    """The word for how a call ended."""
    return _REASONS.get(reason, reason.value)


def wire_type(kind: CallKind) -> str:
    """`telephony_outbound`, as calls have it."""
    return _TYPES[kind]


def wire_conversation_type(kind: CallKind) -> str:
    """`telephonyOutbound`, as webhooks have it."""
    return _CONVERSATION_TYPES[kind]


def read_status(text: str) -> tuple[StatusIs, ...] | None:
    """Which calls `statusFilter` means; None where it says nothing."""
    return _read_list(text, _STATUSES, "statusFilter")


def read_reason(text: str) -> tuple[DisconnectionReason, ...] | None:
    """Which endings `disconnectReasonFilter` means."""
    return _read_list(text, _READ_REASONS, "disconnectReasonFilter")


def read_type(text: str, *, name: str = "callTypes") -> tuple[CallKind, ...] | None:
    """Which calls `callTypes` means."""
    return _read_list(text, _READ_TYPES, name)


def read_direction(text: str, *, name: str = "callType") -> Direction | None:
    """`inbound` or `telephony_inbound`, and the same for outbound; None where it says nothing."""
    kinds = read_type(text, name=name)
    if not kinds:
        return None
    if len(kinds) > 1 or kinds[0] not in {CallKind.INBOUND, CallKind.OUTBOUND}:
        raise AtomsError(400, f"{name}: must be inbound or outbound, not {text[:50]!r}")
    return Direction(kinds[0].value)


def read_durations(text: str) -> tuple[tuple[float, float | None], ...] | None:
    """Seconds, from and up to, of `durationFilter`."""
    return _read_list(text, _DURATIONS, "durationFilter", strip=False)


def read_attempts(query: Mapping[str, str], *, otherwise: Attempts) -> Attempts:
    """`callAttemptFilter`."""
    return read_choice(query, "callAttemptFilter", _ATTEMPTS, otherwise=otherwise)


def read_sort(query: Mapping[str, str]) -> SortBy:
    """`sortBy`; without one, by the latest change."""
    return read_choice(query, "sortBy", _SORTS, otherwise=SortBy.UPDATED)


def _read_list(text: str, known: Mapping[str, tuple[T, ...]], name: str, *, strip: bool = True) -> tuple[T, ...] | None:
    """Each of the words that commas part, once."""
    clean: Callable[[str], str] = (lambda word: word.strip().lower()) if strip else (lambda word: word.lstrip())
    words = [clean(word) for word in text.split(",") if word.strip()]
    if not words:
        return None
    for word in words:
        if word not in known:
            choice = ", ".join(each for each in known if each == each.strip())
            raise AtomsError(400, f"{name}: must be of {choice}, not {word[:50]!r}")
    return tuple(dict.fromkeys(each for word in words for each in known[word]))
