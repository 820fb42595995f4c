"""Calls to try a draft or a version, in the sandbox: reports leave them out unless they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from msgspec import Struct
from sqlalchemy.engine import Connection

from postcall.api.atoms.branch_drafts import open_on
from postcall.api.atoms.branches import check_head
from postcall.api.atoms.chats import begin_session
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.outbound import ARCHIVED
from postcall.api.atoms.replies import check_id, read_shape, status_reply, writer
from postcall.api.atoms.revisions import revision_on
from postcall.api.services import services_of
from postcall.domain.keys import Principal
from postcall.domain.outbound import NewCall
from postcall.errors import AgentArchived, NoProject
from postcall.outbound.numbers import read_number
from postcall.outbound.placing import place_call
from postcall.storage.agents import find_agent_row
from postcall.storage.branches import find_branch
from postcall.storage.drafts import find_draft
from postcall.storage.version_ids import published_version, snapshot_draft, version_by_id

router = APIRouter(prefix="/agent/{agent}", tags=["atoms"])


class TestCall(Struct, rename="camel"):
    """Over which way, and to whom where it goes over the telephone."""

    mode: Literal["webcall", "chat", "telephony"] = "webcall"
    to_phone: str | None = None


class BranchTestCall(TestCall, rename="camel"):
    """With which version of the branch: its newest, unless one of these names another."""

    include_draft: bool = False
    revision_id: str | None = None


@router.post("/drafts/{draft}/test-call")
@in_envelope
async def try_draft(request: Request, agent: str, draft: str) -> Response:
    """Try what a draft says now."""
    principal = await writer(request)
    check_id(agent, what="agent")
    body = await read_shape(request, TestCall)
    now = services_of(request).clock()

    def pin(connection: Connection) -> int:
        find_agent_row(connection, principal.account_pk, agent)
        found = find_draft(connection, principal.account_pk, draft, agent=agent)
        return snapshot_draft(connection, principal.account_pk, found, by=principal.name, now=now).number

    return await _begin(request, principal, agent, body, pin)


@router.post("/versions/{version}/test-call")
@in_envelope
async def try_version(request: Request, agent: str, version: str) -> Response:
    """Try a version, active or not."""
    principal = await writer(request)
    check_id(agent, what="agent")
    check_id(version, what="version")
    body = await read_shape(request, TestCall)
    return await _begin(
        request,
        principal,
        agent,
        body,
        lambda connection: version_by_id(connection, principal.account_pk, agent, version).number,
    )


@router.post("/branches/{branch}/test-call")
@in_envelope
async def try_branch(request: Request, agent: str, branch: str) -> Response:
    """Try the newest version of a branch, one that is named, or the draft that is open on it."""
    principal = await writer(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    body = await read_shape(request, BranchTestCall)
    if body.include_draft and body.revision_id is not None:
        raise AtomsError(400, "includeDraft and revisionId exclude each other")
    if body.revision_id is not None:
        check_id(body.revision_id, what="revision")
    now = services_of(request).clock()

    def pin(connection: Connection) -> int:
        line = find_branch(connection, principal.account_pk, agent, branch)
        if body.include_draft:
            _, draft = open_on(connection, principal.account_pk, agent, branch)
            return snapshot_draft(connection, principal.account_pk, draft, by=principal.name, now=now).number
        if body.revision_id is not None:
            found = published_version(connection, principal.account_pk, agent, body.revision_id)
            return revision_on(found, line).number
        return check_head(line)

    return await _begin(request, principal, agent, body, pin)


async def _begin(
    request: Request, principal: Principal, agent: str, body: TestCall, pin: Callable[[Connection], int]
) -> Response:
    """`pin` says by its number which version is called, and makes it where it must."""
    if body.mode == "telephony":
        return status_reply(await _dial(request, principal, agent, body, pin))
    number = await services_of(request).record.write_async(pin)
    session = await begin_session(request, principal, agent, web_call=body.mode == "webcall", version=number, test=True)
    return status_reply(session)


async def _dial(
    request: Request, principal: Principal, agent: str, body: TestCall, pin: Callable[[Connection], int]
) -> dict[str, Any]:
    if body.to_phone is None:
        raise AtomsError(400, "toPhone: Required for telephony")
    phone = read_number(body.to_phone)
    services = services_of(request)
    now = services.clock()

    def place(connection: Connection) -> str:
        new = NewCall(agent=agent, to_number=phone, version=pin(connection), test=True)
        return place_call(connection, principal.account_pk, new, now=now)

    try:
        call_id = await services.record.write_async(place)
    except AgentArchived:
        raise AtomsError(400, ARCHIVED) from None
    except NoProject as error:
        raise AtomsError(400, f"Workflow not found: {error.message}") from None
    return {"conversationId": call_id, "callId": call_id}
