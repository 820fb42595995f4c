"""What happened behind the words of a hosted call, as it is shown: turn by turn, in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from postcall.domain.calls import Json, Role, Turn
from postcall.domain.conversations import CallEvent, EventKind
from postcall.storage.call_events import WrittenMetric
from postcall.web import words
from postcall.web.tones import Tone

_LONGEST = 300
"""Characters of a value before the rest is left to the call's JSON."""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """How one key of `conv.state` changed."""

    sign: str
    """`+`, `~` or `−`."""
    what: str
    """In words, for those who do not see the sign."""
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class HappeningView:
    """One thing that happened."""

    kind: str
    tone: Tone
    title: str
    detail: str | None
    took: str | None
    """How long, where that is known."""
    lines: tuple[tuple[str, str], ...] = ()
    """Names and values worth showing."""
    changes: tuple[ChangeView, ...] = ()
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of the conversation, with all that happened in it."""

    number: int
    title: str
    wait: str | None
    happenings: tuple[HappeningView, ...]


def show_diagnosis(
    events: Sequence[CallEvent], metrics: Sequence[WrittenMetric] = (), turns: Sequence[Turn] = ()
) -> tuple[TurnView, ...]:
    """The events by turn; a metric stands in the turn in which it was written."""
    numbers = sorted({event.turn for event in events})
    if not numbers:
        return ()
    begins = {number: min(event.at for event in events if event.turn == number) for number in numbers}
    by_turn: dict[int, list[tuple[datetime, HappeningView]]] = {number: [] for number in numbers}
    for event in events:
        by_turn[event.turn].append((event.at, _show(event)))
    for metric in metrics:
        number = _turn_at(metric.at, numbers, begins)
        by_turn[number].append((metric.at, _show_metric(metric)))
    return tuple(
        TurnView(number, _title(number, by_turn[number]), _wait(number, numbers, turns), _in_order(by_turn[number]))
        for number in numbers
    )


def show_state(state: dict[str, Json]) -> tuple[tuple[str, str], ...]:
    """`conv.state`, by name."""
    return tuple((words.visible(name), _value(value)) for name, value in sorted(state.items()))


def _turn_at(at: datetime, numbers: Sequence[int], begins: dict[int, datetime]) -> int:
    return max((number for number in numbers if begins[number] <= at), default=numbers[0])


def _in_order(found: Iterable[tuple[datetime, HappeningView]]) -> tuple[HappeningView, ...]:
    return tuple(view for _, view in sorted(found, key=lambda each: each[0]))


def _title(number: int, found: Sequence[tuple[datetime, HappeningView]]) -> str:
    if any(view.kind == EventKind.ENDED for _, view in found):
        return f"Turn {number}, the last" if number else "Start and end"
    return f"Turn {number}" if number else "Start"


def _wait(number: int, numbers: Sequence[int], turns: Sequence[Turn]) -> str | None:
    waits = [turn.latency_s for turn in turns if turn.role is Role.AGENT and turn.latency_s is not None]
    index = numbers.index(number)
    if index < len(waits):
        return f"answered after {waits[index]:.2f} s"
    return None


def _show_metric(metric: WrittenMetric) -> HappeningView:
    return HappeningView("metric", Tone.GOOD, f"{words.visible(metric.name)} = {_value(metric.value)}", None, None)


def _show(event: CallEvent) -> HappeningView:
    content = event.content
    match event.kind:
        case EventKind.FUNCTION:
            return _show_function(event)
        case EventKind.LOG:
            level = _text(content.get("level"))
            return HappeningView(
                "log",
                {"error": Tone.BAD, "warning": Tone.WAITING}.get(level, Tone.QUIET),
                _text(content.get("content")),
                f"{level}, personal data" if event.is_pii else level,
                None,
                lines=_pairs(content.get("extras")),
            )
        case EventKind.STEP:
            return HappeningView("step", Tone.QUIET, _place(content, "flow", "step"), _from(content), None)
        case EventKind.MODEL:
            return HappeningView(
                "model", Tone.QUIET, _model_title(content), _tokens(content), _seconds(content.get("seconds"))
            )
        case EventKind.TOPICS:
            return HappeningView("topics", Tone.QUIET, _topics(content), None, None)
        case EventKind.ENTITY:
            ok = bool(content.get("valid"))
            title = f"{_text(content.get('name'))} = {_value(content.get('value'))}"
            return HappeningView(
                "entity", Tone.GOOD if ok else Tone.WAITING, title, _text(content.get("error")) or None, None
            )
        case EventKind.WARNING:
            return HappeningView(
                "warning", Tone.BAD if event.failed else Tone.WAITING, _text(content.get("message")), None, None
            )
        case EventKind.ENDED:
            title = words.visible(_text(content.get("reason")).replace("_", " "))
            return HappeningView("ended", Tone.QUIET, title, _text(content.get("destination")) or None, None)
        case EventKind.SETTING:
            return HappeningView(
                "setting", Tone.QUIET, f"{_text(content.get('setting'))} = {_value(content.get('value'))}", None, None
            )
        case EventKind.OUTBOX:
            title = f"{_text(content.get('kind'))} to {_text(content.get('to'))}"
            return HappeningView("outbox", Tone.QUIET, title, None, None, lines=_pairs(content.get("content")))
    return HappeningView(
        event.kind.value, Tone.QUIET, _text(content.get("name")) or _text(content.get("phrase")), None, None
    )


def _show_function(event: CallEvent) -> HappeningView:
    content = event.content
    error = content.get("error")
    failure = error if isinstance(error, dict) else {}
    arguments = content.get("arguments")
    given = (
        ", ".join(f"{name}={_value(value)}" for name, value in arguments.items()) if isinstance(arguments, dict) else ""
    )
    lines: list[tuple[str, str]] = []
    for name in ("utterance", "text", "transition", "handoff"):
        if content.get(name) not in (None, "", {}):
            lines.append((name, _value(content[name])))
    if content.get("hangup"):
        lines.append(("hangup", "true"))
    return HappeningView(
        "function",
        Tone.BAD if event.failed else Tone.GOOD,
        f"{_text(content.get('name'))}({words.visible(given)})",
        _text(failure.get("message")) or None,
        _seconds(content.get("seconds")),
        lines=tuple(lines),
        changes=_changes(content.get("state")),
        trace=_text(failure.get("trace")) or None,
    )


def _changes(state: Json | None) -> tuple[ChangeView, ...]:
    if not isinstance(state, dict):
        return ()
    found: list[ChangeView] = []
    for name, value in _items(state.get("added")):
        found.append(ChangeView("+", "added", name, None, _value(value)))
    for name, value in _items(state.get("updated")):
        pair = value if isinstance(value, dict) else {}
        found.append(ChangeView("~", "changed", name, _value(pair.get("before")), _value(pair.get("after"))))
    removed = state.get("removed")
    for name in removed if isinstance(removed, list) else []:
        found.append(ChangeView("−", "removed", words.visible(str(name)), None, None))
    return tuple(found)


def _items(value: Json | None) -> list[tuple[str, Json]]:
    return [(words.visible(name), each) for name, each in value.items()] if isinstance(value, dict) else []


def _pairs(value: Json | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, _value(each)) for name, each in _items(value))


def _place(content: dict[str, Json], flow: str, step: str) -> str:
    if content.get(flow) is None:
        return "no flow"
    return f"{_text(content.get(flow))} › {_text(content.get(step))}"


def _from(content: dict[str, Json]) -> str | None:
    return f"from {_place(content, 'from_flow', 'from_step')}" if content.get("from_flow") else None


def _model_title(content: dict[str, Json]) -> str:
    called = content.get("called")
    if isinstance(called, list) and called:
        names = [_text(each.get("name")) for each in called if isinstance(each, dict)]
        return "called " + ", ".join(names)
    return "answered in words" if content.get("text") else "answered nothing"


def _tokens(content: dict[str, Json]) -> str | None:
    parts = []
    tools = content.get("tools")
    if isinstance(tools, list) and tools:
        parts.append("offered " + ", ".join(_text(each) for each in tools))
    if content.get("prompt_tokens"):
        parts.append(f"{content['prompt_tokens']} + {content.get('completion_tokens', 0)} tokens")
    return "; ".join(parts) or None


def _topics(content: dict[str, Json]) -> str:
    found = content.get("found")
    if not isinstance(found, list):
        return "none"
    return ", ".join(
        f"{_text(each.get('name'))} ({float(score):.2f})"
        for each in found
        if isinstance(each, dict) and isinstance(score := each.get("score"), int | float)
    )


def _seconds(value: Json | None) -> str | None:
    if not isinstance(value, int | float):
        return None
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def _text(value: Json | None) -> str:
    return words.visible(value) if isinstance(value, str) else "" if value is None else words.visible(str(value))


def _value(value: Json | None) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words.visible(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
