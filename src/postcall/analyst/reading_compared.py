"""What a question compares with each other: values of a name, all of its kind, or those with and those without it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from postcall.analyst.reading_filters import clock_filter, join_filters
from postcall.analyst.reading_scene import Scene
from postcall.analyst.reading_subject import is_told
from postcall.analyst.reading_words import Place
from postcall.domain.analysis import Clock, Mention
from postcall.domain.queries import Condition, Filter, Not, Operator
from postcall.reporting.fields import WEEKDAYS

_BOTH = re.compile(
    r"\bwith (?:and|or|vs|versus|against|compared (?:to|with)) without\b|"
    r"\bwithout (?:and|or|vs|versus|against|compared (?:to|with)) with\b"
)
_WEEKDAYS_AND_WEEKENDS = re.compile(
    r"\b(?:weekdays?|workdays?|working days)\b.*\bweekends?\b|\bweekends?\b.*\b(?:weekdays?|workdays?|working days)\b"
)
_SIZED = re.compile(r"\b(?:longer|shorter|briefer|slower|faster|quicker)\b")
_FEW = 6
"""Values that are compared with each other one by one; of more, one is compared with all the rest."""
_BESIDE = 2
"""Words between a side and the word that sets it against another."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared, and the mentions that are left for other uses."""

    free: list[Mention]
    group: str | None = None
    """The name whose values are compared."""
    only: Filter | None = None
    """Calls of no other value."""
    sides: tuple[Filter, ...] = ()
    """Kinds of calls, where no name groups them."""


def take_compared(scene: Scene, free: list[Mention]) -> Compared:
    """`English vs Spanish`, `new patients vs everyone else`, `variant a or b`, `with and without insurance`."""
    if len(scene.times.periods) > 1:
        return Compared(free)
    both = scene.wording.find(_BOTH)
    if both is not None:
        found = next((each for each in free if each.end > both.start), None)
        if found is not None:
            return _with_and_without(scene, free, found)
    if not (scene.cues.compare or scene.cues.spread or scene.cues.others):
        return Compared(free)
    if scene.wording.has(_WEEKDAYS_AND_WEEKENDS):
        days = (WEEKDAYS[:5], WEEKDAYS[5:])
        sides = tuple(Condition("field.weekday", Operator.IN, values=each) for each in days)
        return Compared([each for each in free if each.name != "field.weekday"], sides=sides)
    for place in scene.cues.versus:
        against = _set_against(scene, free, place)
        if against is not None:
            return against
    return Compared(free)


def set_against_others(scene: Scene, free: list[Mention], *, clocks: Sequence[Clock]) -> Compared:
    """Where only one side is named: `do new patients book more`, `do callers hang up more in the evening`."""
    if scene.cues.trend or scene.numbers:
        return Compared(free)
    if len(clocks) == 1 and (part := clock_filter(clocks)) is not None:
        return Compared(free, sides=(part, Not(part)))
    told = [each for each in free if is_told(scene, each)]
    sized = scene.wording.has(_SIZED)
    if not told or (len(told) == 1 and not sized):
        return Compared(free)
    side = told[0]
    rest = [each for each in free if each is not side]
    if side.name.startswith("field.") or scene.type_of(side) == "text":
        term = scene.terms.get(side.name)
        if scene.type_of(side) == "boolean" or (term is not None and len(term.values) <= _FEW):
            return Compared(rest, side.name)
    held = Condition(side.name, Operator.EQ, side.value if side.has_value else True)
    return Compared(rest, sides=(held, Not(held)))


def _set_against(scene: Scene, free: list[Mention], place: Place) -> Compared | None:
    before = [each for each in free if each.end <= place.start and each.has_value]
    after = [each for each in free if each.start >= place.end and _near(scene, place.end, each.start)]
    near = [each for each in before if _near(scene, each.end, place.start)]
    if near and after and near[-1].name == after[0].name and after[0].has_value:
        return _values(scene, free, near[-1].name, [])
    other = _value_beside(scene, before, place)
    if other is not None:
        return _values(scene, free, other.name, [other])
    flags = [each for each in free if each.end <= place.start and _near(scene, each.end, place.start)]
    if scene.cues.others and flags and (flags[-1].has_value or scene.type_of(flags[-1]) == "boolean"):
        return Compared([each for each in free if each != flags[-1]], flags[-1].name)
    return None


def _values(scene: Scene, free: list[Mention], name: str, more: list[Mention]) -> Compared:
    sides = [each for each in (*free, *more) if each.name == name and each.has_value and not each.negated]
    rest = [each for each in free if each.name != name]
    return Compared(rest, name, next(iter(join_filters(sides, scene)), None))


def _value_beside(scene: Scene, before: list[Mention], place: Place) -> Mention | None:
    """`a` of `variant b more than a`: another value of what is named before."""
    following = next((word for word in scene.wording.words if word.start >= place.end), None)
    if following is None:
        return None
    for each in reversed(before):
        term = scene.terms.get(each.name)
        for value in term.values if term else ():
            if isinstance(value, str) and value.lower() == following.text and value != each.value:
                return replace(each, start=following.start, end=following.end, value=value, values=(), others=())
    return None


def _with_and_without(scene: Scene, free: list[Mention], found: Mention) -> Compared:
    rest = [each for each in free if each.name != found.name]
    if found.name.startswith("field.") and scene.type_of(found) == "boolean":
        return Compared(rest, found.name)
    value = True if scene.type_of(found) == "boolean" else found.value if found.has_value else None
    held = Condition(found.name, Operator.EXISTS) if value is None else Condition(found.name, Operator.EQ, value)
    without: Filter = Condition(found.name, Operator.NOT_EXISTS) if value is None else Not(held)
    return Compared(rest, sides=(held, without))


def _near(scene: Scene, first: int, second: int) -> bool:
    return len(scene.between(first, second)) <= _BESIDE
