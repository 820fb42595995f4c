"""Audiences: made from a CSV file, looked at, extended, taken away."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile

from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.member_bodies import read_ids, read_members
from postcall.api.atoms.paging import read_paging
from postcall.api.atoms.replies import check_id, moment, read_object, reader, status_reply, writer
from postcall.api.services import services_of
from postcall.api.uploads import read_form
from postcall.domain.audiences import Audience, Member
from postcall.domain.folding import storable
from postcall.outbound.contacts import PHONE_COLUMN
from postcall.outbound.member_search import anywhere, in_columns
from postcall.outbound.uploads import ReadFile, read_file
from postcall.storage.audiences import (
    MemberPage,
    NewAudience,
    add_members,
    create_audience,
    find_audience,
    find_audience_row,
    list_audiences,
    list_members,
    remove_audience,
    remove_members,
    search_members,
)

router = APIRouter()

_REPEATED = (
    "Some phone numbers in your CSV already exist in this audience. Please remove duplicate entries and try again."
)
_PAGE, _MOST = 5, 10_000
_FOUND_AT_ONCE = 10
_LONGEST = 1_000
"""Characters of a name or a description."""


@router.post("/audience")
@in_envelope
async def post_audience(request: Request) -> Response:
    """Make an audience of the people in a CSV file; nothing is stored where one of them cannot be called."""
    principal = await writer(request)
    services = services_of(request)
    async with read_form(request, limit=services.settings.max_body_bytes) as form:
        new, file = _read_new(form, by=principal.name)
        most = services.settings.audience_members
        contacts = await asyncio.to_thread(_read_contacts, file, new, most=most)
    with contacts:
        now = services.clock()
        made = await services.record.write_async(
            lambda c: create_audience(c, principal.account_pk, new, contacts, now=now)
        )
    return status_reply(audience_json(made, principal.account))


def _read_new(form: FormData, *, by: str | None) -> tuple[NewAudience, UploadFile]:
    texts = {name: storable(value).strip() for name, value in form.items() if isinstance(value, str)}
    file = form.get("file")
    faults = [f"{name}: Required" for name in ("name", "phoneNumberColumnName") if not texts.get(name)]
    faults += [
        f"{name}: must have at most {_LONGEST} characters" for name, text in texts.items() if len(text) > _LONGEST
    ]
    if not isinstance(file, UploadFile):
        raise AtomsError(400, *faults, "file: Required")
    if faults:
        raise AtomsError(400, *faults)
    new = NewAudience(
        name=texts["name"],
        description=texts.get("description", ""),
        phone_column=texts["phoneNumberColumnName"],
        identifier_column=texts.get("identifierColumnName") or None,
        by=by,
    )
    return new, file


def _read_contacts(file: UploadFile, new: NewAudience, *, most: int) -> ReadFile:
    # Clients keep the usual heading, also where they were told another.
    columns = (new.phone_column, PHONE_COLUMN)
    contacts = read_file(file.file, phone_columns=columns, also=new.identifier_column, most=most)
    if contacts.repeated:
        contacts.close()
        raise AtomsError(400, _REPEATED)
    return contacts


@router.get("/audience")
@in_envelope
async def get_audiences(request: Request) -> Response:
    """Every audience, the newest first, with its campaigns."""
    principal = await reader(request)
    found = await services_of(request).record.read_async(lambda c: list_audiences(c, principal.account_pk))
    return status_reply([_listed_json(each, principal.account) for each in found])


@router.get("/audience/{audience_id}")
@in_envelope
async def get_audience(request: Request, audience_id: str) -> Response:
    """One audience."""
    principal = await reader(request)
    check_id(audience_id, what="audience")
    found = await services_of(request).record.read_async(lambda c: find_audience(c, principal.account_pk, audience_id))
    return status_reply(audience_json(found, principal.account))


@router.delete("/audience/{audience_id}")
@in_envelope
async def delete_audience(request: Request, audience_id: str) -> Response:
    """Take an audience away, unless a campaign is not through with it."""
    principal = await writer(request)
    check_id(audience_id, what="audience")
    removed = await services_of(request).record.write_async(
        lambda c: remove_audience(c, principal.account_pk, audience_id)
    )
    if not removed:
        raise AtomsError(400, f"can't delete audience, campaign with this audience {audience_id} exists")
    return status_reply([])


@router.get("/audience/{audience_id}/members")
@in_envelope
async def get_members(request: Request, audience_id: str) -> Response:
    """A page of the people in it; with `search`, of those of whom anything holds that."""
    principal = await reader(request)
    check_id(audience_id, what="audience")
    paging = read_paging(request.query_params, size=_PAGE, most=_MOST)
    term = request.query_params.get("search", "").strip()

    def look(connection: Any) -> MemberPage:
        pk = find_audience_row(connection, principal.account_pk, audience_id).pk
        if term:
            return search_members(connection, pk, anywhere(term), limit=paging.size, skip=paging.skip)
        return list_members(connection, pk, limit=paging.size, skip=paging.skip)

    found = await services_of(request).record.read_async(look)
    return status_reply(
        {
            "members": [_member_json(each) for each in found.members],
            "totalCount": found.total,
            "totalPages": paging.pages(found.total),
            "hasMore": paging.has_more(found.total),
        }
    )


@router.post("/audience/{audience_id}/members")
@in_envelope
async def post_members(request: Request, audience_id: str) -> Response:
    """Add people; those whose number is there already are skipped."""
    principal = await writer(request)
    services = services_of(request)
    check_id(audience_id, what="audience")
    body = await read_object(request)
    audience = await services.record.read_async(lambda c: find_audience_row(c, principal.account_pk, audience_id))
    contacts = await asyncio.to_thread(read_members, body, phone_column=audience.phone_column)
    most, now = services.settings.audience_members, services.clock()
    done = await services.record.write_async(
        lambda c: add_members(c, principal.account_pk, audience_id, contacts, most=most, now=now)
    )
    told = f"{done.added} members added successfully"
    return status_reply([{"message": told, "data": {"added": done.added, "skipped": done.skipped}}])


@router.delete("/audience/{audience_id}/members")
@in_envelope
async def delete_members(request: Request, audience_id: str) -> Response:
    """Take out the people that the body names."""
    principal = await writer(request)
    services = services_of(request)
    check_id(audience_id, what="audience")
    ids, now = read_ids(await read_object(request)), services.clock()
    removed = await services.record.write_async(
        lambda c: remove_members(c, principal.account_pk, audience_id, ids, now=now)
    )
    return status_reply({"deletedCount": removed})


@router.get("/audience/{audience_id}/members/search")
@in_envelope
async def get_search(request: Request, audience_id: str) -> Response:
    """Ten people at most, by `query` or by any columns, each of which has to hold its value."""
    principal = await reader(request)
    check_id(audience_id, what="audience")
    given = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    if not given:
        raise AtomsError(400, "query: Required, or the name of a column")
    term = given.get("query")

    def look(connection: Any) -> tuple[MemberPage, list[str]]:
        row = find_audience_row(connection, principal.account_pk, audience_id)
        matches = in_columns(given, phone_column=row.phone_column) if term is None else anywhere(term)
        found = search_members(connection, row.pk, matches, limit=_FOUND_AT_ONCE)
        first = list_members(connection, row.pk, limit=1).members
        return found, list(given) if term is None else [column for each in first for column in each.data]

    found, fields = await services_of(request).record.read_async(look)
    told = ", ".join(f"{name}={value}" for name, value in given.items()) if term is None else term
    return status_reply(
        {
            "members": [_member_json(each) for each in found.members],
            "searchInfo": {
                "searchType": "multiple" if term is None else "general",
                "searchTerm": told,
                "searchFields": fields,
                "totalResults": found.total,
            },
        }
    )


def audience_json(audience: Audience, organization: str) -> dict[str, Any]:
    """An audience by itself."""
    shown = {
        "_id": audience.id,
        "name": audience.name,
        "description": audience.description,
        "phoneNumberColumnName": audience.phone_column,
        "organization": organization,
        "createdBy": audience.created_by or organization,
        "createdAt": moment(audience.created_at),
        "updatedAt": moment(audience.updated_at),
    }
    if audience.identifier_column is not None:
        shown["identifierColumnName"] = audience.identifier_column
    return shown


def _listed_json(audience: Audience, organization: str) -> dict[str, Any]:
    campaigns = [
        {"_id": each.id, "name": each.name, "status": each.status, "createdAt": moment(each.created_at)}
        for each in audience.campaigns
    ]
    more = {"memberCount": audience.member_count, "hasCampaigns": bool(campaigns), "campaigns": campaigns}
    return audience_json(audience, organization) | more


def _member_json(member: Member) -> dict[str, Any]:
    return {"_id": member.id, "data": member.data}
