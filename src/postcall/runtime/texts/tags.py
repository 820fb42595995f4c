"""Parts of a text that are meant for one channel or one language: `<channel:voice>…</channel>`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TAG = re.compile(r"<(?P<kind>channel|language):(?P<of>[\w.-]{1,40})>|</(?P<end>channel|language)>", re.IGNORECASE)
_SPOKEN = frozenset({"sip", "voice", "chat"})
"""`chat.polyai` is the chat in which an agent for telephones is tried: it reads what a caller would hear."""


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end, and what has been kept within it so far."""

    tag: str
    kind: str
    wanted: bool
    pieces: list[str] = field(default_factory=list)


def keep_matching(text: str, *, channel: str, language: str) -> str:
    """The text with only those tagged parts that this conversation matches, without their tags.

    A closing tag closes the innermost open tag of its kind. A tag without its counterpart stays as it was written, so
    that nothing is lost and its author sees it.
    """
    if "<" not in text:
        return text
    outside = _Open("", "", wanted=True)
    stack = [outside]
    at = 0
    for found in _TAG.finditer(text):
        stack[-1].pieces.append(text[at : found.start()])
        at = found.end()
        if found["kind"]:
            kind = found["kind"].lower()
            wanted = is_channel(channel, found["of"]) if kind == "channel" else is_language(language, found["of"])
            stack.append(_Open(found.group(), kind, wanted))
        elif any(each.kind == found["end"].lower() for each in stack):
            _close(stack, found["end"].lower())
        else:
            stack[-1].pieces.append(found.group())
    stack[-1].pieces.append(text[at:])
    while len(stack) > 1:
        _unbalanced(stack)
    return "".join(outside.pieces)


def is_channel(channel: str, wanted: str) -> bool:
    """Whether `voice`, `webchat`, `sms` … means this channel (`sip.polyai`, `webchat.polyai` …)."""
    family = channel.lower().partition(".")[0]
    asked = wanted.lower()
    if asked == channel.lower():
        return True
    return family == asked or (asked == "voice" and family in _SPOKEN)


def is_language(language: str, wanted: str) -> bool:
    """Whether `en` or `en-US` means this language; a tag without a region means every region."""
    ours, asked = (code.lower().replace("_", "-") for code in (language, wanted))
    return ours == asked or ours.startswith(f"{asked}-")


def _close(stack: list[_Open], kind: str) -> None:
    while stack[-1].kind != kind:
        _unbalanced(stack)
    closed = stack.pop()
    if closed.wanted:
        stack[-1].pieces += closed.pieces


def _unbalanced(stack: list[_Open]) -> None:
    opened = stack.pop()
    stack[-1].pieces += [opened.tag, *opened.pieces]
