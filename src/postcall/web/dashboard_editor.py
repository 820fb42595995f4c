"""The editor of a dashboard: its draft's tiles, their places, and publishing the draft as a whole."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.dashboard_checks import check_tiles
from postcall.domain.dashboards import MAX_TILES, Dashboard, Tile, copy_tile, find_tile
from postcall.domain.people import Role
from postcall.errors import BadInput, NotFound
from postcall.reporting.asking import run_tiles
from postcall.reporting.dashboard_format import dashboard_of, write_tiles
from postcall.storage.dashboards import discard_dashboard_draft, publish_dashboard_draft, save_dashboard_draft
from postcall.web.dashboard_fields import read_form
from postcall.web.dashboard_page import DASHBOARDS, load_dashboard
from postcall.web.dashboard_toolbar import toolbar_of
from postcall.web.form_fields import read_number
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.tile_building import build_tile
from postcall.web.tile_view import TileView

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tile is, and how large."""

    id: str
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class EditedTile:
    """A tile in the editor."""

    view: TileView
    href: str
    """Where it is edited."""


@router.api_route("/dashboards/{dashboard_id}/edit", methods=["GET", "HEAD"])
async def show_editor(request: Request, dashboard_id: str) -> Response:
    """The draft, or what is published where there is none."""
    person_of(request).require(Role.EDITOR)
    return await _show(request, await load_dashboard(request, dashboard_id))


@router.post("/dashboards/{dashboard_id}/layout")
async def save_layout(request: Request, dashboard_id: str) -> Response:
    """Keep the tiles' places in the draft: as the script tells them, else as the fields say."""
    fields = await read_form(request)
    dashboard = await load_dashboard(request, dashboard_id)
    try:
        tiles = place_tiles(dashboard.edited, read_layout(fields, dashboard.edited))
        check_tiles(tiles)
    except BadInput as error:
        return await _show(request, dashboard, problem=error)
    await save_tiles(request, dashboard, tiles, fields)
    return _to_editor(dashboard.id)


@router.post("/dashboards/{dashboard_id}/edit/{tile_id}/duplicate")
async def duplicate_tile(request: Request, dashboard_id: str, tile_id: str) -> Response:
    """Put a copy of the tile below all others."""
    fields = await read_form(request)
    dashboard = await load_dashboard(request, dashboard_id)
    copy = copy_tile(tile_of(dashboard, tile_id), dashboard.edited, new_id=new_tile_id())
    tiles = (*dashboard.edited, copy)
    try:
        check_tiles(tiles)
    except BadInput as error:
        return await _show(request, dashboard, problem=error)
    await save_tiles(request, dashboard, tiles, fields)
    return _to_editor(dashboard.id, copy.id)


@router.post("/dashboards/{dashboard_id}/edit/{tile_id}/delete")
async def delete_tile(request: Request, dashboard_id: str, tile_id: str) -> Response:
    """Take the tile out of the draft; what is published keeps it until the draft is."""
    fields = await read_form(request)
    dashboard = await load_dashboard(request, dashboard_id)
    gone = tile_of(dashboard, tile_id)
    await save_tiles(request, dashboard, [tile for tile in dashboard.edited if tile != gone], fields)
    return _to_editor(dashboard.id)


@router.post("/dashboards/{dashboard_id}/publish")
async def publish(request: Request, dashboard_id: str) -> Response:
    """Show the draft to everybody."""
    account_pk, now = person_of(request).account_pk, services_of(request).clock()
    revision = read_number(await read_form(request), "revision")
    await services_of(request).record.write_async(
        lambda c: publish_dashboard_draft(c, account_pk, dashboard_id, revision=revision, now=now)
    )
    return RedirectResponse(f"{DASHBOARDS}/{quote(dashboard_id)}", status_code=303)


@router.post("/dashboards/{dashboard_id}/discard")
async def discard(request: Request, dashboard_id: str) -> Response:
    """Throw the draft away."""
    account_pk, now = person_of(request).account_pk, services_of(request).clock()
    revision = read_number(await read_form(request), "revision")
    await services_of(request).record.write_async(
        lambda c: discard_dashboard_draft(c, account_pk, dashboard_id, revision=revision, now=now)
    )
    return RedirectResponse(f"{DASHBOARDS}/{quote(dashboard_id)}", status_code=303)


async def save_tiles(
    request: Request, dashboard: Dashboard, tiles: Sequence[Tile], fields: Mapping[str, str]
) -> Dashboard:
    """Keep the tiles as the draft; Conflict where the form was made from an older revision."""
    account_pk, now = person_of(request).account_pk, services_of(request).clock()
    revision, content = read_number(fields, "revision"), write_tiles(tiles)
    return dashboard_of(
        await services_of(request).record.write_async(
            lambda c: save_dashboard_draft(c, account_pk, dashboard.id, content, revision=revision, now=now)
        )
    )


def read_layout(fields: Mapping[str, str], tiles: Sequence[Tile]) -> dict[str, Place]:
    """Where each tile goes, by its id."""
    told = fields.get("layout", "").strip()
    if told:
        try:
            return {each.id: each for each in msgspec.json.decode(told, type=list[Place])}
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise BadInput("layout: must be a list of {id, x, y, w, h}", field="layout") from None
    return {
        tile.id: Place(
            tile.id,
            x=_whole(fields, f"x-{tile.id}", tile.x),
            y=_whole(fields, f"y-{tile.id}", tile.y),
            w=_whole(fields, f"w-{tile.id}", tile.w),
            h=_whole(fields, f"h-{tile.id}", tile.h),
        )
        for tile in tiles
    }


def place_tiles(tiles: Sequence[Tile], places: Mapping[str, Place]) -> tuple[Tile, ...]:
    """The tiles at their places, in the order in which they are read: from the top, then from the left."""
    placed = [
        replace(tile, x=place.x, y=place.y, w=place.w, h=place.h) if (place := places.get(tile.id)) else tile
        for tile in tiles
    ]
    return tuple(sorted(placed, key=lambda tile: (tile.y, tile.x)))


def tile_of(dashboard: Dashboard, tile_id: str) -> Tile:
    """The tile of the draft, or NotFound."""
    found = find_tile(dashboard.edited, tile_id)
    if found is None:
        raise NotFound(f"there is no tile {tile_id!r} in this draft")
    return found


def new_tile_id() -> str:
    """8 hex digits."""
    return secrets.token_hex(4)


async def _show(request: Request, dashboard: Dashboard, *, problem: BadInput | None = None) -> Response:
    toolbar = toolbar_of(request)
    tiles = dashboard.edited
    found = await run_tiles(reports_of(request), person_of(request).account_pk, tiles, toolbar)
    path = f"{DASHBOARDS}/{dashboard.id}"
    return render(
        request,
        "dashboard_edit.html",
        status=problem.status if problem else 200,
        dashboard=dashboard,
        home=path,
        tiles=[
            EditedTile(_briefly(build_tile(tile, each, toolbar)), f"{path}/edit/{quote(tile.id)}")
            for tile, each in zip(tiles, found, strict=True)
        ],
        may_add=len(tiles) < MAX_TILES,
        most=MAX_TILES,
        problem=problem.message if problem else None,
    )


def _briefly(view: TileView) -> TileView:
    """The tile without its small print, whose room the buttons of the editor take."""
    kpi = replace(view.kpi, detail="", significance="") if view.kpi else None
    return replace(view, kpi=kpi, notes=(), calls_href="")


def _whole(fields: Mapping[str, str], name: str, default: int) -> int:
    text = fields.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadInput(f"{name[0]}: must be a whole number, not {text[:20]!r}", field=name)
    return int(text)


def _to_editor(dashboard_id: str, tile_id: str | None = None) -> Response:
    place = f"#tile-{tile_id}" if tile_id else ""
    return RedirectResponse(f"{DASHBOARDS}/{dashboard_id}/edit{place}", status_code=303)
