"""Overview and the dashboards that people have made: their tiles, and the numbers of each tile by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import csv_reply
from postcall.api.replies import json_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.agents import Agent, VersionConfig
from postcall.domain.dashboards import Dashboard, Tile, find_tile
from postcall.domain.queries import Measure, MeasureKind, Query
from postcall.errors import BadInput, NotFound, PostcallError
from postcall.reporting.asking import data_json, run_tile, run_tiles
from postcall.reporting.dashboard_format import dashboard_of
from postcall.reporting.dashboard_templates import overview
from postcall.reporting.main_answer import find_main_answer
from postcall.reporting.tile_format import tile_json, tile_rows
from postcall.reporting.tile_results import TileNumbers
from postcall.reporting.toolbar import Toolbar, read_toolbar
from postcall.storage.agents import find_agent_row, find_version, list_agents, list_versions
from postcall.storage.call_views import count_calls
from postcall.storage.dashboards import StoredDashboard, find_dashboard, list_dashboards
from postcall.web.dashboard_toolbar import (
    remember_zone,
    show_toolbar,
    tidy_address,
    toolbar_of,
    toolbar_query,
    with_query,
)
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.tile_building import build_tile

router = APIRouter()
OVERVIEW = "/overview"
DASHBOARDS = "/dashboards"
_VARIANTS = 30
_LATE_S = 10.0
"""Numbers that are so far behind say so."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One dashboard among the tabs."""

    href: str
    name: str
    current: bool
    is_default: bool


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one look at the record found for the page."""

    agents: list[Agent]
    versions: list[int]
    dashboards: list[StoredDashboard]


@router.api_route("/overview", methods=["GET", "HEAD"])
async def show_overview(request: Request) -> Response:
    """The dashboard that is there by itself."""
    return await _show(request, OVERVIEW, "Overview", None)


@router.api_route("/overview.json", methods=["GET", "HEAD"])
async def show_overview_json(request: Request) -> Response:
    """Its numbers."""
    toolbar = toolbar_of(request)
    return await _show_data(request, "Overview", await overview_tiles(request, toolbar.agent), toolbar)


@router.api_route("/overview/tiles/{tile}.json", methods=["GET", "HEAD"])
@router.api_route("/overview/tiles/{tile}.csv", methods=["GET", "HEAD"])
async def show_overview_tile(request: Request, tile: str) -> Response:
    """The numbers of one of its tiles."""
    toolbar = toolbar_of(request)
    return await _show_one(request, await overview_tiles(request, toolbar.agent), tile, toolbar)


@router.api_route("/dashboards/default", methods=["GET", "HEAD"])
async def show_default(request: Request) -> Response:
    """The dashboard that opens first: the one that was chosen, else Overview."""
    account_pk = person_of(request).account_pk
    stored = await services_of(request).record.read_async(lambda c: list_dashboards(c, account_pk))
    chosen = next((each.id for each in stored if each.is_default), None)
    return RedirectResponse(f"{DASHBOARDS}/{chosen}" if chosen else OVERVIEW, status_code=303)


@router.api_route("/dashboards/{dashboard_id}.json", methods=["GET", "HEAD"])
async def show_dashboard_json(request: Request, dashboard_id: str) -> Response:
    """The numbers of a dashboard."""
    dashboard = await load_dashboard(request, dashboard_id)
    return await _show_data(request, dashboard.name, dashboard.tiles, toolbar_of(request))


@router.api_route("/dashboards/{dashboard_id}/tiles/{tile}.json", methods=["GET", "HEAD"])
@router.api_route("/dashboards/{dashboard_id}/tiles/{tile}.csv", methods=["GET", "HEAD"])
async def show_dashboard_tile(request: Request, dashboard_id: str, tile: str) -> Response:
    """The numbers of one tile."""
    dashboard = await load_dashboard(request, dashboard_id)
    return await _show_one(request, dashboard.tiles, tile, toolbar_of(request))


@router.api_route("/dashboards/{dashboard_id}", methods=["GET", "HEAD"])
async def show_dashboard(request: Request, dashboard_id: str) -> Response:
    """A dashboard as it was published."""
    dashboard = await load_dashboard(request, dashboard_id)
    return await _show(request, f"{DASHBOARDS}/{dashboard.id}", dashboard.name, dashboard)


async def load_dashboard(request: Request, dashboard_id: str) -> Dashboard:
    """A dashboard of this person's account, or NotFound."""
    account_pk = person_of(request).account_pk
    return dashboard_of(
        await services_of(request).record.read_async(lambda c: find_dashboard(c, account_pk, dashboard_id))
    )


async def overview_tiles(request: Request, agent: str | None) -> tuple[Tile, ...]:
    """Overview, with the main answer of the agent, or of most agents."""
    return overview(await main_answer(request, agent))


async def main_answer(request: Request, agent: str | None) -> str | None:
    """The metric whose values say most about the calls of an agent, or of all."""
    account_pk = person_of(request).account_pk

    def look(connection: Connection) -> list[VersionConfig]:
        agents = list_agents(connection, account_pk, archived=None)
        rows = [
            (find_agent_row(connection, account_pk, each.id).pk, each.active_version)
            for each in agents
            if agent is None or agent in {each.slug, each.id}
        ]
        return [find_version(connection, pk, number).config for pk, number in rows]

    configs = await services_of(request).record.read_async(look)
    found = find_main_answer(configs, ())
    return found or find_main_answer((), await reports_of(request).names(account_pk, agent))


async def _show(request: Request, path: str, name: str, dashboard: Dashboard | None) -> Response:
    problem = None
    try:
        toolbar = toolbar_of(request)
        tidy = tidy_address(request, toolbar)
        if tidy is not None:
            moved = RedirectResponse(tidy, status_code=303)
            remember_zone(request, moved, toolbar)
            return moved
        sight = await _look(request, toolbar)
    except (BadInput, NotFound) as error:
        # A filter that cannot be read: the page with its form, what is wrong, and what holds without it.
        problem = error
        toolbar = read_toolbar((), now=services_of(request).clock())
        sight = await _look(request, toolbar)
    tiles = dashboard.tiles if dashboard else await overview_tiles(request, toolbar.agent)
    account_pk = person_of(request).account_pk
    found, variants = await asyncio.gather(
        run_tiles(reports_of(request), account_pk, () if problem else tiles, toolbar), _variants(request, toolbar)
    )
    query = toolbar_query(request, toolbar)
    response = render(
        request,
        "dashboard.html",
        status=problem.status if problem else 200,
        name=name,
        dashboard=dashboard,
        tabs=show_tabs(sight.dashboards, path, query),
        toolbar=show_toolbar(request, toolbar, agents=sight.agents, variants=variants, versions=sight.versions),
        problem=problem.message if problem else None,
        views=[
            build_tile(tile, each, toolbar, data_path=with_query(f"{path}/tiles/{tile.id}", query))
            for tile, each in zip(tiles, found, strict=False)
        ],
        late=_late(found),
        empty=not await _has_calls(request, found),
        json_path=with_query(f"{path}.json", query),
        edit_path=f"{path}/edit" if dashboard else None,
        may_change=person_of(request).may_change,
    )
    remember_zone(request, response, toolbar)
    return response


async def _show_data(request: Request, name: str, tiles: Sequence[Tile], toolbar: Toolbar) -> Response:
    await _look(request, toolbar)  # an agent that is not there is an error here too
    found = await run_tiles(reports_of(request), person_of(request).account_pk, tiles, toolbar)
    return json_reply(data_json(name, tiles, found, toolbar))


async def _show_one(request: Request, tiles: Sequence[Tile], tile_id: str, toolbar: Toolbar) -> Response:
    tile = find_tile(tiles, tile_id)
    if tile is None:
        raise NotFound(f"there is no tile {tile_id!r} on this dashboard")
    numbers = await run_tile(reports_of(request), person_of(request).account_pk, tile, toolbar)
    if request.url.path.endswith(".csv"):
        columns, rows = tile_rows(numbers)
        return csv_reply(columns, rows, f"{tile.title}.csv")
    return json_reply(tile_json(numbers))


async def _look(request: Request, toolbar: Toolbar) -> _Sight:
    account_pk = person_of(request).account_pk

    def look(connection: Connection) -> _Sight:
        versions = (
            [
                each.number
                for each in list_versions(connection, find_agent_row(connection, account_pk, toolbar.agent).pk)
            ]
            if toolbar.agent
            else []
        )
        agents = list_agents(connection, account_pk, archived=None)
        return _Sight(agents, versions, list_dashboards(connection, account_pk))

    return await services_of(request).record.read_async(look)


async def _variants(request: Request, toolbar: Toolbar) -> tuple[str, ...]:
    """The variants of the period, for the toolbar to offer."""
    query = Query(
        measures=(Measure(MeasureKind.CONVERSATIONS, name="calls"),),
        agent=toolbar.agent,
        since=toolbar.since,
        until=toolbar.until,
        group_by=("field.variant",),
        limit=_VARIANTS,
    )
    try:
        result = await reports_of(request).run(person_of(request).account_pk, query)
    except PostcallError:
        return ()  # whatever is wrong, the tiles tell of it
    return tuple(str(row.group[0]) for row in result.rows if row.group[0] is not None)


async def _has_calls(request: Request, found: Sequence[TileNumbers | PostcallError]) -> bool:
    """Whether there is anything to show; the record is asked only where the tiles found nothing."""
    if any(isinstance(each, TileNumbers) and (each.calls or each.in_progress) for each in found):
        return True
    account_pk = person_of(request).account_pk
    return await services_of(request).record.read_async(lambda c: count_calls(c, account_pk)) > 0


def _late(found: Sequence[TileNumbers | PostcallError]) -> str:
    lag_s = max((each.lag_s for each in found if isinstance(each, TileNumbers)), default=0.0)
    return f"The calls of the last {lag_s:,.0f} seconds are not counted yet." if lag_s > _LATE_S else ""


def show_tabs(stored: Sequence[StoredDashboard], path: str, query: str) -> tuple[Tab, ...]:
    """Overview and every dashboard; the toolbar goes along from one to the next."""
    tabs = [
        (OVERVIEW, "Overview", False),
        *((f"{DASHBOARDS}/{each.id}", each.name, each.is_default) for each in stored),
    ]
    return tuple(Tab(with_query(href, query), name, href == path, is_default) for href, name, is_default in tabs)
