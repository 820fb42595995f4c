"""What people remark on a call: about one of its turns, or about the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from postcall.domain.calls import Role
from postcall.domain.folding import storable
from postcall.errors import BadInput

MAX_TEXT = 5_000
MAX_WHO = 200


class RemarkKind(StrEnum):
    """What a remark says of its turn."""

    GOOD = "good"
    BAD = "bad"
    """With a reason, or in words why."""
    WRONG_INFORMATION = "wrong_information"
    WRONG_TRANSCRIPTION = "wrong_transcription"
    """What the caller said is written down wrongly."""
    MISSING_TOPIC = "missing_topic"
    """The caller asked for what the agent knows nothing of."""
    NOTE = "note"
    """On the whole call, in words."""


class BadReason(StrEnum):
    """Why what the agent said is bad."""

    TOO_GENERAL = "too_general"
    TOO_SPECIFIC = "too_specific"
    WRONG_HANDOFF_TEXT = "wrong_handoff_text"
    TOO_LONG = "too_long"
    HALLUCINATION = "hallucination"


KINDS_BY_ROLE = {
    Role.AGENT: (RemarkKind.GOOD, RemarkKind.BAD, RemarkKind.WRONG_INFORMATION),
    Role.USER: (RemarkKind.WRONG_TRANSCRIPTION, RemarkKind.MISSING_TOPIC),
}
"""What can be said of whose turns."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark; it is added and taken away, never changed."""

    id: str
    """24 hex digits."""
    kind: RemarkKind
    reason: BadReason | None
    turn: int | None
    """Index into the transcript, from 0; None where it is on the whole call."""
    text: str
    """May be empty where the kind says it all."""
    who: str | None
    at: datetime
    revision: int
    """The revision of the transcript that it is about; on another, the turn may be another one."""


@dataclass(frozen=True, slots=True)
class NewRemark:
    """A remark as somebody hands it in."""

    kind: RemarkKind
    turn: int | None = None
    reason: BadReason | None = None
    text: str = ""
    who: str | None = None


def check_remark(remark: NewRemark, roles: tuple[Role, ...]) -> NewRemark:
    """The remark with its texts made storable, or BadInput; `roles` are those of the transcript's turns, in order."""
    text, who = storable(remark.text).strip(), storable(remark.who or "").strip()
    if len(text) > MAX_TEXT:
        raise BadInput(f"text: at most {MAX_TEXT:,} characters, not {len(text):,}", field="text")
    if len(who) > MAX_WHO:
        raise BadInput(f"who: at most {MAX_WHO} characters, not {len(who)}", field="who")
    if remark.reason is not None and remark.kind is not RemarkKind.BAD:
        raise BadInput("reason: only a bad turn has one", field="reason")
    if remark.kind is RemarkKind.NOTE:
        _check_note(remark, text)
    else:
        _check_turn(remark, roles)
    if remark.kind is RemarkKind.BAD and remark.reason is None and not text:
        raise BadInput(f"reason: say one of {', '.join(BadReason)}, or why in the text", field="reason")
    return NewRemark(kind=remark.kind, turn=remark.turn, reason=remark.reason, text=text, who=who or None)


def _check_note(remark: NewRemark, text: str) -> None:
    if remark.turn is not None:
        raise BadInput("turn: a note is on the whole call; name no turn", field="turn")
    if not text:
        raise BadInput("text: a note needs words", field="text")


def _check_turn(remark: NewRemark, roles: tuple[Role, ...]) -> None:
    if remark.turn is None:
        raise BadInput(
            f"turn: say on which turn; only a note is on the whole call, and this is {remark.kind}", field="turn"
        )
    if not 0 <= remark.turn < len(roles):
        raise BadInput(
            f"turn: the call has {len(roles):,} turns, counted from 0, and no turn {remark.turn}", field="turn"
        )
    role = roles[remark.turn]
    allowed = KINDS_BY_ROLE[role]
    if remark.kind not in allowed:
        raise BadInput(
            f"kind: turn {remark.turn} is the {role}'s, of which can be said: {', '.join(allowed)}", field="kind"
        )
