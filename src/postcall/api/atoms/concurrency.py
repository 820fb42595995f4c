"""How many calls may be held at once, and the lines that are kept for agents."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct

from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, read_shape, reader, success_reply
from postcall.api.services import services_of
from postcall.domain.audiences import Reservation
from postcall.storage.concurrency import list_reservations, reserve_lines

router = APIRouter()

Lines = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class ReservationBody(Struct, rename="camel"):
    """What is to be kept for one agent."""

    agent_id: str
    webcall: Lines
    outbound: Lines
    inbound: Lines
    chat: Lines


class ReservationsBody(Struct):
    """What is to be kept for each of these agents; others keep what they have."""

    reservations: list[ReservationBody]


@router.get("/concurrency")
@in_envelope
async def get_concurrency(request: Request) -> Response:
    """The limit, and what of it is kept for whom."""
    principal = await reader(request)
    services = services_of(request)
    found = await services.record.read_async(lambda c: list_reservations(c, principal.account_pk))
    limit, reserved = services.settings.calls_at_once, sum(each.lines for each in found)
    return success_reply(
        {
            "orgLimit": limit,
            "totalReserved": reserved,
            "unreservedPool": max(0, limit - reserved),
            "agents": [_reservation_json(each) for each in found],
        }
    )


@router.put("/concurrency/reservations")
@in_envelope
async def put_reservations(request: Request) -> Response:
    """Keep lines for agents; for admins, and no more in all than there are."""
    principal = await admin(request)
    services = services_of(request)
    body = await read_shape(request, ReservationsBody)
    if not body.reservations:
        raise AtomsError(400, "reservations: Expected at least one")
    ids = [check_id(each.agent_id, what="agent") for each in body.reservations]
    if len(set(ids)) < len(ids):
        raise AtomsError(400, "reservations: an agent is named more than once")
    wanted = [
        Reservation(each.agent_id, "", each.webcall, each.outbound, each.inbound, each.chat)
        for each in body.reservations
    ]
    limit = services.settings.calls_at_once
    updated = await services.record.write_async(lambda c: reserve_lines(c, principal.account_pk, wanted, limit=limit))
    return success_reply({"updated": updated})


def _reservation_json(kept: Reservation) -> dict[str, Any]:
    return {
        "agentId": kept.agent_id,
        "agentName": kept.agent_name,
        "avatarUrl": kept.picture,
        "webcall": kept.webcall,
        "outbound": kept.outbound,
        "inbound": kept.inbound,
        "chat": kept.chat,
    }
