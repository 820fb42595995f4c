"""What somebody may take out of a reading or put into it without writing queries: period, filters, grouping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from postcall.analyst.reading.queries import kind_of
from postcall.analyst.telling.tables import title_in_words
from postcall.domain.analysis import QuestionKind, Understood
from postcall.domain.queries import All, Filter, Having, Order, Query
from postcall.errors import BadInput

T = TypeVar("T")

_OF_CALLS = frozenset({QuestionKind.LIST, QuestionKind.SEARCH})
_KEPT = frozenset({QuestionKind.DIFFERENCE, QuestionKind.THEMES})


@dataclass(frozen=True, slots=True)
class Shape:
    """What all queries of a reading have in common. What they differ in is what is compared, and stays as it is."""

    one_period: bool
    """All are of the same stretch of time; only then it can be changed."""
    since: datetime | None
    until: datetime | None
    filters: tuple[Filter, ...]
    group_by: tuple[str, ...]
    agent: str | None
    text: str | None
    limit: int | None
    time_zone: str


def shape_of(understood: Understood) -> Shape | None:
    """None where the reading holds no query."""
    queries = _queries(understood)
    if not queries:
        return None
    first = queries[0]
    groups = understood.queries[0].group_by if understood.queries else ()
    return Shape(
        one_period=len({(each.since, each.until) for each in queries}) == 1,
        since=first.since,
        until=first.until,
        filters=tuple(part for part in first.filters.parts if all(part in each.filters.parts for each in queries)),
        group_by=() if any(each.group_by != groups for each in understood.queries) else groups,
        agent=first.agent if len({each.agent for each in queries}) == 1 else None,
        text=first.text if len({each.text for each in queries}) == 1 else None,
        limit=understood.queries[0].limit if understood.queries else None,
        time_zone=first.time_zone,
    )


def reshape(understood: Understood, shape: Shape, now: datetime) -> Understood:
    """The reading in this shape, said anew. The words of the question no longer stand for it, and are not marked."""
    before = shape_of(understood)
    if before is None:
        raise BadInput("reading: there is no query in it that could be changed", field="reading")
    queries = tuple(_reshaped(each, before, shape, counts=True) for each in understood.queries)
    calls = None if understood.calls is None else _reshaped(understood.calls, before, shape, counts=False)
    changed = replace(understood, queries=queries, calls=calls, kind=_kind(understood, queries, calls))
    return replace(changed, says=said_of(changed, now), taken=(), left=())


def without(shape: Shape, part: str) -> Shape:
    """The shape without `period`, `agent`, `text`, `limit`, `filter-0` or `group-1`; BadInput where it is not there."""
    name, _, place = part.partition("-")
    if place.isdecimal() and len(place) < 4:
        if name == "filter" and int(place) < len(shape.filters):
            return replace(shape, filters=_without(shape.filters, int(place)))
        if name == "group" and int(place) < len(shape.group_by):
            return replace(shape, group_by=_without(shape.group_by, int(place)))
    if part == "period" and shape.one_period:
        return replace(shape, since=None, until=None)
    if part == "agent":
        return replace(shape, agent=None)
    if part == "text":
        return replace(shape, text=None)
    if part == "limit":
        return replace(shape, limit=None)
    raise BadInput(f"drop: this reading has no {part[:40]!r}", field="drop")


def said_of(understood: Understood, now: datetime) -> str:
    """A reading in words, made from its queries alone: for one that was changed by hand."""
    queries = understood.queries or _queries(understood)
    if understood.kind in _OF_CALLS:
        return f"Calls{title_in_words(replace(queries[0], measures=(), group_by=()), now)}"
    return "; ".join(dict.fromkeys(title_in_words(each, now) for each in queries))


def _queries(understood: Understood) -> tuple[Query, ...]:
    return (*understood.queries, *((understood.calls,) if understood.calls is not None else ()))


def _without(parts: tuple[T, ...], place: int) -> tuple[T, ...]:
    return (*parts[:place], *parts[place + 1 :])


def _kind(understood: Understood, queries: Sequence[Query], calls: Query | None) -> QuestionKind:
    if understood.kind in _KEPT or len(queries) > 1:
        return understood.kind
    if not queries:
        return QuestionKind.SEARCH if calls is not None and calls.text is not None else QuestionKind.LIST
    return kind_of(queries[0])


def _reshaped(query: Query, before: Shape, shape: Shape, *, counts: bool) -> Query:
    own = tuple(part for part in query.filters.parts if part not in before.filters)
    changed = replace(query, filters=All((*shape.filters, *own)))
    if before.one_period and (shape.since, shape.until) != (before.since, before.until):
        both = shape.since is not None and shape.until is not None
        changed = replace(changed, since=shape.since, until=shape.until, compare=query.compare and both)
    if shape.agent != before.agent:
        changed = replace(changed, agent=shape.agent)
    if shape.text != before.text:
        changed = replace(changed, text=shape.text)
    if counts and shape.limit != before.limit:
        changed = replace(changed, limit=shape.limit)
    if counts and shape.group_by != before.group_by:
        changed = _grouped(changed, shape.group_by)
    return changed


def _grouped(query: Query, group_by: tuple[str, ...]) -> Query:
    """By these, and no longer in the order or within the bounds of groups that are gone."""
    if not group_by:
        return replace(query, group_by=(), order=(), having=(), limit=None)
    columns = {*group_by, *(measure.name for measure in query.measures)}
    order: tuple[Order, ...] = tuple(each for each in query.order if each.column in columns)
    having: tuple[Having, ...] = tuple(each for each in query.having if each.column in columns)
    return replace(query, group_by=group_by, order=order, having=having)
