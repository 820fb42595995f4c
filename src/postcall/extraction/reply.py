"""What a model's text says about which question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from postcall.domain.folding import storable
from postcall.domain.questions import DispositionMetric
from postcall.errors import ModelReplyUnusable
from postcall.llm.messages import Reply
from postcall.llm.salvage import read_object

_MAX_SUMMARY = 10_000


@dataclass(frozen=True, slots=True)
class Said:
    """A reply taken apart; nothing of it is checked."""

    summary: str = ""
    """Empty where there is none."""
    answers: Mapping[str, object] = field(default_factory=dict)
    """By identifier, and only what came through whole; what nobody asked for is left out."""
    fault: ModelReplyUnusable | None = None
    """Why nothing could be read at all."""
    cut_off: bool = False
    """The text ended before the object did."""


def read_reply(reply: Reply, questions: Sequence[DispositionMetric]) -> Said:
    """Find the summary and the answers in a reply, also in one that is cut off or loosely formed."""
    try:
        salvaged = read_object(reply.text)
    except ModelReplyUnusable as fault:
        return Said(fault=fault)
    content: Mapping[str, object] = salvaged.content
    answers = _listed_answers(content)
    for cut in salvaged.cut_at[:2]:  # what was open at the cut lacks something
        answers.pop(cut, None)
    summary = content.get("summary")
    return Said(
        summary=storable(summary).strip()[:_MAX_SUMMARY] if isinstance(summary, str) else "",
        answers=_by_identifier(answers, questions),
        cut_off=not salvaged.complete,
    )


def _listed_answers(content: Mapping[str, object]) -> dict[str, object]:
    """The answers: under "answers" as asked, in a list of objects that name their question, or bare."""
    answers = content.get("answers")
    if isinstance(answers, Mapping):
        return dict(answers)
    if isinstance(answers, list):
        named = [one for one in answers if isinstance(one, Mapping) and isinstance(one.get("identifier"), str)]
        return {one["identifier"]: one for one in named}
    return {name: answer for name, answer in content.items() if name not in {"summary", "answers"}}


def _by_identifier(answers: Mapping[str, object], questions: Sequence[DispositionMetric]) -> dict[str, object]:
    """Each question's answer; a key in another case or with hyphens counts where it can only mean one question."""
    found = {
        question.identifier: answers[question.identifier] for question in questions if question.identifier in answers
    }
    if len(found) == len(questions):
        return found
    asked: dict[str, list[str]] = {}
    for question in questions:
        asked.setdefault(_folded(question.identifier), []).append(question.identifier)
    spare: dict[str, list[str]] = {}
    for key in answers:
        if key not in found:
            spare.setdefault(_folded(key), []).append(key)
    for folded, keys in spare.items():
        names = asked.get(folded, [])
        if len(keys) == 1 and len(names) == 1 and names[0] not in found:
            found[names[0]] = answers[keys[0]]
    return found


def _folded(identifier: str) -> str:
    return re.sub(r"[^a-z0-9]", "", identifier.lower())
