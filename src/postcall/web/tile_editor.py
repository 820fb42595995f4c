"""The page on which one tile is made or changed, with a preview of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.api.reports import reports_of
from postcall.domain.dashboard_checks import check_tile, check_tiles
from postcall.domain.dashboards import GRID, Dashboard, Tile, TileData, TileKind, next_row
from postcall.domain.people import Role
from postcall.errors import BadInput
from postcall.reporting.asking import run_tiles
from postcall.reporting.reports import KnownName
from postcall.web.dashboard_editor import new_tile_id, save_tiles, tile_of
from postcall.web.dashboard_fields import read_form
from postcall.web.dashboard_page import DASHBOARDS, load_dashboard
from postcall.web.dashboard_toolbar import toolbar_of
from postcall.web.filter_rows import kinds_of
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.tile_building import build_tile
from postcall.web.tile_form import fields_of, read_tile_form
from postcall.web.tile_form_view import show_tile_form
from postcall.web.tile_view import TileView

router = APIRouter()
NEW = "new"
"""Stands for the id of a tile that is not there yet."""


@router.api_route("/dashboards/{dashboard_id}/edit/{tile_id}", methods=["GET", "HEAD"])
async def show_tile_editor(request: Request, dashboard_id: str, tile_id: str) -> Response:
    """The form of a tile; under `new`, of one that counts conversations by day."""
    person_of(request).require(Role.EDITOR)
    dashboard = await load_dashboard(request, dashboard_id)
    tile = _blank(dashboard) if tile_id == NEW else tile_of(dashboard, tile_id)
    return await _show(request, dashboard, tile_id, fields_of(tile), revision=dashboard.revision)


@router.post("/dashboards/{dashboard_id}/edit/{tile_id}")
async def take_tile(request: Request, dashboard_id: str, tile_id: str) -> Response:
    """Save the tile in the draft; or, where another button was pressed, show the form again with its preview."""
    fields = await read_form(request)
    dashboard = await load_dashboard(request, dashboard_id)
    if fields.get("do") != "save":
        return await _show(request, dashboard, tile_id, fields)
    try:
        tile = read_tile_form(fields, new_tile_id() if tile_id == NEW else tile_id, await _kinds(request))
        check_tile(tile, "")
        tiles = _with_tile(dashboard, tile, is_new=tile_id == NEW)
        check_tiles(tiles)
    except BadInput as error:
        return await _show(request, dashboard, tile_id, fields, status=error.status)
    await save_tiles(request, dashboard, tiles, fields)
    return RedirectResponse(f"{DASHBOARDS}/{dashboard.id}/edit#tile-{quote(tile.id)}", status_code=303)


@router.post("/dashboards/{dashboard_id}/preview")
async def preview(request: Request, dashboard_id: str) -> Response:
    """The tile that a form describes, as it would be shown; nothing is stored."""
    await load_dashboard(request, dashboard_id)
    view, _ = await _preview(request, await read_form(request))
    return render(request, "_tile_preview.html", view=view)


async def _show(
    request: Request,
    dashboard: Dashboard,
    tile_id: str,
    fields: Mapping[str, str],
    *,
    revision: int | None = None,
    status: int = 200,
) -> Response:
    view, mistake = await _preview(request, fields)
    return render(
        request,
        "dashboard_tile.html",
        status=status,
        dashboard=dashboard,
        home=f"{DASHBOARDS}/{dashboard.id}",
        tile_id=tile_id,
        is_new=tile_id == NEW,
        # What the form began from, also where it is shown again: nobody's later change is overwritten unseen.
        revision=revision or fields.get("revision", ""),
        form=show_tile_form(fields, await _names(request)),
        view=view,
        mistake=mistake if status >= 400 else None,
    )


async def _preview(request: Request, fields: Mapping[str, str]) -> tuple[TileView, str | None]:
    """The tile, or what the form still lacks."""
    blank = TileView(id="preview", title=fields.get("title", "") or "Preview", x=0, y=0, w=12, h=4)
    try:
        tile = replace(read_tile_form(fields, "preview", await _kinds(request)), x=0, y=0, w=12, h=4)
        check_tile(tile if tile.title else replace(tile, title="Preview"), "")
    except BadInput as error:
        message = error.message.removeprefix("." if error.message.startswith(".") else "")
        return replace(blank, message=message, failed=True), message
    toolbar = toolbar_of(request)
    [found] = await run_tiles(reports_of(request), person_of(request).account_pk, [tile], toolbar)
    if not tile.title:
        return replace(build_tile(tile, found, toolbar), title="Preview"), "Title: the tile needs one."
    return build_tile(tile, found, toolbar), None


async def _names(request: Request) -> tuple[KnownName, ...]:
    return await reports_of(request).names(person_of(request).account_pk)


async def _kinds(request: Request) -> dict[str, str]:
    return kinds_of(await _names(request))


def _blank(dashboard: Dashboard) -> Tile:
    blank = Tile(NEW, "Conversations per day", TileKind.LINE, data=TileData(group_by=("day",)))
    x, y = free_place(dashboard.edited, blank.w, blank.h)
    return replace(blank, x=x, y=y)


def free_place(tiles: Sequence[Tile], w: int, h: int) -> tuple[int, int]:
    """Column and row of the first place, from the top and then from the left, that takes a tile of this size."""
    for y in range(next_row(tiles)):
        for x in range(GRID - w + 1):
            if not any(
                x < tile.x + tile.w and tile.x < x + w and y < tile.y + tile.h and tile.y < y + h for tile in tiles
            ):
                return x, y
    return 0, next_row(tiles)


def _with_tile(dashboard: Dashboard, tile: Tile, *, is_new: bool) -> tuple[Tile, ...]:
    if is_new:
        return (*dashboard.edited, tile)
    tile_of(dashboard, tile.id)
    return tuple(tile if each.id == tile.id else each for each in dashboard.edited)
