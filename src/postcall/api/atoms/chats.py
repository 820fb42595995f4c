"""Conversations that begin in a browser: a ticket for the socket, over which they are held."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.outbound import ARCHIVED
from postcall.api.atoms.replies import check_id, read_shape, read_variables, status_reply, writer
from postcall.api.hosting import hosting_of
from postcall.api.recordings import base_of
from postcall.api.services import services_of
from postcall.domain.call_logs import WEB_CALL
from postcall.domain.calls import Environment, Json
from postcall.domain.keys import Principal
from postcall.errors import AgentArchived, NoProject
from postcall.runtime.hosting import HostedCall, Hosting, OpenCall
from postcall.runtime.hosting.opening import WEBCHAT
from postcall.services import Services
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.tickets import issue_ticket

router = APIRouter()

SOCKET = "/agent/connect"
EXPIRES_IN_S = 30
SAMPLE_RATE = 24_000
_ROOM_OPEN = timedelta(minutes=10)
"""How long the ticket of a conversation that has begun already lets its holder in."""
RESERVED = frozenset(
    (
        "call_id",
        "user_number",
        "agent_number",
        "conversation_type",
        "agent_gender",
        "default_language",
        "supported_languages",
        "current_date",
        "current_time",
        "current_day",
        "timezone",
    )
)
"""Variables that a call has by itself: nobody gives them."""


class ChatBody(msgspec.Struct):
    """With which agent."""

    agentId: str | None = None  # noqa: N815 - the wire's name


class RegisterBody(msgspec.Struct):
    """With which agent, and what it is to know."""

    agent_id: str | None = None
    mode: Literal["webcall", "chat"] = "webcall"
    variables: dict[str, Any] = {}


@router.post("/conversation/chat")
@in_envelope
async def begin_chat(request: Request) -> Response:
    """Begin a chat; its ticket opens the socket."""
    return await _begin(request, web_call=False)


@router.post("/conversation/webcall")
@in_envelope
async def begin_web_call(request: Request) -> Response:
    """Begin a web call. It is held in writing: postcall carries no sound."""
    return await _begin(request, web_call=True)


@router.post("/conversation/register-call")
@in_envelope
async def register_call(request: Request) -> Response:
    """A ticket for one conversation, which begins when somebody connects with it."""
    principal = await writer(request)
    services = services_of(request)
    body = await read_shape(request, RegisterBody)
    agent_id = _agent_id(body.agent_id, "agent_id")
    content = {"agent": agent_id, "web_call": body.mode == "webcall", "variables": unreserved(body.variables)}
    now = services.clock()
    await check_agent(services, principal.account_pk, agent_id)
    token = await services.record.write_async(
        lambda c: issue_ticket(c, principal.account_pk, content, until=now + timedelta(seconds=EXPIRES_IN_S), now=now)
    )
    return status_reply({"access_token": token, "expires_in": EXPIRES_IN_S, "sample_rate": SAMPLE_RATE}, status=201)


async def begin_session(
    request: Request,
    principal: Principal,
    agent: str,
    *,
    web_call: bool,
    version: int | None = None,
    test: bool = False,
    variables: dict[str, Json] | None = None,
) -> dict[str, Any]:
    """Open a conversation and a way into it: `{token, roomName, host, conversationId, callId}`.

    The agent speaks once somebody has connected. `version` is a number; None: the active one.
    """
    services = services_of(request)
    call = await open_session(
        services,
        hosting_of(request),
        principal.account_pk,
        agent,
        web_call=web_call,
        version=version,
        test=test,
        variables=variables or {},
    )
    now = services.clock()
    content = {"call": call.id, "web_call": web_call}
    token = await services.record.write_async(
        lambda c: issue_ticket(c, principal.account_pk, content, until=now + _ROOM_OPEN, now=now)
    )
    conversation_id = secrets.token_hex(16)
    base = base_of(request)
    return {
        "token": token,
        "roomName": f"room-{conversation_id}",
        "host": "ws" + base.removeprefix("http") + "/atoms/v1" + SOCKET,
        "conversationId": conversation_id,
        "callId": call.id,
    }


async def open_session(
    services: Services,
    hosting: Hosting,
    account_pk: int,
    agent: str,
    *,
    web_call: bool,
    version: int | None = None,
    test: bool = False,
    variables: dict[str, Json],
) -> HostedCall:
    """A conversation that has begun, and in which nothing has been said; AtomsError where the agent cannot have any."""
    known = {**await check_agent(services, account_pk, agent, version=version), **variables}
    opening = OpenCall(
        channel=WEBCHAT,
        environment=Environment.SANDBOX if test else Environment.LIVE,
        version=version,
        attributes={"variables": known},
        metadata={**(WEB_CALL if web_call else {}), "variables": known},
    )
    try:
        return await hosting.open(account_pk, agent, opening)
    except (AgentArchived, NoProject) as error:
        raise _cannot(error) from None


async def check_agent(
    services: Services, account_pk: int, agent: str, *, version: int | None = None
) -> dict[str, Json]:
    """The variables that the agent assumes by itself; AtomsError 400 where it takes no conversations."""

    def read(connection: Any) -> dict[str, Json]:
        row = find_agent_row(connection, account_pk, agent)
        if row.archived_at is not None:
            raise AgentArchived(row.slug)
        number = row.active_version if version is None else version
        config = find_version(connection, row.pk, number).config
        if config.project is None:
            raise NoProject(row.slug, number)
        return config.variables

    try:
        return await services.record.read_async(read)
    except (AgentArchived, NoProject) as error:
        raise _cannot(error) from None


def unreserved(given: Any) -> dict[str, Json]:
    """Variables that somebody gives a call, without those that it has by itself."""
    return {name: value for name, value in read_variables(given).items() if name not in RESERVED}


async def _begin(request: Request, *, web_call: bool) -> Response:
    principal = await writer(request)
    agent_id = _agent_id((await read_shape(request, ChatBody)).agentId, "agentId")
    return status_reply(await begin_session(request, principal, agent_id, web_call=web_call))


def _agent_id(given: str | None, name: str) -> str:
    if not given:
        raise AtomsError(400, f"{name}: Required")
    return check_id(given, what="agent")


def _cannot(error: AgentArchived | NoProject) -> AtomsError:
    if isinstance(error, AgentArchived):
        return AtomsError(400, ARCHIVED)
    return AtomsError(400, f"Workflow not found: {error.message}")
