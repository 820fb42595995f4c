"""Charts as the pages' script reads them, as tables, and in words for who cannot see them."""

from __future__ import annotations

import json
import math
from typing import Any

from markupsafe import Markup

from postcall.web import words
from postcall.web.tile_view import CellView, ChartView, SeriesView, TableView

_KINDS = {
    "line": "Line chart",
    "bar": "Bar chart",
    "pie": "Pie chart",
    "donut": "Donut chart",
    "heatmap": "Heatmap",
}
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""So that no value can end the script element that it stands in, nor begin a comment there."""


def chart_json(view: ChartView) -> Markup:
    """The chart for charts.js, safe inside a `<script type="application/json">`."""
    chart: dict[str, Any] = {
        "type": view.type,
        "categories": view.categories,
        "categoryLabel": view.category_label,
        "valueLabel": view.value_label,
        "unit": view.unit,
        "prefix": view.prefix,
        "suffix": view.suffix,
        "area": view.area,
        "gridlines": view.gridlines,
        "connect": view.connect,
        "horizontal": view.horizontal,
        "centre": view.centre,
        "series": [_series_json(view, series) for series in view.series],
    }
    return Markup(json.dumps(chart, ensure_ascii=False, allow_nan=False).translate(_ESCAPES))


def table_of(chart: ChartView) -> TableView:
    """The same numbers, with the same links: a row for each category, a column for each series."""
    values = tuple(series.name or chart.value_label or "Value" for series in chart.series)
    return TableView(
        columns=(chart.category_label or "Group", *values),
        numeric=(False, *(True for _ in values)),
        rows=tuple(
            (CellView(category), *(_cell(chart, series, at) for series in chart.series))
            for at, category in enumerate(chart.categories)
        ),
    )


def describe_chart(chart: ChartView) -> str:
    """What the chart shows, in a sentence or two; the numbers themselves are in its table."""
    of = chart.value_label or (chart.series[0].name if len(chart.series) == 1 else "")
    by = f" by {chart.category_label.lower()}" if chart.category_label else ""
    what = f"{_KINDS[chart.type]}{': ' + of if of else ''}{by}."
    return " ".join([what, *(_range_of(chart, series) for series in chart.series[:4]), "Its table has the numbers."])


def _series_json(chart: ChartView, series: SeriesView) -> dict[str, Any]:
    places = range(len(chart.categories))
    return {
        "name": series.name,
        "values": [_finite(value) for value in series.values],
        "texts": series.texts,
        "hrefs": series.hrefs,
        "low": [_finite(value) for value in series.low],
        "high": [_finite(value) for value in series.high],
        "intervals": [_interval(chart, series, at) for at in places] if series.low and series.high else [],
        "colour": series.colour % 8,
    }


def _cell(chart: ChartView, series: SeriesView, at: int) -> CellView:
    text = series.texts[at] if at < len(series.texts) else ""
    href = series.hrefs[at] if at < len(series.hrefs) else None
    return CellView(text or words.NONE, href if text else None, _interval(chart, series, at))


def _interval(chart: ChartView, series: SeriesView, at: int) -> str:
    if at >= min(len(series.low), len(series.high)):
        return ""
    low, high = _finite(series.low[at]), _finite(series.high[at])
    return "" if low is None or high is None else f"{_short(chart, low)} to {_short(chart, high)}"


def _range_of(chart: ChartView, series: SeriesView) -> str:
    """`Booked: 30 values, lowest 12 % (4 Mar), highest 45 % (9 Mar).`"""
    known = [(value, at) for at, value in enumerate(series.values) if _finite(value) is not None and value is not None]
    named = f"{series.name}: " if series.name and len(chart.series) > 1 else ""
    if not known:
        return f"{named}no values."
    (low, first), (high, last) = min(known), max(known)
    if len(known) == 1:
        return f"{named}{_short(chart, low)} ({chart.categories[first]})."
    return (
        f"{named}{len(known)} values, lowest {_short(chart, low)} ({chart.categories[first]}), "
        f"highest {_short(chart, high)} ({chart.categories[last]})."
    )


def _short(chart: ChartView, value: float) -> str:
    if chart.unit == "duration":
        return f"{chart.prefix}{_duration(value)}{chart.suffix}"
    digits = 1 if abs(value) >= 10 or chart.unit == "percent" else 2
    number = f"{value:,.{digits}f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    suffix = chart.suffix or (" %" if chart.unit == "percent" else "")
    return f"{chart.prefix}{number}{suffix}"


def _duration(seconds: float) -> str:
    return words.duration(seconds) if abs(seconds) >= 10 else f"{seconds:.1f} s"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
