"""From a number to the calls behind it: the list of calls, with every filter written out in its address."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from postcall.domain.queries import All, Filter, GroupValue, Query
from postcall.reporting.query_format import write_filters
from postcall.reporting.reports import calls_behind
from postcall.reporting.tile_results import TileNumbers
from postcall.reporting.tiles import numerator_filter
from postcall.reporting.toolbar import Toolbar, write_moment

CALLS = "/calls"


def behind_figure(numbers: TileNumbers, column: int, group: tuple[GroupValue, ...], toolbar: Toolbar) -> str:
    """The calls that are counted in one number of a tile."""
    asked = numbers.question.columns[column]
    query = numbers.question.queries[asked.query]
    return calls_address(_and(calls_behind(query, group), numerator_filter(asked.measure)), query, toolbar)


def behind_tile(numbers: TileNumbers, toolbar: Toolbar) -> str:
    """All calls of a tile; of one that is a single number, those counted in it."""
    query = numbers.question.queries[0]
    if not query.group_by:
        return behind_figure(numbers, 0, (), toolbar)
    return calls_address(query.filters, query, toolbar)


def calls_address(filters: Filter, query: Query, toolbar: Toolbar) -> str:
    """The list of calls of the toolbar's period and agent that pass these filters."""
    named: list[tuple[str, str]] = [("agent", toolbar.agent)] if toolbar.agent else []
    named += [("since", write_moment(toolbar.since)), ("until", write_moment(toolbar.until))]
    if query.time_zone != "UTC":
        named.append(("time_zone", query.time_zone))
    wanted = filters if isinstance(filters, All) else All((filters,))
    if wanted.parts:
        named.append(("filters", msgspec.json.encode(write_filters(wanted)).decode()))
    return f"{CALLS}?{urlencode(named)}"


def _and(first: Filter, second: Filter) -> Filter:
    """Both, as one list of conditions."""
    parts = [part for each in (first, second) for part in (each.parts if isinstance(each, All) else (each,))]
    return All(tuple(parts))
