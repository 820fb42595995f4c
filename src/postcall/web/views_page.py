"""Saved views of the list of calls: kept, renamed and deleted."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.api.services import services_of
from postcall.errors import BadInput
from postcall.storage.saved_views import delete_view, rename_view, save_view
from postcall.web.filters import PAGE_ONLY, PLACE, path_of, tidy, without
from postcall.web.form_fields import read_fields, read_line
from postcall.web.list_query import read_list
from postcall.web.people import person_of

router = APIRouter()

MAX_QUERY = 8_000
"""Characters of an address: what browsers and proxies carry safely."""


@router.post("/views")
async def save(request: Request) -> Response:
    """Keep the filters and columns of the list under a name; the same name again replaces what it meant."""
    fields, services, person = await read_fields(request), services_of(request), person_of(request)
    name = _name(fields)
    query = without(tidy(parse_qsl(fields.get("query", ""))), *PLACE, *PAGE_ONLY)
    read_list(query, now=services.clock())
    text = path_of(query, "")[1:]
    if len(text) > MAX_QUERY:
        raise BadInput(f"query: the filters are too long to be kept ({len(text):,} characters)", field="query")
    await services.record.write_async(
        lambda c: save_view(c, person.account_pk, name=name, query=text, who=person.name, now=services.clock())
    )
    return RedirectResponse(path_of(query), status_code=303)


@router.post("/views/{view_id}/rename")
async def rename(request: Request, view_id: str) -> Response:
    """Give a view another name."""
    fields, person = await read_fields(request), person_of(request)
    name = _name(fields)
    await services_of(request).record.write_async(lambda c: rename_view(c, person.account_pk, view_id, name))
    return _back(fields)


@router.post("/views/{view_id}/delete")
async def delete(request: Request, view_id: str) -> Response:
    """Forget a view."""
    fields, person = await read_fields(request), person_of(request)
    await services_of(request).record.write_async(lambda c: delete_view(c, person.account_pk, view_id))
    return _back(fields)


def _name(fields: dict[str, str]) -> str:
    name = read_line(fields, "name", longest=80)
    if name is None:
        raise BadInput("name: a view needs a name", field="name")
    return name


def _back(fields: dict[str, str]) -> Response:
    return RedirectResponse(path_of(tidy(parse_qsl(fields.get("query", "")))), status_code=303)
