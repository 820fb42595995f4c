"""What happened in a call besides the words, each thing in a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from postcall.domain.conversations import CallEvent, EventKind

_LONGEST = 160
"""Characters of a value; longer ones are cut, since a diagnosis is read beside a conversation."""


def describe(event: CallEvent) -> str:
    """The event as a line; empty where it says nothing that the conversation does not."""
    content = event.content
    match event.kind:
        case EventKind.FUNCTION:
            return _function(content)
        case EventKind.LOG:
            mark = " (personal data)" if event.is_pii else ""
            extras = _pairs(content.get("extras"))
            return f"log {content.get('level')}{mark}: {content.get('content')} {extras}".rstrip()
        case EventKind.STEP:
            return _step(content)
        case EventKind.MODEL:
            called = ", ".join(str(each.get("name")) for each in _objects(content.get("called")))
            return f"model {_seconds(content)}" + (f", calls {called}" if called else "")
        case EventKind.TOPICS:
            found = ", ".join(f"{each.get('name')} ({each.get('score')})" for each in _objects(content.get("found")))
            return f"topics {found}" if found else ""
        case EventKind.ENTITY:
            refused = "" if content.get("valid") else f", refused: {content.get('error')}"
            return f"entity {content.get('name')} = {_value(content.get('value'))}{refused}"
        case EventKind.FILTER:
            return f"filter {content.get('name')}: {_value(content.get('phrase'))} → {content.get('function')}"
        case EventKind.SETTING:
            return f"{content.get('setting')} → {_value(content.get('value'))}"
        case EventKind.OUTBOX:
            return f"{content.get('kind')} to {content.get('to')}: {_value(content.get('content'))}"
        case EventKind.INTERRUPTED:
            return f"interrupted {_pairs(content)}".rstrip()
        case EventKind.WARNING:
            return f"warning: {content.get('message')}"
        case EventKind.ENDED:
            return f"ended by {content.get('by')}: {content.get('reason')}"


def failure_in(event: CallEvent) -> str:
    """What went wrong in a function, with its trace; empty where nothing did."""
    error = event.content.get("error")
    if not isinstance(error, dict):
        return ""
    return f"{event.content.get('name')} failed: {error.get('message')}\n{error.get('trace', '')}".rstrip()


def _function(content: Mapping[str, Any]) -> str:
    line = f"{content.get('name')}({_pairs(content.get('arguments'))}) {_seconds(content)}"
    error = content.get("error")
    if isinstance(error, dict):
        line += f" failed: {error.get('message')}"
    elif content.get("returned") is not None:
        line += f" → {_value(content['returned'])}"
    changed = content.get("state")
    if isinstance(changed, dict):
        names = [*changed.get("added", {}), *changed.get("updated", {}), *changed.get("removed", ())]
        line += f"; state: {', '.join(names)}" if names else ""
    return line


def _step(content: Mapping[str, Any]) -> str:
    if content.get("flow") is None:
        return f"left the flow {content.get('from_flow')}"
    label = f" ({content['label']})" if content.get("label") else ""
    return f"step {content.get('flow')} / {content.get('step')}{label}"


def _seconds(content: Mapping[str, Any]) -> str:
    seconds = content.get("seconds")
    return f"{seconds * 1000:.0f} ms" if isinstance(seconds, int | float) else ""


def _pairs(values: object) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in values.items()) if isinstance(values, dict) else ""


def _objects(values: object) -> list[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
