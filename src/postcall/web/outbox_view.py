"""What a call asked to send, as its page shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from postcall.domain.conversations import OutboxItem, OutboxKind, OutboxState, Outgoing
from postcall.storage.outbox import OutboxRow, may_be_sent_again
from postcall.web import words
from postcall.web.tones import Badge, Tone

_KINDS = {
    OutboxKind.SMS: "SMS",
    OutboxKind.EMAIL: "E-mail",
    OutboxKind.WHATSAPP: "WhatsApp",
    OutboxKind.HANDOFF: "Handoff",
}
_STATES = {
    OutboxState.RECORDED: Badge("recorded, not sent", Tone.QUIET),
    OutboxState.QUEUED: Badge("waiting to be sent", Tone.WAITING),
    OutboxState.SENDING: Badge("being sent", Tone.WAITING),
    OutboxState.SENT: Badge("sent", Tone.GOOD),
    OutboxState.FAILED: Badge("failed", Tone.BAD),
    OutboxState.UNCERTAIN: Badge("uncertain", Tone.BAD),
}
_MAIL = "POSTCALL_SMTP_URL and POSTCALL_SMTP_FROM"
_TWILIO = "POSTCALL_TWILIO_URL, POSTCALL_TWILIO_ACCOUNT_SID and POSTCALL_TWILIO_AUTH_TOKEN"
_NEEDS = {
    OutboxKind.SMS: f"SMS are recorded and not sent: set {_TWILIO}.",
    OutboxKind.EMAIL: f"E-mails are recorded and not sent: set {_MAIL}.",
    OutboxKind.WHATSAPP: f"WhatsApp messages are recorded and not sent: set {_TWILIO}.",
}
_HANDED_OFF = Badge("recorded", Tone.QUIET)
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class OutboxView:
    """One message or handoff."""

    id: str
    kind: str
    to: str
    title: str
    """The subject, the template or the reason; empty where there is none."""
    text: str
    badge: Badge
    error: str
    when: str
    when_iso: str
    turn: int
    again: str
    """Where to send it again; empty where it cannot be."""
    again_label: str
    warning: str
    """What to say before it is sent again."""
    missing: str
    """What to set before anything can send it; empty where something can, or where it needs no sending."""


def show_outbox(
    rows: Sequence[OutboxRow], *, path: str, query: str, may_send: bool, sendable: Callable[[Outgoing], bool]
) -> tuple[OutboxView, ...]:
    """The rows in the order asked for; `path` and `query` are the call's own address.

    `sendable` says what is configured here could send: nothing else has a button.
    """
    return tuple(_show(row, path=path, query=query, may_send=may_send, sendable=sendable) for row in rows)


def state_of(item: OutboxItem) -> Badge:
    """How far it has come."""
    handoff = item.outgoing.kind is OutboxKind.HANDOFF
    return _HANDED_OFF if handoff and item.state is OutboxState.RECORDED else _STATES[item.state]


def _show(row: OutboxRow, *, path: str, query: str, may_send: bool, sendable: Callable[[Outgoing], bool]) -> OutboxView:
    item = row.item
    outgoing = item.outgoing
    waits = outgoing.kind is not OutboxKind.HANDOFF and may_be_sent_again(item)
    possible = sendable(outgoing)
    again = may_send and waits and possible
    uncertain = item.state is OutboxState.UNCERTAIN
    return OutboxView(
        id=item.id,
        kind=_KINDS[outgoing.kind],
        to=words.visible(outgoing.to),
        title=words.visible(_title(item)),
        text=words.shorten(words.visible(_text(item)), _LONGEST),
        badge=state_of(item),
        error=words.visible(item.error or ""),
        when=words.moment(item.created_at),
        when_iso=item.created_at.isoformat(),
        turn=row.turn,
        again=f"{path}/outbox/{item.id}{query}" if again else "",
        again_label="Send" if item.state is OutboxState.RECORDED else "Send again",
        warning="It may have arrived; sent again, it may arrive twice." if uncertain and again else "",
        missing=_NEEDS[outgoing.kind] if waits and not possible else "",
    )


def _title(item: OutboxItem) -> str:
    content = item.outgoing.content
    return str(content.get("subject") or content.get("reason") or content.get("template") or "")


def _text(item: OutboxItem) -> str:
    content = item.outgoing.content
    return str(content.get("content") or content.get("body") or content.get("content_id") or content.get("route") or "")
