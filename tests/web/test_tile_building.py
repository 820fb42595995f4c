"""From numbers to tiles as they are shown: written as people read them, with the calls behind each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from postcall.domain.dashboards import EmptyBuckets, Sort, TableColumn, Tile, TileData, TileFormat, TileKind, Unit
from postcall.domain.queries import GroupValue, Interval, Measure, MeasureKind, Number, Result, Row
from postcall.errors import BadInput
from postcall.reporting.tile_results import read_tile
from postcall.reporting.tiles import ask_tile
from postcall.reporting.toolbar import Toolbar
from postcall.web.tile_building import build_tile
from postcall.web.tile_numbers import Writing
from postcall.web.tile_view import ChartView, KpiView, TileView

CALLS = Measure(MeasureKind.CONVERSATIONS)
BOOKED = Measure(MeasureKind.RATE, "metric.BOOKED")
LENGTH = Measure(MeasureKind.AVERAGE, "field.duration")
WEEK = Toolbar(
    period="custom",
    since=datetime(2026, 3, 26, 23, tzinfo=UTC),
    until=datetime(2026, 3, 30, 22, tzinfo=UTC),
    time_zone="Europe/Berlin",
    agent="clinic",
)
KPI = Tile("k", "Number", TileKind.KPI, format=TileFormat(show_change=True))
LINE = Tile("l", "By day", TileKind.LINE, data=TileData(group_by=("day",)))


def build(tile: Tile, *rows: tuple[tuple[GroupValue, ...], Number], calls: int = 514) -> TileView:
    question = ask_tile(tile, WEEK)
    found = Result(question.queries[0], tuple(Row(group, (number,)) for group, number in rows), (), calls, 0)
    return build_tile(tile, read_tile(tile, question, [found]), WEEK, data_path="/overview/tiles/k")


def of(tile: Tile, *measures: Measure, **form: Any) -> Tile:
    return replace(tile, data=replace(tile.data, measures=measures), format=replace(tile.format, **form))


def kpi_of(view: TileView) -> KpiView:
    assert view.kpi is not None
    return view.kpi


def chart_of(view: TileView) -> ChartView:
    assert view.chart is not None
    return view.chart


def filters_in(href: str | None) -> list[tuple[str, str, object]]:
    query = parse_qs(urlsplit(href or "").query)
    return [(each["field"], each["op"], each.get("value")) for each in json.loads(query["filters"][0])["and"]]


def test_a_rate_says_what_it_is_a_share_of_and_how_sure_it_is() -> None:
    number = Number(
        0.4125, 514, count=212, interval=Interval(0.371, 0.454), previous=0.391, change=0.0215, p_value=0.03
    )
    kpi = kpi_of(build(of(KPI, BOOKED), ((), number)))
    assert kpi.text == "41.2 %"
    assert kpi.detail == "212 of 514 calls; 95 % interval 37.1 % to 45.4 %"
    assert (kpi.change, kpi.tone, kpi.significance) == ("+2.1 points", "up", "p = 0.03")


def test_a_change_that_may_be_chance_says_so() -> None:
    number = Number(120.0, 120, previous=150.0, change=-30.0, p_value=0.4)
    kpi = kpi_of(build(of(KPI, CALLS), ((), number)))
    assert (kpi.text, kpi.change, kpi.tone) == ("120", "−30 (−20 %)", "down")
    assert kpi.significance == "within chance (p = 0.40)"


def test_a_number_that_did_not_change_points_nowhere() -> None:
    kpi = kpi_of(build(of(KPI, CALLS), ((), Number(5.0, 5, previous=5.0, change=0.0))))
    assert (kpi.change, kpi.tone) == ("±0", "flat")


def test_nothing_to_measure_is_a_dash_and_no_zero() -> None:
    assert kpi_of(build(of(KPI, LENGTH), ((), Number(None, 0)), calls=0)).text == "—"


@pytest.mark.parametrize(
    ("writing", "value", "text"),
    [
        (Writing(Unit.NUMBER), 1234.0, "1,234"),
        (Writing(Unit.NUMBER), 7.3333, "7.33"),
        (Writing(Unit.NUMBER, multiplier=1 / 60, suffix=" min", decimals=0), 7200.0, "120 min"),
        (Writing(Unit.CURRENCY, currency="USD"), 1204.5, "$1,204.50"),
        (Writing(Unit.CURRENCY, currency="CHF", decimals=0), -12.0, "−12 CHF"),
        (Writing(Unit.DURATION), 192.0, "3 min 12 s"),
        (Writing(Unit.DURATION), 0.84, "0.8 s"),
        (Writing(Unit.PERCENT, decimals=2), 0.12345, "12.35 %"),
        (Writing(Unit.PERCENT), None, "—"),
    ],
)
def test_numbers_are_written_as_people_read_them(writing: Writing, value: float | None, text: str) -> None:
    assert writing.number(value) == text


def test_a_day_without_calls_counts_zero_but_has_no_average() -> None:
    counted = chart_of(build(of(LINE, CALLS), (("2026-03-28",), Number(7.0, 7))))
    assert counted.categories == ("27 Mar", "28 Mar", "29 Mar", "30 Mar")
    assert counted.series[0].values == (0.0, 7.0, 0.0, 0.0)
    averaged = chart_of(build(of(LINE, LENGTH), (("2026-03-28",), Number(70.0, 7))))
    assert averaged.series[0].values == (None, 70.0, None, None)
    assert averaged.unit == "duration"


@pytest.mark.parametrize(("empty", "connect"), [(EmptyBuckets.GAP, False), (EmptyBuckets.CONNECT, True)])
def test_empty_days_may_be_gaps_or_bridged(empty: EmptyBuckets, connect: bool) -> None:
    chart = chart_of(build(of(LINE, CALLS, empty=empty), (("2026-03-28",), Number(7.0, 7))))
    assert chart.series[0].values == (None, 7.0, None, None)
    assert chart.connect is connect


def test_a_point_leads_to_the_calls_of_its_day_in_the_time_zone() -> None:
    chart = chart_of(build(of(LINE, BOOKED), (("2026-03-29",), Number(0.5, 8, count=4))))
    series = chart.series[0]
    assert series.values[2] == 50.0 and series.texts[2] == "50.0 % (4 of 8)"
    assert series.hrefs[0] is None  # nobody called on that day
    href = series.hrefs[2]
    query = parse_qs(urlsplit(href or "").query)
    assert (query["agent"], query["time_zone"]) == (["clinic"], ["Europe/Berlin"])
    # The day on which clocks went forward has 23 hours.
    assert filters_in(href) == [
        ("field.environment", "eq", "live"),
        ("field.started_at", "gte", "2026-03-28T23:00:00+00:00"),
        ("field.started_at", "lt", "2026-03-29T22:00:00+00:00"),
        ("metric.BOOKED", "eq", True),
    ]


def test_hours_that_come_twice_are_told_apart() -> None:
    autumn = replace(WEEK, since=datetime(2026, 10, 25, 0, tzinfo=UTC), until=datetime(2026, 10, 25, 2, tzinfo=UTC))
    tile = replace(LINE, data=TileData(group_by=("hour",)))
    question = ask_tile(tile, autumn)
    found = Result(question.queries[0], (Row(("2026-10-25T02:00+02:00",), (Number(3.0, 3),)),), (), 3, 0)
    chart = chart_of(build_tile(tile, read_tile(tile, question, [found]), autumn))
    assert chart.categories == ("25 Oct, 02:00 +02:00", "25 Oct, 02:00 +01:00")
    assert chart.series[0].values == (3.0, 0.0)


def test_a_heatmap_has_every_weekday_and_every_hour() -> None:
    tile = Tile("h", "When", TileKind.HEATMAP, data=TileData(group_by=("field.weekday", "field.hour")))
    chart = chart_of(build(tile, (("Tuesday", 9), Number(4.0, 4))))
    assert [series.name for series in chart.series][:2] == ["Monday", "Tuesday"]
    assert len(chart.series) == 7 and len(chart.categories) == 24
    assert chart.series[1].values[9] == 4.0
    assert ("field.weekday", "eq", "Tuesday") in filters_in(chart.series[1].hrefs[9])


def test_a_second_group_makes_lines_with_colours_of_their_own() -> None:
    tile = of(replace(LINE, data=TileData(group_by=("day", "field.channel"), sort=Sort.DESC)), CALLS, colour=7)
    rows = ((("2026-03-28", "voice"), Number(7.0, 7)), (("2026-03-28", "webchat"), Number(9.0, 9)))
    series = chart_of(build(tile, *rows)).series
    assert [(each.name, each.colour, each.values[1]) for each in series] == [("webchat", 7, 9.0), ("voice", 0, 7.0)]


def test_a_table_has_each_column_in_its_own_unit() -> None:
    tile = Tile(
        "t",
        "Channels",
        TileKind.TABLE,
        data=TileData(group_by=("field.channel",)),
        columns=(TableColumn("Length", LENGTH), TableColumn("Raw", LENGTH, show_as=Unit.NUMBER)),
    )
    question = ask_tile(tile, WEEK)
    found = Result(question.queries[0], (Row(("voice",), (Number(75.0, 9), Number(75.0, 9))),), (), 9, 0)
    table = build_tile(tile, read_tile(tile, question, [found]), WEEK).table
    assert table is not None
    assert table.columns == ("Channel", "Length", "Raw")
    assert [cell.text for cell in table.rows[0]] == ["voice", "1 min 15 s", "75"]


def test_few_values_are_to_be_read_with_care() -> None:
    assert "read with care" in " ".join(build(of(KPI, BOOKED), ((), Number(0.5, 8, count=4, small=True))).notes)


def test_a_tile_that_fails_says_why_in_its_own_place() -> None:
    view = build_tile(replace(LINE, x=6), BadInput("group_by: there is no 'metric.X'"), WEEK)
    assert (view.failed, view.x, view.message) == (True, 6, "Group_by: there is no 'metric.X'.")


def test_an_empty_tile_says_what_would_help() -> None:
    assert "longer period" in build(of(LINE, CALLS), calls=0).message
    bars = Tile("b", "B", TileKind.BAR, data=TileData(group_by=("metric.REASON",)))
    assert build(bars).message == "None of 514 calls has a value of REASON."


def test_the_numbers_of_a_tile_have_addresses_of_their_own() -> None:
    view = build(of(KPI, CALLS), ((), Number(1.0, 1)))
    assert (view.json_href, view.csv_href) == ("/overview/tiles/k.json", "/overview/tiles/k.csv")


def test_no_interval_is_drawn_below_nothing_of_what_is_never_negative() -> None:
    wide = Number(8.0, 2, interval=Interval(-18.0, 34.0))
    [series] = chart_of(build(of(LINE, LENGTH), (("2026-03-28",), wide))).series
    assert (series.low[1], series.high[1]) == (0.0, 34.0)
    owed = Number(-8.0, 2, interval=Interval(-18.0, 2.0))
    [series] = chart_of(build(of(LINE, Measure(MeasureKind.AVERAGE, "metric.BALANCE")), (("2026-03-28",), owed))).series
    assert series.low[1] == -18.0


def test_parts_beyond_the_colours_are_one_part_with_their_sum() -> None:
    donut = Tile("d", "Reasons", TileKind.DONUT, data=TileData(group_by=("metric.REASON",), sort=Sort.DESC, limit=12))
    parts = [((f"reason {size}",), Number(float(size), size)) for size in range(10, 0, -1)]
    chart = chart_of(build(of(donut, CALLS), *parts))
    assert len(chart.categories) == 8
    assert (chart.categories[0], chart.categories[-1]) == ("reason 10", "3 others")
    assert (chart.series[0].values[-1], chart.series[0].texts[-1], chart.series[0].hrefs[-1]) == (6.0, "6", None)
    assert sum(value or 0 for value in chart.series[0].values) == 55
    assert len(chart_of(build(of(donut, CALLS), *parts[:8])).categories) == 8
    averages = chart_of(build(of(donut, LENGTH), *parts))
    assert len(averages.categories) == 10
