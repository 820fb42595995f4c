"""ENUM: which choice the words of the call speak for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from postcall.domain.answers import Answer, Evidence
from postcall.domain.questions import DispositionMetric
from postcall.extraction.builtin.acts import Act
from postcall.extraction.builtin.course import themes_in
from postcall.extraction.builtin.cues import WRONG_NUMBER, hear
from postcall.extraction.builtin.deeds import Deed, deed_of, wanted
from postcall.extraction.builtin.lexicon import expansions
from postcall.extraction.builtin.moods import answer_mood
from postcall.extraction.builtin.prompt import Choice, Question, read_question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.result_choices import answer_result, is_about_result
from postcall.extraction.builtin.special_choices import answer_language, answer_weekday, answer_yes_no
from postcall.extraction.builtin.text import STOP, stem, words
from postcall.extraction.builtin.themes import BY_NAME, Heard, theme_support, themes_of

DESCRIBED = 0.7
"""What a word of a choice's description counts, where a word of the choice itself counts 1."""
SPREAD = 0.8
"""What is left of a synonym's weight where it stands for a word of a description, which is one among many."""
CALL_TALK = frozenset(
    map(
        stem,
        words(
            """caller customer user client patient guest subscriber driver tenant member agent assistant representative
            person people somebody someone call calls called calling ask asks asked asking want wants
            wanted wish wishes need needs needed like question reason request requests requested say
            says said tell told about existing general kind thing things something anything everything
            case main business company clinic shop store office phone conversation contact contacted
            make made take taken get got do done go give given use used have know known just only also
            such help helped"""
        ),
    )
)
"""Words that explanations of choices hold whatever they explain."""
K1 = 1.2
"""How soon further mentions of a word stop counting, as in BM25."""
ANOTHERS = 0.3
"""What is left of a synonym's weight that is another choice's own word: `refund` speaks for `refund`, hardly
for `return`."""
FITTING, UNFITTING = 1.4, 0.75
"""What the support of a choice is multiplied by where its deed (book, search, cancel) is, or is not, what the
caller wants."""
THEME = 2.5
"""What a theme of the call counts that a choice stands for, beside the choice's words."""
LEAST_WITH_WAY_OUT = 1.0
"""The same where the question has a way out, such as `other`, and no theme of the call speaks for the choice."""
PLAIN = 3.0
"""Words that speak so much for a choice outweigh that the caller also speaks of what no choice stands for."""
LEAST = 0.35
"""Support below which no choice is named."""

_REASON = re.compile(
    r"\b(?:reason|purpose|intent|why|topic|category|kind|type|about|first|main|primary|contact|motivo|tema|powód)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The terms that support one choice."""

    value: str
    terms: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Support:
    """How much the call speaks for one choice, and where it does so most."""

    value: str
    score: float
    best: tuple[float, int, str] | None
    """The weight, turn and term of the strongest single mention."""
    themed: bool = False
    """A theme of the call speaks for it, not its words alone."""


def answer_enum(question: Question, reading: Reading) -> Answer:
    """The choice with the most support, or the fallback, or `unknown` where nothing supports any."""
    if question.gated and not is_about_result(question) and not any(outcome.good for outcome in reading.outcomes):
        return unsaid(question, "The agent confirms nothing that this could be about")
    for special in (answer_language, answer_weekday, answer_mood, answer_yes_no):
        answer = special(question, reading)
        if answer is not None:
            return answer
    if is_about_result(question):
        ranked = rank(question, reading)
        most = max((each.score for each in ranked), default=0.0) or 1.0
        answer = answer_result(question, reading, {each.value: each.score / most for each in ranked})
        if answer is not None:
            return answer
    return answer_by_words(question, reading)


def answer_by_words(question: Question, reading: Reading) -> Answer:
    """The choice whose words, synonyms and description the call holds most."""
    wrong = next(hear(reading, WRONG_NUMBER, None), None) if is_about_reason(question) else None
    if wrong is not None and len(reading.user_turns) <= 4 and question.fallback is not None:
        named = next((each.value for each in question.choices if is_wrong_number(each)), question.fallback)
        quote = wrong.turn.quote_around(wrong.start, wrong.end)
        return ok(
            question, named, confidence=0.7, reasoning=f"The number is wrong: “{quote.quote}”.", evidence=(quote,)
        )
    ranked = rank(question, reading)
    if ranked and question.fallback is not None and _is_of_no_choice(question, reading, ranked[0]):
        return unsaid(question, "What the call is about is none of the choices")
    if not ranked or ranked[0].score < LEAST or ranked[0].best is None:
        return unsaid(question, "Nothing in the transcript speaks for one of the choices")
    best = ranked[0]
    second = ranked[1].score if len(ranked) > 1 else 0.0
    assert best.best is not None
    _, turn, term = best.best
    quote = _quote(reading.turns[turn], term)
    share = best.score / (best.score + second) if best.score else 0.0
    return ok(
        question,
        best.value,
        confidence=0.2 + 0.75 * (share - 0.35) / 0.65,
        reasoning=f"The words of the call speak most for “{best.value}”, such as “{quote.quote}”.",
        evidence=(quote,),
    )


_TELLING = frozenset(
    {"move", "cancel", "job", "price", "insurance", "billing", "access", "refund status", "update details"}
)
"""Themes that, where no choice stands for them, show that the call is about none of the choices."""


def _is_of_no_choice(question: Question, reading: Reading, best: Support) -> bool:
    """Too little speaks for any choice, or the caller speaks plainly of something that no choice stands for."""
    if not is_about_reason(question) or best.themed:
        return False
    if best.score < LEAST_WITH_WAY_OUT:
        return True
    have = {theme.name for choice in question.choices for theme, _ in themes_of(choice)}
    heard = [each for each in themes_in(reading) if each.theme.name in _TELLING]
    return best.score < PLAIN and any(each.score >= 1.0 and each.theme.name not in have for each in heard)


def is_wrong_number(choice: Choice) -> bool:
    """The choice is for those who did not mean to call."""
    return any(theme.name == "wrong number" and sure == BY_NAME for theme, sure in themes_of(choice))


def rank(question: Question, reading: Reading) -> list[Support]:
    """All choices but the fallback, best supported first."""
    weights = _turn_weights(question, reading)
    scores = [_support(profile, reading, weights) for profile in profiles(question.metric)]
    if is_about_reason(question):
        scores = _with_themes(question, reading, scores)
    deeds = deeds_of(question.metric)
    if len(set(deeds.values()) - {None}) > 1:
        wish = wanted(reading)
        scores = [replace(each, score=each.score * _fit(deeds[each.value], wish)) for each in scores]
    return sorted(scores, key=lambda each: -each.score)


def is_about_reason(question: Question) -> bool:
    """It asks why the call took place, or its choices are reasons to call."""
    if is_about_result(question):
        return False
    themed = sum(bool(themes_of(choice)) for choice in question.choices)
    return question.has(_REASON) or themed * 2 >= len(question.choices)


def _with_themes(question: Question, reading: Reading, scores: list[Support]) -> list[Support]:
    heard = theme_support(question, themes_in(reading))
    known = {each.value for each in scores}
    scores = scores + [Support(value, 0.0, None) for value in heard if value not in known]
    return [_with_theme(each, heard.get(each.value), reading) for each in scores]


def _with_theme(support: Support, heard: Heard | None, reading: Reading) -> Support:
    if heard is None:
        return support
    words = reading.turns[heard.turn].text[heard.start : heard.end]
    best = support.best if support.best and support.best[0] > THEME * heard.score else None
    return Support(
        support.value, support.score + THEME * heard.score, best or (heard.score, heard.turn, words), themed=True
    )


def _fit(deed: Deed | None, wish: Deed | None) -> float:
    """How well what a choice is about fits what the caller wants done."""
    if wish is None or deed is None:
        return 1.0
    return FITTING if deed is wish else UNFITTING


@lru_cache(maxsize=1_024)
def deeds_of(metric: DispositionMetric) -> dict[str, Deed | None]:
    """The deed that each choice names."""
    return {choice.value: deed_of(choice.words) for choice in read_question(metric).choices}


def _turn_weights(question: Question, reading: Reading) -> dict[int, float]:
    if is_about_result(question):
        return _late_weights(reading)
    weights: dict[int, float] = {}
    reason = question.has(_REASON)
    said = 0
    for turn in reading.turns:
        if not turn.content:
            continue
        if turn.by_user:
            weights[turn.index] = 1.0 / (1.0 + 0.35 * said) if reason else 1.0
            said += 1
        else:
            weights[turn.index] = 0.3 if reason else 0.5
    return weights


def _late_weights(reading: Reading) -> dict[int, float]:
    """For questions about how a call ended: later turns and stated results count more, questions less."""
    good = {outcome.turn for outcome in reading.outcomes if outcome.good}
    weights: dict[int, float] = {}
    count = len(reading.turns)
    for turn in reading.turns:
        if turn.content:
            weight = 0.4 + 0.6 * (turn.index + 1) / count
            if turn.index in good:
                weight *= 2.0
            elif Act.QUESTION in turn.acts:
                weight *= 0.4
            weights[turn.index] = weight
    return weights


def _support(profile: Profile, reading: Reading, weights: dict[int, float]) -> Support:
    score = 0.0
    best: tuple[float, int, str] | None = None
    for term, weight in profile.terms:
        heard = 0.0
        for turn, turn_weight in weights.items():
            if term in reading.turns[turn].terms:
                heard += turn_weight
                if best is None or weight * turn_weight > best[0]:
                    best = (weight * turn_weight, turn, term)
        if heard:
            rarity = 1.0 if reading.background is None else 0.4 + 0.6 * reading.background.rarity(term)
            score += weight * rarity * heard * (K1 + 1) / (heard + K1)
    return Support(profile.value, score, best)


@lru_cache(maxsize=1_024)
def profiles(metric: DispositionMetric) -> tuple[Profile, ...]:
    """The terms of each choice, rarer among the choices counting more."""
    question = read_question(metric)
    raw = {choice.value: _raw_terms(choice) for choice in question.choices if choice.value != question.fallback}
    owners = {word: choice.value for choice in question.choices for word in choice.words}
    for choice in question.choices:
        for term in raw.get(choice.value, {}):
            if term in owners and term not in (*choice.words, *choice.description):
                raw[choice.value][term] *= ANOTHERS
    count = len(raw)
    holders: dict[str, float] = {}
    for terms in raw.values():
        for term, weight in terms.items():
            holders[term] = holders.get(term, 0.0) + weight  # a choice that a word hardly speaks for hardly shares it
    return tuple(
        Profile(
            value,
            tuple(
                (term, weight * math.log(1 + (count - holders[term] + 0.5) / (holders[term] + 0.5)))
                for term, weight in terms.items()
            ),
        )
        for value, terms in raw.items()
    )


def _raw_terms(choice: Choice) -> dict[str, float]:
    weights: dict[str, float] = {}
    if len(choice.words) > 1:
        weights["_".join(choice.words[:2])] = 0.8
    described = [word for word in choice.description if word not in CALL_TALK]
    for terms, factor, spread in ((choice.words, 1.0, 1.0), (described, DESCRIBED, SPREAD)):
        for word in terms:
            if word in STOP and len(choice.words) > 1:
                continue
            weights[word] = max(weights.get(word, 0.0), factor)
            for other, weight in expansions(word).items():
                weights[other] = max(weights.get(other, 0.0), factor * weight * spread)
    joined = "_".join(choice.words)
    for other, weight in expansions(joined).items():
        weights[other] = max(weights.get(other, 0.0), weight)
    return weights


def _quote(turn: Utterance, term: str) -> Evidence:
    place = turn.text.find(term) if " " in term else -1
    if place >= 0:
        return turn.quote_around(place, place + len(term))
    first = term.split("_")[0]
    for token in turn.tokens:
        if token.stem == first:
            return turn.quote_around(token.start, token.end)
    return turn.quote_around(0)
