"""Numbers over calls, the calls behind them, and the index they come from."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.narrowing import check_agent_of, keep_query, slugs_of
from postcall.api.native.parameters import read_cursor
from postcall.api.native.query_shapes import (
    check_group,
    explanation_json,
    keys_json,
    names_json,
    result_json,
    status_json,
    take_paging,
)
from postcall.api.replies import json_reply
from postcall.api.reports import reports_of
from postcall.domain.keys import Scope
from postcall.domain.queries import Query
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.reporting.query_format import read_query

router = APIRouter(prefix="/postcall/v1", tags=["reports"])

MAX_BODY = 1024 * 1024
_JSON = msgspec.json.Decoder(Any)


@router.post("/query")
async def post_query(request: Request) -> Response:
    """Measures over calls, filtered and grouped: `{measures, agent?, since?, until?, group_by?, filters?, …}`."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    query = await keep_query(request, principal, _with_measures(read_query(await _read_json(request))))
    return json_reply(result_json(await reports_of(request).run(principal.account_pk, query)))


@router.post("/query:explain")
async def post_explain(request: Request) -> Response:
    """How a query is answered: its SQL, the rows that were read, the time, and the plan.

    Not for keys for chosen agents: what is read tells how many calls the others have.
    """
    principal = await authenticate(request, Scope.READ)
    query = _with_measures(read_query(await _read_json(request)))
    return json_reply(explanation_json(await reports_of(request).explain(principal.account_pk, query), query))


@router.post("/query:calls")
async def post_calls(request: Request) -> Response:
    """The ids of the calls behind a result, or behind its row with the values `group`, the newest first."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    raw, group, cursor, limit = take_paging(await _read_json(request))
    query = await keep_query(request, principal, read_query(raw))
    keys = await reports_of(request).calls(
        principal.account_pk,
        query,
        group=check_group(group, query),
        after=read_cursor({"cursor": cursor}) if cursor else None,
        limit=limit,
    )
    return json_reply(keys_json(keys))


@router.get("/names")
async def get_names(request: Request, agent: str | None = None) -> Response:
    """Every name that a query may use: the fields, and the metrics that calls (of this agent) carry."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    if agent is not None:
        await check_agent_of(request, principal, agent)
    slugs = await slugs_of(request, principal)
    found = await reports_of(request).names(principal.account_pk, agent)
    return json_reply(names_json(tuple(each for each in found if slugs is None or each.agent in slugs)))


@router.get("/reports")
async def get_status(request: Request) -> Response:
    """How the index of reports stands."""
    await authenticate(request, Scope.READ)
    return json_reply(status_json(await reports_of(request).status()))


@router.post("/reports:rebuild")
async def post_rebuild(request: Request) -> Response:
    """Make the index anew, and answer when it is done; queries are answered meanwhile."""
    await authenticate(request, Scope.ADMIN)
    return json_reply(status_json(await reports_of(request).rebuild()))


async def _read_json(request: Request) -> object:
    return decode(await read_body(request, limit=MAX_BODY), _JSON)


def _with_measures(query: Query) -> Query:
    if not query.measures:
        raise BadInput(
            'measures: at least one is needed, such as {"measure": "conversations"}; query:calls takes none',
            field="measures",
        )
    return query
