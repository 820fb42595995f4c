"""What remains of the agent's words when the user spoke over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from postcall.llm.chat_shapes import ChatMessage
from postcall.runtime.protocol import Spoken

_WORD = re.compile(r"\S+")


def cut_history(history: Sequence[Spoken], heard: str) -> list[Spoken]:
    """The history with the agent's words since the user's last ones cut to what was heard."""
    start = _after_last(history, "user")
    kept = cut_texts([each.text for each in history[start:]], heard)
    return [*history[:start], *(Spoken("agent", text) for text in kept if text)]


def cut_messages(messages: Sequence[ChatMessage], heard: str) -> list[ChatMessage]:
    """The same for what the model has seen; calls of tools and their results stay."""
    start = _after_last(messages, "user")
    turn = messages[start:]
    spoken = [number for number, message in enumerate(turn) if message.role == "assistant" and message.content]
    kept = dict(zip(spoken, cut_texts([turn[number].content for number in spoken], heard), strict=True))
    left = [replace(each, content=kept[number]) if number in kept else each for number, each in enumerate(turn)]
    return [*messages[:start], *(each for each in left if each.content or each.tool_calls or each.role == "tool")]


def cut_texts(texts: Sequence[str], heard: str) -> list[str]:
    """Each text as far as it was heard, in their order.

    Words are compared without case and punctuation. Where what was heard is worded differently (spoken numbers, a
    pronunciation), it stands in place of the text in which it begins to differ. All was heard: all stays.
    """
    left = [_plain(word) for word in heard.split()]
    original = heard.split()
    cut = []
    for text in texts:
        words = list(_WORD.finditer(text))
        same = _common([_plain(word.group()) for word in words], left)
        if same == len(words):
            cut.append(text)
            left, original = left[same:], original[same:]
        elif same == len(left):
            cut.append(text[: words[same - 1].end()] if same else "")
            left, original = [], []
        else:
            cut.append(" ".join(original))
            left, original = [], []
    return cut


def _after_last(entries: Sequence[Spoken] | Sequence[ChatMessage], role: str) -> int:
    return next((at + 1 for at in range(len(entries) - 1, -1, -1) if entries[at].role == role), 0)


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words both begin with."""
    for number, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return number
    return min(len(first), len(second))


def _plain(word: str) -> str:
    return re.sub(r"\W", "", word).casefold() or word
