"""The results of an answer as they are shown: drawn where they are the answer, folded where they stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from postcall.analyst.tables import Table, table_of, tile_of
from postcall.domain.analysis import Analysis, Asked
from postcall.domain.queries import Query
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.measure_words import measure_in_words
from postcall.reporting.query_format import write_query
from postcall.web import words
from postcall.web.analyst_tiles import calls_behind_all, draw
from postcall.web.tile_view import TileView


@dataclass(frozen=True, slots=True)
class ResultView:
    """One query's result."""

    id: str
    """The mark in the answer: `q1`."""
    anchor: str
    title: str
    value: str
    """All of a result that is one row, in a line; empty where there are more, which stand in `table`."""
    table: Table | None
    """None where it is drawn: a chart brings its own numbers as a table."""
    more: str
    tile: TileView | None
    query: str
    """As JSON, to be used elsewhere."""
    calls: str
    """How many calls match."""
    calls_href: str
    """Empty where that is the list of the whole answer."""
    may_pin: bool


@dataclass(frozen=True, slots=True)
class Results:
    """Those that are the answer and are more than a sentence says, and all others."""

    drawn: tuple[ResultView, ...]
    folded: tuple[ResultView, ...]
    all_calls: str
    """How many calls the answer is about."""
    calls_href: str
    """Their list; empty where no query counts."""
    none_match: bool
    """No call matches what was asked for."""


def show_results(analysis: Analysis, anchor: str, now: datetime) -> Results:
    """`anchor` tells its parts from those of other answers on the page."""
    asked, shown = analysis.asked, set(analysis.shown or (each.id for each in analysis.asked))
    main = next((each for each in asked if each.id in shown), asked[0] if asked else None)
    alone = len(shown) == 1  # then its sentences say of which calls it is
    views = {each.id: _result(each, anchor, now, is_main=each is main, in_short=alone) for each in asked}
    drawn = [each.id for each in asked if each.id in shown and not views[each.id].value and each.result.rows]
    return Results(
        drawn=tuple(views[each] for each in drawn),
        folded=tuple(view for id_, view in views.items() if id_ not in drawn),
        all_calls="" if main is None else words.count(main.result.calls, "call"),
        calls_href="" if main is None or not main.result.calls else calls_behind_all(main.query, now),
        none_match=_none(asked, shown),
    )


def _none(asked: Sequence[Asked], shown: set[str]) -> bool:
    results = [each.result for each in asked if each.id in shown]
    return bool(results) and not any(each.calls for each in results)


def _result(asked: Asked, anchor: str, now: datetime, *, is_main: bool, in_short: bool) -> ResultView:
    table, tile = table_of(asked, now), draw(asked, tile_id=f"{anchor}-{asked.id}-drawn", now=now)
    title = _short_title(asked.query) if is_main and in_short and asked.query.group_by else table.title
    return ResultView(
        id=asked.id,
        anchor=f"{anchor}-{asked.id}",
        title=words.visible(title),
        value="" if asked.query.group_by else _in_a_line(table),
        table=_told(table) if tile is None else None,
        more=f"and {words.count(table.more, 'row')} more" if table.more > 0 else "",
        tile=tile,
        query=msgspec.json.format(msgspec.json.encode(write_query(asked.query)), indent=2).decode(),
        calls=words.count(asked.result.calls, "call"),
        calls_href="" if is_main else calls_behind_all(asked.query, now),
        may_pin=tile_of(asked, now) is not None,
    )


def _short_title(query: Query) -> str:
    """`Calls by language`: what is measured, without which calls it is of."""
    measured = ["Calls" if each.of is None else measure_in_words(each) for each in query.measures]
    by = ["call" if name == "field.id" else name_in_words(name) for name in query.group_by]
    return f"{', '.join(measured)} by {' and '.join(by)}"


def _told(table: Table) -> Table:
    """Without the columns in which nothing stands, as of counts, which rest on nothing but themselves."""
    kept = [place for place in range(len(table.heads)) if not table.rows or any(row[place] for row in table.rows)]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return replace(table, heads=tuple(table.heads[place] for place in kept), rows=rows)


def _in_a_line(table: Table) -> str:
    """`33.3 % (63 of 189)`; with several measures each behind its name."""
    if not table.rows:
        return "nothing to measure"
    [row] = table.rows[:1]
    pairs = list(zip(table.heads[::2], row[::2], row[1::2], strict=True))
    said = [(head, f"{value} ({rests})" if rests else value) for head, value, rests in pairs]
    return said[0][1] if len(said) == 1 else "; ".join(f"{head}: {value}" for head, value in said)
