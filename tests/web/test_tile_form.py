"""The form of a tile: what it shows means what the tile means."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from tests.reporting.tile_strategies import tiles

from postcall.domain.dashboards import Sort, SortBy, Tile, TileData, TileKind
from postcall.domain.queries import All, Condition, Measure, MeasureKind, Operator
from postcall.web.tile_form import fields_of, read_tile_form


@given(tiles())
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(tile: Tile) -> None:
    tile = replace(tile, title=" ".join(tile.title.split()))
    read = read_tile_form(fields_of(tile), tile.id, {})
    # Also true and 1, which are equal to Python and yet two values.
    assert repr(as_shown(read)) == repr(as_shown(tile))


def as_shown(tile: Tile) -> Tile:
    """Filters hold together, so that their order means nothing; labels have no space around them."""

    def sort(filters: All) -> All:
        return All(tuple(sorted(filters.parts, key=lambda part: (not isinstance(part, Condition), repr(part)))))

    divisor = tile.data.divided_by
    data = replace(
        tile.data,
        filters=sort(tile.data.filters),
        divided_by=replace(divisor, filters=sort(divisor.filters)) if divisor else None,
        sort_by=SortBy.VALUE if tile.data.sort is Sort.NONE else tile.data.sort_by,
    )
    columns = tuple(
        replace(
            column,
            title=" ".join(column.title.split()),
            filters=sort(column.filters),
            divided_by=replace(column.divided_by, filters=sort(column.divided_by.filters))
            if column.divided_by
            else None,
        )
        for column in tile.columns
    )
    form = replace(tile.format, y_label=" ".join(tile.format.y_label.split()))
    return replace(tile, data=data, columns=columns, format=form)


def test_what_is_typed_anew_is_read_as_the_metrics_values_are() -> None:
    rate = Tile("t", "Rate", TileKind.KPI)
    fields = fields_of(rate) | {"m0_kind": "rate", "m0_of": "metric.SCORE", "m0_value": "5"}
    assert read_tile_form(fields, "t", {"SCORE": "number"}).data.measures == (
        Measure(MeasureKind.RATE, "metric.SCORE", value=5),
    )
    assert read_tile_form(fields, "t", {"SCORE": "text"}).data.measures[0].value == "5"


def test_a_changed_row_is_read_anew_and_an_emptied_one_is_gone() -> None:
    kept = Condition("metric.BOOKED", Operator.EQ, value=True)
    tile = Tile("t", "T", TileKind.KPI)
    tile = replace(tile, data=replace(tile.data, filters=All((kept, Condition("field.turns", Operator.GT, 3)))))
    fields = fields_of(tile) | {"f1_value": "4"}
    assert read_tile_form(fields, "t", {}).data.filters.parts == (kept, Condition("field.turns", Operator.GT, 4))
    assert read_tile_form(fields | {"f0_name": ""}, "t", {}).data.filters.parts == (
        Condition("field.turns", Operator.GT, 4),
    )


def test_groups_of_the_kind_before_do_not_stand_in_the_way_of_another_kind() -> None:
    line = Tile("t", "Calls", TileKind.LINE, data=TileData(group_by=("day", "field.channel")))

    number = read_tile_form({**fields_of(line), "kind": "kpi"}, "t", {})
    parts = read_tile_form({**fields_of(line), "kind": "pie"}, "t", {})

    assert number.data.group_by == ()
    assert parts.data.group_by == ("day",)
