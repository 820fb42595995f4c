"""Full-text search of what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.narrowing import check_agent
from postcall.api.native.parameters import read_limit
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Transcript
from postcall.domain.keys import Principal, Scope
from postcall.domain.searching import Search, TurnMatch, matching_turns, read_search
from postcall.errors import BadInput
from postcall.storage.call_rows import read_transcript
from postcall.storage.search import Hit, find_calls

router = APIRouter(prefix="/postcall/v1", tags=["calls"])

MAX_FOUND = 100
"""Of one search: the whole transcript of each call is read for its matching turns."""
_KNOWN = ("q", "agent", "limit")


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call that was found, and where in it."""

    hit: Hit
    turns: Transcript
    matches: tuple[TurnMatch, ...]


@router.get("/calls:search")
async def get_search(request: Request) -> Response:
    """The calls in which something was said: `?q=refund "next week" -card&agent=clinic&limit=20`.

    All words must be said; `"words in a row"`, `-word`, `word*` and `OR` are understood, and all else is taken
    literally. `total` counts every call that matches; `spans` are start and end of each match in the turn's text, in
    characters.
    """
    principal = await authenticate(request, Scope.READ, narrow=True)
    query = request.query_params
    for name in query:
        if name not in _KNOWN:
            raise BadInput(f"{name}: unknown parameter; there are {', '.join(_KNOWN)}", field=name)
    if "q" not in query:
        raise BadInput('q: say what to search for, such as ?q=refund "next week"', field="q")
    search, limit = read_search(query["q"]), read_limit(query, default=20, most=MAX_FOUND)

    def look(connection: Connection) -> tuple[list[FoundCall], int]:
        return _find(connection, principal, search, agent=query.get("agent"), limit=limit)

    found, total = await services_of(request).record.read_async(look)
    return json_reply({"calls": [_found_json(each) for each in found], "total": total})


def _find(
    connection: Connection, principal: Principal, search: Search, *, agent: str | None, limit: int
) -> tuple[list[FoundCall], int]:
    agent_pk = check_agent(connection, principal, agent) if agent is not None else None
    hits = find_calls(
        connection, principal.account_pk, search, agent_pk=agent_pk, agent_pks=principal.agents, limit=limit
    )
    found = []
    for hit in hits.calls:
        turns = read_transcript(connection, hit.pk, hit.revision)
        found.append(FoundCall(hit, turns, matching_turns(turns, search)))
    return found, hits.total


def _found_json(found: FoundCall) -> dict[str, Any]:
    return {
        "id": found.hit.id,
        "started_at": found.hit.started_at,
        "agent": found.hit.agent,
        "matches": [match_json(match, found.turns) for match in found.matches],
    }


def match_json(match: TurnMatch, turns: Transcript) -> dict[str, Any]:
    """A turn in which something stands that was searched for."""
    turn = turns[match.turn]
    return {"turn": match.turn, "role": turn.role, "text": turn.text, "spans": match.spans}
