"""Questions that go on from the one before: `and last month?`, `only Spanish ones`, `by channel`."""

from __future__ import annotations

from dataclasses import replace

from postcall.analyst.reading_queries import CALLS, join_periods, kind_of, measure_of, ranked
from postcall.analyst.reading_roles import Roles
from postcall.analyst.reading_saying import say, taken_words
from postcall.analyst.reading_scene import Scene, left_words
from postcall.domain.analysis import QuestionKind, Understood
from postcall.domain.queries import All, AnyOf, Condition, Filter, Not, Operator, Query

_SHORT = 6
"""Words of a question that has none of its own for what it wants, and so goes on."""


def goes_on(scene: Scene, roles: Roles) -> bool:
    """Whether the question leaves to the one before what is to be counted or measured."""
    cues = scene.cues
    if cues.follows and (cues.count is None or len(scene.wording.words) <= _SHORT):
        return True
    words = [word for word in scene.wording.words if word.text[0].isalnum()]
    asks = cues.count or cues.rate or cues.measure or cues.top or cues.listing or cues.bare or scene.said
    return (
        len(words) <= _SHORT and not asks and (bool(scene.mentions) or bool(scene.times.periods) or bool(roles.groups))
    )


def follow_up(scene: Scene, roles: Roles, before: Understood) -> Understood:
    """The question before, with the period, the filters, the groups and the measure that are named now."""
    queries = tuple(dict.fromkeys(_change(query, scene, roles) for query in before.queries))
    calls = _narrow(before.calls, scene, roles) if before.calls is not None else None
    measure = measure_of(scene, roles)
    if measure is not None:
        queries = tuple(dict.fromkeys(_measured_anew(replace(query, measures=(measure,))) for query in queries))
    kind = before.kind
    if scene.cues.listing and queries:
        calls, queries = replace(queries[0], measures=(), group_by=(), having=(), order=(), compare=False), ()
        calls = replace(calls, limit=scene.limit)
        kind = QuestionKind.LIST
    elif len(queries) == 1 and queries[0].measures:
        kind = kind_of(queries[0])
    shown = queries[0] if queries else calls
    periods = ", ".join(each.says for each in scene.times.periods) or _said_period(before)
    return Understood(
        kind=kind,
        queries=queries,
        calls=calls,
        says=say(kind, shown, periods=periods) if shown is not None else before.says,
        taken=taken_words(scene),
        left=left_words(scene),
    )


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
    if scene.times.periods:
        period = join_periods(scene.times.periods)
        query = replace(
            query, since=period.since, until=period.until, compare=query.compare and period.until is not None
        )
    added = [*roles.filters.parts]
    if roles.subject is not None and scene.cues.rate is None and scene.cues.measure is None:
        held = Condition(roles.subject.name, Operator.EQ, roles.subject.value)
        added.append(held if roles.subject.has_value else Condition(roles.subject.name, Operator.EXISTS))
    named = {name for part in added for name in _names(part)}
    kept = [part for part in query.filters.parts if not named & _names(part)]
    query = replace(query, filters=All((*kept, *added)))
    return replace(query, text=scene.said.text) if scene.said is not None else query


def _names(part: Filter) -> set[str]:
    if isinstance(part, Condition):
        return {part.field}
    if isinstance(part, Not):
        return _names(part.part)
    assert isinstance(part, All | AnyOf)
    return {name for each in part.parts for name in _names(each)}


def _said_period(before: Understood) -> str:
    query = before.queries[0] if before.queries else before.calls
    if query is None or (query.since is None and query.until is None):
        return ""
    since = f"from {query.since:%Y-%m-%d}" if query.since is not None else ""
    until = f"before {query.until:%Y-%m-%d}" if query.until is not None else ""
    return " ".join(part for part in (since, until) if part)
