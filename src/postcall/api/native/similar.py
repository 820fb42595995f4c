"""The calls that are most like what somebody describes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.narrowing import check_agent
from postcall.api.native.parameters import read_limit, read_time
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput
from postcall.semantic.finding import Hit, Similar, find_similar
from postcall.storage.call_vectors import CallsOf, FoundCall, name_calls

router = APIRouter(prefix="/postcall/v1", tags=["calls"])

MAX_FOUND = 100
_MAX_OFFSET = 1_000_000
_KNOWN = ("text", "agent", "since", "until", "limit", "offset")


@router.get("/calls:similar")
async def get_similar(request: Request) -> Response:
    """The calls most like a text: `?text=the caller wants their money back&agent=clinic&since=2026-03-01&limit=20`.

    `score` is at most 1, and compares only within one reply. `space` says by what the calls were compared, and how many
    of those that match were.
    """
    principal = await authenticate(request, Scope.READ, narrow=True)
    query, services = request.query_params, services_of(request)
    for name in query:
        if name not in _KNOWN:
            raise BadInput(f"{name}: unknown parameter; there are {', '.join(_KNOWN)}", field=name)
    text, limit, offset = query.get("text", ""), read_limit(query, default=20, most=MAX_FOUND), _read_offset(query)
    if not text.strip():
        raise BadInput("text: say what the calls are to be like, such as ?text=wants a refund", field="text")
    agent, since, until = query.get("agent"), read_time(query, "since"), read_time(query, "until")
    agents = await services.record.read_async(lambda c: _agents(c, principal, agent))
    wanted = CallsOf(principal.account_pk, agents, since, until)
    found = await find_similar(services, principal.account_pk, text, wanted, limit=limit, offset=offset)
    named = await services.record.read_async(lambda c: name_calls(c, [hit.call_pk for hit in found.hits]))
    return json_reply(_similar_json(found, named))


def _agents(connection: Connection, principal: Principal, agent: str | None) -> frozenset[int] | None:
    if agent is None:
        return principal.agents
    return frozenset({check_agent(connection, principal, agent)})


def _read_offset(query: Any) -> int:
    text = query.get("offset", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 7) or int(text) > _MAX_OFFSET:
        raise BadInput(f"offset: must be a whole number from 0 to {_MAX_OFFSET}", field="offset")
    return int(text)


def _similar_json(found: Similar, named: dict[int, FoundCall]) -> dict[str, Any]:
    space = found.space
    return {
        # One that was deleted since it was found is left out.
        "calls": [_hit_json(hit, named[hit.call_pk]) for hit in found.hits if hit.call_pk in named],
        "total": found.total,
        "space": {
            "model": space.model,
            "learned_from": space.learned_from,
            "compared": space.covered,
            "of": space.of,
            "says": space.says,
        },
    }


def _hit_json(hit: Hit, call: FoundCall) -> dict[str, Any]:
    return {"id": call.id, "started_at": call.started_at, "agent": call.agent, "score": round(hit.score, 4)}
