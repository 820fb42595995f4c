"""One thing that happened behind the words of a hosted call, as it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from postcall.domain.builtin_metrics import KNOWN
from postcall.domain.calls import Json
from postcall.domain.conversations import CallEvent, EventKind, FailureKind
from postcall.web import words
from postcall.web.call_look import CheckedWrite
from postcall.web.tones import Badge, Tone

_LONGEST = 300
"""Characters of a value before the rest is left to the call's JSON."""
_LONGEST_LIST = 110

_FAILURES = {
    FailureKind.RAISED: "failed",
    FailureKind.TIMEOUT: "stopped: took too long",
    FailureKind.DIED: "its process ended",
    FailureKind.NONSENSE: "returned nonsense",
    FailureKind.UNAVAILABLE: "could not be run",
}
_LEVELS = {"error": Tone.BAD, "critical": Tone.BAD, "warning": Tone.WAITING}


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

    id: str
    """Of its element, so that what was opened stays open while the page keeps itself up to date."""
    kind: str
    title: str
    badge: Badge | None = None
    """Where it is not simply so: it failed, was a warning, or does not fit."""
    detail: str = ""
    took: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    """Names and values worth showing."""
    changes: tuple[ChangeView, ...] = ()
    trace: str = ""


def show_write(write: CheckedWrite, position: int) -> HappeningView:
    """A write of a metric; `position` is its place among the call's writes."""
    return HappeningView(
        id=f"write-{position}",
        kind="metric",
        title=f"{words.visible(write.write.name)} = {show_value(write.write.value)}",
        badge=None if write.fits else Badge("does not fit its definition", Tone.BAD),
        detail="" if write.definition or write.write.name in KNOWN else "undeclared",
    )


def show_event(event: CallEvent, position: int) -> HappeningView:
    """An event; `position` is its place among the call's events."""
    content, at = event.content, f"event-{position}"
    match event.kind:
        case EventKind.FUNCTION:
            return _show_function(event, at)
        case EventKind.LOG:
            return _show_log(event, at)
        case EventKind.MODEL:
            return HappeningView(
                at, "model", _model_title(content), detail=_model_detail(content), took=show_seconds(content, "seconds")
            )
        case EventKind.STEP:
            return HappeningView(at, "step", show_place(content), detail=_came_from(content))
        case EventKind.TOPICS:
            return HappeningView(at, "topics", _topics(content))
        case EventKind.ENTITY:
            title = f"{_text(content, 'name')} = {show_value(content.get('value'))}"
            badge = None if content.get("valid") else Badge("refused", Tone.WAITING)
            return HappeningView(at, "entity", title, badge, _text(content, "error"))
        case EventKind.FILTER:
            spoken = "was said" if content.get("spoken") else "was held back"
            return HappeningView(at, "filter", _text(content, "phrase"), detail=f"{_text(content, 'name')}; {spoken}")
        case EventKind.SETTING:
            return HappeningView(at, "setting", f"{_text(content, 'setting')} = {show_value(content.get('value'))}")
        case EventKind.OUTBOX:
            title = f"{_text(content, 'kind')} to {_text(content, 'to')}"
            return HappeningView(at, "outbox", title, lines=_pairs(content.get("content")))
        case EventKind.WARNING:
            badge = Badge("failed", Tone.BAD) if event.failed else Badge("warning", Tone.WAITING)
            return HappeningView(at, "warning", _text(content, "message"), badge)
        case EventKind.ENDED:
            title = words.spelled(_text(content, "reason"))
            return HappeningView(at, "ended", title, detail=_ended_detail(content))
        case EventKind.INTERRUPTED:
            texts = content.get("texts")
            kept = " ".join(str(each) for each in texts) if isinstance(texts, list) else ""
            return HappeningView(at, "cut", "the user spoke over the agent", detail=f"heard: {show_value(kept)}")


def _show_function(event: CallEvent, at: str) -> HappeningView:
    content = event.content
    failure = _object(content.get("error"))
    arguments = ", ".join(f"{words.visible(name)}={_quoted(value)}" for name, value in _items(content.get("arguments")))
    return HappeningView(
        at,
        "function",
        f"{_text(content, 'name')}({words.shorten(arguments, _LONGEST)})",
        Badge(_failure(_text(failure, "kind")), Tone.BAD) if event.failed else None,
        _text(failure, "message"),
        show_seconds(content, "seconds"),
        tuple(_outcome(content)),
        _changes(_object(content.get("state"))),
        _text(failure, "trace"),
    )


def _failure(kind: str) -> str:
    return next((said for known, said in _FAILURES.items() if known.value == kind), "failed")


def _outcome(content: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """What came of a function, as far as there is anything to say."""
    told, utterance = content.get("text"), content.get("utterance")
    found: tuple[tuple[str, Json], ...] = (
        ("flow", content.get("flow")),
        ("returned", None if told or utterance else content.get("returned")),
        ("to the model", told),
        ("says", utterance),
        ("goes to", _transition(_object(content.get("transition")))),
        ("hands off to", _handoff(_object(content.get("handoff")))),
        ("hangs up", "yes" if content.get("hangup") else None),
        ("asked servers", content.get("api")),
        ("threads left", content.get("threads_left")),
    )
    for name, value in found:
        if value not in (None, "", {}, [], 0):
            yield name, show_value(value)


def _transition(content: dict[str, Json]) -> str:
    if content.get("exit_flow"):
        return "no flow"
    return " › ".join(filter(None, (_text(content, "goto_flow"), _text(content, "goto_step"))))


def _handoff(content: dict[str, Json]) -> str:
    reason = _text(content, "reason")
    return _text(content, "destination") + (f" ({reason})" if reason else "")


def _changes(state: dict[str, Json]) -> tuple[ChangeView, ...]:
    found = [ChangeView("+", "added", name, None, show_value(value)) for name, value in _items(state.get("added"))]
    for name, each in _items(state.get("updated")):
        pair = _object(each)
        found.append(ChangeView("~", "changed", name, show_value(pair.get("before")), show_value(pair.get("after"))))
    removed = state.get("removed")
    for gone in removed if isinstance(removed, list) else []:
        found.append(ChangeView("−", "removed", words.visible(str(gone)), None, None))
    return tuple(found)


def _show_log(event: CallEvent, at: str) -> HappeningView:
    level = _text(event.content, "level") or "info"
    return HappeningView(
        at,
        "log",
        _text(event.content, "content"),
        Badge(level, _LEVELS[level]) if level in _LEVELS else None,
        "; ".join(filter(None, ("" if level in _LEVELS else level, "personal data" if event.is_pii else ""))),
        lines=_pairs(event.content.get("extras")),
    )


def _model_title(content: dict[str, Json]) -> str:
    called = content.get("called")
    if isinstance(called, list) and called:
        return "called " + ", ".join(_text(_object(each), "name") for each in called)
    if content.get("cut_off"):
        return "was cut off"
    return "answered in words" if content.get("text") else "answered nothing"


def _model_detail(content: dict[str, Json]) -> str:
    first = show_seconds(content, "first_seconds")
    read, written = content.get("prompt_tokens"), content.get("completion_tokens", 0)
    tokens = f"{read} + {written} tokens" if read else ""
    cached = f"{content['cached_tokens']} from the cache" if content.get("cached_tokens") else ""
    tools = content.get("tools")
    offered = ", ".join(str(each) for each in tools) if isinstance(tools, list) else ""
    parts: tuple[str, ...] = (
        _text(content, "model"),
        f"first words after {first}" if first else "",
        tokens,
        cached,
        words.visible(words.shorten(f"offered {offered}", _LONGEST_LIST)) if offered else "",
    )
    return "; ".join(filter(None, parts))


def show_place(content: dict[str, Json]) -> str:
    """The flow and the step that an event names."""
    if content.get("flow") is None:
        return "no flow"
    return " › ".join(filter(None, (_text(content, "flow"), _text(content, "step"))))


def _came_from(content: dict[str, Json]) -> str:
    if not content.get("from_flow"):
        return ""
    label = _text(content, "label")
    place = show_place({"flow": content["from_flow"], "step": content.get("from_step")})
    return f"from {place}" + (f": {label}" if label else "")


def _ended_detail(content: dict[str, Json]) -> str:
    to, reason, by = _text(content, "destination"), _text(content, "handoff_reason"), _text(content, "by")
    return "; ".join(filter(None, (f"by the {by}" if by else "", f"to {to}" if to else "", reason)))


def _topics(content: dict[str, Json]) -> str:
    found = content.get("found")
    names = [
        f"{_text(each, 'name')} ({score:.2f})"
        for each in (_object(one) for one in (found if isinstance(found, list) else []))
        if isinstance(score := each.get("score"), int | float)
    ]
    return ", ".join(names) or "none"


def show_seconds(content: dict[str, Json], name: str) -> str:
    """`35 ms` or `1.20 s`; empty where it is not known."""
    value = content.get(name)
    if not isinstance(value, int | float):
        return ""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def show_value(value: Json) -> str:
    """A value as JSON has it, a text as it is; cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words.visible(words.shorten(text, _LONGEST))


def _quoted(value: Json) -> str:
    return words.visible(words.shorten(json.dumps(value, ensure_ascii=False), _LONGEST))


def _text(content: dict[str, Json], name: str) -> str:
    value = content.get(name)
    return "" if value is None else words.visible(value if isinstance(value, str) else str(value))


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _items(value: Json) -> list[tuple[str, Json]]:
    return [(words.visible(name), each) for name, each in _object(value).items()]


def _pairs(value: Json) -> tuple[tuple[str, str], ...]:
    return tuple((name, show_value(each)) for name, each in _items(value))
