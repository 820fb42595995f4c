"""What happened behind the words of a hosted call, turn by turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from postcall.domain.calls import Role, Turn
from postcall.domain.conversations import CallEvent, EventKind, FunctionKind
from postcall.storage.end_runs import END_FUNCTION_SOURCE
from postcall.storage.outbox import OutboxRow
from postcall.web import words
from postcall.web.call_look import CheckedWrite
from postcall.web.happening_view import HappeningView, show_event, show_write
from postcall.web.outbox_view import state_of
from postcall.web.tones import Badge, Tone

_AFTER = 2**31
"""The number of what `end_function` did: behind every turn."""
_LONGEST_QUOTE = 90


@dataclass(frozen=True, slots=True)
class BehindTurn:
    """One turn of the conversation, with all that happened in it."""

    id: str
    title: str
    quote: str
    """What the user had said; may be empty."""
    wait: str
    """How long the user waited for the answer; empty where that is not known."""
    problems: int
    """How much went wrong: functions that failed, errors that were logged, metrics that do not fit."""
    counted: str
    """`2 problems`; empty where there are none."""
    happenings: tuple[HappeningView, ...]


def show_diagnosis(
    events: Sequence[CallEvent],
    writes: Sequence[CheckedWrite],
    turns: Sequence[Turn],
    outbox: Sequence[OutboxRow] = (),
) -> tuple[BehindTurn, ...]:
    """What happened by turn, the earliest first.

    Events say to which turn they belong; a metric was written in the turn that had begun when it was. `outbox`, in the
    order asked for, says how far each message has come.
    """
    last = max((event.turn for event in events if event.kind is EventKind.ENDED), default=_AFTER)
    numbers = [_number(event, last) for event in events]
    begins = _beginnings(events, numbers)
    found: dict[int, list[tuple[datetime, HappeningView]]] = {number: [] for number in begins}
    states = _states(events, outbox)
    for position, (event, number) in enumerate(zip(events, numbers, strict=True)):
        if _is_of_the_record(event):
            number = _number_at(event.at, begins)
        shown = show_event(event, position)
        if position in states:
            shown = replace(shown, badge=states[position])
        found.setdefault(number, []).append((event.at, shown))
    for position, write in enumerate(writes):
        after = write.write.source == END_FUNCTION_SOURCE
        number = _AFTER if after else _number_at(write.write.at, begins)
        found.setdefault(number, []).append((write.write.at, show_write(write, position)))
    quotes, waits = _quotes(turns, begins), _waits(turns, begins)
    return tuple(
        BehindTurn(
            id="behind-end" if number == _AFTER else f"behind-{number}",
            title=_title(number),
            quote=quotes.get(number, ""),
            wait=waits.get(number, ""),
            problems=(wrong := _problems(found[number])),
            counted=words.count(wrong, "problem") if wrong else "",
            happenings=_in_order(found[number]),
        )
        for number in sorted(found)
    )


def _states(events: Sequence[CallEvent], outbox: Sequence[OutboxRow]) -> dict[int, Badge]:
    """How far each message has come, by the place of its event: both are kept in the order asked for."""
    places = [place for place, event in enumerate(events) if event.kind is EventKind.OUTBOX]
    kinds = [str(events[place].content.get("kind")) for place in places]
    if kinds != [row.item.outgoing.kind.value for row in outbox]:
        return {}  # some are no longer kept, so which is which cannot be said
    return {place: state_of(row.item) for place, row in zip(places, outbox, strict=True)}


def is_end_function(event: CallEvent) -> bool:
    """Whether this is how `end_function` ended."""
    return event.kind is EventKind.FUNCTION and event.content.get("kind") == FunctionKind.END


def _number(event: CallEvent, last: int) -> int:
    if _is_of_the_record(event):
        return min(event.turn, last)  # only until its time has said which
    return _AFTER if event.turn > last or is_end_function(event) else event.turn


def _is_of_the_record(event: CallEvent) -> bool:
    """Given by the record, about metrics and interruptions: it has a count of turns of its own."""
    if event.kind is EventKind.WARNING:
        return "metric" in event.content or "taken_back" in event.content
    return event.kind is EventKind.INTERRUPTED


def _beginnings(events: Sequence[CallEvent], numbers: Sequence[int]) -> dict[int, datetime]:
    """When each turn had begun for certain: what took a while is told when it is over."""
    begins: dict[int, datetime] = {}
    for event, number in zip(events, numbers, strict=True):
        if _is_of_the_record(event):
            continue
        seconds = event.content.get("seconds")
        at = event.at - timedelta(seconds=float(seconds)) if isinstance(seconds, int | float) else event.at
        begins[number] = min(at, begins.get(number, at))
    return begins


def _number_at(at: datetime, begins: dict[int, datetime]) -> int:
    return max((number for number, begun in begins.items() if begun <= at), default=min(begins, default=0))


def _quotes(turns: Sequence[Turn], begins: dict[int, datetime]) -> dict[int, str]:
    """What the user said stands at the beginning of the turn that it began."""
    quotes: dict[int, str] = {}
    for turn in turns:
        if turn.role is Role.USER and turn.at is not None:
            number = min((number for number, begun in begins.items() if begun >= turn.at), default=None)
            if number is not None and number != _AFTER:
                quotes[number] = words.first_line(turn.text, _LONGEST_QUOTE)
    return quotes


def _waits(turns: Sequence[Turn], begins: dict[int, datetime]) -> dict[int, str]:
    waits: dict[int, str] = {}
    for turn in turns:
        if turn.latency_s is not None and turn.at is not None and any(begun <= turn.at for begun in begins.values()):
            waits[_number_at(turn.at, begins)] = f"answered after {turn.latency_s:.2f} s"
    return waits


def _title(number: int) -> str:
    if number == _AFTER:
        return "After the end"
    return f"Turn {number}" if number else "Start"


def _problems(found: Iterable[tuple[datetime, HappeningView]]) -> int:
    return sum(view.badge is not None and view.badge.tone is Tone.BAD for _, view in found)


def _in_order(found: Iterable[tuple[datetime, HappeningView]]) -> tuple[HappeningView, ...]:
    """By time; a metric stands before the warning about it, which has the same."""
    return tuple(view for _, view in sorted(found, key=lambda each: (each[0], each[1].kind == "warning")))
