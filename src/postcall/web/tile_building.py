"""From a tile's numbers to the tile as it is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from postcall.domain.dashboards import EmptyBuckets, Tile, TileKind, Unit, is_bucket
from postcall.domain.queries import GroupValue, Number
from postcall.errors import PostcallError
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.tile_format import column_names
from postcall.reporting.tile_results import Figure, GroupKey, TileNumbers, group_key, interval_of
from postcall.reporting.tiles import ADDITIVE, Asked
from postcall.reporting.toolbar import Toolbar
from postcall.web import words
from postcall.web.analyst_links import ask_about
from postcall.web.tile_axes import axis_title, axis_values, axis_words, group_words, is_time
from postcall.web.tile_links import behind_figure, behind_tile
from postcall.web.tile_numbers import Writing, figure_text, rests_on, share_of, significance, writing_of
from postcall.web.tile_view import CellView, ChartView, KpiView, SeriesView, TableView, TileView

_CHARTS: dict[TileKind, Literal["line", "bar", "pie", "donut", "heatmap"]] = {
    TileKind.LINE: "line",
    TileKind.BAR: "bar",
    TileKind.PIE: "pie",
    TileKind.DONUT: "donut",
    TileKind.HEATMAP: "heatmap",
}
_COLOURS = 8


@dataclass(frozen=True, slots=True)
class _Line:
    """What one line, set of bars or row of a heatmap is made of."""

    name: str
    column: int
    groups: tuple[tuple[GroupValue, ...], ...]
    """One for each category."""


def build_tile(
    tile: Tile, found: TileNumbers | PostcallError, toolbar: Toolbar, *, data_path: str = "", about: str = ""
) -> TileView:
    """The tile, or in its place why there is none.

    Under `data_path` its numbers are `.json` and `.csv`, and the analyst can be asked about it; `about` says what of,
    where the title alone does not.
    """
    blank = TileView(id=tile.id, title=tile.title, x=tile.x, y=tile.y, w=tile.w, h=tile.h)
    if isinstance(found, PostcallError):
        return replace(blank, message=_sentence(found.message), failed=True)
    path, _, query = data_path.partition("?")
    with_links = replace(
        blank,
        calls_href=behind_tile(found, toolbar),
        json_href=_with(f"{path}.json", query) if path else "",
        csv_href=_with(f"{path}.csv", query) if path else "",
        ask_href=_ask_about(found, toolbar, about) if path else "",
        notes=_notes(found),
    )
    if tile.kind is TileKind.KPI:
        return replace(with_links, kpi=build_kpi(found))
    if all(figure.value is None for row in found.rows for figure in row.figures):
        return replace(with_links, message=_why_empty(found), notes=())
    if tile.kind is TileKind.TABLE:
        return replace(with_links, table=build_table(found, toolbar))
    return replace(with_links, chart=build_chart(found, toolbar))


def build_kpi(numbers: TileNumbers) -> KpiView:
    """One large number, with what it rests on and how it has changed."""
    figure, asked = numbers.rows[0].figures[0], numbers.question.columns[0]
    writing = _writing(numbers.tile, asked)
    shown = KpiView(text=writing.number(figure.value), detail=rests_on(figure, asked.measure, writing), change="")
    if not numbers.tile.format.show_change or figure.change is None:
        return shown
    change = writing.change(figure.change)
    flat = change.startswith("±")
    if asked.measure.kind in ADDITIVE and figure.previous and figure.divisor is None and not flat:
        share = figure.change / abs(figure.previous)
        change += f" ({'+' if share > 0 else ''}{share * 100:,.0f} %)".replace("-", "\N{MINUS SIGN}")
    tone: Literal["up", "down", "flat"] = "flat" if flat else "up" if figure.change > 0 else "down"
    return replace(
        shown,
        change=change,
        tone=tone,
        significance="" if figure.divisor is not None else significance(figure.number),
    )


def build_table(numbers: TileNumbers, toolbar: Toolbar) -> TableView:
    """The groups, with a column for each measure."""
    tile = numbers.tile
    group = numbers.question.queries[0].group_by[0]
    writings = [
        writing_of(each.measure, tile.format, show_as=each.show_as, divided=each.divided_by is not None)
        for each in tile.columns
    ]
    rows = []
    for row in numbers.rows:
        cells = [CellView(group_words(group, row.group[0]))]
        for index, (figure, writing) in enumerate(zip(row.figures, writings, strict=True)):
            href = behind_figure(numbers, index, row.group, toolbar) if figure.number.n else None
            cells.append(CellView(writing.number(figure.value), href, share_of(figure)))
        rows.append(tuple(cells))
    return TableView(
        columns=(axis_title(group), *(column.title for column in tile.columns)),
        numeric=(False, *(True for _ in tile.columns)),
        rows=tuple(rows),
    )


def build_chart(numbers: TileNumbers, toolbar: Toolbar) -> ChartView:
    """Lines, bars, parts or a heatmap."""
    tile, query = numbers.tile, numbers.question.queries[0]
    groups = query.group_by
    # A heatmap has its first group downwards, and the second along the axis.
    along = 1 if tile.kind is TileKind.HEATMAP else 0
    values = axis_values(query, along, [row.group[along] for row in numbers.rows])
    found = {group_key(row.group): row.figures for row in numbers.rows}
    lines = _lines(numbers, values)
    writing = _writing(tile, numbers.question.columns[0])
    series = tuple(
        _series(numbers, line, found, toolbar, colour=(tile.format.colour + index) % _COLOURS)
        for index, line in enumerate(lines)
    )
    categories = axis_words(query, along, values)
    if tile.kind in {TileKind.PIE, TileKind.DONUT} and _adds_up(numbers.question.columns[0]):
        categories, series = _fold(categories, series, writing)
    return ChartView(
        type=_CHARTS[tile.kind],
        categories=categories,
        series=series,
        category_label=axis_title(groups[along]),
        value_label=tile.format.y_label or (column_names(numbers)[0] if len(numbers.question.columns) == 1 else ""),
        unit=writing.unit.value,
        prefix=writing.prefix,
        suffix=writing.ending,
        area=tile.format.area,
        gridlines=tile.format.gridlines,
        connect=tile.format.empty is EmptyBuckets.CONNECT,
        horizontal=tile.kind is TileKind.BAR and not is_time(groups[0]),
    )


def _lines(numbers: TileNumbers, values: Sequence[GroupValue]) -> list[_Line]:
    query = numbers.question.queries[0]
    if len(query.group_by) == 1:
        names = column_names(numbers)
        groups = tuple((value,) for value in values)
        return [_Line(name, index, groups) for index, name in enumerate(names)]
    across = 0 if numbers.tile.kind is TileKind.HEATMAP else 1
    others = axis_values(query, across, [row.group[across] for row in numbers.rows])
    return [
        _Line(text, 0, tuple((other, value) if across == 0 else (value, other) for value in values))
        for other, text in zip(others, axis_words(query, across, others), strict=True)
    ]


def _series(
    numbers: TileNumbers,
    line: _Line,
    found: Mapping[GroupKey, tuple[Figure, ...]],
    toolbar: Toolbar,
    *,
    colour: int,
) -> SeriesView:
    asked = numbers.question.columns[line.column]
    writing = _writing(numbers.tile, asked)
    figures = [
        found[key][line.column] if (key := group_key(group)) in found else _without_calls(numbers, asked, group)
        for group in line.groups
    ]
    intervals = [interval_of(figure) for figure in figures]
    # The interval of an average is as wide to either side: of counts and times it may reach below what there can be.
    floor = 0.0 if all((figure.value or 0) >= 0 for figure in figures) else -math.inf
    times = _times(writing)
    low = [None if each is None else max(each.low, floor) * times for each in intervals]
    return SeriesView(
        name=line.name,
        values=tuple(None if figure.value is None else figure.value * times for figure in figures),
        texts=tuple("" if figure.value is None else figure_text(figure, writing) for figure in figures),
        hrefs=tuple(
            behind_figure(numbers, line.column, group, toolbar) if figure.number.n else None
            for group, figure in zip(line.groups, figures, strict=True)
        ),
        low=tuple(low) if any(intervals) else (),
        high=tuple(None if each is None else each.high * times for each in intervals) if any(intervals) else (),
        colour=colour,
    )


def _adds_up(asked: Asked) -> bool:
    return asked.measure.kind in ADDITIVE and asked.divisor is None


def _times(writing: Writing) -> float:
    """What a number is multiplied with before it is drawn."""
    return writing.multiplier * (100 if writing.unit is Unit.PERCENT else 1)


def _fold(
    categories: Sequence[str], series: Sequence[SeriesView], writing: Writing
) -> tuple[tuple[str, ...], tuple[SeriesView, ...]]:
    """Parts of a whole, the smallest of them as one where there are more than colours to tell them by."""
    if len(categories) <= _COLOURS or len(series) != 1:
        return tuple(categories), tuple(series)
    [whole] = series
    largest = sorted(range(len(categories)), key=lambda at: whole.values[at] or 0, reverse=True)[: _COLOURS - 1]
    kept = sorted(largest)
    rest = sum(value or 0 for at, value in enumerate(whole.values) if at not in largest)
    name = f"{len(categories) - len(kept)} others"
    folded = replace(
        whole,
        values=(*(whole.values[at] for at in kept), rest),
        texts=(*(whole.texts[at] for at in kept), writing.number(rest / _times(writing))),
        hrefs=(*(whole.hrefs[at] for at in kept), None),
        low=(),
        high=(),
    )
    return (*(categories[at] for at in kept), name), (folded,)


def _without_calls(numbers: TileNumbers, asked: Asked, group: tuple[GroupValue, ...]) -> Figure:
    """A group in which there is no call: nothing of what is counted, and no average or rate at all."""
    timed = any(is_bucket(name) for name in numbers.question.queries[0].group_by)
    zero = _adds_up(asked) and (not timed or numbers.tile.format.empty is EmptyBuckets.ZERO) and None not in group
    return Figure(0.0 if zero else None, Number(value=0.0 if zero else None, n=0), None, None, None)


def _writing(tile: Tile, asked: Asked) -> Writing:
    return writing_of(asked.measure, tile.format, divided=asked.divisor is not None)


def _ask_about(numbers: TileNumbers, toolbar: Toolbar, about: str) -> str:
    question = f"{about}: {numbers.tile.title}" if about else numbers.tile.title
    return ask_about(question, numbers.question.queries, agent=toolbar.agent, time_zone=toolbar.time_zone)


def _notes(numbers: TileNumbers) -> tuple[str, ...]:
    notes = list(numbers.notes)
    figures = [figure for row in numbers.rows for figure in row.figures]
    measured = [
        row.figures[index]
        for row in numbers.rows
        for index, asked in enumerate(numbers.question.columns)
        if asked.measure.kind not in ADDITIVE
    ]
    if measured and any(figure.number.small and figure.number.n for figure in measured):
        few = all(figure.number.small for figure in measured)
        notes.append("Fewer than 30 values: read with care." if few else "Some rest on fewer than 30 values.")
    if numbers.truncated and figures:
        group = numbers.question.queries[0].group_by[-1]
        notes.append(f"There are more values of {axis_title(group).lower()} than are shown.")
    if numbers.in_progress and numbers.tile.kind is TileKind.KPI:
        notes.append(f"{words.count(numbers.in_progress, 'more call')} under way.")
    wanted = set(numbers.tile.data.group_by)
    coarser = [name for name in numbers.question.queries[0].group_by if is_bucket(name) and name not in wanted]
    notes += [f"By {name}, since the period is long." for name in coarser]
    return tuple(notes)


def _why_empty(numbers: TileNumbers) -> str:
    if not numbers.calls:
        return "No calls match. Choose a longer period, or take filters away."
    measured = [each.measure.of for each in numbers.question.columns if each.measure.of] if numbers.rows else []
    wanted = [*measured, *(name for name in numbers.tile.data.group_by if not is_bucket(name))]
    names = " and ".join(dict.fromkeys(name_in_words(name) for name in wanted))
    return f"None of {words.count(numbers.calls, 'call')} has a value of {names}."


def _with(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "!", "?")) else ".")
