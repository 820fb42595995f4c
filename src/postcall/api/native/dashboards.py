"""Dashboards: their tiles as JSON, and the numbers of all tiles at once."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.replies import json_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.dashboard_checks import check_name
from postcall.domain.dashboards import Dashboard
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.reporting.asking import data_json, run_tiles
from postcall.reporting.dashboard_format import dashboard_of, read_tiles, write_tiles
from postcall.reporting.dashboard_templates import find_template
from postcall.reporting.reading import read_object, read_text, read_whole
from postcall.reporting.toolbar import PARAMETERS, read_toolbar
from postcall.storage.dashboards import (
    StoredDashboard,
    create_dashboard,
    delete_dashboard,
    find_dashboard,
    list_dashboards,
    publish_dashboard_draft,
    rename_dashboard,
    save_dashboard_draft,
)

router = APIRouter(prefix="/postcall/v1/dashboards", tags=["dashboards"])
_JSON = msgspec.json.Decoder(Any)


@router.get("")
async def get_dashboards(request: Request) -> Response:
    """Every dashboard of the account, without its tiles."""
    principal = await authenticate(request, Scope.READ)
    found = await services_of(request).record.read_async(lambda c: list_dashboards(c, principal.account_pk))
    return json_reply({"dashboards": [_head(dashboard_of(each)) for each in found]})


@router.post("", status_code=201)
async def post_dashboard(request: Request) -> Response:
    """Make a dashboard, published at once: `{name, tiles}`, or `{name, template}`."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = read_object(await _read_json(request), "body", ("name", "tiles", "template"))
    name = check_name(read_text(given.get("name"), "name"))
    if given.get("template") is not None and given.get("tiles") is not None:
        raise BadInput("template: give a template or tiles, not both", field="template")
    if given.get("template") is not None:
        tiles = find_template(read_text(given["template"], "template")).tiles
    else:
        tiles = read_tiles(given.get("tiles") or [])
    now = services.clock()
    made = await services.record.write_async(
        lambda c: create_dashboard(c, principal.account_pk, name=name, tiles=write_tiles(tiles), now=now)
    )
    return json_reply(_whole(dashboard_of(made)), status=201)


@router.get("/{id}")
async def get_dashboard(request: Request, id: str) -> Response:  # noqa: A002 - the path's own word
    """A dashboard with its tiles, and its draft's where there is one."""
    return json_reply(_whole(await _load(request, id)))


@router.put("/{id}")
async def put_dashboard(request: Request, id: str) -> Response:  # noqa: A002
    """Save tiles as the draft, and a name at once: `{tiles?, name?, revision}`; 409 where the revision is old."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    given = read_object(await _read_json(request), "body", ("name", "tiles", "revision"))
    revision = read_whole(given.get("revision"), "revision", least=1, most=2**31 - 1)
    tiles = None if given.get("tiles") is None else write_tiles(read_tiles(given["tiles"]))
    name = None if given.get("name") is None else check_name(read_text(given["name"], "name"))
    if tiles is None and name is None:
        raise BadInput("tiles: give tiles, a name or both", field="tiles")
    now = services.clock()

    def save(connection: Connection) -> StoredDashboard:
        seen = revision
        if name is not None:
            seen = rename_dashboard(
                connection, principal.account_pk, id, name=name, revision=revision, now=now
            ).revision
        if tiles is not None:
            return save_dashboard_draft(connection, principal.account_pk, id, tiles, revision=seen, now=now)
        return find_dashboard(connection, principal.account_pk, id)

    return json_reply(_whole(dashboard_of(await services.record.write_async(save))))


@router.delete("/{id}", status_code=204)
async def remove_dashboard(request: Request, id: str) -> Response:  # noqa: A002
    """Take a dashboard away, with its draft."""
    principal = await authenticate(request, Scope.ADMIN)
    await services_of(request).record.write_async(lambda c: delete_dashboard(c, principal.account_pk, id))
    return Response(status_code=204)


@router.post("/{id}:publish")
async def post_publish(request: Request, id: str) -> Response:  # noqa: A002
    """Put the whole draft in the place of what is shown; `?revision=` refuses where it is no longer the latest."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    text = request.query_params.get("revision")
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(f"revision: must be a whole number, not {text[:20]!r}", field="revision")
    revision, now = None if text is None else int(text), services.clock()
    published = await services.record.write_async(
        lambda c: publish_dashboard_draft(c, principal.account_pk, id, revision=revision, now=now)
    )
    return json_reply(_whole(dashboard_of(published)))


@router.get("/{id}/data")
async def get_data(request: Request, id: str) -> Response:  # noqa: A002
    """The numbers of every published tile, for the calls that `since`, `until`, `agent`, `channel` … name."""
    principal = await authenticate(request, Scope.READ)
    unknown = next((name for name in request.query_params if name not in PARAMETERS), None)
    if unknown is not None:
        raise BadInput(f"{unknown}: unknown parameter; there are {', '.join(PARAMETERS)}", field=unknown)
    dashboard = await _load(request, id)
    toolbar = read_toolbar(request.query_params.multi_items(), now=services_of(request).clock())
    found = await run_tiles(reports_of(request), principal.account_pk, dashboard.tiles, toolbar)
    return json_reply(data_json(dashboard.name, dashboard.tiles, found, toolbar))


async def _load(request: Request, dashboard_id: str) -> Dashboard:
    principal = await authenticate(request, Scope.READ)
    return dashboard_of(
        await services_of(request).record.read_async(lambda c: find_dashboard(c, principal.account_pk, dashboard_id))
    )


async def _read_json(request: Request) -> Any:
    return decode(await read_body(request, limit=services_of(request).settings.max_body_bytes), _JSON)


def _head(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "id": dashboard.id,
        "name": dashboard.name,
        "is_default": dashboard.is_default,
        "position": dashboard.position,
        "revision": dashboard.revision,
        "created_at": dashboard.created_at,
        "updated_at": dashboard.updated_at,
    }


def _whole(dashboard: Dashboard) -> dict[str, Any]:
    return {
        **_head(dashboard),
        "tiles": write_tiles(dashboard.tiles),
        "draft": None if dashboard.draft is None else write_tiles(dashboard.draft),
    }
