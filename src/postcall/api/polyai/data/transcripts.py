"""What was said: searched, and read whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.polyai.data.conditions import base_query, of_agents
from postcall.api.polyai.data.entering import authenticate_here, find_projects, visit
from postcall.api.polyai.data.errors import in_detail
from postcall.api.polyai.data.reading import DEFAULT_LIMIT, LIMIT, OFFSET, QueryString, read_window
from postcall.api.polyai.exchanges import exchanges, said_at
from postcall.api.replies import json_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.calls import Transcript, Turn
from postcall.domain.keys import Principal
from postcall.domain.searching import Search, matching_turns, read_search
from postcall.errors import CallNotFound
from postcall.storage.said import Said, read_said, read_said_of

router = APIRouter()

_SEARCH = ("q", "from", "to", "context_turns", "limit", "offset", "project_id")
_Q = (3, 300)
_CONTEXT = (0, 3)


@router.get("/transcripts/search")
@in_detail
async def search_transcripts(request: Request) -> Response:
    """The conversations in which something was said, the newest first, with the turns and what stands around them.

    Projects that show no transcripts are left out.
    """
    principal = await authenticate_here(request, transcripts=True)
    query = QueryString(request.query_params, _SEARCH)
    words = query.needed("q", least=_Q[0], most=_Q[1])
    around = query.whole("context_turns", 1, least=_CONTEXT[0], most=_CONTEXT[1])
    limit = query.whole("limit", DEFAULT_LIMIT, least=LIMIT[0], most=LIMIT[1])
    offset = query.whole("offset", 0, least=OFFSET[0], most=OFFSET[1])
    window = read_window(query.text("from"), query.text("to"), place="query")
    visitor = await visit(request, principal, query.text("project_id"))
    showing = of_agents(project.slug for project in visitor.projects if project.settings.show_transcripts)
    asked = base_query(visitor, window, showing, text=words)
    reports = reports_of(request)
    total = (await reports.run(visitor.account_pk, asked)).calls
    keys = await reports.calls(visitor.account_pk, asked, limit=limit, offset=offset)
    found = await services_of(request).record.read_async(lambda c: read_said(c, keys.pks))
    search = read_search(words)
    results = [_result_json(each, search, around) for each in found]
    return json_reply({"results": results, "total": total, "limit": limit, "offset": offset})


@router.get("/transcripts/conversation/{conversation_id}")
@in_detail
async def get_transcript(request: Request, conversation_id: str) -> Response:
    """Every turn in order; 404 also where nothing was said or the project shows no transcripts."""
    principal = await authenticate_here(request, transcripts=True)
    project_id = QueryString(request.query_params, ("project_id",)).text("project_id")
    said = await services_of(request).record.read_async(lambda c: _find_said(c, principal, conversation_id, project_id))
    turns = [_turn_json(said, turn) for turn in pair(said)]
    return json_reply(
        {"conversation_id": said.call_id, "project_id": said.agent, "turns": turns, "total_turns": len(turns)}
    )


def _find_said(connection: Connection, principal: Principal, call_id: str, project_id: str | None) -> Said:
    """One answer for a call that there is not, that is not shown, or in which nobody spoke: it tells nothing else."""
    visitor = find_projects(connection, principal, project_id)
    said = read_said_of(connection, principal.account_pk, call_id)
    shown = {project.slug for project in visitor.projects if project.settings.show_transcripts}
    if said is None or said.agent not in shown or not said.turns:
        raise CallNotFound(call_id)
    return said


@dataclass(frozen=True, slots=True)
class NumberedTurn:
    """A turn as this interface counts them: what the user said, and what the agent said to it."""

    index: int
    user: Turn | None
    agent: Turn | None
    of: frozenset[int]
    """The indices of both in the transcript."""


def pair(said: Said) -> tuple[NumberedTurn, ...]:
    """The turns of a transcript, numbered from 0."""
    turns: Transcript = said.turns
    return tuple(
        NumberedTurn(
            index,
            turns[each.user] if each.user is not None else None,
            turns[each.agent] if each.agent is not None else None,
            frozenset(side for side in (each.user, each.agent) if side is not None),
        )
        for index, each in enumerate(exchanges(turn.role for turn in turns))
    )


def _result_json(said: Said, search: Search, around: int) -> dict[str, Any]:
    turns = pair(said)
    hits = {match.turn for match in matching_turns(said.turns, search)}
    return {
        "conversation_id": said.call_id,
        "project_id": said.agent,
        "matched_turns": [
            {**_turn_json(said, turn), "context": _context_json(said, turns, turn.index, around)}
            for turn in turns
            if turn.of & hits
        ],
    }


def _context_json(said: Said, turns: Sequence[NumberedTurn], index: int, around: int) -> dict[str, Any]:
    before, after = turns[max(0, index - around) : index], turns[index + 1 : index + 1 + around]
    return {
        "before": [_turn_json(said, turn) for turn in before],
        "after": [_turn_json(said, turn) for turn in after],
    }


def _turn_json(said: Said, turn: NumberedTurn) -> dict[str, Any]:
    user, agent = (each.text if each is not None else None for each in (turn.user, turn.agent))
    english = (said.language or "").casefold().partition("-")[0] == "en"
    return {
        "turn_index": turn.index,
        "user_input": user,
        "user_input_datetime": said_at(turn.user, said.started_at),
        "english_user_input": user if english else None,
        "agent_response": agent,
        "agent_response_datetime": said_at(turn.agent, said.started_at),
        "english_agent_response": agent if english else None,
    }
