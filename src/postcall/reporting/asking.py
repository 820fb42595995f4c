"""Asking for the numbers of tiles, all at once; a tile that fails costs no other its numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from postcall.domain.dashboards import Tile
from postcall.errors import PostcallError
from postcall.reporting.reports import Reports
from postcall.reporting.tile_format import tiles_json
from postcall.reporting.tile_results import TileNumbers, read_tile
from postcall.reporting.tiles import ask_tile, follow_up
from postcall.reporting.toolbar import Toolbar, write_moment


async def run_tile(reports: Reports, account_pk: int, tile: Tile, toolbar: Toolbar) -> TileNumbers:
    """The tile's numbers. Raises what the reports raise."""
    question = ask_tile(tile, toolbar)
    main = await reports.run(account_pk, question.queries[0])
    others = await asyncio.gather(*(reports.run(account_pk, query) for query in follow_up(question, main)))
    return read_tile(tile, question, [main, *others])


async def run_tiles(
    reports: Reports, account_pk: int, tiles: Sequence[Tile], toolbar: Toolbar
) -> list[TileNumbers | PostcallError]:
    """The numbers of each tile, or in their place what went wrong."""

    async def try_one(tile: Tile) -> TileNumbers | PostcallError:
        try:
            return await run_tile(reports, account_pk, tile, toolbar)
        except PostcallError as error:
            return error

    return list(await asyncio.gather(*(try_one(tile) for tile in tiles)))


def data_json(
    name: str, tiles: Sequence[Tile], found: Sequence[TileNumbers | PostcallError], toolbar: Toolbar
) -> dict[str, Any]:
    """A dashboard's numbers, with what its toolbar says."""
    return {
        "name": name,
        "agent": toolbar.agent,
        "since": write_moment(toolbar.since),
        "until": write_moment(toolbar.until),
        "time_zone": toolbar.time_zone,
        "channels": list(toolbar.channels),
        "environments": list(toolbar.environments),
        "variants": list(toolbar.variants),
        "versions": list(toolbar.versions),
        "tiles": tiles_json(tiles, found),
    }
