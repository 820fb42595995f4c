"""What is named in a question as conditions on calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from postcall.analyst.names.question_words import spelled
from postcall.analyst.names.value_phrases import says_none
from postcall.analyst.reading.numbers import Compared
from postcall.analyst.reading.scene import Scene
from postcall.domain.analysis import Clock, KnownTerm, Mention, NameKind
from postcall.domain.calls import JsonScalar
from postcall.domain.queries import All, AnyOf, Condition, Filter, Not, Operator
from postcall.reporting.filter_words import name_in_words

_PART = re.compile(r"[^\W_]+")
_CALLS = frozenset({"calls", "call", "conversations", "chats", "times"})
_BESIDE = 2
_NEAR = 5
"""Words between a comparison and the name of what is compared."""
_UNKNOWN = re.compile(
    r"\b(?:(?:not|n't|don't|do not|never) know(?:n)?|unknown|unclear|not (?:recorded|clear|said|"
    r"stated|given)|no idea|missing|nobody said|undetermined)\b"
)
_HAVE = re.compile(r"\b(?:with|without|has|have|had|no|lacking|missing|gave|given|named?|known?|know)$")
_OF = frozenset({"of", "on", "in", "for", "the", "a", "its", "their"})
_ANSWERS = re.compile(r"\b(?:answer|respond|repl(?:y|ie)|react)(?:s|d|ed|ing)?(?: [^ ]+){0,2}$")
_THEMES = frozenset({"complaint", "complaints"})
_OR_WORDS = "or a an the were was are is that which who with had have has got where either ended in"
_BESIDE_OR = frozenset(_OR_WORDS.split())
"""What may stand between two conditions of which one is enough."""
_AS_WRITTEN = 0.95
_TOUCHED = 0.65
_UNIT_WORDS = (
    "s sec secs seconds min mins minutes hours days weeks months years ms eur euros usd dollars gbp pct percent kg gb "
    "mb km cnt count amt"
)
UNITS = frozenset(_UNIT_WORDS.split())
"""Ends of names that say in what a number is."""
_LAST_MINUTE = 24 * 60 - 1


def filter_of(mention: Mention, scene: Scene) -> Filter | None:
    """The condition that a mention states alone; None where a field is only named."""
    boolean = scene.type_of(mention) == "boolean"
    if says_unknown(mention, scene):
        return Condition(mention.name, Operator.NOT_EXISTS)
    if mention.has_value or boolean:
        value = mention.value if mention.has_value else True
        if mention.negated and value is False:
            return Condition(mention.name, Operator.EQ, True)
        condition = Condition(mention.name, Operator.EQ, value)
        return Not(condition) if mention.negated else condition
    if mention.negated:
        return Condition(mention.name, Operator.NOT_EXISTS)
    term = scene.terms.get(mention.name)
    if term is not None and term.kind is NameKind.FIELD:
        before = scene.wording.between(0, mention.start)
        if not _HAVE.search(before):
            return None
    nothing = _nothings(term) if term is not None and term.type == "text" else []
    known = Condition(mention.name, Operator.EXISTS)
    # Who has `no complaint` as a complaint has none.
    return All((known, *(Not(Condition(mention.name, Operator.EQ, each)) for each in nothing))) if nothing else known


def _nothings(term: KnownTerm) -> list[JsonScalar]:
    """The values that say that there is none of the name: `no issue` of an issue, and not `no slot` of a failure."""
    parts = {_stem(part) for part in spelled(term.name.partition(".")[2])}
    return [
        value
        for value in term.values
        if says_none(value) and {_stem(word) for word in spelled(str(value))[1:]} <= parts
    ]


def says_unknown(mention: Mention, scene: Scene) -> bool:
    """Whether the question speaks of calls of which this is not known."""
    return not mention.negated and any(
        (place.end <= mention.start and len(scene.between(place.end, mention.start)) <= _NEAR)
        or (mention.end <= place.start and len(scene.between(mention.end, place.start)) <= 2)
        for place in scene.wording.each(_UNKNOWN)
    )


def join_filters(mentions: Sequence[Mention], scene: Scene) -> list[Filter]:
    """All conditions; several values of one name are alternatives."""
    mentions = [each for each in mentions if not _is_theme(each, mentions, scene)]
    values: dict[str, list[JsonScalar]] = {}
    for mention in mentions:
        if mention.has_value and not mention.negated and not says_unknown(mention, scene):
            held = values.setdefault(mention.name, [])
            held.extend(value for value in (mention.values or (mention.value,)) if value not in held)
    joined: list[Filter] = []
    before: Mention | None = None
    for mention in mentions:
        several = values.get(mention.name, [])
        if mention.has_value and not mention.negated and len(several) > 1:
            part: Filter | None = Condition(mention.name, Operator.IN, values=tuple(several))
        else:
            part = filter_of(mention, scene)
        if part is not None and _is_weak(mention, mentions, scene):
            part = None
        if part is not None and part not in joined:
            either = before is not None and joined and before.name != mention.name and _is_or(before, mention, scene)
            if either:
                last = joined.pop()
                part = AnyOf((*(last.parts if isinstance(last, AnyOf) else (last,)), part))
            joined.append(part)
            before = mention
    # `booked` beside `booked with Dr Lee` says nothing more: a value of a name also exists.
    named = {part.field for part in joined if isinstance(part, Condition) and part.op is not Operator.EXISTS}
    return [
        part
        for part in joined
        if not (isinstance(part, Condition) and part.op is Operator.EXISTS and part.field in named)
    ]


def _is_theme(mention: Mention, mentions: Sequence[Mention], scene: Scene) -> bool:
    """Whether it says what is to be told of the calls of another value: `complaints in billing calls`."""
    words = scene.wording.between(mention.start, mention.end)
    others = any(each.name == mention.name and each != mention for each in mentions)
    return scene.cues.themes and words in _THEMES and others


def _is_weak(mention: Mention, mentions: Sequence[Mention], scene: Scene) -> bool:
    """Whether a number is only touched on beside what is surely named: `no slot was free` is of no slots offered."""
    if mention.has_value or mention.negated or scene.type_of(mention) != "number" or mention.score >= _TOUCHED:
        return False
    return any(other.score >= _AS_WRITTEN for other in mentions) and not _HAVE.search(
        scene.wording.between(0, mention.start)
    )


def _is_or(first: Mention, second: Mention, scene: Scene) -> bool:
    """Whether one of the two is enough: `a waived fee or a payment link`."""
    between = scene.between(first.end, second.start)
    return between[:1] == ["or"] and all(word in _BESIDE_OR for word in between)


def place_numbers(scene: Scene) -> tuple[list[Filter], list[Compared], list[Compared], set[Mention]]:
    """Conditions on numbers; those on how many calls a row has; those of nothing known; mentions that they use up."""
    filters: list[Filter] = []
    counted: list[Compared] = []
    lost: list[Compared] = []
    used: set[Mention] = set()
    for each in scene.numbers:
        mention = _named_beside(each, scene, used)
        if mention is None and each.noun in _CALLS and not _by_words(each, scene):
            counted.append(each)
            continue
        name = mention.name if mention else _by_words(each, scene)
        if mention is not None:
            used.add(mention)
        if name is not None and (mention is not None or not each.timed or name == "field.latency"):
            used.update(_of_its_name(name, each, scene) - _wanted(scene))
        if name is None:
            lost.append(each)
        elif each.op is Operator.BETWEEN:
            filters.append(Condition(name, each.op, values=each.values))
        else:
            filters.append(Condition(name, each.op, each.values[0]))
    return filters, counted, lost, used


def clock_filter(clocks: Iterable[Clock]) -> Filter | None:
    """Calls that began in any of these parts of the day; those that name only days of the week hold beside them."""
    days = tuple(dict.fromkeys(day for clock in clocks if clock.first_minute is None for day in clock.weekdays))
    parts = [part for clock in clocks if clock.first_minute is not None for part in [_minutes(clock)]]
    filters: list[Filter] = [Condition("field.weekday", Operator.IN, values=days)] if days else []
    if parts:
        filters.append(parts[0] if len(parts) == 1 else AnyOf(tuple(parts)))
    return None if not filters else filters[0] if len(filters) == 1 else All(tuple(filters))


def _minutes(clock: Clock) -> Filter:
    first, last = clock.first_minute or 0, _LAST_MINUTE if clock.last_minute is None else clock.last_minute
    name = "field.minute"
    part: Filter = (
        Condition(name, Operator.BETWEEN, values=(first, last))
        if first <= last
        else AnyOf((Condition(name, Operator.GTE, first), Condition(name, Operator.LTE, last)))
    )
    if not clock.weekdays:
        return part
    return All((part, Condition("field.weekday", Operator.IN, values=clock.weekdays)))


def _named_beside(each: Compared, scene: Scene, used: set[Mention]) -> Mention | None:
    """The number that is named next to a comparison: `pain level over 7`, `more than 3 user turns`."""
    after = [
        mention
        for mention in scene.mentions
        if scene.type_of(mention) == "number" and not mention.has_value and mention not in used
    ]
    near = [
        (len(scene.between(min(each.end, mention.end), max(each.start, mention.start))), mention)
        for mention in after
        if not _is_apart(each, mention, scene)
    ]
    near = [pair for pair in near if pair[0] <= _NEAR]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _is_apart(each: Compared, mention: Mention, scene: Scene) -> bool:
    """Whether a time is of the call, and not of what is named behind it as in `10 s of hold`."""
    if not each.timed or mention.name in {"field.duration", "field.latency"} or mention.start <= each.end:
        return False
    between = scene.between(each.end, mention.start)
    return not between or any(word not in _OF for word in between)


def _wanted(scene: Scene) -> set[Mention]:
    """What may say of which calls, though it shares a word with a number's name: a value as it is written."""
    return {each for each in scene.mentions if each.has_value and each.score >= _AS_WRITTEN}


def _of_its_name(name: str, each: Compared, scene: Scene) -> set[Mention]:
    """Mentions beside the number that are only words of its name: `transfers` of `transfers over 1,000`."""
    parts = {_stem(part) for part in (*spelled(name.partition(".")[2]), *name_in_words(name).split())}
    found = set()
    for mention in scene.mentions:
        words = {_stem(word) for word in scene.wording.between(mention.start, mention.end).split()}
        near = len(scene.between(min(each.end, mention.end), max(each.start, mention.start))) <= _BESIDE
        if near and words <= parts:
            found.add(mention)
    return found


def _by_words(each: Compared, scene: Scene) -> str | None:
    """The number whose name or definition shares most words with those around a comparison."""
    answered = each.timed and _ANSWERS.search(scene.wording.between(0, each.start)) is not None
    if (each.slow or answered) and "field.latency" in scene.terms:
        return "field.latency"
    if each.timed:
        return "field.duration"
    around = {_stem(word) for word in scene.wording.between(*_window(each, scene)).split()} | {_stem(each.noun)}
    scored = [
        (_likeness(term, around, _stem(each.noun)), name) for name, term in scene.terms.items() if term.type == "number"
    ]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= 1 else None


def number_in_words(scene: Scene) -> str | None:
    """The number most of whose name's words the question has, though nothing in it names it surely."""
    words = {_stem(word.text) for word in scene.wording.words}
    scored = []
    for name, term in scene.terms.items():
        parts = {_stem(part) for part in spelled(name.partition(".")[2])}
        told = parts - _STEMS if len(parts - _STEMS) > 1 else parts
        if term.type == "number" and name.startswith("metric.") and len(parts) > 1 and told <= words:
            scored.append((len(parts), name))
    return max(scored)[1] if scored else None


def _window(each: Compared, scene: Scene) -> tuple[int, int]:
    words = scene.wording.words
    before = [word.start for word in words if word.end <= each.start][-_NEAR:]
    after = [word.end for word in words if word.start >= each.end][:_NEAR]
    return (before[0] if before else each.start), (after[-1] if after else each.end)


def _likeness(term: KnownTerm, around: set[str], noun: str) -> float:
    parts = {_stem(part) for part in spelled(term.name.partition(".")[2])}
    shared = parts & around - {"call", ""}
    told = {_stem(part) for part in _PART.findall(term.says.lower())}
    return len(shared) / len(parts) + len(shared) + (0.5 if noun in told else 0) if parts and shared else 0.0


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


_STEMS = frozenset(map(_stem, UNITS))
