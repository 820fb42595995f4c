"""Dashboards as JSON: what is written is read back, and what is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reporting.tile_strategies import tiles

from postcall.domain.dashboards import (
    MAX_TILES,
    Tile,
)
from postcall.errors import BadInput
from postcall.reporting.dashboard_format import read_tiles, write_tiles
from postcall.reporting.dashboard_templates import overview, templates


@given(st.lists(tiles(), max_size=3))
def test_what_is_written_is_read_back_as_it_was(made: list[Tile]) -> None:
    numbered = tuple(replace(tile, id=f"t{number}") for number, tile in enumerate(made))
    stored = msgspec.json.decode(msgspec.json.encode(write_tiles(numbered)))
    read = read_tiles(stored)
    assert read == numbered
    # True and 1 are equal to Python, and yet two values.
    assert repr(read) == repr(numbered)


@pytest.mark.parametrize("template", templates("metric.call_reason"), ids=lambda each: each.key)
def test_every_template_can_be_shown_and_kept(template: Any) -> None:
    assert read_tiles(write_tiles(template.tiles)) == template.tiles


def test_overview_counts_the_main_answer_where_there_is_one() -> None:
    assert any(tile.data.group_by == ("metric.call_reason",) for tile in overview("metric.call_reason"))
    assert any(tile.data.group_by == ("field.disconnection_reason",) for tile in overview())


def a_tile(**more: Any) -> dict[str, Any]:
    return {"title": "Calls", "kind": "kpi", **more}


@pytest.mark.parametrize(
    ("tiles", "place"),
    [
        ([a_tile(), {"title": "Second", "kind": "square"}], "tiles[1].kind"),
        ([a_tile(kind="line")], "tiles[0].data.group_by"),
        ([a_tile(kind="heatmap", data={"group_by": ["day"]})], "tiles[0].data.group_by"),
        ([a_tile(kind="bar", data={"group_by": ["field.channel", "day"]})], "tiles[0].data.group_by"),
        ([a_tile(data={"measures": [{"measure": "sum"}]})], "tiles[0].data.measures[0].of"),
        (
            [a_tile(data={"filters": {"and": [{"field": "field.chanel", "op": "eq"}]}})],
            "tiles[0].data.filters.and[0].field",
        ),
        ([a_tile(data={"filter": {}})], "tiles[0].data.filter"),
        ([a_tile(format={"colour": 9})], "tiles[0].format.colour"),
        ([a_tile(format={"currency": "euro"})], "tiles[0].format.currency"),
        ([a_tile(x=8, w=6)], "tiles[0].w"),
        ([a_tile(kind="table", data={"group_by": ["field.channel"]})], "tiles[0].columns"),
        ([a_tile(id="a"), a_tile(id="a")], "tiles[1].id"),
        ([a_tile()] * (MAX_TILES + 1), "tiles"),
        ("none", "tiles"),
    ],
)
def test_a_mistake_is_told_with_its_place(tiles: Any, place: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_tiles(tiles)
    assert caught.value.field == place
