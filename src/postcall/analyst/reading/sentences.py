"""A reading in the sentence that a person would say: `The share of calls in which BOOKED is yes, week by week.`"""

from __future__ import annotations

import re
from dataclasses import replace

from postcall.domain.analysis import QuestionKind
from postcall.domain.queries import (
    All,
    AnyOf,
    Bucket,
    Condition,
    Denominator,
    Filter,
    Having,
    Measure,
    MeasureKind,
    Not,
    Operator,
    Query,
)
from postcall.reporting.fields import WEEKDAYS
from postcall.reporting.filter_words import condition_in_words, name_in_words, part_in_words, value_in_words
from postcall.reporting.nearest import listed

RANKED = 10
"""Rows of a ranking of which nobody said how long it is to be."""
_KINDS = {
    MeasureKind.COUNT: "the number of values of {}",
    MeasureKind.SUM: "the sum of {}",
    MeasureKind.AVERAGE: "the average {}",
    MeasureKind.MIN: "the lowest {}",
    MeasureKind.MAX: "the highest {}",
    MeasureKind.P50: "the median {}",
    MeasureKind.P90: "the 90th percentile of {}",
    MeasureKind.P95: "the 95th percentile of {}",
    MeasureKind.P99: "the 99th percentile of {}",
    MeasureKind.DISTINCT: "how many different values {} has",
    MeasureKind.SHARE: "the share of calls that have a value of {}",
}
_OF = {
    Denominator.CALLS: ", out of all of them",
    Denominator.ANSWERED: ", out of those that have a value",
    Denominator.ASKED: ", out of those in which it was asked",
}
_COMPARED = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE, Operator.BETWEEN})
_CLOCK = {
    Operator.BETWEEN: "between",
    Operator.GTE: "at or after",
    Operator.GT: "after",
    Operator.LTE: "until",
    Operator.LT: "before",
}
_COUNTED = frozenset({"field.turns", "field.user_turns", "field.agent_turns"})
_FEW = 5
"""Values that are named one by one."""
_DAY = re.compile(r"^\d{1,2} \w+ \d{4}$")
_MONTH = re.compile(r"^(?:\w+ )?\d{4}$")
_LED = re.compile(r"^(?:since|until|before|after|from|up to|on|in|between|the|this|last|all|compared)\b")
_MINUS = re.compile(r'(?:^| )-("[^"]*"|[^ ]+)')
_SEVERAL = {Bucket.HOUR: "hours", Bucket.DAY: "days", Bucket.WEEK: "weeks", Bucket.MONTH: "months"}
_GROUPS = {"field.hour": "hours of the day", "field.weekday": "days of the week"}


def say(kind: QuestionKind, queries: tuple[Query, ...], calls: Query | None, *, periods: str = "") -> str:
    """What is asked for, of which calls, when. `periods` are the words for when, where the question named any."""
    shown = queries[0] if queries else calls
    if shown is None:
        return ""
    if kind is QuestionKind.DIFFERENCE:
        sentence = _difference(queries, named=bool(periods))
    elif kind is QuestionKind.THEMES:
        sentence = _themes(queries, calls or shown)
    elif not queries:
        sentence = _calls(shown)
    elif kind is QuestionKind.RATE and len(queries) == 2:
        sentence = f"the share of calls{_which(shown)}{_less(queries[1])}"
    else:
        sentence = _ranking(shown) if shown.order and shown.group_by else _measured(shown)
        if len(queries) == 2 and queries[0].filters != queries[1].filters:
            sentence += f", compared with calls{_which(queries[1])}"
    at = periods or ("at any time" if shown.since is None and shown.until is None else "")
    whole = f"{sentence}, {at}" if at and not _reads_on(sentence, at) else f"{sentence} {at}"
    return whole[0].upper() + whole[1:].strip() + "."


def when(period: str) -> str:
    """`14 April 2026` as `on 14 April 2026`."""
    if _LED.match(period):
        return period
    if _DAY.match(period):
        return f"on {period}"
    if _MONTH.match(period):
        return f"in {period}"
    return f"from {period}" if re.match(r"^\d", period) and " to " in period else period


def _reads_on(sentence: str, at: str) -> bool:
    return sentence.endswith("calls") and at != "at any time"


def _difference(queries: tuple[Query, ...], *, named: bool) -> str:
    first = queries[0]
    if first.group_by:
        by = name_in_words(first.group_by[0])
        of = _which(_without(first, first.group_by[0]))
        return (
            f"what differs between {by} and {by}{f' of calls{of}' if of else ''}"
            if by in set(Bucket)
            else (f"what differs with {by}{f', of calls{of}' if of else ''}")
        )
    if len(queries) == 2 and queries[0].filters != queries[1].filters:
        rest = "the others" if _is_rest(*queries) else f"calls{_which(queries[1])}"
        return f"what sets calls{_which(first)} apart from {rest}"
    return f"what is different in calls{_which(first)}" if named else "what is different"


def _is_rest(one: Query, other: Query) -> bool:
    """Whether the second are those with another value than the first."""
    opposites = {part.part for part in other.filters.parts if isinstance(part, Not)}
    return any(part in opposites for part in one.filters.parts)


def _themes(queries: tuple[Query, ...], calls: Query) -> str:
    if queries and queries[0].group_by:
        return f"{_ranking(queries[0])}, and what is said in them"
    return f"what is said in calls{_which(calls)}"


def _calls(query: Query) -> str:
    newest = f"the {query.limit} newest calls" if query.limit is not None else "the calls"
    return f"{newest}{_which(query)}, the newest first" if query.limit is None else f"{newest}{_which(query)}"


def _measured(query: Query) -> str:
    grouped = query
    said = " and ".join(_measure(measure) for measure in query.measures)
    rate = any(measure.kind in {MeasureKind.RATE, MeasureKind.SHARE} for measure in query.measures)
    for name in query.group_by:
        query = replace(
            query, filters=All(tuple(part for part in query.filters.parts if not _names_values(part, name)))
        )
    which = _which(query)
    if which:
        said += f", of calls{which}" if rate or not said.endswith("calls") else which
    return said + _by(grouped)


def _names_values(part: Filter, name: str) -> bool:
    """Whether it says which of the groups are wanted."""
    return isinstance(part, Condition) and part.field == name and part.op is Operator.IN


def _ranking(query: Query) -> str:
    """`The most common values of call_reason`, `the 5 calls with the highest latency`."""
    first, name = query.measures[0], query.group_by[0]
    count = f"{query.limit} " if query.limit is not None and query.limit != RANKED else ""
    falling = query.order[0].descending
    calls = f" of calls{_which(_without(query, name))}" if _which(_without(query, name)) else ""
    if query.group_by == ("field.id",):
        most = "highest" if falling else "lowest"
        which = _which(_without(query, name))
        if query.limit == 1:
            return f"the call{which} with the {most} {name_in_words(first.of or '')}"
        return f"the {count}calls{which} with the {most} {name_in_words(first.of or '')}"
    if len(query.group_by) > 1:
        return f"{_measured(query)}, the {'highest' if falling else 'lowest'} first"
    groups = _SEVERAL.get(name) or _GROUPS.get(name)  # type: ignore[call-overload]
    if first.kind is MeasureKind.CONVERSATIONS:
        if groups:
            return (
                f"the {count}{groups} with the {'most' if falling else 'fewest'} calls{_which(_without(query, name))}"
            )
        common = "most common" if falling else "least common"
        return f"the {count}{common} values of {name_in_words(name)}{calls}{_having(query.having)}"
    of = groups or f"values of {name_in_words(name)}"
    level = "highest" if falling else "lowest"
    return f"the {count}{of} with the {level} {_measure(first).removeprefix('the ')}{calls}{_having(query.having)}"


def _by(query: Query) -> str:
    parts = []
    for name in query.group_by:
        if name in set(Bucket):
            parts.append(f"{name} by {name}")
        else:
            few = [part for part in query.filters.parts if _names_values(part, name)]
            if few and isinstance(few[0], Condition) and len(few[0].values) <= _FEW:
                values = [value_in_words(each) for each in few[0].values]
                parts.append(f"for {name_in_words(name)} {listed(values, 'and')}")
                continue
            parts.append(
                f"for each {_GROUPS.get(name, name_in_words(name)).replace('hours', 'hour').replace('days', 'day')}"
            )
    said = " and ".join(parts)
    return (f", {said}" if said else "") + _having(query.having)


def _having(having: tuple[Having, ...]) -> str:
    if not having:
        return ""
    said = " and ".join(
        part_in_words(Condition("calls", each.op, each.value, each.values)).removeprefix("calls ") for each in having
    )
    return f", with {said.removeprefix('is ')} calls"


def _measure(measure: Measure) -> str:
    if measure.kind is MeasureKind.CONVERSATIONS:
        return "the number of calls"
    name = name_in_words(measure.of or "")
    if measure.kind is MeasureKind.RATE:
        of = _OF[measure.denominator] if measure.denominator else ""
        return f"the share of calls in which {name} is {value_in_words(measure.value)}{of}"
    if measure.of in _COUNTED and measure.kind not in {MeasureKind.SUM, MeasureKind.DISTINCT, MeasureKind.SHARE}:
        name = f"number of {name}"
    return _KINDS[measure.kind].format(name)


def _which(query: Query) -> str:
    """` in which CHANNEL is voice and “refund” is said`; empty where all calls are meant."""
    said = [_part(part, inside=len(query.filters.parts) > 1) for part in query.filters.parts]
    if query.text is not None:
        said.extend(_said(query.text))
    return f" in which {' and '.join(said)}" if said else ""


def _said(text: str) -> list[str]:
    """`“insurance” is said` and `“card” is not said`, of a search."""
    unwanted = dict.fromkeys(_MINUS.findall(text))
    wanted = " ".join(_MINUS.sub(" ", text).split())
    one = wanted.count(chr(34)) <= 2 and " OR " not in wanted
    told = [f"“{wanted.strip(chr(34)) if one else wanted}” is said"] if wanted else []
    return [*told, *(f"“{each.strip(chr(34))}” is not said" for each in unwanted)]


def _part(part: Filter, *, inside: bool) -> str:
    if isinstance(part, Not) and isinstance(part.part, Condition) and part.part.op is Operator.EQ:
        return condition_in_words(part.part).replace(" is ", " is not ", 1)
    if isinstance(part, Not) and isinstance(part.part, Condition) and part.part.field == "field.minute":
        return _condition(part.part).replace(" began ", " did not begin ", 1)
    if isinstance(part, All | AnyOf):
        joint = " and " if isinstance(part, All) else " or "
        joined = joint.join(_part(each, inside=True) for each in part.parts)
        return f"({joined})" if inside and len(part.parts) > 1 else joined
    if isinstance(part, Condition):
        return _condition(part)
    return part_in_words(part, inside=inside)


def _condition(condition: Condition) -> str:
    """`duration is over 600 s`, `the call began between 09:00 and 11:59`."""
    if condition.field == "field.weekday" and condition.op is Operator.IN:
        days = {WEEKDAYS[:5]: "it was a weekday", WEEKDAYS[5:]: "it was a weekend"}
        if tuple(map(str, condition.values)) in days:
            return days[tuple(map(str, condition.values))]
    said = condition_in_words(condition)
    if condition.field == "field.minute" and condition.op in _CLOCK:
        values = condition.values or (condition.value,)
        times = [f"{int(each) // 60:02}:{int(each) % 60:02}" for each in values if isinstance(each, int | float)]
        return f"the call began {_CLOCK[condition.op]} {' and '.join(times)}"
    name = name_in_words(condition.field)
    if condition.op in _COMPARED and condition.field != "field.started_at":
        return f"{name} is{said.removeprefix(name)}"
    return said


def _without(query: Query, name: str) -> Query:
    """Without the condition that a group has a value, which goes without saying."""
    known = Condition(name, Operator.EXISTS)
    return replace(query, filters=All(tuple(part for part in query.filters.parts if part != known)))


def _less(every: Query) -> str:
    """Out of which calls a share is, where not of all."""
    which = _which(every)
    return f", out of those{which}" if which else ""
