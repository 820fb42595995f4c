"""What a question compares with each other: values of a name, all of its kind, or those with and those without it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from postcall.analyst.reading.filters import clock_filter, join_filters
from postcall.analyst.reading.scene import Scene
from postcall.analyst.reading.subject import is_told
from postcall.analyst.reading.words import Place
from postcall.domain.analysis import Clock, Mention
from postcall.domain.queries import All, Condition, Filter, Not, Operator
from postcall.reporting.fields import WEEKDAYS

_BOTH = re.compile(
    r"\bwith (?:and|or|vs|versus|against|compared (?:to|with)) without\b|"
    r"\bwithout (?:and|or|vs|versus|against|compared (?:to|with)) with\b"
)
_WEEKDAYS_AND_WEEKENDS = re.compile(
    r"\b(?:weekdays?|workdays?|working days)\b.*\bweekends?\b|\bweekends?\b.*\b(?:weekdays?|workdays?|working days)\b"
)
_YES_OR_NO = re.compile(
    r"(?:= |is |was |being |: |\" )?\b(?:(?:yes|true) (?:and|or|vs|versus|against|than|, ) ?(?:no|false)|"
    r"(?:no|false) (?:and|or|vs|versus|against|than|, ) ?(?:yes|true))\b"
)
_NOT_SO = re.compile(
    r"\b(?:and|or|vs|versus|against|than|from|to|with) (?:(?:when|where|if) )?(?:(?:the )?"
    r"(?:those|ones|calls|callers|customers|people|conversations|chats|requests|how many)(?: [^ ]+){0,4}? )?"
    r"(?:not|\w+n't|without)(?= [?.!]|$| (?:last|this|in|on|during|since|yesterday|today)\b)"
)
_THE_OTHERS = re.compile(
    r"\b(?:and|or|vs|versus|against|than|from|compared (?:to|with)|rather than|as opposed to) "
    r"(?:the |for |of |by |with )*"
    r"(?:existing|returning|regular|established|known|ordinary|normal|usual|old|other) ([^ ]+)"
)
_ANY_CALLS = frozenset({"call", "conversation", "chat", "one"})
_SIZED = re.compile(r"\b(?:longer|shorter|briefer|slower|faster|quicker)\b")
_FEW = 6
"""Values that are compared with each other one by one; of more, one is compared with all the rest."""
_LISTED = 3
"""So many values in a row are each wanted by themselves."""
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
    contrary = _contrary(scene, free)
    if contrary is not None:
        return contrary
    both = scene.wording.find(_BOTH)
    if both is not None:
        found = next((each for each in free if each.end > both.start), None)
        if found is not None:
            return _with_and_without(scene, free, found)
    cues = scene.cues
    listed = _listed(scene, free) if cues.count is not None else None
    if listed is not None:
        return listed
    measured = cues.measure is not None or cues.rate is not None
    if not (cues.compare or cues.spread or cues.others or measured):
        return Compared(free)
    if scene.wording.has(_WEEKDAYS_AND_WEEKENDS):
        days = (WEEKDAYS[:5], WEEKDAYS[5:])
        sides = tuple(Condition("field.weekday", Operator.IN, values=each) for each in days)
        return Compared([each for each in free if each.name != "field.weekday"], sides=sides)
    compares = cues.compare or cues.spread or cues.others
    for place in cues.versus:
        # `average duration of English and Spanish calls`: of each; `of English or Spanish ones` is of both.
        word = scene.question.text[place.start : place.end].lower()
        against = _set_against(scene, free, place) if compares or word == "and" else None
        if against is not None:
            return against
    if cues.difference and cues.top is None and (measured or any(scene.type_of(each) == "number" for each in free)):
        # `how does the average length differ when the caller was annoyed`
        flags = [each for each in free if scene.type_of(each) == "boolean"]
        if len(flags) == 1 and cues.rate is None and not cues.each:
            return _without(free, flags[0].name)
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
    if sized and scene.type_of(side) == "boolean":
        return Compared(rest, side.name)
    held = Condition(side.name, Operator.EQ, side.value if side.has_value else True)
    return Compared(rest, sides=(held, Not(held)))


def _set_against(scene: Scene, free: list[Mention], place: Place) -> Compared | None:
    before = [each for each in free if each.end <= place.start and each.has_value]
    after = [each for each in free if each.start >= place.end and _near(scene, place.end, each.start)]
    near = [each for each in before if _near(scene, each.end, place.start)]
    if near and after and near[-1].name == after[0].name and after[0].has_value:
        if len(near[-1].values) > 1 or len(after[0].values) > 1:
            # `hotel vs restaurant calls`, where each word fits several reasons
            sides = tuple(All(tuple(join_filters([each], scene))) for each in (near[-1], after[0]))
            return Compared([each for each in free if each not in (near[-1], after[0])], sides=sides)
        return _values(scene, free, near[-1].name, [])
    other = _value_beside(scene, before, place)
    if other is not None:
        return _values(scene, free, other.name, [other])
    flags = [each for each in free if each.end <= place.start and _near(scene, each.end, place.start)]
    if scene.cues.others and flags and (flags[-1].has_value or scene.type_of(flags[-1]) == "boolean"):
        return Compared([each for each in free if each != flags[-1]], flags[-1].name)
    return None


def _contrary(scene: Scene, free: list[Mention]) -> Compared | None:
    """`booked and unbooked`, `fulfilled yes or no`, `new and existing patients`: no call is both, so each is told."""
    yes_or_no = scene.wording.find(_YES_OR_NO)
    if yes_or_no is not None:
        flags = [each for each in free if scene.type_of(each) == "boolean" and each.end <= yes_or_no.start]
        if flags and _near(scene, flags[-1].end, yes_or_no.start):
            return _without(free, flags[-1].name)
    for place in scene.wording.each(_NOT_SO):
        flags = [each for each in free if is_told(scene, each) and each.end <= place.start]
        if flags and scene.type_of(flags[-1]) == "boolean" and _near(scene, flags[-1].end, place.start):
            return _without(free, flags[-1].name)
    for at, one in enumerate(free):
        for other in free[at + 1 :]:
            if _are_contrary(scene, one, other) and scene.wording.between(one.end, other.start):
                if scene.type_of(one) == "boolean":
                    return _without(free, one.name)
                held = Condition(one.name, Operator.EQ, one.value)
                return Compared([each for each in free if each.name != one.name], sides=(held, Not(held)))
    for place in scene.wording.each(_THE_OTHERS):
        flag = _flag_of_others(scene, free, place)
        if flag is not None:
            return _without(free, flag.name)
    return None


def _listed(scene: Scene, free: list[Mention]) -> Compared | None:
    """`how many were positive, neutral and negative`: three and more values in a row are told one by one."""
    run: list[Mention] = []
    for each in free:
        if run and (each.name != run[-1].name or not set(scene.between(run[-1].end, each.start)) <= {",", "and"}):
            run = []
        run = [*run, each] if each.has_value and not each.negated and scene.type_of(each) == "text" else []
        if len(run) >= _LISTED and len({it.value for it in run}) == len(run):
            return _values(scene, free, each.name, [])
    return None


def _without(free: list[Mention], name: str) -> Compared:
    return Compared([each for each in free if each.name != name], name)


def _are_contrary(scene: Scene, one: Mention, other: Mention) -> bool:
    if one.name != other.name:
        return False
    if scene.type_of(one) == "boolean":
        return _holds(one) is not _holds(other)
    return one.has_value and other.has_value and one.value == other.value and one.negated is not other.negated


def _holds(mention: Mention) -> bool:
    """Whether the flag is to be set."""
    return (mention.value is not False) is not mention.negated


def _flag_of_others(scene: Scene, free: list[Mention], place: Place) -> Mention | None:
    """The flag that `existing` of `are new patients booked more than existing patients` is the other side of.

    Its words stand right before, or its noun is said again.
    """
    before = [each for each in free if each.start < place.start and scene.type_of(each) == "boolean"]
    noun = (place.groups[0] or "").rstrip("s")
    for each in before:
        words = scene.wording.between(each.start, each.end).split()
        if noun and noun in {word.rstrip("s") for word in words}:
            return each
    if noun == "one" and len(before) == 1:
        return before[0]
    after = [each for each in free if each.start >= place.start and scene.type_of(each) == "boolean"]
    near = [each for each in before if each.end >= place.start or not scene.between(each.end, place.start)]
    return near[-1] if near and noun not in _ANY_CALLS and not after else None


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
    if scene.type_of(found) == "boolean":
        return Compared(rest, found.name)
    value = found.value if found.has_value else None
    held = Condition(found.name, Operator.EXISTS) if value is None else Condition(found.name, Operator.EQ, value)
    without: Filter = Condition(found.name, Operator.NOT_EXISTS) if value is None else Not(held)
    return Compared(rest, sides=(held, without))


def _near(scene: Scene, first: int, second: int) -> bool:
    return len(scene.between(first, second)) <= _BESIDE
