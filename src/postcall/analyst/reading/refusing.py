"""Where a question is asked back: it can mean several things, or is about what calls do not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postcall.analyst.reading.filters import filter_of
from postcall.analyst.reading.judged import ask_which
from postcall.analyst.reading.mentions import is_vague
from postcall.analyst.reading.queries import (
    CALLS,
    calls_query,
    each_period,
    in_period,
    kind_of,
    measure_of,
    ranked,
    two_buckets,
)
from postcall.analyst.reading.roles import Roles
from postcall.analyst.reading.saying import understood
from postcall.analyst.reading.scene import Scene, left_words
from postcall.analyst.reading.sentences import RANKED, when
from postcall.analyst.reading.words import Place
from postcall.analyst.times.future import refuse_future
from postcall.domain.analysis import AskBack, Mention, NameKind, QuestionKind, Understood
from postcall.domain.queries import All, Condition, Filter, Having, Measure, MeasureKind, Operator, Query
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.nearest import listed

_HEADS = (
    "which",
    "what",
    "average",
    "median",
    "mean",
    "our",
    "by",
    "per",
    "what's our",
    "what is the",
    "what is our",
    "what's the",
    "what was the",
)
"""What follows these is what is asked for."""
_NAMES = frozenset(
    {"metric", "metrics", "field", "fields", "names", "data", "questions", "help", "measures", "attributes"}
)
_MOST_NAMES = 24
_TIMES = {"two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}
_BY_NUMBER = "field.user_number"
_TECHNICAL = frozenset({"field.extracted", "field.placed"})
_CALLS_MOST = re.compile(
    r"^(?:who|which|what)(?: \d+)?(?: (?:callers?|customers?|people|persons?|clients?|numbers?|patients?|guests?))? "
    r"(?:calls?|called|rings?|phones?|phoned|contacts?|contacted)(?: us| in)? (?:the )?most(?: often| frequently)?\b"
)
_FLAGS, _FEW_VALUES = 2, 20
_NOUNS = ("calls", "conversations", "chats", "callers")


def refuse(scene: Scene, roles: Roles) -> AskBack | None:
    """Where the question names nothing, or what it is about is not known here."""
    ahead = refuse_future(scene.question.text, scene.times, scene.question.now)
    if ahead is not None:
        return ahead
    left = left_words(scene)
    if _has_two_times(scene):
        base = replace(calls_query(scene, roles), measures=(CALLS,))
        choices = tuple(
            understood(scene, QuestionKind.COUNT, (in_period(base, each),), periods=when(each.says))
            for each in scene.times.periods
        )
        return AskBack("Two times are named: which one is meant?", choices=choices)
    again = called_again(scene, roles)
    if again is not None:
        says = "No report counts the callers that called more than once, but it can name them."
        return None if scene.cues.count is None else AskBack(says, choices=(again,))
    if asks_themes(scene, roles) or scene.cues.difference:
        return None
    if (which := ask_which(scene, roles)) is not None:
        return which
    vague = [each for each in scene.mentions if is_vague(each, scene.terms)]
    if vague and len(scene.mentions) == 1 and not roles.groups and not scene.numbers and scene.said is None:
        return _which(scene, roles, vague[0])
    named = bool(scene.mentions or scene.said or scene.numbers or roles.groups or roles.sides)
    if named:
        return cannot(scene) if _hangs_on_unknown(scene, left) else None
    cues = scene.cues
    counted = cues.count is not None or cues.bare or cues.trend or cues.listing or cues.busiest is not None
    if set(left) and set(left) <= _NAMES:
        names = [name_in_words(term.name) for term in scene.terms.values() if term.name not in _TECHNICAL]
        # What calls carry of their own first: what every call has is the same everywhere.
        names.sort(key=lambda name: f"metric.{name}" not in scene.terms)
        return AskBack(
            f"Calls have {listed(names[:_MOST_NAMES], 'and')}" + (", and more." if len(names) > _MOST_NAMES else ".")
        )
    if left and not _measures_known(scene, roles):
        words = " ".join(left)
        search = replace(calls_query(scene, roles), text=words)
        choice = understood(scene, QuestionKind.SEARCH, (), calls=search)
        wanted = counted and not cues.measure and not cues.rate
        return AskBack(
            f"Calls have nothing named “{words}”, so that cannot be counted or measured."
            + (" It can be searched for in what was said." if wanted else ""),
            choices=(choice,) if wanted else (),
        )
    two = cues.compare and len(scene.times.periods) == 2
    has_calls = (
        "call" in scene.wording.joined or "conversation" in scene.wording.joined or "chat" in scene.wording.joined
    )
    if (
        not left
        and not _measures_known(scene, roles)
        and not ((counted or two) and (has_calls or cues.busiest is not None or roles.groups))
    ):
        return AskBack("What is to be counted or measured, and of which calls?", choices=tuple(_usual(scene, roles)))
    return None


def _usual(scene: Scene, roles: Roles) -> Iterator[Understood]:
    """What is asked most: how many calls, how they ended, and the share of a flag or two."""
    base = calls_query(scene, roles)

    def asking(query: Query) -> Understood:
        if two_buckets(scene.times.periods):
            return understood(scene, QuestionKind.COMPARISON, tuple(each_period(scene, query)))
        return understood(scene, kind_of(query), (query,))

    yield asking(replace(base, measures=(CALLS,)))
    flags = [term for term in scene.terms.values() if term.type == "boolean" and term.name not in _TECHNICAL]
    flags.sort(key=lambda term: (term.name != "field.handoff", term.kind is not NameKind.ANSWER))
    for term in flags[:_FLAGS]:
        rate = Measure(MeasureKind.RATE, of=term.name, value=True, name="rate")
        yield asking(replace(base, measures=(rate,)))
    told = (each for each in scene.terms.values() if each.kind is NameKind.ANSWER and each.type == "text")
    closed = next((each.name for each in told if 1 < len(each.values) <= _FEW_VALUES), None)
    if closed is not None and not two_buckets(scene.times.periods):
        yield asking(ranked(replace(base, measures=(CALLS,), group_by=(closed,)), limit=RANKED, rising=False))


def _has_two_times(scene: Scene) -> bool:
    """Whether two times stand side by side that no call can be of: `yesterday last month`."""
    periods = sorted(scene.times.periods, key=lambda each: each.start)
    return two_buckets(scene.times.periods) and not scene.question.text[periods[0].end : periods[1].start].strip()


def _is_named(scene: Scene, place: Place) -> bool:
    """Whether a name or value stands for some of these words."""
    spans = [(each.start, each.end) for each in scene.mentions] + [(each.start, each.end) for each in scene.numbers]
    return any(start < place.end and place.start < end for start, end in spans)


def called_again(scene: Scene, roles: Roles) -> Understood | None:
    """The numbers of those who called more than once, where that is asked and no name holds it."""
    if scene.wording.has(_CALLS_MOST) and _BY_NUMBER in scene.terms and not roles.groups:
        base = replace(calls_query(scene, roles), measures=(CALLS,), group_by=(_BY_NUMBER,))
        base = replace(base, filters=All(tuple(each for each in base.filters.parts if not _says_inbound(each))))
        return understood(scene, QuestionKind.TOP, (ranked(base, limit=scene.limit or RANKED, rising=False),))
    if scene.cues.twice is None or _is_named(scene, scene.cues.twice) or _BY_NUMBER not in scene.terms:
        return None
    said = next((group for group in scene.cues.twice.groups if group), "")
    least = Having(CALLS.name, Operator.GTE, value=3.0 if said.startswith("more") else _TIMES.get(said, 2.0))
    query = replace(calls_query(scene, roles), measures=(CALLS,), group_by=(_BY_NUMBER,), having=(least,))
    return understood(scene, QuestionKind.TOP, (ranked(query, limit=RANKED, rising=False),))


def _says_inbound(part: Filter) -> bool:
    return isinstance(part, Condition) and part.field == "field.direction"


def _which(scene: Scene, roles: Roles, mention: Mention) -> AskBack:
    """Asks which of several things is meant."""
    base = calls_query(scene, roles)
    choices = []
    for each in (mention, *mention.others):
        part = filter_of(each, scene) or Condition(each.name, Operator.EXISTS)
        query = replace(base, measures=(CALLS,), filters=All((part,)))
        choices.append(understood(scene, QuestionKind.COUNT, (query,)))
    words = scene.question.text[mention.start : mention.end]
    return AskBack(f"“{words}” can mean several things.", choices=tuple(choices))


def cannot(scene: Scene) -> AskBack:
    """Says that nothing here can be measured so."""
    left = left_words(scene)
    if not left:
        return AskBack("Calls have nothing that could be measured so.")
    return AskBack(f"Calls have nothing named “{' '.join(left)}”, so that cannot be counted or measured.")


def _measures_known(scene: Scene, roles: Roles) -> bool:
    return measure_of(scene, roles) is not None or scene.cues.longest is not None


def _hangs_on_unknown(scene: Scene, left: Sequence[str]) -> bool:
    """Whether what is asked for is named by words that are not known: `which receptionist`, `how many good calls`."""
    if not left or scene.said is not None:
        return False
    joined, first = f" {scene.wording.joined} ", left[0]
    of_calls = any(f" {word} {noun} " in joined for word in left for noun in _NOUNS)
    if of_calls or any(f" {head} {first} " in joined for head in _HEADS):
        return True
    return len(left) > 1 and len(left) >= 2 * len(scene.mentions)


def asks_themes(scene: Scene, roles: Roles) -> bool:
    """Whether what people say is asked for, and no number."""
    return scene.cues.themes and scene.cues.rate is None and not roles.groups
