"""An answer as it is shown, on the page of a call and where questions are tried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Answer, AnswerStatus, Evidence
from postcall.domain.calls import Role, Transcript
from postcall.domain.questions import DispositionMetric
from postcall.web import words
from postcall.web.marks import Quoted, Segment, cut_at_quotes
from postcall.web.tones import Badge, Tone

_BADGES = {
    AnswerStatus.OK: Badge("ok", Tone.GOOD),
    AnswerStatus.UNKNOWN: Badge("unknown", Tone.QUIET),
    AnswerStatus.INVALID: Badge("invalid", Tone.BAD),
    AnswerStatus.ERROR: Badge("error", Tone.BAD),
}


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A quote, and the turn it links to."""

    turn: int
    quote: str
    speaker: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer."""

    index: int
    identifier: str
    prompt: str
    """The question, or of a long one its beginning."""
    more: str | None
    """The rest of a long question."""
    type: str
    value: str
    has_value: bool
    badge: Badge
    confidence: str | None
    """None where the analyser cannot say."""
    reasoning: str
    evidence: tuple[EvidenceView, ...]
    turns: str
    """The turns it rests on, for the script: `3 7`."""
    kept_from: str | None


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of a transcript, its quoted words apart."""

    index: int
    role: str
    speaker: str
    time: str | None
    latency: str | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class AnswersView:
    """All answers of a run."""

    answers: tuple[AnswerView, ...]
    calibration: str | None
    """Said once, where any answer has a confidence."""


_PROMPT_LENGTH = 160
SPEAKERS = {Role.AGENT: "Agent", Role.USER: "Caller"}


def show_answers(answers: Sequence[Answer], questions: Sequence[DispositionMetric], turns: Transcript) -> AnswersView:
    """The answers in their order, each with its question's prompt."""
    prompts = {question.identifier: question.prompt for question in questions}
    shown = tuple(_show_answer(index, answer, prompts, turns) for index, answer in enumerate(answers))
    rated = [answer for answer in answers if answer.confidence is not None]
    return AnswersView(shown, _calibration(rated))


def show_turns(
    turns: Transcript, answers: Sequence[Answer], found: Mapping[int, Sequence[tuple[int, int]]] | None = None
) -> tuple[TurnView, ...]:
    """The transcript, with the words marked that the answers quote, and those searched for (`found`, by turn)."""
    places = found or {}
    quoted: dict[int, list[Quoted]] = {}
    for index, answer in enumerate(answers):
        for evidence in answer.evidence:
            quoted.setdefault(evidence.turn, []).append(Quoted(index, evidence.quote))
    return tuple(
        TurnView(
            index=index,
            role=turn.role.value,
            speaker=SPEAKERS[turn.role],
            time=_time(turn.start_s, None if turn.at is None else words.clock(turn.at)),
            latency=None if turn.latency_s is None else f"answered after {turn.latency_s:.1f} s",
            segments=tuple(
                Segment(words.visible(segment.text), segment.answers, segment.found)
                for segment in cut_at_quotes(turn.text, quoted.get(index, ()), places.get(index, ()))
            ),
        )
        for index, turn in enumerate(turns)
    )


def _show_answer(index: int, answer: Answer, prompts: Mapping[str, str], turns: Transcript) -> AnswerView:
    evidence = tuple(_show_evidence(each, turns) for each in answer.evidence)
    prompt, more = cut_prompt(words.visible(prompts.get(answer.identifier, "")))
    return AnswerView(
        index=index,
        identifier=answer.identifier,
        prompt=prompt,
        more=more,
        type=answer.type.value,
        value=words.answer_value(answer),
        has_value=answer.status is AnswerStatus.OK,
        badge=_BADGES[answer.status],
        confidence=None if answer.confidence is None else words.confidence(answer.confidence),
        reasoning=words.visible(answer.reasoning),
        evidence=evidence,
        turns=" ".join(str(turn) for turn in dict.fromkeys(each.turn for each in evidence)),
        kept_from=answer.kept_from,
    )


def cut_prompt(prompt: str) -> tuple[str, str | None]:
    """A long question's first sentence and the rest; an ENUM's explains every choice."""
    if len(prompt) <= _PROMPT_LENGTH:
        return prompt, None
    sentence = re.match(r".{20,160}?[.?!:](?=\s)", prompt, re.DOTALL)
    cut = sentence.end() if sentence else prompt.rfind(" ", 20, _PROMPT_LENGTH)
    cut = cut if cut > 0 else _PROMPT_LENGTH
    return prompt[:cut].strip(), prompt[cut:].strip() or None


def _show_evidence(evidence: Evidence, turns: Transcript) -> EvidenceView:
    known = 0 <= evidence.turn < len(turns)
    return EvidenceView(
        turn=evidence.turn,
        quote=words.visible(evidence.quote),
        speaker=SPEAKERS[turns[evidence.turn].role] if known else "",
    )


def _calibration(rated: Sequence[Answer]) -> str | None:
    if not rated:
        return None
    if all(answer.calibrated for answer in rated):
        return "Confidence is calibrated: measured against labelled calls."
    return "Confidence is not calibrated: higher is surer, but 0.80 does not mean right four times in five."


def _time(start_s: float | None, at: str | None) -> str | None:
    if start_s is not None:
        return words.offset(start_s)
    return at
