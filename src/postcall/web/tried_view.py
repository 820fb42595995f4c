"""What came of questions that were tried on past calls, as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from postcall.api.native.shapes import answer_json
from postcall.domain.answers import Answer, Findings, Usage
from postcall.web import words
from postcall.web.answer_view import AnswerView, show_answers
from postcall.web.list_view import call_path
from postcall.web.tones import Badge, Tone
from postcall.web.trying import Change, Tried, compare

_CHANGES = {
    Change.SAME: Badge("same", Tone.QUIET),
    Change.CHANGED: Badge("changed", Tone.WAITING),
    Change.NEW: Badge("new", Tone.GOOD),
}


@dataclass(frozen=True, slots=True)
class TriedAnswerView:
    """One answer, beside the one that the call has."""

    identifier: str
    value: str
    badge: Badge
    has_value: bool
    confidence: str
    quote: str | None
    where: str
    reasoning: str
    change: Badge | None
    """None where the call has no answers at all to compare with."""
    before: str


@dataclass(frozen=True, slots=True)
class TriedView:
    """One call."""

    id: str
    href: str
    started: str
    problem: str | None
    took: str
    cost: str
    counted: str
    """How many answers changed, in words."""
    compared_with: str
    answers: tuple[TriedAnswerView, ...]


def show_tried(tried: Tried) -> TriedView:
    """One call with its answers."""
    before = _before(tried)
    answers = tried.findings.answers if tried.findings else ()
    changes = [compare(answer, before.get(answer.identifier)) for answer in answers]
    extraction = tried.call.before if tried.call else None
    return TriedView(
        id=tried.call_id,
        href=call_path(tried.call_id),
        started=f"{words.moment(tried.call.started_at)} UTC" if tried.call else "",
        problem=_sentence(tried.problem) if tried.problem else None,
        took=seconds(tried.seconds),
        cost=cost_of(tried.findings),
        counted=_count(changes) if extraction else "",
        compared_with=f"Version {extraction.version} said" if extraction else "Not answered before",
        answers=tuple(
            _show_answer(shown, before.get(shown.identifier), change if extraction else None)
            for shown, change in zip(
                show_answers(answers, (), tried.call.turns if tried.call else ()).answers, changes, strict=True
            )
        ),
    )


def sum_up(tried: Sequence[Tried]) -> str:
    """Calls, time and cost of all in one line."""
    found = [each.findings for each in tried if each.findings]
    usage = sum((findings.usage for findings in found), Usage())
    longest = max((each.seconds for each in tried), default=0.0)
    cost = _cost(usage) if any(findings.usage.requests for findings in found) else "no cost: built-in"
    return f"{words.count(len(tried), 'call')}; the slowest took {seconds(longest)}; {cost}."


def seconds(taken: float) -> str:
    """`40 ms`, `2.1 s`."""
    return f"{taken * 1000:.0f} ms" if taken < 1 else f"{taken:.1f} s"


def cost_of(findings: Findings | None) -> str:
    """Tokens and price, or why there are none."""
    if findings is None:
        return ""
    return _cost(findings.usage) if findings.usage.requests else "no cost: built-in"


def tried_json(tried: Tried) -> dict[str, Any]:
    """The same as JSON."""
    before = _before(tried)
    findings = tried.findings
    return {
        "call": tried.call_id,
        "problem": tried.problem,
        "seconds": round(tried.seconds, 4),
        "analyser": findings.analyser if findings else None,
        "model": findings.model if findings else None,
        "cost": findings.usage.cost if findings else None,
        "tokens": findings.usage.prompt_tokens + findings.usage.completion_tokens if findings else None,
        "answers": [
            {
                **answer_json(answer),
                "change": compare(answer, before.get(answer.identifier)),
                "before": _before_json(before.get(answer.identifier)),
            }
            for answer in (findings.answers if findings else ())
        ],
    }


def _before_json(before: Answer | None) -> dict[str, Any] | None:
    return {"value": before.value, "status": before.status} if before else None


def _before(tried: Tried) -> Mapping[str, Answer]:
    extraction = tried.call.before if tried.call else None
    return {answer.identifier: answer for answer in extraction.findings.answers} if extraction else {}


def _show_answer(shown: AnswerView, before: Answer | None, change: Change | None) -> TriedAnswerView:
    first = shown.evidence[0] if shown.evidence else None
    return TriedAnswerView(
        identifier=shown.identifier,
        value=shown.value,
        badge=shown.badge,
        has_value=shown.has_value,
        confidence=shown.confidence or words.NONE,
        quote=first.quote if first else None,
        where=f"{first.speaker}, turn {first.turn}" if first else "",
        reasoning=shown.reasoning,
        change=_CHANGES[change] if change else None,
        before=words.answer_value(before) if before else words.NONE,
    )


def _cost(usage: Usage) -> str:
    tokens = f"{words.count(usage.prompt_tokens + usage.completion_tokens, 'token')}"
    return f"{tokens}, cost {usage.cost:.6f}" if usage.cost is not None else f"{tokens}, no prices are set"


def _count(changes: Sequence[Change]) -> str:
    parts = [f"{changes.count(change)} {change}" for change in (Change.CHANGED, Change.NEW, Change.SAME)]
    return ", ".join(part for part in parts if not part.startswith("0 "))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
