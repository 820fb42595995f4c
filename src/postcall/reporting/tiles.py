"""From a tile to the queries behind it. Nothing here asks anything; asking.py does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from postcall.domain.dashboards import MAX_GROUPS, Sort, SortBy, Tile, TileKind, is_bucket
from postcall.domain.queries import (
    All,
    AnyOf,
    Bucket,
    Condition,
    Filter,
    GroupValue,
    Measure,
    MeasureKind,
    Not,
    Operator,
    Order,
    Query,
    Result,
)
from postcall.reporting.toolbar import Toolbar, toolbar_conditions

ADDITIVE = frozenset({MeasureKind.CONVERSATIONS, MeasureKind.COUNT, MeasureKind.SUM})
"""Of nothing they are 0, and parts of them make the whole."""
MAX_BUCKETS = 400
"""Points along an axis; where a period has more, the next coarser stretch is taken."""
MAX_SORTED = 1_000
"""Groups that are asked for where they must be sorted here."""
_HOURS = {Bucket.HOUR: 1.0, Bucket.DAY: 24.0, Bucket.WEEK: 168.0, Bucket.MONTH: 730.0}


@dataclass(frozen=True, slots=True)
class Asked:
    """One column of a tile's numbers: where its measure stands, and what it is divided by."""

    measure: Measure
    query: int
    """The place of its query among the tile's."""
    index: int
    """The place of its measure in that query."""
    divisor: int | None
    """The place of the query that it is divided by."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that is asked for a tile."""

    queries: tuple[Query, ...]
    """The first decides which groups there are; the others are asked for those groups alone (`follow_up`)."""
    columns: tuple[Asked, ...]
    sorted: bool
    """The first query's rows come in the order in which they are shown."""


def ask_tile(tile: Tile, toolbar: Toolbar) -> Question:
    """What to ask for a tile. Columns without filters of their own share the first query."""
    base = Query(
        measures=(),
        agent=toolbar.agent,
        since=toolbar.since,
        until=toolbar.until,
        time_zone=toolbar.time_zone,
        group_by=tuple(fitting_bucket(group, toolbar) for group in tile.data.group_by),
        filters=_joined(toolbar, tile.data.filters),
        compare=tile.format.show_change and tile.kind is TileKind.KPI,
    )
    if tile.kind is TileKind.TABLE:
        columns = [(each.measure, each.filters, each.divided_by) for each in tile.columns]
    else:
        columns = [(each, All(), tile.data.divided_by) for each in tile.data.measures]
    shared: list[Measure] = []
    others: list[Query] = []
    asked = []
    for measure, filters, divided_by in columns:
        if filters.parts:
            place = _add(
                others,
                replace(base, measures=(_named(measure, 0),), filters=_joined(toolbar, tile.data.filters, filters)),
            )
            index = 0
        else:
            place, index = 0, len(shared)
            shared.append(_named(measure, index))
        divisor = None
        if divided_by is not None:
            divisor = _add(
                others,
                replace(base, measures=(_named(divided_by.measure, 0),), filters=_joined(toolbar, divided_by.filters)),
            )
        asked.append(Asked(measure, place, index, divisor))
    main = replace(base, measures=tuple(shared) or (Measure(MeasureKind.CONVERSATIONS, name="m0"),))
    main, in_order = _ordered(main, tile, asked[0])
    return Question((main, *others), tuple(asked), in_order)


def follow_up(question: Question, found: Result) -> tuple[Query, ...]:
    """The other queries of a tile, for the groups that its first one found alone where that can be said."""
    groups = [row.group for row in found.rows]
    return tuple(_within(query, groups) for query in question.queries[1:])


def numerator_filter(measure: Measure) -> Filter:
    """Which of the calls that match are counted in the number: of a rate, those with the value."""
    if measure.of is None:
        return All()
    if measure.kind is MeasureKind.RATE:
        return Condition(measure.of, Operator.EQ, measure.value)
    return Condition(measure.of, Operator.EXISTS)


def fitting_bucket(group: str, toolbar: Toolbar) -> str:
    """The group, or a coarser stretch of time where the period has too many of it to be seen."""
    if not is_bucket(group):
        return group
    hours = (toolbar.until - toolbar.since).total_seconds() / 3600
    finer = list(Bucket)[list(Bucket).index(Bucket(group)) :]
    return next((each.value for each in finer if hours / _HOURS[each] <= MAX_BUCKETS), Bucket.MONTH.value)


def groups_shown(tile: Tile) -> int:
    """How many groups the tile shows at most."""
    return min(tile.data.limit or MAX_GROUPS, MAX_GROUPS)


def _joined(toolbar: Toolbar, *filters: All) -> All:
    parts = [part for each in filters for part in each.parts]
    return All((*toolbar_conditions(toolbar), *parts))


def _add(queries: list[Query], query: Query) -> int:
    """The place that the query gets behind the first."""
    queries.append(query)
    return len(queries)


def _named(measure: Measure, index: int) -> Measure:
    return replace(measure, name=f"m{index}")


def _ordered(query: Query, tile: Tile, first: Asked) -> tuple[Query, bool]:
    """The query with its order and limit, and whether that order is the one that the tile shows."""
    if len(query.group_by) != 1 or is_bucket(query.group_by[0]):
        return query, False
    # One for the calls without a value, which may be left out, and one to see that there are more.
    limit = groups_shown(tile) + 2
    descending = tile.data.sort is Sort.DESC
    if tile.data.sort is Sort.NONE or tile.data.sort_by is SortBy.LABEL:
        return replace(query, order=(Order(query.group_by[0], descending=descending),), limit=limit), True
    if first.query == 0 and first.divisor is None:
        return replace(query, order=(Order("m0", descending=descending),), limit=limit), True
    # What they are sorted by is reckoned from several queries, so they are sorted here.
    return replace(query, order=(Order("m0", descending=True),), limit=MAX_SORTED), False


def _within(query: Query, groups: Sequence[tuple[GroupValue, ...]]) -> Query:
    """The query for these groups alone, where that can be said."""
    values = tuple(group[0] for group in groups if len(group) == 1)
    if len(query.group_by) != 1 or is_bucket(query.group_by[0]) or not values or len(values) > MAX_SORTED:
        return query
    [name] = query.group_by
    known = tuple(value for value in values if value is not None)
    parts: list[Filter] = [Condition(name, Operator.IN, values=known)] if known else []
    if len(known) < len(values):
        parts.append(Not(Condition(name, Operator.EXISTS)))
    return replace(query, filters=All((*query.filters.parts, AnyOf(tuple(parts)))))
