"""The queries that a question becomes, once it is known what each of its words is there for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from postcall.analyst.reading.roles import Roles
from postcall.analyst.reading.scene import Scene
from postcall.analyst.reading.sentences import RANKED
from postcall.analyst.reading.several import said_measures
from postcall.analyst.reading.shares import is_of_its_own
from postcall.analyst.reading.subject import is_plural, value_of
from postcall.domain.analysis import Mention, Period, QuestionKind
from postcall.domain.queries import (
    All,
    Bucket,
    Condition,
    Denominator,
    Filter,
    Having,
    Measure,
    MeasureKind,
    Operator,
    Order,
    Query,
)

_SIZES = (
    (re.compile(r"\b(?:longer|shorter|briefer)\b"), "field.duration"),
    (re.compile(r"\b(?:slower|faster|quicker)\b"), "field.latency"),
)
"""What a comparison is of where it names no measure."""
_HOW_MUCH_MORE = re.compile(r"\b(?:how )?much (?:more|less|worse|better|\w{2,}er)\b")
_WHICH_HAS = re.compile(
    r"^(?:in |on |at |for |with )?(?:which|what)\b.*\b(?:longest|shortest|slowest|fastest|quickest)\b"
)
_EXTREME = re.compile(r"\b(?:max|maximum|min|minimum|single|ever|(?:longest|shortest|slowest|fastest) (?:call|one))\b")
_TAKES_TIME = re.compile(
    r"\b(?:takes?|took|taking|lasts?|lasted|last|needs?|costs?) (?:up )?(?:the )?(?:least|most|more|less|much) time\b|"
    r"\b(?:takes?|took|lasts?|lasted) (?:the )?longer\b|\btime per call\b|\bhandling times?\b"
)
_AND = frozenset({"and", "the", ",", "average", "median", "total", "mean", "their"})
CALLS = Measure(MeasureKind.CONVERSATIONS, name="calls")


def calls_query(scene: Scene, roles: Roles) -> Query:
    """The calls that the question is about, of its first period."""
    query = Query(
        measures=(),
        agent=scene.question.agent,
        time_zone=scene.question.time_zone,
        filters=roles.filters,
        text=scene.said.text if scene.said else None,
    )
    periods = scene.times.periods
    return in_period(query, join_periods(periods)) if periods else query


def join_periods(periods: tuple[Period, ...]) -> Period:
    """What all of them have in common, or the first where they lie apart."""
    joined = periods[0]
    for each in periods[1:]:
        since = max((it for it in (joined.since, each.since) if it is not None), default=None)
        until = min((it for it in (joined.until, each.until) if it is not None), default=None)
        if since is None or until is None or since < until:
            joined = replace(joined, since=since, until=until)
    return joined


def in_period(query: Query, period: Period) -> Query:
    """The query, of the calls of that period."""
    return replace(query, since=period.since, until=period.until)


def each_period(scene: Scene, query: Query) -> Iterator[Query]:
    """The query once for each period that is compared."""
    for period in scene.times.periods:
        yield in_period(query, period)


def measure_of(scene: Scene, roles: Roles) -> Measure | None:
    """What is measured; None where the question names nothing that can be."""
    cues, subject = scene.cues, roles.subject
    if cues.rate is not None and subject is not None:
        return _rate(scene, subject)
    kind = cues.measure
    if kind in {MeasureKind.MAX, MeasureKind.MIN} and cues.top is not None and roles.groups and subject is None:
        return None
    if kind in {MeasureKind.MAX, MeasureKind.MIN} and _ranks_groups(scene, roles):
        kind = MeasureKind.AVERAGE
    if kind is not None:
        name = subject.name if subject is not None else _implied(scene, kind)
        return Measure(kind, of=name, name=kind.value) if name is not None else None
    if subject is not None and scene.type_of(subject) == "number":
        every = " per call" in scene.wording.joined
        # `calendar errors by week` are added up; `latency by week` is not.
        added = subject.name.startswith("metric.") and is_plural(scene, subject)
        if kind is None and added and any(name in set(Bucket) for name in roles.groups) and not every:
            return Measure(MeasureKind.SUM, of=subject.name, name=MeasureKind.SUM.value)
        # `how much longer are A than B` asks for no sum.
        added = (cues.total or cues.count is not None) and not every
        added = added and not cues.difference and not scene.wording.has(_HOW_MUCH_MORE)
        kind = MeasureKind.SUM if added else MeasureKind.AVERAGE
        return Measure(kind, of=subject.name, name=kind.value)
    if subject is not None and cues.count is not None and cues.rate is None and scene.type_of(subject) == "text":
        return Measure(MeasureKind.DISTINCT, of=subject.name, name="distinct")
    if subject is not None:
        return _rate(scene, subject)
    # `are Spanish calls longer than English ones`, `do calls get slower`
    compared = bool(roles.groups or roles.sides or len(scene.times.periods) > 1) and not scene.numbers
    of = next((name for words, name in _SIZES if scene.wording.has(words)), None) if compared else None
    return Measure(MeasureKind.AVERAGE, of=of, name=MeasureKind.AVERAGE.value) if of is not None else None


def _ranks_groups(scene: Scene, roles: Roles) -> bool:
    """Whether groups are ranked, each by what is usual for it: `which reason has the longest calls`."""
    texts = [each for each in roles.groups if "." in each and each != "field.id"]
    return bool(texts) and scene.wording.has(_WHICH_HAS) and not scene.wording.has(_EXTREME)


def all_measures(scene: Scene, roles: Roles, measure: Measure | None) -> tuple[Measure, ...]:
    """Every measure that the question asks for, in the order said; the number of calls where it asks for none."""
    if measure is None:
        return (CALLS,)
    return said_measures(scene, measure) or (measure, *_more_measures(scene, roles, measure))


def _more_measures(scene: Scene, roles: Roles, measure: Measure) -> tuple[Measure, ...]:
    """The same of what is named beside it: `average duration and latency`."""
    subject = roles.subject
    if subject is None or scene.type_of(subject) != "number" or scene.cues.top is not None:
        return ()
    found: list[Measure] = []
    at = subject.end
    for each in scene.mentions:
        near = each.start > at and all(word in _AND for word in scene.between(at, each.start))
        if near and scene.type_of(each) == "number" and not each.has_value and each.name != measure.of:
            found.append(replace(measure, of=each.name, name=f"{measure.name}_{len(found) + 2}"))
            at = each.end
    return tuple(found)


def ranked(query: Query, *, limit: int | None, rising: bool) -> Query:
    """With the rows in the order of the first measure, and without those that have no value."""
    parts: list[Filter] = list(query.filters.parts)
    for name in query.group_by:
        held = {part.field for part in parts if isinstance(part, Condition)}
        if "." in name and name not in held and name not in {"field.hour", "field.weekday", "field.id"}:
            parts.append(Condition(name, Operator.EXISTS))
    order = (Order(query.measures[0].name, descending=not rising),)
    return replace(query, filters=All(tuple(parts)), order=order, limit=limit)


def with_having(query: Query, roles: Roles) -> Query:
    """Only the rows with as many calls as the question says; the number of calls is measured for it where it is not."""
    if not roles.having:
        return query
    measures = query.measures if CALLS in query.measures else (*query.measures, CALLS)
    having = tuple(
        Having(CALLS.name, each.op, values=each.values)
        if each.op is Operator.BETWEEN
        else Having(CALLS.name, each.op, value=each.values[0])
        for each in roles.having
    )
    return replace(query, measures=measures, having=having)


def longest_calls(scene: Scene, query: Query, roles: Roles) -> Query | None:
    """The calls in the order of a number: `the ten longest`, `slowest by latency`."""
    cues = scene.cues
    if cues.longest is None or not (scene.limit or cues.longest.groups[1]):
        return None
    word = cues.longest.groups[0] or ""
    if not scene.limit and not cues.listing and (cues.longest.groups[1] or "").rstrip("s") == cues.longest.groups[1]:
        return None  # how long it was
    named = roles.subject.name if roles.subject is not None and scene.type_of(roles.subject) == "number" else None
    of = named or ("field.latency" if word in {"slowest", "fastest", "quickest"} else "field.duration")
    rising = word in {"shortest", "fastest", "quickest", "lowest", "smallest"}
    kind = MeasureKind.MIN if rising else MeasureKind.MAX
    least = 1 if (cues.longest.groups[1] or "calls").rstrip("s") == cues.longest.groups[1] else RANKED
    by_id = replace(query, measures=(Measure(kind, of=of, name="value"),), group_by=("field.id",))
    return ranked(by_id, limit=scene.limit or least, rising=rising)


def _rate(scene: Scene, subject: Mention) -> Measure:
    cues = scene.cues
    if not subject.has_value and scene.type_of(subject) != "boolean":
        return Measure(MeasureKind.SHARE, of=subject.name, name="share")
    value, _ = value_of(subject, scene)
    if cues.coverage and not subject.has_value and cues.denominator is None and _asks_coverage(scene):
        return Measure(MeasureKind.SHARE, of=subject.name, name="share")
    denominator = cues.denominator
    if denominator is Denominator.CALLS and subject.name.startswith("field."):
        denominator = None
    if denominator is None and is_of_its_own(scene, subject):
        denominator = Denominator.ANSWERED
    return Measure(
        MeasureKind.RATE,
        of=subject.name,
        value=value if isinstance(value, str | int | float | bool) else True,
        denominator=denominator,
        name="rate",
    )


def _asks_coverage(scene: Scene) -> bool:
    joined = scene.wording.joined
    return any(
        words in joined for words in ("we know", "have one", "has one", "complete", "coverage", "known", "have a value")
    )


def _implied(scene: Scene, kind: MeasureKind) -> str | None:
    """What is measured where only its unit or its size is named: minutes, the longest, how long."""
    joined = scene.wording.joined
    if any(
        word in joined for word in ("minutes", "longest", "shortest", "how long", "seconds", "hours", "how much time")
    ):
        return "field.duration" if kind is not MeasureKind.DISTINCT else None
    if scene.wording.has(_TAKES_TIME) and kind is not MeasureKind.DISTINCT:
        return "field.duration"
    if any(word in joined for word in ("slowest", "how fast", "how quickly", "fastest")):
        return "field.latency"
    if kind is MeasureKind.DISTINCT and any(word in joined for word in ("callers", "people", "customers", "numbers")):
        return "field.user_number"
    return None


def two_buckets(periods: tuple[Period, ...]) -> bool:
    """Whether the periods lie apart, and so are compared and not cut with each other."""
    if len(periods) != 2:
        return False
    first, second = sorted(periods, key=lambda each: (each.since is not None, each.since))
    return first.until is not None and second.since is not None and first.until <= second.since


def buckets_of(query: Query) -> bool:
    """Whether the rows are stretches of time."""
    return any(name in set(Bucket) for name in query.group_by)


def kind_of(query: Query) -> QuestionKind:
    """The kind of a question that became this one query."""
    if buckets_of(query):
        return QuestionKind.TREND
    if query.order and query.group_by:
        return QuestionKind.TOP
    if query.group_by:
        return QuestionKind.COMPARISON
    kind = query.measures[0].kind
    if kind is MeasureKind.CONVERSATIONS:
        return QuestionKind.COUNT
    return QuestionKind.RATE if kind in {MeasureKind.RATE, MeasureKind.SHARE} else QuestionKind.MEASURE
