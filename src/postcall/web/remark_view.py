"""Remarks as they are shown, and the form by which one is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from postcall.domain.calls import Role
from postcall.domain.remarks import KINDS_BY_ROLE, BadReason, Remark, RemarkKind
from postcall.web import words
from postcall.web.tones import Badge, Tone

_TONES = {RemarkKind.GOOD: Tone.GOOD, RemarkKind.NOTE: Tone.QUIET}
_REASONS = {
    BadReason.TOO_GENERAL: "too general",
    BadReason.TOO_SPECIFIC: "too specific",
    BadReason.WRONG_HANDOFF_TEXT: "wrong words at the handoff",
    BadReason.TOO_LONG: "too long",
    BadReason.HALLUCINATION: "made up",
}


@dataclass(frozen=True, slots=True)
class RemarkView:
    """One remark."""

    id: str
    badge: Badge
    text: str
    by: str
    """Who and when."""
    remove: str
    """Where to ask that it be taken away."""
    earlier: str | None
    """Said where it is about a transcript that was replaced since."""


@dataclass(frozen=True, slots=True)
class RemarkOption:
    """One thing that can be said of a turn."""

    value: str
    """`good`, or `bad/too_long`."""
    name: str


def show_remarks(remarks: Iterable[Remark], *, path: str, revision: int) -> tuple[RemarkView, ...]:
    """Remarks in their order; `path` is the call's, `revision` that of the transcript shown beside them."""
    return tuple(_show(remark, path, revision) for remark in remarks)


def remark_options(role: Role) -> tuple[RemarkOption, ...]:
    """What can be said of a turn of this side, a bad one with each of its reasons."""
    return tuple(option for kind in KINDS_BY_ROLE[role] for option in _options(kind))


def read_option(value: str) -> tuple[RemarkKind, BadReason | None]:
    """The inverse of an option's value; a ValueError where it is none."""
    kind, _, reason = value.partition("/")
    return RemarkKind(kind), BadReason(reason) if reason else None


def name_remark(kind: RemarkKind, reason: BadReason | None) -> str:
    """`bad: too long`."""
    return f"{words.spelled(kind)}: {_REASONS[reason]}" if reason else words.spelled(kind)


def _options(kind: RemarkKind) -> Sequence[RemarkOption]:
    if kind is not RemarkKind.BAD:
        return [RemarkOption(kind.value, words.spelled(kind))]
    return [RemarkOption(f"{kind}/{reason}", name_remark(kind, reason)) for reason in BadReason]


def _show(remark: Remark, path: str, revision: int) -> RemarkView:
    earlier = remark.turn is not None and remark.revision != revision
    return RemarkView(
        id=remark.id,
        badge=Badge(name_remark(remark.kind, remark.reason), _TONES.get(remark.kind, Tone.BAD)),
        text=words.visible(remark.text),
        by=f"{words.visible(remark.who) if remark.who else 'somebody'}, {words.moment(remark.at)} UTC",
        remove=f"{path}/remarks/{remark.id}/remove",
        earlier=f"turn {remark.turn} of revision {remark.revision}" if earlier else None,
    )
