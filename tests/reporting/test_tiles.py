"""From a tile to its queries, and from their results to its numbers; nothing is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOON

from postcall.domain.dashboards import Divisor, Sort, SortBy, TableColumn, Tile, TileData, TileFormat, TileKind
from postcall.domain.queries import (
    All,
    Condition,
    GroupValue,
    Measure,
    MeasureKind,
    Number,
    Operator,
    Order,
    Query,
    Result,
    Row,
)
from postcall.reporting.tile_results import TileNumbers, read_tile
from postcall.reporting.tiles import Question, ask_tile, follow_up
from postcall.reporting.toolbar import Toolbar

CALLS = Measure(MeasureKind.CONVERSATIONS)
BOOKED = Condition("metric.BOOKED", Operator.EQ, value=True)
BAR = Tile("bar", "By reason", TileKind.BAR, data=TileData(group_by=("metric.REASON",), sort=Sort.DESC, limit=2))
TOOLBAR = Toolbar(
    period="custom",
    since=NOON - timedelta(days=7),
    until=NOON,
    time_zone="Europe/Berlin",
    agent="clinic",
    channels=("voice", "sms"),
    variants=("B",),
    versions=(2,),
)


def a_result(query: Query, *rows: tuple[GroupValue | tuple[GroupValue, ...], float | None], n: int = 50) -> Result:
    """A result with these groups and values."""
    return Result(
        query=query,
        rows=tuple(
            Row(group if isinstance(group, tuple) else (group,), (Number(value=value, n=n),)) for group, value in rows
        ),
        coverage=(),
        calls=100,
        in_progress=0,
    )


def shown(numbers: TileNumbers) -> list[tuple[GroupValue, float | None]]:
    return [(row.group[0], row.figures[0].value) for row in numbers.rows]


def ask(tile: Tile) -> Question:
    return ask_tile(tile, TOOLBAR)


def test_a_tile_asks_for_the_calls_of_the_toolbar_and_its_own_filters() -> None:
    [query] = ask(replace(BAR, data=replace(BAR.data, filters=All((BOOKED,))))).queries
    assert (query.agent, query.since, query.until, query.time_zone) == (
        "clinic", TOOLBAR.since, TOOLBAR.until, "Europe/Berlin",
    )  # fmt: skip
    assert query.filters.parts == (
        Condition("field.environment", Operator.EQ, "live"),
        Condition("field.channel", Operator.IN, values=("voice", "sms")),
        Condition("field.variant", Operator.EQ, "B"),
        Condition("field.version", Operator.EQ, 2),
        BOOKED,
    )


def test_all_environments_are_named_since_a_report_counts_live_calls_by_itself() -> None:
    [query] = ask_tile(BAR, replace(TOOLBAR, environments=())).queries
    assert query.filters.parts[0] == Condition(
        "field.environment", Operator.IN, values=("live", "pre-release", "sandbox")
    )


def test_the_largest_groups_are_asked_for_and_no_more_than_are_needed() -> None:
    [query] = ask(BAR).queries
    # One for calls without a value, and one to see whether there are more.
    assert (query.order, query.limit) == ((Order("m0", descending=True),), 4)


def test_only_a_number_is_compared_with_the_period_before() -> None:
    form = TileFormat(show_change=True)
    assert ask(Tile("a", "A", TileKind.KPI, format=form)).queries[0].compare
    assert not ask(replace(BAR, format=form)).queries[0].compare


def test_calls_without_a_value_are_left_out_unless_asked_for() -> None:
    question = ask(BAR)
    found = a_result(question.queries[0], (None, 9), ("billing", 5), ("repair", 3), ("other", 1))
    numbers = read_tile(BAR, question, [found])
    assert (shown(numbers), numbers.truncated) == ([("billing", 5), ("repair", 3)], True)
    with_missing = replace(BAR, data=replace(BAR.data, show_missing=True))
    assert shown(read_tile(with_missing, question, [found])) == [(None, 9), ("billing", 5)]


def test_a_tile_is_divided_group_by_group_and_sorted_by_the_quotient() -> None:
    tile = replace(BAR, data=replace(BAR.data, divided_by=Divisor(CALLS, All((BOOKED,)))))
    question = ask(tile)
    main, divisor = question.queries
    assert BOOKED in divisor.filters.parts and BOOKED not in main.filters.parts
    numbers = read_tile(
        tile,
        question,
        [
            a_result(main, ("billing", 8), ("repair", 3), ("other", 2), ("nobody", 1)),
            a_result(divisor, ("billing", 16), ("repair", 1), ("other", 2), ("nobody", 0)),
        ],
    )
    assert (shown(numbers), numbers.truncated) == ([("repair", 3), ("other", 1)], True)


def test_what_is_divided_by_nothing_has_no_value() -> None:
    tile = Tile("a", "A", TileKind.KPI, data=TileData(divided_by=Divisor(CALLS)))
    question = ask(tile)
    results = [a_result(question.queries[0], ((), 8)), a_result(question.queries[1], ((), 0))]
    assert read_tile(tile, question, results).rows[0].figures[0].value is None


def test_a_quotient_changes_from_the_quotient_before() -> None:
    tile = Tile("a", "A", TileKind.KPI, data=TileData(divided_by=Divisor(CALLS)), format=TileFormat(show_change=True))
    question = ask(tile)
    results = [
        replace(a_result(query), rows=(Row((), (Number(value=value, n=9, previous=previous),)),))
        for query, value, previous in zip(question.queries, (9, 3), (8, 4), strict=True)
    ]
    [row] = read_tile(tile, question, results).rows
    assert (row.figures[0].value, row.figures[0].previous, row.figures[0].change) == (3, 2, 1)


TABLE = Tile(
    "table",
    "By channel",
    TileKind.TABLE,
    data=TileData(group_by=("field.channel",)),
    columns=(
        TableColumn("Booked", CALLS, filters=All((BOOKED,))),
        TableColumn("Calls", CALLS),
        TableColumn("Length", Measure(MeasureKind.AVERAGE, "field.duration")),
    ),
)


def test_columns_of_a_table_share_a_query_unless_they_filter() -> None:
    question = ask(TABLE)
    main, booked = question.queries
    assert [measure.kind for measure in main.measures] == [MeasureKind.CONVERSATIONS, MeasureKind.AVERAGE]
    assert BOOKED in booked.filters.parts
    assert [(each.query, each.index) for each in question.columns] == [(1, 0), (0, 0), (0, 1)]


def test_further_columns_are_asked_for_the_groups_that_were_found() -> None:
    question = ask(TABLE)
    [booked] = follow_up(question, a_result(question.queries[0], ("voice", 9), ("sms", 1)))
    assert "voice" in str(booked.filters.parts[-1]) and "sms" in str(booked.filters.parts[-1])


def test_a_group_without_a_call_in_a_column_counts_zero_there_and_has_no_average() -> None:
    question = ask(TABLE)
    main, booked = question.queries
    found = Result(main, (Row(("voice",), (Number(9, 9), Number(61.5, 9))),), (), 9, 0)
    [row] = read_tile(TABLE, question, [found, a_result(booked)]).rows
    assert [figure.value for figure in row.figures] == [0, 9, 61.5]


def test_true_and_one_are_two_groups() -> None:
    question = ask(BAR)
    numbers = read_tile(BAR, question, [a_result(question.queries[0], (True, 5), (1, 3))])
    assert [(repr(group), value) for group, value in shown(numbers)] == [("True", 5), ("1", 3)]


def test_beside_time_the_lines_are_limited_and_not_the_days() -> None:
    tile = replace(BAR, kind=TileKind.LINE, data=replace(BAR.data, group_by=("day", "metric.REASON"), limit=1))
    question = ask(tile)
    rows = [(("2026-03-01", "a"), 1), (("2026-03-01", "b"), 2), (("2026-03-02", "a"), 1), (("2026-03-02", "b"), 2)]
    numbers = read_tile(tile, question, [a_result(question.queries[0], *rows)])
    assert [row.group for row in numbers.rows] == [("2026-03-01", "b"), ("2026-03-02", "b")]
    assert numbers.truncated


def test_names_are_sorted_as_people_read_them() -> None:
    tile = replace(BAR, kind=TileKind.BAR, data=TileData((CALLS,), ("metric.A", "metric.B"), Sort.ASC, SortBy.LABEL))
    question = ask(tile)
    rows: list[tuple[tuple[GroupValue, ...], float]] = [(("b", 1), 1), (("A", 1), 1), ((10, 1), 1), ((9, 1), 1)]
    numbers = read_tile(tile, question, [a_result(question.queries[0], *rows)])
    assert [row.group[0] for row in numbers.rows] == [9, 10, "A", "b"]


def test_a_long_period_is_shown_by_longer_stretches() -> None:
    tile = replace(BAR, kind=TileKind.LINE, data=TileData(group_by=("hour",)))
    year = replace(TOOLBAR, since=NOON - timedelta(days=365))
    assert ask_tile(tile, TOOLBAR).queries[0].group_by == ("hour",)
    assert ask_tile(tile, year).queries[0].group_by == ("day",)
