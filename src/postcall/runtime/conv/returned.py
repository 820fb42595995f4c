"""Reading what a function returned: a text, nothing, or a dictionary of things to do."""

from __future__ import annotations

from typing import Any, NamedTuple

from postcall.runtime.conv.handoffs import Handoff, handoff_of
from postcall.runtime.conv.plain import as_json_or_text, as_text, plain_text
from postcall.runtime.conv.wishes import moved_by
from postcall.runtime.protocol import AskedHandoff, Moved, Returned


class Nonsense(Exception):
    """No function may return this; the message says what is wrong with it."""


KEYS = frozenset(
    {
        "content", "utterance", "end_turn", "hangup", "handoff", "transition", "variant", "listen", "utterance_channel",
    }
)  # fmt: skip
"""All that a returned dictionary may say; other keys do nothing."""


def unknown_keys(value: Any) -> tuple[str, ...]:
    """Keys of a returned dictionary that do nothing: a slip of the pen, most likely."""
    return tuple(as_text(key) for key in value if key not in KEYS) if isinstance(value, dict) else ()


class Reading(NamedTuple):
    """What a returned value comes to."""

    returned: Returned
    moved: Moved
    handoff: AskedHandoff | None = None
    variant: str | None = None


def read_returned(value: Any, *, queued: Moved) -> Reading:
    """Read it by the rules for return values. `queued` is where the function's own calls lead. Raises Nonsense."""
    if value is None:
        return Reading(Returned(), queued)
    if isinstance(value, str):
        return Reading(Returned(text=plain_text(value), raw=plain_text(value)), queued)
    if isinstance(value, Handoff):
        value = value.to_response()
    if not isinstance(value, dict):
        raise Nonsense(f"returned a {type(value).__name__}: a function returns a text, a dictionary or nothing")
    utterance = _text(value, "utterance")
    try:
        handoff = handoff_of(value.get("handoff"))
        moved = moved_by(_dictionary(value, "transition") or {}, queued)
    except ValueError as error:
        raise Nonsense(f"returned a dictionary whose {error}") from None
    returned = Returned(
        text=_content(value.get("content")),
        utterance=utterance,
        end_turn=not (utterance is not None and value.get("end_turn", True) is False),
        hangup=bool(value.get("hangup")),
        listen=as_json_or_text(_dictionary(value, "listen")),
        utterance_channel=_text(value, "utterance_channel"),
        raw=as_json_or_text(value),
    )
    return Reading(returned, moved, handoff, _text(value, "variant") or None)


def _content(value: Any) -> str | None:
    """Whatever is to be told to the model is told as text."""
    return None if value is None else as_text(value)


def _text(value: dict[Any, Any], key: str) -> str | None:
    text = value.get(key)
    if text is None:
        return None
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise Nonsense(f"returned a dictionary whose {key} is a {type(text).__name__}, not a text")
    return as_text(text)


def _dictionary(value: dict[Any, Any], key: str) -> dict[str, Any] | None:
    found = value.get(key)
    if found is not None and not isinstance(found, dict):
        raise Nonsense(f"returned a dictionary whose {key} is a {type(found).__name__}, not a dictionary")
    return found or None
