"""What a chart's script, its table and its description say."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as some
from tests.web.tile_gallery import series

from postcall.web.charts import chart_json, describe_chart, table_of
from postcall.web.tile_view import ChartView, SeriesView


def a_chart(*of: SeriesView, unit: Any = "number", categories: tuple[str, ...] = ("Mon", "Tue", "Wed")) -> ChartView:
    return ChartView("bar", categories, of, "Day", "Booked", unit)


def test_the_script_gets_the_same_numbers() -> None:
    got = json.loads(chart_json(a_chart(series("voice", [1.5, None, 3], colour=9, spread=1))))
    assert got["categories"] == ["Mon", "Tue", "Wed"]
    [only] = got["series"]
    assert only["values"] == [1.5, None, 3]
    assert only["low"] == [0.5, None, 2]
    assert only["intervals"] == ["0.5 to 2.5", "", "2 to 4"]
    assert only["hrefs"] == ["/calls?which=voice-0", None, "/calls?which=voice-2"]
    assert only["colour"] == 1, "a ninth series begins the palette again"


@given(some.text())
def test_no_name_ends_the_script_that_holds_it(name: str) -> None:
    text = chart_json(a_chart(series(name, [1, 2, 3]), categories=(name, "</script><!--", "\u2028")))
    assert not {"<", ">", "&", "\u2028"} & set(text)
    got = json.loads(text)
    assert got["categories"][0] == name and got["series"][0]["name"] == name


def test_what_is_no_number_is_a_gap() -> None:
    got = json.loads(chart_json(a_chart(series("voice", [math.nan, math.inf, 2]))))
    assert got["series"][0]["values"] == [None, None, 2]


def test_the_table_has_the_numbers_the_links_and_the_intervals() -> None:
    table = table_of(
        a_chart(series("voice", [41.2, None, 3], suffix=" %", spread=4), series("chat", [1, 2, 3]), unit="percent")
    )
    assert table.columns == ("Day", "voice", "chat")
    assert table.numeric == (False, True, True)
    first, second, _ = table.rows
    assert [cell.text for cell in first] == ["Mon", "41.2 %", "1"]
    assert first[1].href == "/calls?which=voice-0"
    assert first[1].detail == "37.2 % to 45.2 %"
    assert second[1].text == "–" and second[1].href is None and second[1].detail == ""


def test_a_series_without_a_name_is_called_by_what_is_measured() -> None:
    assert table_of(a_chart(series("", [1, 2, 3]))).columns == ("Day", "Booked")


def test_the_description_says_what_how_many_and_between_what() -> None:
    said = describe_chart(a_chart(series("voice", [125.0, None, 44.0]), unit="duration"))
    assert said == (
        "Bar chart: Booked by day. 2 values, lowest 44 s (Wed), highest 2 min 05 s (Mon). Its table has the numbers."
    )


def test_the_description_of_nothing_says_so() -> None:
    assert "no values" in describe_chart(a_chart(series("voice", [None, None, None])))
    assert "1,234.5 (Mon)." in describe_chart(a_chart(series("voice", [1234.5, None, None])))
