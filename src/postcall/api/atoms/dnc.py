"""The do-not-call list, to be read; it is written by what people say in calls and by postcall's own routes."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.errors import in_envelope
from postcall.api.atoms.paging import read_paging
from postcall.api.atoms.parameters import descends, read_choice
from postcall.api.atoms.replies import check_id, moment, reader, status_reply
from postcall.api.services import services_of
from postcall.domain.audiences import Barred
from postcall.storage.agents import find_agent_row
from postcall.storage.do_not_call import BarredPage, list_barred

router = APIRouter()

_PAGE, _MOST = 50, 500
_BY_PHONE = {"createdAt": False, "phoneNumber": True}


@router.get("/dnc")
@in_envelope
async def get_dnc(request: Request) -> Response:
    """A page of the list; with `agentId`, of the numbers that this agent may not call."""
    principal = await reader(request)
    query = request.query_params
    paging = read_paging(query, size=_PAGE, most=_MOST)
    agent_id = query.get("agentId", "")
    if agent_id:
        check_id(agent_id, what="agent")
    by_phone, falling = read_choice(query, "sortField", _BY_PHONE, otherwise=False), descends(query)

    def look(connection: Connection) -> BarredPage:
        return list_barred(
            connection,
            principal.account_pk,
            agent_pk=find_agent_row(connection, principal.account_pk, agent_id).pk if agent_id else None,
            search=digits_of(query.get("search", "")),
            by_phone=by_phone,
            rising=not falling,
            limit=paging.size,
            skip=paging.skip,
        )

    found = await services_of(request).record.read_async(look)
    pagination = {
        "page": paging.page,
        "offset": paging.size,
        "total": found.total,
        "totalPages": paging.pages(found.total),
        "hasMore": paging.has_more(found.total),
    }
    entries = [_entry_json(entry, principal.account) for entry in found.entries]
    return status_reply({"entries": entries, "pagination": pagination})


def digits_of(term: str) -> str:
    """What of a search term can be part of a number; a term of words stays, and finds none."""
    digits = re.sub(r"[^0-9]", "", term)
    return digits if digits and re.fullmatch(r"[+0-9 ().\-/]+", term) else term.strip()


def _entry_json(entry: Barred, organization: str) -> dict[str, Any]:
    return {
        "id": entry.id,
        # A text for every client: empty where no agent of the account may call the number.
        "agentId": entry.agent_id or "",
        "orgId": organization,
        "phoneNumber": entry.phone,
        "source": entry.source,
        "detectedInCallId": entry.call_id,
        "createdAt": moment(entry.created_at),
        "updatedAt": moment(entry.updated_at),
    }
