"""From what a head makes of a call to an answer, with the turn that weighs most."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from postcall.domain.answers import Answer, AnswerStatus, Evidence
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.extraction.learning.card import show_value
from postcall.extraction.learning.features import SPACES, CallFeatures, SpokenTurn, split_words
from postcall.extraction.learning.head import Head, Prediction, predict

BY_LEARNED: Final = "learned"
_WORDS = 3
_SHORT = 3
_LONGEST_QUOTE = 240
_UNPROVEN = 0.5
"""The highest confidence of an answer for which no turn speaks, as for every analyser."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a head says of a call."""

    answer: Answer
    """`ok`, or `unknown` where the label says that there is no value, whatever the confidence."""
    sure: bool
    """The confidence reaches what is asked for."""


def ask_head(
    head: Head,
    question: DispositionMetric,
    transcript: Transcript,
    features: CallFeatures,
    *,
    min_confidence: float,
) -> Opinion | None:
    """The head's answer; None where it has none: the call is unlike those it learned from, or has a rare value."""
    prediction = predict(head, features)
    if prediction is None or prediction.is_rest:
        return None
    turn, words = _weightiest(features, prediction)
    evidence = (Evidence(turn.index, _quote(transcript[turn.index].text, words)),) if turn else ()
    confidence = prediction.confidence if evidence else min(prediction.confidence, _UNPROVEN)
    answer = Answer(
        identifier=question.identifier,
        type=question.type,
        value=prediction.value,
        status=AnswerStatus.UNKNOWN if prediction.value is None else AnswerStatus.OK,
        confidence=confidence,
        reasoning=_reasoning(head, words),
        evidence=evidence,
        calibrated=True,
        by=BY_LEARNED,
    )
    return Opinion(answer, sure=confidence >= min_confidence)


def not_sure(opinion: Opinion, *, min_confidence: float) -> Answer:
    """`unknown`, and what would have been said, where nobody else is asked."""
    answer = opinion.answer
    return Answer(
        identifier=answer.identifier,
        type=answer.type,
        value=None,
        status=AnswerStatus.UNKNOWN,
        confidence=answer.confidence,
        reasoning=f"Likeliest is {show_value(answer.value)}, but with a confidence of {answer.confidence:.2f}, and "
        f"{min_confidence:.2f} is asked for. {answer.reasoning}",
        evidence=answer.evidence,
        calibrated=True,
        by=BY_LEARNED,
    )


def _weightiest(features: CallFeatures, prediction: Prediction) -> tuple[SpokenTurn | None, list[str]]:
    """The turn that speaks most for the value, and its words that do."""
    shares = [_share_out(features, space, prediction.leanings[space]) for space in range(len(SPACES))]
    spoken: dict[int, dict[str, float]] = {}
    for by_turn in shares:
        for position, terms in by_turn.items():
            sums = spoken.setdefault(position, {})
            for term, weight in terms.items():
                sums[term] = sums.get(term, 0.0) + weight
    if not spoken:
        return None, []
    best = max(spoken, key=lambda position: (round(sum(spoken[position].values()), 6), -position))
    words = _telling(spoken[best])
    return (features.turns[best], words) if words else (None, [])


def _share_out(features: CallFeatures, space: int, leanings: Mapping[str, float]) -> dict[int, dict[str, float]]:
    """What each turn has of a space's leanings: a term that stands n times gives each place the nth part."""
    counts = features.words[space]
    return {
        position: {
            term: leanings[term] / counts[term] * features.turns[position].terms.count(term)
            for term in dict.fromkeys(features.turns[position].terms)
            if term in leanings
        }
        for position in features.members[space]
    }


def _telling(weights: Mapping[str, float]) -> list[str]:
    """The words that weigh most, without those that stand in a pair already named."""
    chosen: list[str] = []
    for term in sorted(weights, key=lambda term: (-round(weights[term], 6), term)):
        if weights[term] <= 0 or len(chosen) == _WORDS:
            break
        if chosen and len(term) < _SHORT and term.isascii():  # "a" and "to" may weigh, and tell a reader nothing
            continue
        if not any(set(term.split()) & set(other.split()) for other in chosen):
            chosen.append(term)
    return chosen


def _reasoning(head: Head, words: list[str]) -> str:
    source = f"Learned from {head.learned_from:,} {head.source}"
    if not words:
        return f"{source}; no turn speaks for it by itself."
    noun = "words" if len(words) > 1 or " " in words[0] else "word"
    quoted = ", ".join(f"“{word}”" for word in words)
    return f"{source}: the {noun} {quoted} in this turn {'speak' if noun == 'words' else 'speaks'} most for it."


def _quote(text: str, words: list[str]) -> str:
    """The turn as it stands or, of a long one, the part around the first of the words."""
    if len(text.strip()) <= _LONGEST_QUOTE:
        return text.strip()
    first = words[0].split()[0] if words else ""
    places = (found.start() for found in re.finditer(r"[^\W_]+", text) if split_words(found[0])[:1] == [first])
    start = max(0, next(places, 0) - _LONGEST_QUOTE // 3)
    while 0 < start < len(text) and not text[start - 1].isspace():
        start -= 1
    return text[start : start + _LONGEST_QUOTE].strip()
