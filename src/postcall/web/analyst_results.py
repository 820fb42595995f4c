"""The results of an answer as they are shown: drawn where they are the answer, folded where they stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from postcall.analyst.telling.tables import RESTS_ON, Table, table_of, tile_of
from postcall.domain.analysis import Analysis, Asked, QuestionKind
from postcall.domain.queries import Query
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.measure_words import measure_in_words
from postcall.reporting.query_format import write_query
from postcall.web import words
from postcall.web.analyst_tiles import calls_behind_all, draw, is_one_number
from postcall.web.list_view import call_path
from postcall.web.tile_view import TileView

_MOST_BARS = 12


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
    row_hrefs: tuple[str, ...]
    """The call that each row of the table is of; none where rows are of several calls."""
    more: str
    tile: TileView | None
    is_tall: bool
    """The chart has more bars beneath each other than its usual height has room for."""
    query: str
    """As JSON, to be used elsewhere."""
    calls: str
    """The same of this query."""
    calls_href: str
    """Empty where that is the list of the whole answer."""
    may_pin: bool


@dataclass(frozen=True, slots=True)
class Results:
    """Those that are the answer and are more than a sentence says, and all others."""

    drawn: tuple[ResultView, ...]
    folded: tuple[ResultView, ...]
    all_calls: str
    """`412 calls`: those behind the answer; without a number where that is not known."""
    calls_href: str
    """Their list; empty where no query counts."""
    none_match: bool
    """No call matches what was asked for."""


def show_results(analysis: Analysis, anchor: str, now: datetime) -> Results:
    """`anchor` tells its parts from those of other answers on the page."""
    asked, shown = analysis.asked, set(analysis.shown or (each.id for each in analysis.asked))
    main = next((each for each in asked if each.id in shown), asked[0] if asked else None)
    # Where one is shown, or one of each side, the sentences say of which calls it is.
    told = shown if len(shown) == 1 or analysis.kind is QuestionKind.DIFFERENCE else set()
    views = {each.id: _result(each, anchor, now, is_main=each is main, in_short=each.id in told) for each in asked}
    drawn = [each.id for each in asked if each.id in shown and not views[each.id].value and each.result.rows]
    return Results(
        drawn=tuple(views[each] for each in drawn),
        folded=tuple(view for id_, view in views.items() if id_ not in drawn),
        all_calls="" if main is None else _behind(main),
        calls_href="" if main is None or not main.result.calls else calls_behind_all(main.query, now),
        none_match=_none(asked, shown),
    )


def _behind(asked: Asked) -> str:
    """How many calls the list behind a result has: of one number, those that are counted in it.

    Of an average, say, it is not known how many calls its values are of.
    """
    result = asked.result
    if not is_one_number(asked.query) or asked.query.measures[0].of is None:
        return words.count(result.calls, "call")
    counts = [number.count for row in result.rows for number in row.numbers]
    return "calls" if len(counts) != 1 or counts[0] is None else words.count(counts[0], "call")


def _none(asked: Sequence[Asked], shown: set[str]) -> bool:
    results = [each.result for each in asked if each.id in shown]
    return bool(results) and not any(each.calls for each in results)


def told_table(asked: Asked, now: datetime) -> Table:
    """Without the columns in which nothing stands, as of counts, and what the number of a single call rests on."""
    table = table_of(asked, now)
    rests = {place for place, head in enumerate(table.heads) if _is_of_calls(asked) and head == RESTS_ON}
    kept = [
        place
        for place in range(len(table.heads))
        if place not in rests and (not table.rows or any(row[place] for row in table.rows))
    ]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return replace(table, heads=tuple(table.heads[place] for place in kept), rows=rows)


def _is_of_calls(asked: Asked) -> bool:
    """Whether each row is a call."""
    return asked.query.group_by[:1] == ("field.id",)


def _result(asked: Asked, anchor: str, now: datetime, *, is_main: bool, in_short: bool) -> ResultView:
    table, tile = table_of(asked, now), draw(asked, tile_id=f"{anchor}-{asked.id}-drawn", now=now)
    title = table.title
    if in_short and asked.query.group_by:
        title = _short_title(asked.query)
        title += "" if is_main else f", of {words.count(asked.result.calls, 'call')}"
    return ResultView(
        id=asked.id,
        anchor=f"{anchor}-{asked.id}",
        title=words.visible(title),
        value="" if asked.query.group_by else _in_a_line(table),
        table=told_table(asked, now) if tile is None else None,
        row_hrefs=tuple(call_path(str(row.group[0])) for row in asked.result.rows[: len(table.rows)])
        if _is_of_calls(asked)
        else (),
        more=f"and {words.count(table.more, 'row')} more" if table.more > 0 else "",
        tile=tile,
        is_tall=tile is not None and _bars(tile) > _MOST_BARS,
        query=msgspec.json.format(msgspec.json.encode(write_query(asked.query)), indent=2).decode(),
        calls=_behind(asked),
        calls_href="" if is_main else calls_behind_all(asked.query, now),
        may_pin=tile_of(asked, now) is not None,
    )


def _bars(tile: TileView) -> int:
    return len(tile.chart.categories) if tile.chart is not None and tile.chart.horizontal else 0


def _short_title(query: Query) -> str:
    """`Calls by language`: what is measured, without which calls it is of."""
    measured = ["Calls" if each.of is None else measure_in_words(each) for each in query.measures]
    by = ["call" if name == "field.id" else name_in_words(name) for name in query.group_by]
    return f"{', '.join(measured)} by {' and '.join(by)}"


def _in_a_line(table: Table) -> str:
    """`33.3 % (63 of 189)`; with several measures each behind its name."""
    if not table.rows:
        return "nothing to measure"
    [row] = table.rows[:1]
    pairs = list(zip(table.heads[::2], row[::2], row[1::2], strict=True))
    said = [(head, f"{value} ({rests})" if rests else value) for head, value, rests in pairs]
    return said[0][1] if len(said) == 1 else "; ".join(f"{head}: {value}" for head, value in said)
