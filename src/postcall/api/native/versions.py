"""Versions: make one active or roll back, name one, compare two, and what each asked."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from msgspec import Struct
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.drafts import LARGEST, Name
from postcall.api.native.shapes import agent_json, version_json
from postcall.api.native.version_shapes import diff_json, history_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.comparing import diff_versions, read_history
from postcall.domain.keys import Scope
from postcall.intake.call_format import without_nulls
from postcall.intake.explain import decode
from postcall.storage.agents import activate_version, find_agent, find_agent_row, find_version, label_version

router = APIRouter(prefix="/postcall/v1/agents/{agent}", tags=["versions"])

Number = Annotated[int, Path(ge=1, le=LARGEST)]
Against = Annotated[int | None, Query(ge=1, le=LARGEST)]


class LabelledBody(Struct, forbid_unknown_fields=True):
    """A version's name; null takes it away."""

    label: Name | None


_LABELLED = msgspec.json.Decoder(LabelledBody)


@router.get("/versions/{number}")
async def get_version(request: Request, agent: str, number: Number) -> Response:
    """One version of an agent."""
    principal = await authenticate(request, Scope.READ)
    version = await services_of(request).record.read_async(
        lambda c: find_version(c, find_agent_row(c, principal.account_pk, agent).pk, number)
    )
    return json_reply(version_json(version))


@router.patch("/versions/{number}")
async def patch_version(request: Request, agent: str, number: Number) -> Response:
    """Name a version: `{label}`; nothing else of it can change."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes), _LABELLED)
    version = await services.record.write_async(
        lambda c: label_version(c, principal.account_pk, agent, number, without_nulls(body.label))
    )
    return json_reply(version_json(version))


@router.post("/versions/{number}:activate")
async def post_activate(request: Request, agent: str, number: Number) -> Response:
    """Make a version the active one; with an older version, roll back. Calls that are there keep theirs."""
    principal = await authenticate(request, Scope.ADMIN)
    now = services_of(request).clock()

    def activate(connection: Connection) -> dict[str, Any]:
        version = activate_version(connection, principal.account_pk, agent, number, by=principal.name, now=now)
        return {
            **agent_json(find_agent(connection, principal.account_pk, agent)),
            "version": version_json(version),
        }

    return json_reply(await services_of(request).record.write_async(activate))


@router.get("/versions/{number}/diff")
async def get_version_diff(request: Request, agent: str, number: Number, against: Against = None) -> Response:
    """What leads from version `against`, by default the one before, to this one."""
    principal = await authenticate(request, Scope.READ)
    before = against or max(1, number - 1)
    diff = await services_of(request).record.read_async(
        lambda c: diff_versions(c, principal.account_pk, agent, before, number)
    )
    return json_reply(diff_json(diff, before=before, after=number))


@router.get("/questions/{identifier}/history")
async def get_question_history(request: Request, agent: str, identifier: str) -> Response:
    """How versions asked a question, the latest way first."""
    principal = await authenticate(request, Scope.READ)
    found, history = await services_of(request).record.read_async(
        lambda c: read_history(c, principal.account_pk, agent, identifier)
    )
    return json_reply(history_json(identifier, history, active_version=found.active_version))
