"""Making dashboards, and what is done with a whole one: rename, duplicate, make default, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.dashboard_checks import check_name
from postcall.domain.dashboards import MAX_DASHBOARDS
from postcall.domain.people import Role
from postcall.errors import BadInput, Conflict
from postcall.reporting.dashboard_format import write_tiles
from postcall.reporting.dashboard_templates import find_template, templates
from postcall.storage.dashboards import (
    StoredDashboard,
    create_dashboard,
    delete_dashboard,
    duplicate_dashboard,
    list_dashboards,
    rename_dashboard,
    set_default_dashboard,
)
from postcall.web import words
from postcall.web.dashboard_page import DASHBOARDS, load_dashboard, main_answer
from postcall.web.form_fields import read_fields
from postcall.web.people import person_of
from postcall.web.render import render

T = TypeVar("T")
router = APIRouter()


@dataclass(frozen=True, slots=True)
class ListedView:
    """One dashboard in the list."""

    id: str
    name: str
    href: str
    tiles: str
    changed: str
    is_default: bool
    has_draft: bool


@router.api_route("/dashboards", methods=["GET", "HEAD"])
async def show_dashboards(request: Request) -> Response:
    """Every dashboard of the account."""
    stored = await _stored(request)
    return render(
        request,
        "dashboards.html",
        rows=[_listed(each) for each in stored],
        total=words.count(len(stored), "dashboard"),
        most=MAX_DASHBOARDS,
        may_change=person_of(request).may_change,
    )


@router.api_route("/dashboards.json", methods=["GET", "HEAD"])
async def show_dashboards_json(request: Request) -> Response:
    """The same list as JSON."""
    return json_reply(
        {
            "dashboards": [
                {
                    "id": each.id,
                    "name": each.name,
                    "is_default": each.is_default,
                    "tiles": len(each.published),
                    "has_draft": each.draft is not None,
                    "revision": each.revision,
                    "updated_at": each.updated_at,
                }
                for each in await _stored(request)
            ]
        }
    )


@router.api_route("/dashboards/new", methods=["GET", "HEAD"])
async def show_new(request: Request) -> Response:
    """What a new dashboard may begin as."""
    person_of(request).require(Role.EDITOR)
    return await _show_new(request, name="", chosen="overview", problem=None)


@router.post("/dashboards")
async def create(request: Request) -> Response:
    """Make one from a template, and show it; an empty one opens in the editor."""
    fields = await read_fields(request)
    key, name = fields.get("template", "empty"), fields.get("name", "")
    template = find_template(key, await main_answer(request, None))
    try:
        checked = check_name(name.strip() or template.name)
        made = await _write(
            request,
            lambda c, account_pk: create_dashboard(
                c, account_pk, name=checked, tiles=write_tiles(template.tiles), now=services_of(request).clock()
            ),
        )
    except (BadInput, Conflict) as error:
        return await _show_new(request, name=name, chosen=key, problem=error)
    return _to(f"{DASHBOARDS}/{made.id}" + ("" if template.tiles else "/edit"))


@router.post("/dashboards/{dashboard_id}/rename")
async def rename(request: Request, dashboard_id: str) -> Response:
    """Give it another name."""
    name = check_name((await read_fields(request)).get("name", ""))
    now = services_of(request).clock()
    await _write(request, lambda c, account_pk: rename_dashboard(c, account_pk, dashboard_id, name=name, now=now))
    return _to(DASHBOARDS)


@router.post("/dashboards/{dashboard_id}/duplicate")
async def duplicate(request: Request, dashboard_id: str) -> Response:
    """Make a copy of what is published, and show it."""
    now = services_of(request).clock()
    copy = await _write(request, lambda c, account_pk: duplicate_dashboard(c, account_pk, dashboard_id, now=now))
    return _to(f"{DASHBOARDS}/{copy.id}")


@router.post("/dashboards/{dashboard_id}/default")
async def set_default(request: Request, dashboard_id: str) -> Response:
    """Open it first from now on."""
    await _write(request, lambda c, account_pk: set_default_dashboard(c, account_pk, dashboard_id))
    return _to(DASHBOARDS)


@router.api_route("/dashboards/{dashboard_id}/delete", methods=["GET", "HEAD"])
async def confirm_delete(request: Request, dashboard_id: str) -> Response:
    """Ask before it is gone."""
    person_of(request).require(Role.EDITOR)
    dashboard = await load_dashboard(request, dashboard_id)
    return render(
        request,
        "dashboard_delete.html",
        name=dashboard.name,
        home=f"{DASHBOARDS}/{dashboard.id}",
        tiles=words.count(len(dashboard.tiles), "tile"),
        one=len(dashboard.tiles) == 1,
        has_draft=dashboard.draft is not None,
    )


@router.post("/dashboards/{dashboard_id}/delete")
async def delete(request: Request, dashboard_id: str) -> Response:
    """Take it away."""
    await _write(request, lambda c, account_pk: delete_dashboard(c, account_pk, dashboard_id))
    return _to(DASHBOARDS)


async def _show_new(request: Request, *, name: str, chosen: str, problem: BadInput | Conflict | None) -> Response:
    return render(
        request,
        "dashboard_new.html",
        status=problem.status if problem else 200,
        templates=templates(await main_answer(request, None)),
        name=name,
        chosen=chosen,
        problem=problem.message if problem else None,
    )


async def _stored(request: Request) -> list[StoredDashboard]:
    account_pk = person_of(request).account_pk
    return await services_of(request).record.read_async(lambda c: list_dashboards(c, account_pk))


async def _write(request: Request, work: Callable[[Connection, int], T]) -> T:
    account_pk = person_of(request).account_pk
    return await services_of(request).record.write_async(lambda c: work(c, account_pk))


def _listed(stored: StoredDashboard) -> ListedView:
    return ListedView(
        id=stored.id,
        name=stored.name,
        href=f"{DASHBOARDS}/{stored.id}",
        tiles=words.count(len(stored.published), "tile"),
        changed=words.moment(stored.updated_at) + " UTC",
        is_default=stored.is_default,
        has_draft=stored.draft is not None,
    )


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303)
