"""The pages of exports: all of them with the form that asks for one, and one by itself with its files."""

from __future__ import annotations

import mimetypes
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import attachment
from postcall.api.services import services_of
from postcall.domain.agents import Agent
from postcall.domain.exports import Export
from postcall.domain.people import Role
from postcall.errors import PostcallError
from postcall.storage.agents import list_agents
from postcall.storage.exports import (
    cancel_export,
    delete_export,
    find_export,
    list_exports,
    queue_export,
    read_export_file,
)
from postcall.web.exports_view import (
    EXPORTS,
    ExportForm,
    agent_choices,
    format_choices,
    read_export_form,
    show_export,
    show_export_row,
    wanted_in,
)
from postcall.web.form_fields import read_pairs
from postcall.web.looking_again import BUSY_S, Looking, digest_of, has_seen, is_partial
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()
_LISTED = 100
_MOST_FIELDS = 5_000


@router.api_route(EXPORTS, methods=["GET", "HEAD"])
async def show_exports(request: Request) -> Response:
    """The newest exports of the account, and the form for another."""
    return await _show_list(request, ExportForm())


@router.post(EXPORTS)
async def make(request: Request) -> Response:
    """Ask for an export and show how it goes; where something is wrong the form comes back with what was written."""
    person, services = person_of(request), services_of(request)
    form, now = read_export_form(await read_pairs(request, most=_MOST_FIELDS)), services.clock()
    try:
        wanted = wanted_in(form)
        made = await services.record.write_async(
            lambda c: queue_export(c, person.account_pk, wanted, by=person.name, now=now)
        )
    except PostcallError as problem:
        return await _show_list(request, form, problem)
    return RedirectResponse(f"{EXPORTS}/{made.id}", status_code=303)


@router.api_route(EXPORTS + "/{export_id}", methods=["GET", "HEAD"])
async def show_one(request: Request, export_id: str) -> Response:
    """One export: while it is made how far it has come, then its files."""
    view = show_export(await _find(request, export_id))
    seen = digest_of(view)
    if has_seen(request, seen):
        return Response(status_code=204)
    here = view.row.href
    return render(
        request,
        "_export_body.html" if is_partial(request) else "export.html",
        export=view,
        may_change=person_of(request).may_change,
        looking=Looking(
            href=f"{here}?seen={seen}",
            every_s=BUSY_S,
            paused=request.query_params.get("watch") == "no",
            busy=view.busy,
            pause=f"{here}?watch=no",
            resume=here,
        ),
    )


@router.api_route(EXPORTS + "/{export_id}/files/{name}", methods=["GET", "HEAD"])
async def download(request: Request, export_id: str, name: str) -> Response:
    """One file, for the browser to keep."""
    person = person_of(request)
    content = await services_of(request).record.read_async(
        lambda c: read_export_file(c, person.account_pk, export_id, name)
    )
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={**attachment(name), "cache-control": "no-store"})


@router.post(EXPORTS + "/{export_id}/next")
async def go_on(request: Request, export_id: str) -> Response:
    """Ask for the same calls again, but only for what has changed since this one."""
    person, services = person_of(request), services_of(request)
    now = services.clock()

    def store(connection: Connection) -> Export:
        earlier = find_export(connection, person.account_pk, export_id)
        wanted = replace(earlier.wanted, after=earlier.id)
        return queue_export(connection, person.account_pk, wanted, by=person.name, now=now)

    made = await services.record.write_async(store)
    return RedirectResponse(f"{EXPORTS}/{made.id}", status_code=303)


@router.post(EXPORTS + "/{export_id}/cancel")
async def cancel(request: Request, export_id: str) -> Response:
    """Stop making it."""
    person, services = person_of(request), services_of(request)
    now = services.clock()
    await services.record.write_async(lambda c: cancel_export(c, person.account_pk, export_id, now=now))
    return RedirectResponse(f"{EXPORTS}/{export_id}", status_code=303)


@router.api_route(EXPORTS + "/{export_id}/delete", methods=["GET", "HEAD"])
async def ask_to_delete(request: Request, export_id: str) -> Response:
    """Say what goes, and ask."""
    person_of(request).require(Role.EDITOR)
    return render(request, "export_delete.html", export=show_export_row(await _find(request, export_id)))


@router.post(EXPORTS + "/{export_id}/delete")
async def delete(request: Request, export_id: str) -> Response:
    """Take it away with its files."""
    person = person_of(request)
    await services_of(request).record.write_async(lambda c: delete_export(c, person.account_pk, export_id))
    return RedirectResponse(EXPORTS, status_code=303)


async def _find(request: Request, export_id: str) -> Export:
    person = person_of(request)
    return await services_of(request).record.read_async(lambda c: find_export(c, person.account_pk, export_id))


async def _show_list(request: Request, form: ExportForm, problem: PostcallError | None = None) -> Response:
    person = person_of(request)

    def read(connection: Connection) -> tuple[tuple[Export, ...], list[Agent]]:
        return list_exports(connection, person.account_pk, _LISTED), list_agents(connection, person.account_pk)

    found, agents = await services_of(request).record.read_async(read)
    return render(
        request,
        "exports.html",
        status=problem.status if problem else 200,
        rows=[show_export_row(each) for each in found],
        form=form,
        formats=format_choices(form),
        agents=agent_choices(form, agents),
        may_change=person.may_change,
        problem=problem.message if problem else "",
        wrong=(problem.field or "") if problem else "",
    )
