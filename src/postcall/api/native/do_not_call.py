"""The do-not-call list: looked at, added to one by one or from a file, taken from."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.parameters import read_limit
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.audiences import Barred, BarSource
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.outbound.barring import bar_file, read_barring_file
from postcall.outbound.numbers import read_number
from postcall.storage.agents import find_agent_row
from postcall.storage.do_not_call import BarredPage, bar, find_barred, list_barred, unbar

router = APIRouter(prefix="/postcall/v1/do-not-call", tags=["do-not-call"])

_MOST = 500


class BarBody(Struct, forbid_unknown_fields=True):
    """A number, and the agent that may not call it; without one no agent may."""

    phone: str
    agent: str | None = None


_BODY = msgspec.json.Decoder(BarBody)
_SHAPE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["phone"],
                    "properties": {"phone": {"type": "string"}, "agent": {"type": ["string", "null"]}},
                    "additionalProperties": False,
                }
            },
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


@router.get("")
async def get_barred(request: Request) -> Response:
    """The list, the newest first: `agent, search, limit, skip`. An agent's has the account's numbers as well."""
    principal = await authenticate(request, Scope.READ)
    query = request.query_params
    limit, skip, agent = read_limit(query, most=_MOST), _read_skip(query.get("skip", "0")), query.get("agent")

    def look(connection: Connection) -> BarredPage:
        pk = None if agent is None else find_agent_row(connection, principal.account_pk, agent).pk
        search = query.get("search", "").strip().removeprefix("+")
        return list_barred(connection, principal.account_pk, agent_pk=pk, search=search, limit=limit, skip=skip)

    found = await services_of(request).record.read_async(look)
    return json_reply({"entries": [barred_json(entry) for entry in found.entries], "total": found.total})


@router.post("", status_code=201, openapi_extra=_SHAPE)
async def post_barred(request: Request) -> Response:
    """Put a number on the list, `{phone, agent}`; 200 instead of 201 where it was there.

    With `Content-Type: text/csv` the body is a file, which is stored whole or not at all; `?agent=` says whose list it
    is for.
    """
    principal = await authenticate(request, Scope.WRITE)
    services = services_of(request)
    body, now = await read_body(request, limit=services.settings.max_body_bytes), services.clock()
    if request.headers.get("content-type", "").casefold().startswith("text/csv"):
        agent = request.query_params.get("agent")
        phones = await asyncio.to_thread(read_barring_file, io.BytesIO(body))
        added = await services.record.write_async(bar_file(principal.account_pk, phones, agent=agent, now=now))
        return json_reply({"added": added, "skipped": len(phones) - added})
    wanted = decode(body, _BODY)
    phone = read_number(wanted.phone)

    def put(connection: Connection) -> tuple[Barred, bool]:
        pk = None if wanted.agent is None else find_agent_row(connection, principal.account_pk, wanted.agent).pk
        entry_id, new = bar(connection, principal.account_pk, phone, agent_pk=pk, source=BarSource.MANUAL, now=now)
        return find_barred(connection, principal.account_pk, entry_id), new

    entry, new = await services.record.write_async(put)
    return json_reply(barred_json(entry), status=201 if new else 200)


@router.delete("/{entry_id}", status_code=204)
async def delete_barred(request: Request, entry_id: str) -> Response:
    """Take an entry off the list; the number may be called again."""
    principal = await authenticate(request, Scope.WRITE)
    await services_of(request).record.write_async(lambda c: unbar(c, principal.account_pk, entry_id))
    return Response(status_code=204)


def barred_json(entry: Barred) -> dict[str, Any]:
    """An entry; `agent` is null where no agent may call the number."""
    return {
        "id": entry.id,
        "phone": entry.phone,
        "agent": entry.agent_id,
        "source": entry.source,
        "call": entry.call_id,
        "created_at": entry.created_at,
    }


def _read_skip(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput(f"skip: must be a whole number from 0, not {text[:40]!r}", field="skip")
    return int(text)
