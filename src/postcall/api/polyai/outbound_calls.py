"""Calls that are placed through this interface, and how far they have come."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import phonenumbers
from fastapi import APIRouter, Request, Response
from msgspec import Meta
from sqlalchemy.engine import Connection

from postcall.api.hosting import hosting_of
from postcall.api.polyai.bodies import read_shape
from postcall.api.polyai.entering import Entered, enter
from postcall.api.polyai.errors import in_envelope
from postcall.api.polyai.turns import read_environment
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Environment
from postcall.domain.folding import storable
from postcall.domain.ids import CALL_ID
from postcall.domain.keys import Scope
from postcall.domain.outbound import DialState, NewCall, PlacedCall
from postcall.errors import AgentArchived, BadInput, CallNotFound, NoProject
from postcall.outbound.numbers import read_number
from postcall.outbound.placing import place_call
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.calls import find_call_row
from postcall.storage.placed_calls import placed_call

router = APIRouter(prefix="/v1/agents/{agent_id}/telephony/outbound-calls", tags=["outbound calls"])

ENCRYPTIONS = ("tls_srtp", "tls_rtp", "udp_srtp", "udp_rtp")
"""Told apart and kept out of it: the simulated carrier has no line to encrypt."""
ID_PREFIX = "OUT"
_MOST_METADATA = 26 * 1024
"""Bytes of it in base64, as it is to travel in headers."""
_NUMBER = Annotated[str, Meta(max_length=60)]


class CallBody(msgspec.Struct, rename="camel"):
    """A call to be placed."""

    to_number: _NUMBER
    environment: str
    country_code: str | None = None
    variant_id: str | None = None
    encryption: str | None = None
    metadata: dict[str, str] | None = None


class Reached(StrEnum):
    """How far a call has come, in this interface's words."""

    QUEUED = "QUEUED"
    CALLING = "CALLING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is told of a placed call."""

    reached: Reached
    reason: str
    """Why nobody was reached; empty otherwise."""


@router.post("")
@in_envelope
async def place_outbound_call(request: Request, agent_id: str) -> Response:
    """Queue a call to somebody; it is dialled as soon as a line is free."""
    entered = await enter(request, Scope.WRITE, agent_id)
    body = await read_shape(request, CallBody)
    if body.encryption is not None and body.encryption not in ENCRYPTIONS:
        raise BadInput(f"encryption: must be one of {', '.join(ENCRYPTIONS)}", field="encryption")
    wanted = NewCall(
        agent=entered.agent_id,
        to_number=number_of("toNumber", body.to_number, "countryCode", body.country_code),
        environment=read_environment("environment", body.environment),
        variant=body.variant_id or None,
        sip_headers=headers_of(body.metadata),
        id_prefix=ID_PREFIX,
    )
    return json_reply({"callSid": await queue_call(request, entered, wanted), "status": Reached.QUEUED})


@router.get("/{call_sid}/status")
@in_envelope
async def get_outbound_call(request: Request, agent_id: str, call_sid: str) -> Response:
    """How far a call has come: SUCCESS from the moment in which it is answered, whatever is said in it."""
    entered = await enter(request, Scope.WRITE, agent_id)
    named = request.query_params.get("environment")
    environment = read_environment("environment", named) if named else None
    standing = await look_up(request, entered, call_sid, environment=environment)
    return json_reply({"callSid": call_sid, "status": standing.reached, "reason": standing.reason})


async def queue_call(request: Request, entered: Entered, wanted: NewCall) -> str:
    """Place a call; its id. BadInput where the agent cannot place it as it stands."""
    services, account_pk = services_of(request), entered.principal.account_pk
    if wanted.variant is not None:
        await _check_variant(request, entered, wanted.variant)
    try:
        return await services.record.write_async(lambda c: place_call(c, account_pk, wanted, now=services.clock()))
    except (AgentArchived, NoProject) as error:
        raise BadInput(error.message) from None


async def look_up(
    request: Request, entered: Entered, call_sid: str, *, environment: Environment | None = None
) -> Standing:
    """How far a placed call of this project has come; CallNotFound for every other."""

    def look(connection: Connection) -> Standing:
        if not CALL_ID.fullmatch(call_sid):
            raise CallNotFound(call_sid[:100])
        row = find_call_row(connection, entered.principal.account_pk, call_sid)
        placed = placed_call(connection, row.pk)
        if placed is None or row.agent_pk != entered.agent_pk or environment not in (None, row.environment):
            raise CallNotFound(call_sid)
        return standing_of(placed, status=row.status, reason=row.disconnection_reason)

    return await services_of(request).record.read_async(look)


def standing_of(placed: PlacedCall, *, status: str, reason: str | None) -> Standing:
    """In this interface's words. A call that was answered has succeeded, and stays so."""
    if placed.answered_at is not None:
        return Standing(Reached.SUCCESS, "")
    if placed.state is DialState.QUEUED:
        return Standing(Reached.QUEUED, "")
    if placed.state is not DialState.OVER:
        return Standing(Reached.CALLING, "")
    return Standing(Reached.FAILURE, placed.failure or reason or status)


def number_of(field: str, text: str, region_field: str, region: str | None) -> str:
    """The number in E.164; `region` is the country of one that is written without its code."""
    if region and region.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise BadInput(f"{region_field}: {region[:20]!r} is no country's two letters", field=region_field)
    try:
        return read_number(text, region=region.upper() if region else None)
    except BadInput:
        help_ = f"write it as +14155550100, or name its country in {region_field}"
        raise BadInput(f"{field}: {text!r} is no phone number; {help_}", field=field) from None


def headers_of(metadata: dict[str, str] | None) -> dict[str, str]:
    """What the agent's functions find in `conv.sip_headers`: names and values as they were given."""
    size = len(base64.b64encode(msgspec.json.encode(metadata or {})))
    if size >= _MOST_METADATA:
        raise BadInput(
            f"metadata: has {size:,} bytes in base64; there must be fewer than {_MOST_METADATA:,}", field="metadata"
        )
    return {storable(name): storable(value) for name, value in (metadata or {}).items()}


async def _check_variant(request: Request, entered: Entered, variant: str) -> None:
    """Before anybody is called: the version that is active now says which there are."""
    account_pk = entered.principal.account_pk

    def look(connection: Connection) -> str | None:
        agent = find_agent_row(connection, account_pk, entered.agent_id)
        return find_version(connection, agent.pk, agent.active_version).config.project

    project = await services_of(request).record.read_async(look)
    if project is None:
        return  # which is refused with better words where the call is placed
    known: Any = (await hosting_of(request).workplace.load(account_pk, project)).project.variants
    if variant not in known:
        there_is = ", ".join(known) or "none"
        raise BadInput(f"variantId: there is no variant {variant[:100]!r}; there is {there_is}", field="variantId")
