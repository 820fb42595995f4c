"""Results of an answer as tables, and as tiles that can be pinned."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.builders import NOON

from postcall.analyst.telling.tables import drawn, table_of, tile_of, title_in_words
from postcall.domain.analysis import Asked
from postcall.domain.dashboards import Sort, TileKind
from postcall.domain.queries import (
    All,
    Condition,
    Interval,
    Measure,
    MeasureKind,
    Number,
    Operator,
    Order,
    Query,
    Result,
    Row,
)
from postcall.reporting.dashboard_format import read_tiles, write_tiles

CALLS = Measure(MeasureKind.CONVERSATIONS, name="calls")
BOOKED = Measure(MeasureKind.RATE, "metric.BOOKED", name="rate")


def asked(query: Query, *rows: Row) -> Asked:
    """A query with these rows."""
    return Asked(query, Result(query, rows, (), calls=60, in_progress=0), "q1")


def test_a_table_says_what_each_number_rests_on() -> None:
    rate = Number(0.5, 40, count=20, interval=Interval(0.35, 0.65))
    few = Number(0.25, 4, count=1, interval=Interval(0.05, 0.7), small=True)
    query = Query((BOOKED,), group_by=("field.channel",), since=datetime(2026, 3, 1, tzinfo=UTC))
    table = table_of(asked(query, Row(("voice",), (rate,)), Row((None,), (few,))), NOON)
    assert table.title == "Rate of BOOKED by channel since 1 March 2026"
    assert table.heads == ("Channel", "Rate of BOOKED", "Rests on")
    assert table.rows[0] == ("voice", "50.0 %", "20 of 40; 95 % interval 35.0 % to 65.0 %")
    assert table.rows[1] == ("no value", "25.0 %", "1 of 4; 95 % interval 5.0 % to 70.0 %; few")


def test_a_long_table_says_how_much_is_left_out() -> None:
    rows = [Row((f"call-{number}",), (Number(1.0, 1),)) for number in range(250)]
    table = table_of(asked(Query((CALLS,), group_by=("field.id",)), *rows), NOON)
    assert (len(table.rows), table.more) == (200, 50)


def test_a_tile_keeps_the_filters_and_the_agent() -> None:
    voice = Condition("field.channel", Operator.EQ, "voice")
    order = (Order("calls", descending=True),)
    query = Query((CALLS,), agent="desk", group_by=("metric.REASON",), filters=All((voice,)), order=order, limit=5)
    tile = tile_of(asked(query), NOON)
    assert tile is not None
    assert (tile.kind, tile.data.sort, tile.data.limit) == (TileKind.BAR, Sort.DESC, 5)
    assert tile.data.filters == All((Condition("field.agent", Operator.EQ, "desk"), voice))


def test_a_tile_over_time_is_a_line_and_can_be_stored() -> None:
    query = Query((CALLS,), group_by=("field.channel", "day"))
    tile = tile_of(asked(query), NOON)
    assert tile is not None
    assert (tile.kind, tile.data.group_by) == (TileKind.LINE, ("day", "field.channel"))
    [stored] = read_tiles(write_tiles([tile]))
    assert stored.data.group_by == tile.data.group_by


def test_a_chart_shows_the_numbers_of_the_answer() -> None:
    rows = (Row(("voice", "2026-03-01"), (Number(7.0, 7),)), Row((None, "2026-03-01"), (Number(2.0, 2),)))
    numbers = drawn(asked(Query((CALLS,), group_by=("field.channel", "day")), *rows), NOON)
    assert numbers is not None
    [row] = numbers.rows
    assert (row.group, row.figures[0].value) == (("2026-03-01", "voice"), 7.0)


def test_what_a_dashboard_cannot_ask_is_not_drawn() -> None:
    assert tile_of(asked(Query((CALLS,), text="refund")), NOON) is None
    assert tile_of(asked(Query((CALLS,), group_by=("field.id",))), NOON) is None


def test_a_title_does_not_say_that_there_is_a_value_where_it_says_which() -> None:
    known, held = (Condition("metric.INTENT", op, value) for op, value in ((Operator.EXISTS, None), (Operator.EQ, "a")))
    query = Query((BOOKED,), filters=All((known, held)))
    assert title_in_words(query, NOON) == "Rate of BOOKED where INTENT is a"
    assert title_in_words(replace(query, filters=All((known,))), NOON).endswith("where INTENT has a value")
