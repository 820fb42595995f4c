"""Words that may mean several things that calls carry: `successful` calls, `calls with 12`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postcall.analyst.names.question_words import spelled
from postcall.analyst.reading.mentions import is_whole
from postcall.analyst.reading.queries import CALLS, calls_query, kind_of
from postcall.analyst.reading.roles import Roles
from postcall.analyst.reading.saying import understood
from postcall.analyst.reading.scene import Scene, left_words, taken_spans
from postcall.domain.analysis import AskBack, KnownTerm, NameKind, QuestionKind, Understood
from postcall.domain.builtin_metrics import BUILT_IN
from postcall.domain.queries import All, Condition, Filter, Measure, MeasureKind, Not, Operator

_WELL = frozenset(
    [
        "successful",
        "success",
        "successes",
        "successfully",
        "succeeded",
        "succeed",
        "well",
        "good",
        "great",
        "fine",
        "ok",
        "okay",
    ]
)
_BADLY = frozenset(
    ["unsuccessful", "unsuccessfully", "bad", "badly", "poor", "poorly", "wrong", "problematic", "problem", "problems"]
)
_GO = frozenset(["went", "go", "goes", "gone", "turned", "turn", "out"])
_REACHED_WORDS = (
    "success successful resolved solved fulfilled booked confirmed completed contained achieved accomplished"
)
_REACHED = frozenset(_REACHED_WORDS.split())
"""Words in a flag's name by which a call may be called successful."""
_FEELS = {
    True: ("positive", "satisfied", "happy", "good"),
    False: ("negative", "unsatisfied", "dissatisfied", "unhappy", "bad"),
}
_MOST = 6
_BARE = re.compile(
    r"\b(?:with|ha[ds]|have|of|got|gets?|rated|scored|gave|given|gives?|were|was|equals?)"
    r"(?: (?:a|an|us|it|exactly|rating|score))*$"
)
"""Words before a number that is the value of something."""


def ask_which(scene: Scene, roles: Roles) -> AskBack | None:
    """Asks back where a word fits several names alike and none of them by itself; None where there is no such word."""
    cues = scene.cues
    if roles.groups or roles.sides or scene.said is not None or cues.difference or cues.measure is not None:
        return None
    if cues.count is None and cues.rate is None and not (cues.listing or cues.bare):
        return None
    return _ask_how_good(scene, roles) or _ask_of_what(scene, roles)


def _ask_how_good(scene: Scene, roles: Roles) -> AskBack | None:
    """`how many were successful`, where nothing is called so."""
    left = left_words(scene)
    judging = [word for word in left if word in _WELL or word in _BADLY]
    if not judging or any(word not in _GO and word not in judging for word in left) or len(set(judging)) > 1:
        return None
    parts = list(_judged(scene, good=judging[0] in _WELL))[:_MOST]
    if not parts:
        return None
    choices = tuple(_asked(scene, roles, part, rate=rate) for part, rate in parts)
    return AskBack(f"“{judging[0]}” can mean several things.", choices=choices)


def _judged(scene: Scene, *, good: bool) -> Iterator[tuple[Filter, Measure]]:
    """By what a call may be called good or bad, what is asked or written of it first."""
    named = {each.name for each in scene.mentions}
    for term in sorted(scene.terms.values(), key=_is_built_in):
        if term.name in named or term.name.startswith("field."):
            continue
        if term.type == "boolean" and _REACHED & set(spelled(term.name.partition(".")[2])):
            held = Condition(term.name, Operator.EQ, True)
            yield (held if good else Not(held)), Measure(MeasureKind.RATE, of=term.name, value=good, name="rate")
        felt = [value for value in term.values if str(value).lower() in _FEELS[good]] if term.type == "text" else []
        if felt:
            rate = Measure(MeasureKind.RATE, of=term.name, value=felt[0], name="rate")
            yield Condition(term.name, Operator.EQ, felt[0]), rate


def _is_built_in(term: KnownTerm) -> tuple[bool, bool]:
    built_in = term.name.partition(".")[2] in BUILT_IN
    return built_in, term.kind is not NameKind.ANSWER and term.type != "boolean"


def _asked(scene: Scene, roles: Roles, part: Filter, *, rate: Measure) -> Understood:
    """The question with one of the meanings: as a share where one was asked for, as calls where these were."""
    base = calls_query(scene, roles)
    if scene.cues.rate is not None:
        query = replace(base, measures=(rate,))
        return understood(scene, kind_of(query), (query,))
    held = replace(base, filters=All((*base.filters.parts, part)))
    if scene.cues.count is None:
        return understood(scene, QuestionKind.LIST, (), calls=replace(held, limit=scene.limit))
    return understood(scene, QuestionKind.COUNT, (replace(held, measures=(CALLS,)),))


def _ask_of_what(scene: Scene, roles: Roles) -> AskBack | None:
    """`how many calls with 12`: a number of nothing that is named."""
    if scene.cues.rate is not None or roles.subject is not None or scene.numbers:
        return None
    number = next(iter(_bare_numbers(scene)), None)
    fitting = [term for term in scene.terms.values() if _is_recorded(term)]
    if number is None or not fitting:
        return None
    conditions = [Condition(term.name, Operator.EQ, int(number)) for term in fitting[:_MOST]]
    rate = Measure(MeasureKind.CONVERSATIONS, name="calls")
    return AskBack(
        f"Of what is “{number}” meant?", choices=tuple(_asked(scene, roles, each, rate=rate) for each in conditions)
    )


def _is_recorded(term: KnownTerm) -> bool:
    """Whether it is a number that code wrote or a question answered."""
    return term.type == "number" and term.name.startswith("metric.") and term.name.partition(".")[2] not in BUILT_IN


def _bare_numbers(scene: Scene) -> Sequence[str]:
    spans = taken_spans(scene)
    return [
        word.text
        for word in scene.wording.words
        if is_whole(word)
        and all(word.end <= start or end <= word.start for start, end in spans)
        and _BARE.search(scene.wording.between(0, word.start))
    ]
