"""The older form of placing calls, in which the key alone says which project calls."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Meta
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.polyai.bodies import read_shape
from postcall.api.polyai.entering import Entered
from postcall.api.polyai.errors import in_envelope
from postcall.api.polyai.outbound_calls import ID_PREFIX, headers_of, look_up, number_of, queue_call
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.keys import Principal, Scope
from postcall.domain.outbound import NewCall
from postcall.errors import BadInput
from postcall.storage.agents import find_agent_row, list_agents
from postcall.storage.api_settings import read_api_settings
from postcall.storage.keys import slugs_of_agents

router = APIRouter(prefix="/v1/outbound-calling", tags=["outbound calls"])

ENCRYPTIONS = ("UDP/RTP", "UDP/SRTP", "TLS/RTP", "TLS/SRTP")
TOKEN = "x-polyai-auth-token"


class CallBody(msgspec.Struct):
    """A call to be placed."""

    to_number: Annotated[str, Meta(max_length=60)]
    country_code: str | None = None
    metadata: dict[str, str] | None = None
    encryption: str | None = None


def _short(message: str, code: str, _: str) -> dict[str, Any]:
    return {"error": message, "code": code}


in_short_envelope = partial(in_envelope, shape=_short)


@router.post("")
@in_short_envelope
async def trigger_call(request: Request) -> Response:
    """Queue a call of the live environment."""
    entered = await _enter(request)
    body = await read_shape(request, CallBody)
    if body.encryption is not None and body.encryption not in ENCRYPTIONS:
        raise BadInput(f"encryption: must be one of {', '.join(ENCRYPTIONS)}", field="encryption")
    wanted = NewCall(
        agent=entered.agent_id,
        to_number=number_of("to_number", body.to_number, "country_code", body.country_code),
        sip_headers=headers_of(body.metadata),
        id_prefix=ID_PREFIX,
    )
    return json_reply({"call_sid": await queue_call(request, entered, wanted)})


@router.get("/{call_sid}/status")
@in_short_envelope
async def get_call_status(request: Request, call_sid: str) -> Response:
    """How far a call has come."""
    entered = await _enter(request)
    standing = await look_up(request, entered, call_sid)
    return json_reply({"status": standing.reached.lower(), "reason": standing.reason})


async def _enter(request: Request) -> Entered:
    """The project that the key is for: the only one it may see."""
    principal = await authenticate(request, Scope.WRITE, also_in=TOKEN, narrow=True)
    return await services_of(request).record.read_async(lambda c: _only_project(c, principal))


def _only_project(connection: Connection, principal: Principal) -> Entered:
    account_pk, chosen = principal.account_pk, principal.agents
    if chosen is None:
        slugs = [each.slug for each in list_agents(connection, account_pk)]
    else:
        slugs = list(slugs_of_agents(connection, account_pk, chosen))
    if len(slugs) != 1:
        raise BadInput(
            "the address names no project, so the key must be for exactly one: make a key for one agent, or use "
            "/v1/agents/{agentId}/telephony/outbound-calls"
        )
    agent = find_agent_row(connection, account_pk, slugs[0])
    return Entered(principal, agent.pk, agent.id, agent.slug, read_api_settings(connection, agent.pk))
