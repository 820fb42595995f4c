"""How much fits into one request: which questions go together, and what is left for the transcript."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from postcall.domain.questions import DispositionMetric
from postcall.extraction.prompt import INSTRUCTIONS, render_task
from postcall.extraction.schema import MAX_CHARACTERS, MAX_ENUM_VALUES, enum_values, name_characters, reply_schema
from postcall.extraction.tokens import estimate_tokens

REPLY_TOKENS_PER_QUESTION: Final = 120
"""Two short quotes, a sentence and the value."""
SUMMARY_TOKENS: Final = 300
MAX_REPLY_TOKENS: Final = 8_000
"""Of one request. Many models stop at 8,192, and a cut-off costs a second request."""
QUESTIONS_SHARE: Final = 0.4
"""Of the window, at most, for the questions; the transcript needs the rest."""
LEAST_TRANSCRIPT: Final = 300
"""Tokens of transcript below which a window is of no use."""
_FRAME: Final = 60
"""Tokens of what stands around a transcript."""


@lru_cache(maxsize=256)
def split_questions(
    questions: tuple[DispositionMetric, ...], *, context_tokens: int
) -> tuple[tuple[DispositionMetric, ...], ...]:
    """The questions in as few requests as fit, in their order; always the same split for the same questions."""
    parts: list[list[DispositionMetric]] = [[]]
    room = _Room(context_tokens)
    for question in questions:
        if parts[-1] and not room.takes(question):
            parts.append([])
            room = _Room(context_tokens)
        room.add(question)
        parts[-1].append(question)
    return tuple(tuple(part) for part in parts)


@lru_cache(maxsize=512)
def task_tokens(questions: tuple[DispositionMetric, ...], summary_prompt: str | None) -> int:
    """Tokens of a request besides the transcript, its reply included."""
    schema = json.dumps(reply_schema(questions, summary=summary_prompt is not None))
    asked = estimate_tokens(INSTRUCTIONS) + estimate_tokens(render_task(questions, summary_prompt))
    replied = len(questions) * REPLY_TOKENS_PER_QUESTION + SUMMARY_TOKENS
    return _FRAME + asked + estimate_tokens(schema) + replied


def transcript_room(parts: Sequence[tuple[DispositionMetric, ...]], summary_prompt: str, *, context_tokens: int) -> int:
    """Tokens that are left for the transcript in each of the requests."""
    largest = max(task_tokens(part, summary_prompt) for part in parts)
    return max(LEAST_TRANSCRIPT, context_tokens - largest)


class _Room:
    """What one request has left for questions."""

    def __init__(self, context_tokens: int) -> None:
        self.tokens = context_tokens * QUESTIONS_SHARE
        self.reply = MAX_REPLY_TOKENS - SUMMARY_TOKENS
        self.enums = MAX_ENUM_VALUES
        self.characters = MAX_CHARACTERS

    def takes(self, question: DispositionMetric) -> bool:
        return (
            self.tokens >= _tokens(question)
            and self.reply >= REPLY_TOKENS_PER_QUESTION
            and self.enums >= enum_values(question)
            and self.characters >= name_characters(question)
        )

    def add(self, question: DispositionMetric) -> None:
        self.tokens -= _tokens(question)
        self.reply -= REPLY_TOKENS_PER_QUESTION
        self.enums -= enum_values(question)
        self.characters -= name_characters(question)


@lru_cache(maxsize=2048)
def _tokens(question: DispositionMetric) -> int:
    schema = json.dumps(reply_schema((question,), summary=False))
    return estimate_tokens(render_task((question,), None)) + estimate_tokens(schema) + REPLY_TOKENS_PER_QUESTION
