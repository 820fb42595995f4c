"""Deliveries as pages show them: what was told to whom, and how each attempt ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from postcall.domain.webhooks import AlertMoment, CallMoment, Delivery, DeliveryAttempt, DeliveryState
from postcall.storage.delivery_log import DeliveryFile
from postcall.web import words
from postcall.web.tones import Badge, Tone

EVENT_WORDS = {
    CallMoment.STARTED.value: "a call begins",
    CallMoment.ENDED.value: "a call has ended",
    CallMoment.EXTRACTED.value: "the answers are there",
    CallMoment.EXTRACTION_FAILED.value: "the questions could not be answered",
    AlertMoment.TRIGGERED.value: "an alert begins",
    AlertMoment.RESOLVED.value: "an alert is over",
    "test": "test",
    "action": "call action",
}
STATES = {
    DeliveryState.WAITING: Badge("waiting", Tone.WAITING),
    DeliveryState.SENDING: Badge("being sent", Tone.WAITING),
    DeliveryState.DELIVERED: Badge("delivered", Tone.GOOD),
    DeliveryState.DEAD: Badge("not delivered", Tone.BAD),
}
_OVER = frozenset({DeliveryState.DELIVERED, DeliveryState.DEAD})
_LONGEST = 300
_LONGEST_BODY = 100_000


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery in a list."""

    id: str
    href: str
    event: str
    call: str
    """Its id; empty for a test."""
    call_href: str
    receiver: str
    receiver_href: str
    """Empty for a call action, which has no page."""
    badge: Badge
    attempts: str
    status: str
    latency: str
    error: str
    when: str
    when_iso: str
    next: str
    """When it is tried again; empty where it is not."""
    replay: bool
    """It repeats another."""


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt."""

    number: int
    when: str
    when_iso: str
    status: str
    latency: str
    error: str
    answer: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One delivery by itself."""

    row: DeliveryRow
    body: str
    """Laid out for reading where it is JSON; empty before the first attempt."""
    body_note: str
    attempts: tuple[AttemptView, ...]
    replay_of: str
    """Where the one that it repeats is; empty where it repeats none."""
    over: bool


def show_rows(deliveries: Iterable[Delivery], urls: Mapping[str, str] | None = None) -> tuple[DeliveryRow, ...]:
    """The rows; `urls` are those of webhooks by their ids."""
    return tuple(show_row(each, urls or {}) for each in deliveries)


def show_row(delivery: Delivery, urls: Mapping[str, str]) -> DeliveryRow:
    """One of them."""
    waits = delivery.state is DeliveryState.WAITING and delivery.attempts > 0
    webhook = delivery.webhook_id
    return DeliveryRow(
        id=delivery.id,
        href=f"/deliveries/{delivery.id}",
        event=EVENT_WORDS.get(delivery.event, delivery.event),
        call=words.visible(delivery.call_id or ""),
        call_href=f"/calls/{quote(delivery.call_id, safe='')}" if delivery.call_id else "",
        receiver=words.visible(urls.get(webhook, "a deleted webhook")) if webhook else "call action",
        receiver_href=f"/webhooks/{webhook}" if webhook and webhook in urls else "",
        badge=STATES[delivery.state],
        attempts=words.count(delivery.attempts, "attempt"),
        status=str(delivery.status) if delivery.status is not None else words.NONE,
        latency=latency(delivery.latency_ms),
        error=words.shorten(words.visible(delivery.error or ""), _LONGEST),
        when=words.moment(delivery.created_at),
        when_iso=delivery.created_at.isoformat(),
        next=f"{words.moment(delivery.due_at)}:{delivery.due_at:%S}" if waits else "",
        replay=delivery.replay_of is not None,
    )


def show_delivery(file: DeliveryFile, urls: Mapping[str, str]) -> DeliveryView:
    """A delivery with its body and attempts."""
    body, note = _laid_out(file.delivery.body)
    again = file.delivery.replay_of
    return DeliveryView(
        row=show_row(file.delivery, urls),
        body=body,
        body_note=note,
        attempts=tuple(_attempt(each) for each in file.attempts),
        replay_of=f"/deliveries/{again}" if again else "",
        over=file.delivery.state in _OVER,
    )


def latency(milliseconds: int | None) -> str:
    """`35 ms`, `2.4 s`."""
    if milliseconds is None:
        return words.NONE
    return f"{milliseconds} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:.1f} s"


def _attempt(attempt: DeliveryAttempt) -> AttemptView:
    return AttemptView(
        number=attempt.number,
        when=f"{words.moment(attempt.at)}:{attempt.at:%S}",
        when_iso=attempt.at.isoformat(),
        status=str(attempt.status) if attempt.status is not None else words.NONE,
        latency=latency(attempt.latency_ms),
        error=words.visible(attempt.error or ""),
        answer=words.visible(attempt.answer or ""),
    )


def _laid_out(body: str | None) -> tuple[str, str]:
    if body is None:
        return "", "It is written before the first attempt."
    try:
        text, note = (
            json.dumps(json.loads(body), indent=2, ensure_ascii=False),
            "Laid out for reading; sent on one line.",
        )
    except (ValueError, RecursionError):
        text, note = body, "As it is sent."
    if len(text) > _LONGEST_BODY:
        return words.shorten(words.visible(text), _LONGEST_BODY), f"The first {_LONGEST_BODY:,} characters."
    return words.visible(text), note
