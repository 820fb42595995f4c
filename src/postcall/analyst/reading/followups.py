"""Questions that go on from the one before: `and last month?`, `only Spanish ones`, `by channel`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from postcall.analyst.reading.queries import (
    CALLS,
    each_period,
    join_periods,
    kind_of,
    measure_of,
    ranked,
    two_buckets,
)
from postcall.analyst.reading.roles import Roles
from postcall.analyst.reading.saying import taken_words
from postcall.analyst.reading.scene import Scene, left_words
from postcall.analyst.reading.sentences import say, when
from postcall.analyst.telling.query_words import period_in_words
from postcall.analyst.times.finding import find_times
from postcall.domain.analysis import QuestionKind, Understood
from postcall.domain.queries import All, AnyOf, Condition, Filter, Measure, Not, Operator, Query
from postcall.reporting.periods import read_zone

_SHORT = 6
"""Words of a question that has none of its own for what it wants, and so goes on."""
_OF_THOSE = re.compile(
    r"\b(?:of|among|for|from|with|in) (?:those|these|them)\b"
    r"|\b(?:compare|split|break|show|do|plot) (?:that|this|it|them)\b"
    r"|^(?:the )?same (?:thing|question|number|figure)?\b"
    r"|^(?:and )?how many (?:are|were|is|was) (?:there|they|that|those|these)\b"
)
"""What points back: `how many of those were booked`, `compare that with the week before`."""
_WHY = re.compile(r"^(?:(?:and|so|but) )?why\b")
_THEY = re.compile(r"\b(?:they|them|those|these|that|this one|it|ones?)\b")
_SENTENCE = re.compile(r"^(?:why|how|what|which|who|when|where|is|are|was|were|do|does|did|has|have|can)\b(?! about\b)")
"""How a question of its own begins."""
_WHEN_FIRST = re.compile(r"^(?:yesterday|today|last|this|since|in|for|on|by|per)\b")
_AGAINST = re.compile(r"\b(?:compare|compared|comparison|vs|versus|against|relative to)\b")
_WITHOUT = re.compile(
    r"^(?:(?:and|but|now|ok|okay|then|please) )*(?:without|drop|remove|forget|ignore|leave out|no)\b"
    r"|\b(?:all|any|every|whatever|regardless of)(?: the)? (?=\w+ ?[?.]*$)"
)
_OVERALL = re.compile(r"\b(?:overall|in total|altogether|at any time|over all time|in general)\b")


def goes_on(scene: Scene, roles: Roles) -> bool:
    """Whether the question leaves to the one before what is to be counted or measured."""
    cues = scene.cues
    if scene.wording.has(_OF_THOSE):
        return True
    if scene.wording.has(_WHY) and (scene.mentions or cues.difference) and not scene.wording.has(_THEY):
        return False  # `why do bookings fail` asks of all calls
    if cues.follows and (not _asks_anew(scene) or len(scene.wording.words) <= _SHORT):
        return True
    words = [word for word in scene.wording.words if word.text[0].isalnum()]
    if cues.measure is not None and len(words) <= 2 and not scene.mentions:
        return True  # `longest?`, of what was asked
    asks = cues.count or cues.rate or cues.measure or cues.top or cues.listing or cues.bare or scene.said
    if cues.top is not None and scene.limit is not None and len(words) <= _SHORT:
        return not (scene.mentions or scene.times.periods or roles.groups or cues.longest)  # `top 3`, of what was asked
    if scene.wording.has(_SENTENCE) and not scene.wording.has(_THEY):
        return False
    return (
        len(words) <= _SHORT and not asks and (bool(scene.mentions) or bool(scene.times.periods) or bool(roles.groups))
    )


def _asks_anew(scene: Scene) -> bool:
    """Whether it says for itself what is to be counted or measured: `last week, what share of calls was booked`."""
    cues = scene.cues
    if cues.count is not None:
        return True
    return scene.wording.has(_WHEN_FIRST) and bool(cues.rate or cues.measure or cues.top or cues.listing)


def follow_up(scene: Scene, roles: Roles, before: Understood) -> Understood:
    """The question before, with the period, the filters, the groups and the measure that are named now."""
    now = scene.question.now
    before = replace(
        before,
        queries=tuple(_up_to_now(each, now) for each in before.queries),
        calls=_up_to_now(before.calls, now) if before.calls is not None else None,
    )
    scene = _in_context(scene, before)
    shown = before.queries[0] if before.queries else before.calls
    if scene.wording.has(_WHY) and not scene.mentions and shown is not None:
        return _why_so(shown, scene)
    dropped = _dropped(scene, before)
    if dropped:
        roles = replace(roles, subject=None, groups=(), filters=_without(roles.filters, dropped))
        before = _drop(before, dropped)
    queries = tuple(
        dict.fromkeys(each for query in _counted(before, scene, roles) for each in _asked(query, scene, roles))
    )
    calls = (
        _narrow(before.calls, scene, roles) if before.calls is not None and (before.queries or not queries) else None
    )
    measure = measure_of(scene, roles) or _same_of(scene, before)
    if measure is not None:
        queries = tuple(dict.fromkeys(_measured_anew(replace(query, measures=(measure,))) for query in queries))
    elif (
        scene.cues.rate is not None
        and len(queries) == 1
        and queries[0].filters.parts
        and before.kind is QuestionKind.COUNT
    ):
        queries = (queries[0], replace(queries[0], filters=All(), text=None))
    kind = before.kind
    if not before.queries and queries:
        kind = kind_of(queries[0])
    if len(queries) == 2:
        kind = QuestionKind.RATE if before.kind is QuestionKind.COUNT and scene.cues.rate else QuestionKind.COMPARISON
    if scene.cues.listing and queries:
        calls, queries = replace(queries[0], measures=(), group_by=(), having=(), order=(), compare=False), ()
        calls = replace(calls, limit=scene.limit)
        kind = QuestionKind.LIST
    elif len(queries) == 1 and queries[0].measures:
        kind = kind_of(queries[0])
    shown = queries[0] if queries else calls
    periods = "" if len(queries) > 1 else ", ".join(when(each.says) for each in scene.times.periods)
    if not periods and shown is not None:
        periods = period_in_words(shown, scene.question.now)
    return Understood(
        kind=kind,
        queries=queries,
        calls=calls,
        says=say(kind, queries, calls, periods=periods) or before.says,
        taken=taken_words(scene),
        left=left_words(scene),
    )


def _why_so(shown: Query, scene: Scene) -> Understood:
    """`why?`, of calls that were counted or listed: what is said in them."""
    calls = replace(shown, measures=(), group_by=(), order=(), having=(), limit=None, compare=False)
    says = say(QuestionKind.THEMES, (), calls, periods=period_in_words(calls, scene.question.now))
    return Understood(QuestionKind.THEMES, (), calls=calls, says=says, taken=taken_words(scene), left=left_words(scene))


def _in_context(scene: Scene, before: Understood) -> Scene:
    """With the periods that the words name where one was spoken of already: `the week before` is before that one."""
    earlier = before.queries[0] if before.queries else before.calls
    if earlier is None or not scene.times.periods:
        return scene
    zone = read_zone(scene.question.time_zone)
    spoken = earlier.since, earlier.until
    known = find_times(scene.question.text, now=scene.question.now, zone=zone, before=spoken)
    return replace(scene, times=replace(scene.times, periods=known.periods))


def _up_to_now(query: Query, now: datetime) -> Query:
    """Of a period that ended when the question before was asked: up to this question. Named times have no seconds."""
    until = query.until
    if until is None or not (until.second or until.microsecond) or not timedelta() < now - until < timedelta(days=1):
        return query
    return replace(query, until=now)


def _counted(before: Understood, scene: Scene, roles: Roles) -> tuple[Query, ...]:
    """What is changed; of calls that were listed their number, where a number is asked for now."""
    cues = scene.cues
    if before.queries or before.calls is None or not (roles.groups or cues.count or cues.rate or cues.measure):
        return before.queries
    return (replace(before.calls, measures=(CALLS,), limit=None, order=()),)


def _asked(query: Query, scene: Scene, roles: Roles) -> tuple[Query, ...]:
    """The query as it is now; where it is compared with another time, as it was too."""
    periods = scene.times.periods
    if two_buckets(periods):
        return tuple(each_period(scene, _change(query, scene, roles)))
    changed = _change(query, scene, roles)
    if not scene.wording.has(_AGAINST) or len(periods) != 1 or query.since is None:
        return (changed,)
    return replace(changed, since=query.since, until=query.until), changed


def _same_of(scene: Scene, before: Understood) -> Measure | None:
    """`And the median?`: of what was measured before."""
    kind = scene.cues.measure
    measured = before.queries[0].measures if before.queries else ()
    if kind is None or scene.mentions or not measured or measured[0].of is None:
        return None
    return Measure(kind, of=measured[0].of, name=kind.value)


def _dropped(scene: Scene, before: Understood) -> set[str]:
    """Names that were filtered or grouped by, and are not to be any more: `without the channel`, `all channels`."""
    if not scene.wording.has(_WITHOUT):
        return set()
    named = {each.name for each in scene.mentions if not each.has_value}
    asked = [*before.queries, *([before.calls] if before.calls is not None else [])]
    used = {name for each in asked for part in each.filters.parts for name in names_of(part)}
    return named & (used | {name for each in asked for name in each.group_by})


def _drop(before: Understood, names: set[str]) -> Understood:
    def bare(query: Query) -> Query:
        groups = tuple(name for name in query.group_by if name not in names)
        query = replace(query, filters=_without(query.filters, names), group_by=groups)
        return query if groups else replace(query, order=(), having=(), limit=None)

    calls = bare(before.calls) if before.calls is not None else None
    return replace(before, queries=tuple(map(bare, before.queries)), calls=calls)


def _without(filters: All, names: set[str]) -> All:
    return All(tuple(part for part in filters.parts if not names & names_of(part)))


def _change(query: Query, scene: Scene, roles: Roles) -> Query:
    query = _narrow(query, scene, roles)
    if roles.groups:
        query = replace(query, group_by=roles.groups, order=(), limit=None)
        if scene.cues.top is not None or scene.limit is not None:
            query = ranked(
                replace(query, measures=query.measures or (CALLS,)), limit=scene.limit, rising=scene.cues.rising
            )
    elif scene.limit is not None and query.order:
        query = replace(query, limit=scene.limit)
    return query


def _measured_anew(query: Query) -> Query:
    """Without what hangs on the columns that are no longer there."""
    return replace(query, order=(), having=(), limit=None) if query.order or query.having else query


def _narrow(query: Query, scene: Scene, roles: Roles) -> Query:
    """With the period and the filters named now; of a name that has a filter already, the new one holds."""
    if scene.wording.has(_OVERALL) and not scene.times.periods:
        query = replace(query, since=None, until=None, compare=False)
    if scene.times.periods:
        period = join_periods(scene.times.periods)
        query = replace(
            query, since=period.since, until=period.until, compare=query.compare and period.until is not None
        )
    added = [*roles.filters.parts]
    if roles.subject is not None and scene.cues.rate is None and scene.cues.measure is None:
        held = Condition(roles.subject.name, Operator.EQ, roles.subject.value)
        added.append(held if roles.subject.has_value else Condition(roles.subject.name, Operator.EXISTS))
    named = {name for part in added for name in names_of(part)}
    kept = [part for part in query.filters.parts if not named & names_of(part)]
    query = replace(query, filters=All((*kept, *added)))
    return replace(query, text=scene.said.text) if scene.said is not None else query


def names_of(part: Filter) -> set[str]:
    """The names that a condition is about."""
    if isinstance(part, Condition):
        return {part.field}
    if isinstance(part, Not):
        return names_of(part.part)
    assert isinstance(part, All | AnyOf)
    return {name for each in part.parts for name in names_of(each)}
