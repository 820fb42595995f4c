"""Each reply checked on its own: it becomes an Answer, or a Problem to ask again about."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, TypeAlias

from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, Evidence
from postcall.domain.calls import Transcript
from postcall.domain.folding import storable
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.domain.values import Fit, coerce, says_nothing
from postcall.extraction.evidence import verify_quote
from postcall.extraction.fallbacks import names_fallback
from postcall.extraction.support import bare_numbers, gives_date_only, spoken_anywhere, supports

UNPROVEN: Final = 0.5
"""The highest confidence of an answer that no quote bears out."""
_MAX_QUOTE = 1_000
"""Characters: evidence is to be short, and reading dates out of a monologue takes the square of its length."""
_MAX_QUOTES: Final = 30
_MAX_REASONING: Final = 2_000
_TURN = re.compile(r"\D*(\d{1,9})\D*")
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?)\b"
    r"|\bsystem prompt\b|\b(?:mark|classify|label|record|report|rate)\b[^.!?]{0,30}\bas\b[^.!?]{0,20}"
    r"\b(?:resolved|solved|successful|completed?|satisfied|true|false)\b"
    r"|\b(?:ignora|olvida)\b[^.!?]{0,40}\b(?:instrucciones|reglas)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a reply cannot be believed."""

    question: DispositionMetric
    reason: str
    """In words that tell the model what to do better."""
    settles_as: Answer
    """What the answer is if asking again does not help; never `ok`."""


Checked: TypeAlias = Answer | Problem


@dataclass(frozen=True, slots=True)
class _Claim:
    """A reply, read but not believed."""

    raw: object
    quotes: tuple[tuple[int, str], ...]
    reasoning: str
    confidence: float | None


def check_answer(question: DispositionMetric, reply: object, transcript: Transcript, reference: datetime) -> Checked:
    """Hold the model's reply to one question against the transcript.

    `reply` is the JSON that stands under the question's identifier; None where there is none. `reference` is the
    call's start, from which "next Tuesday" counts.
    """
    claim = _read_claim(reply)
    if claim is None:
        return missing(question, "the reply has no answer to it")
    evidence = _surviving(claim, transcript)
    answer = Answer(
        identifier=question.identifier,
        type=question.type,
        value=None,
        status=AnswerStatus.UNKNOWN,
        confidence=_temper(claim.confidence, evidence, transcript),
        reasoning=claim.reasoning,
        evidence=evidence,
    )
    if question.type is QuestionType.STRING and isinstance(claim.raw, str) and is_fallback(question, claim.raw):
        return replace(answer, value=storable(claim.raw).strip(), status=AnswerStatus.OK)
    coerced = coerce(claim.raw, question.type, question.choices, reference=reference)
    match coerced.fit:
        case Fit.NOTHING:
            return answer
        case Fit.MISFIT:
            return _problem(question, f"the value {coerced.reason}", answer)
        case Fit.VALUE:
            believed = replace(answer, value=coerced.value, status=AnswerStatus.OK)
            if is_fallback(question, coerced.value):
                return believed
            return _prove(question, believed, claim, transcript, reference)


def missing(question: DispositionMetric, reason: str) -> Problem:
    """A question that got no answer; it is never filled in."""
    return Problem(question, reason, _empty(question, AnswerStatus.ERROR, f"The model gave no answer: {reason}."))


def unasked(question: DispositionMetric, reason: str) -> Answer:
    """The answer to a question that the model could not be asked."""
    return _empty(question, AnswerStatus.ERROR, reason)


def unanswerable(question: DispositionMetric, reason: str) -> Answer:
    """The answer to a question about nothing at all."""
    return _empty(question, AnswerStatus.UNKNOWN, reason)


def _empty(question: DispositionMetric, status: AnswerStatus, reasoning: str) -> Answer:
    return Answer(question.identifier, question.type, None, status, confidence=None, reasoning=reasoning)


def _prove(
    question: DispositionMetric, answer: Answer, claim: _Claim, transcript: Transcript, reference: datetime
) -> Checked:
    """Hold a value that fits its type against its quotes, by the rules of its type."""
    match question.type:
        case QuestionType.BOOLEAN | QuestionType.ENUM:
            return answer if answer.evidence else _unproven(answer)
        case QuestionType.INTEGER:
            return _prove_number(question, answer, claim, transcript, reference)
        case QuestionType.STRING | QuestionType.DATETIME:
            return _prove_words(question, answer, claim, reference)


def _prove_words(question: DispositionMetric, answer: Answer, claim: _Claim, reference: datetime) -> Checked:
    references = _references(question, reference)
    if supports(answer.value, question.type, answer.evidence, references):
        return answer
    value = str(answer.value)
    if question.type is QuestionType.DATETIME and gives_date_only(answer.evidence, value, references):
        return replace(answer, value=value[:10])
    if not answer.evidence:
        return _problem(question, _no_quote(claim), answer)
    return _problem(question, f"none of its quotes contains the value {_shown(answer.value)}", answer)


def _prove_number(
    question: DispositionMetric, answer: Answer, claim: _Claim, transcript: Transcript, reference: datetime
) -> Checked:
    """A number that was said must be quoted; one that was counted needs quotes of what was counted.

    Quotes without a number of their own show a count where there are as many as it says, or where the number is said
    nowhere in the call. That nothing was there to count, no quote can show: 0 stands without one, unproven.
    """
    number = answer.value
    assert isinstance(number, int)
    if supports(number, question.type, answer.evidence, [reference]):
        return answer
    if number == 0:
        return _unproven(answer)
    if not answer.evidence:
        return _problem(question, _no_quote(claim), answer)
    counted = [one for one in answer.evidence if not bare_numbers(one.quote, reference)]
    if counted and (len(counted) >= number > 0 or not spoken_anywhere(number, transcript)):
        return answer
    return _problem(
        question,
        f"none of its quotes says {number}; quote the words that say the number or, if you counted, each thing counted",
        answer,
    )


def _unproven(answer: Answer) -> Answer:
    return replace(answer, confidence=None if answer.confidence is None else min(answer.confidence, UNPROVEN))


def _problem(question: DispositionMetric, reason: str, answer: Answer) -> Problem:
    said = f" The model said: {answer.reasoning}" if answer.reasoning else ""
    return Problem(
        question,
        reason,
        replace(
            answer,
            value=None,
            status=AnswerStatus.INVALID,
            reasoning=f"{reason[:1].upper()}{reason[1:]}.{said}"[:_MAX_REASONING],
        ),
    )


def _no_quote(claim: _Claim) -> str:
    if not claim.quotes:
        return "no quote was given"
    turn, quote = claim.quotes[0]
    return f"the quote {_shown(quote)} does not stand in turn {turn}"


def is_fallback(question: DispositionMetric, value: AnswerValue) -> bool:
    """Whether the question itself names the value for "the transcript does not say".

    Never for a BOOLEAN: its questions name both values, and either is a claim.
    """
    if value is None or isinstance(value, bool):
        return False
    if question.type is QuestionType.ENUM and says_nothing(str(value)):
        return True
    return names_fallback(question, str(value))


def _references(question: DispositionMetric, reference: datetime) -> list[datetime]:
    """The call's start, and any date that the question itself names ("the conversation takes place on 2019-03-01")."""
    references = [reference]
    for written in _ISO_DATE.findall(question.prompt):
        try:
            references.append(datetime.combine(date.fromisoformat(written), reference.timetz()))
        except ValueError:
            continue
    return references


def _surviving(claim: _Claim, transcript: Transcript) -> tuple[Evidence, ...]:
    found = (verify_quote(quote, turn, transcript) for turn, quote in claim.quotes)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _temper(confidence: float | None, evidence: Sequence[Evidence], transcript: Transcript) -> float | None:
    """Words that order the reader about prove nothing, so an answer that rests on them alone counts as unproven."""
    if confidence is None or not evidence:
        return confidence
    if all(_ORDERS.search(transcript[one.turn].text) for one in evidence):
        return min(confidence, UNPROVEN)
    return confidence


def _read_claim(reply: object) -> _Claim | None:
    """Read a reply in the form asked for, or a bare value, which weaker models return; None where there is no value."""
    if reply is None:
        return None
    if not isinstance(reply, Mapping):
        return _Claim(reply, quotes=(), reasoning="", confidence=None)
    if "value" not in reply:
        return None
    reasoning = reply.get("reasoning")
    return _Claim(
        raw=reply["value"],
        quotes=_read_quotes(reply.get("evidence")),
        reasoning=storable(reasoning).strip()[:_MAX_REASONING] if isinstance(reasoning, str) else "",
        confidence=_read_confidence(reply.get("confidence")),
    )


def _read_quotes(evidence: object) -> tuple[tuple[int, str], ...]:
    listed = evidence if isinstance(evidence, list) else [evidence]
    quotes = []
    for one in listed[:_MAX_QUOTES]:
        if not isinstance(one, Mapping):
            continue
        turn, quote = _read_turn(one.get("turn")), one.get("quote")
        if turn is not None and isinstance(quote, str) and len(quote) <= _MAX_QUOTE:
            quotes.append((turn, quote))
    return tuple(quotes)


def _read_turn(turn: object) -> int | None:
    if isinstance(turn, bool):
        return None
    if isinstance(turn, int):
        return turn
    if isinstance(turn, float) and turn.is_integer():
        return int(turn)
    named = _TURN.fullmatch(turn) if isinstance(turn, str) else None
    return int(named[1]) if named else None


def _read_confidence(confidence: object) -> float | None:
    if isinstance(confidence, str):
        try:
            confidence = float(confidence)
        except ValueError:
            return None
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or math.isnan(confidence):
        return None
    return float(min(1, max(0, confidence)))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
