"""Placing one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import read_object, read_variables, status_reply, writer
from postcall.api.services import services_of
from postcall.domain.calls import Json
from postcall.domain.ids import AGENT_ID
from postcall.domain.outbound import NewCall
from postcall.errors import AgentArchived, AgentNotFound, NoProject, NotFound
from postcall.outbound.numbers import read_number
from postcall.outbound.placing import place_call
from postcall.storage.phone_numbers import find_number
from postcall.storage.version_ids import published_version

router = APIRouter()

ARCHIVED = "Agent is archived and cannot initiate calls"


@router.post("/conversation/outbound")
@in_envelope
async def place(request: Request) -> Response:
    """Queue a call to somebody; it is dialled as soon as a line is free."""
    principal = await writer(request)
    body = await read_object(request)
    services = services_of(request)
    wanted = _read(body, test=request.headers.get("x-test-call", "").strip().lower() == "true")
    version_id = _read_id(body, "versionId", "Invalid version id")
    now = services.clock()

    def work(connection: Connection) -> str:
        return _place(connection, principal.account_pk, wanted, version_id, now=now)

    return status_reply({"conversationId": await services.record.write_async(work)})


def _place(connection: Connection, account_pk: int, wanted: NewCall, version_id: str | None, *, now: datetime) -> str:
    """Everything that an id names is looked up in the transaction that places the call."""
    try:
        version = _published(connection, account_pk, wanted.agent, version_id) if version_id else None
        if wanted.number_id is not None:
            _check_number(connection, account_pk, wanted.number_id)
        return place_call(connection, account_pk, replace(wanted, version=version), now=now)
    except AgentNotFound:
        raise AtomsError(400, "Agent not found") from None
    except AgentArchived:
        raise AtomsError(400, ARCHIVED) from None
    except NoProject:
        raise AtomsError(400, "Workflow not found") from None


def _published(connection: Connection, account_pk: int, agent: str, version_id: str) -> int:
    try:
        return published_version(connection, account_pk, agent, version_id).number
    except AgentNotFound:
        raise
    except NotFound:
        raise AtomsError(400, "Version not found") from None


def _check_number(connection: Connection, account_pk: int, number_id: str) -> None:
    try:
        find_number(connection, account_pk, number_id)
    except NotFound:
        raise AtomsError(400, "Invalid product id") from None


def _read(body: dict[str, Any], *, test: bool) -> NewCall:
    agent, phone = body.get("agentId"), body.get("phoneNumber", body.get("toPhone"))
    missing = [f"{name}: Required" for name, value in (("agentId", agent), ("phoneNumber", phone)) if value is None]
    if missing:
        raise AtomsError(400, *missing)
    if not isinstance(agent, str) or not AGENT_ID.fullmatch(agent):
        raise AtomsError(400, "Invalid agent id")
    if not isinstance(phone, str):
        raise AtomsError(400, "Invalid phone number")
    metadata: dict[str, Json] = {
        name: body[key]
        for key, name in (("operatorId", "operator_id"), ("operatorData", "operator_data"))
        if key in body
    }
    return NewCall(
        agent=agent,
        to_number=read_number(phone),
        number_id=_read_id(body, "fromProductId", "Invalid product id"),
        variables=read_variables(body.get("variables", {})),
        metadata=metadata,
        test=test,
    )


def _read_id(body: dict[str, Any], name: str, fault: str) -> str | None:
    given = body.get(name)
    if given is None or given == "":
        return None
    if not isinstance(given, str) or not AGENT_ID.fullmatch(given):
        raise AtomsError(400, fault)
    return given
