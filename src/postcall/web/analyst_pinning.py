"""Pins a result of an answer to a dashboard, as a tile of its draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.analyst.telling.tables import tile_of
from postcall.analyst.thread_format import read_analysis
from postcall.analyst.threads import owner_of
from postcall.api.services import services_of
from postcall.domain.dashboard_checks import check_tile, check_tiles
from postcall.domain.dashboards import Tile, TileKind
from postcall.domain.people import Role
from postcall.errors import BadInput, NotFound
from postcall.reporting.dashboard_format import dashboard_of, write_tiles
from postcall.storage.analyst_threads import read_questions
from postcall.storage.dashboards import create_dashboard, find_dashboard, save_dashboard_draft
from postcall.web.analyst_frame import principal_of
from postcall.web.analyst_links import ANALYST
from postcall.web.dashboard_editor import new_tile_id
from postcall.web.dashboard_page import DASHBOARDS
from postcall.web.form_fields import read_fields
from postcall.web.people import person_of
from postcall.web.tile_editor import free_place

router = APIRouter()
NEW = "new"
_NAME = "Pinned answers"
_SIZES = {TileKind.KPI: (3, 2)}
_SIZE = (6, 4)


@router.post(ANALYST + "/{thread}/{number}/pin")
async def pin(request: Request, thread: str, number: str) -> Response:
    """Put the result named `asked` on the dashboard named, or on a new one; and show its editor."""
    person = person_of(request)
    person.require(Role.EDITOR)
    fields, services, owner = await read_fields(request), services_of(request), owner_of(principal_of(request))
    wanted, asked_id, now = fields.get("dashboard", NEW), fields.get("asked", ""), services.clock()

    def store(connection: Connection) -> tuple[str, str]:
        found = next((each for each in read_questions(connection, owner, thread) if str(each.number) == number), None)
        asked = [each for each in read_analysis(found.answer).asked if each.id == asked_id] if found else []
        tile = tile_of(asked[0], now) if asked else None
        if found is None or not asked:
            raise NotFound("there is no such result in this thread")
        if tile is None:
            raise BadInput("this result cannot be pinned: no tile searches transcripts, or keeps some groups only")
        return _put(connection, person.account_pk, wanted, tile, now=now)

    dashboard_id, tile_id = await services.record.write_async(store)
    return RedirectResponse(f"{DASHBOARDS}/{quote(dashboard_id)}/edit#tile-{quote(tile_id)}", status_code=303)


def _put(connection: Connection, account_pk: int, dashboard_id: str, tile: Tile, *, now: datetime) -> tuple[str, str]:
    """Add it to the draft; the ids of the dashboard and of the tile."""
    if dashboard_id == NEW:
        dashboard_id = create_dashboard(connection, account_pk, name=_NAME, tiles=[], now=now).id
    dashboard = dashboard_of(find_dashboard(connection, account_pk, dashboard_id))
    placed = _place(tile, dashboard.edited)
    tiles = (*dashboard.edited, placed)
    check_tiles(tiles)
    save_dashboard_draft(connection, account_pk, dashboard_id, write_tiles(tiles), revision=dashboard.revision, now=now)
    return dashboard_id, placed.id


def _place(tile: Tile, others: tuple[Tile, ...]) -> Tile:
    w, h = _SIZES.get(tile.kind, _SIZE)
    x, y = free_place(others, w, h)
    placed = replace(tile, id=new_tile_id(), x=x, y=y, w=w, h=h)
    check_tile(placed)
    return placed
