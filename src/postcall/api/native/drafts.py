"""Drafts: an agent's next version while it is edited."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import Meta, Struct
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.shapes import version_json
from postcall.api.native.version_shapes import diff_json, draft_json
from postcall.api.question_format import ConfigChange, change_config
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.comparing import diff_draft, read_draft_file
from postcall.domain.agents import Draft
from postcall.domain.keys import Scope
from postcall.intake.call_format import without_nulls
from postcall.intake.explain import decode
from postcall.storage.agents import find_agent, find_agent_row, find_version
from postcall.storage.drafts import create_draft, discard_draft, find_draft, list_drafts, publish_draft, save_draft

router = APIRouter(prefix="/postcall/v1/agents/{agent}/drafts", tags=["versions"])

LARGEST = 2**31 - 1
"""The largest number that a version or a revision can have."""
Number = Annotated[int, Meta(ge=1, le=LARGEST)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Named = Annotated[int | None, Query(ge=1, le=LARGEST)]


class NewDraftBody(ConfigChange, forbid_unknown_fields=True):
    """A draft, and in what it differs from its base from the start."""

    name: Name | None = None
    base: Number | None = None
    by: Name | None = None


class SavedDraftBody(ConfigChange, forbid_unknown_fields=True, kw_only=True):
    """What a draft is to say; what is left out stays as it is in the draft."""

    revision: Number
    name: Name | None = None
    by: Name | None = None


class RebaseBody(Struct, forbid_unknown_fields=True):
    """The revision that was looked at."""

    revision: Number
    by: Name | None = None


class PublishBody(Struct, forbid_unknown_fields=True):
    """The revision that was looked at, and what becomes of the version."""

    revision: Number
    label: Name | None = None
    activate: bool = True
    by: Name | None = None


_NEW = msgspec.json.Decoder(NewDraftBody)
_SAVED = msgspec.json.Decoder(SavedDraftBody)
_REBASE = msgspec.json.Decoder(RebaseBody)
_PUBLISH = msgspec.json.Decoder(PublishBody)


@router.get("")
async def get_drafts(request: Request, agent: str) -> Response:
    """The drafts of an agent, the last saved first."""
    principal = await authenticate(request, Scope.READ)

    def look(connection: Connection) -> list[dict[str, Any]]:
        active = find_agent(connection, principal.account_pk, agent).active_version
        return [
            draft_json(draft, active_version=active) for draft in list_drafts(connection, principal.account_pk, agent)
        ]

    return json_reply({"drafts": await services_of(request).record.read_async(look)})


@router.post("", status_code=201)
async def post_draft(request: Request, agent: str) -> Response:
    """Begin a draft: `{name?, base?, by?}` and any part of a version; it begins as version `base`, else the active."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes) or b"{}", _NEW)
    now = services.clock()

    def begin(connection: Connection) -> dict[str, Any]:
        row = find_agent_row(connection, principal.account_pk, agent)
        number = row.active_version if body.base is None else body.base
        config = change_config(find_version(connection, row.pk, number).config, body)
        draft = create_draft(
            connection,
            principal.account_pk,
            agent,
            name=without_nulls(body.name) or f"Draft from version {number}",
            base=number,
            by=without_nulls(body.by) or principal.name,
            config=config,
            now=now,
        )
        return draft_json(draft, active_version=row.active_version)

    return json_reply(await services.record.write_async(begin), status=201)


@router.get("/{draft}")
async def get_draft(request: Request, agent: str, draft: str) -> Response:
    """A draft."""
    principal = await authenticate(request, Scope.READ)
    return json_reply(
        await services_of(request).record.read_async(
            lambda c: _draft(c, principal.account_pk, find_draft(c, principal.account_pk, draft, agent=agent))
        )
    )


@router.put("/{draft}")
async def put_draft(request: Request, agent: str, draft: str) -> Response:
    """Save a draft: `{revision, name?, by?}` and the parts to be replaced; 409 where it is at another revision."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes), _SAVED)
    now = services.clock()

    def save(connection: Connection) -> dict[str, Any]:
        found = find_draft(connection, principal.account_pk, draft, agent=agent)
        saved = save_draft(
            connection,
            principal.account_pk,
            draft,
            change_config(found.config, body),
            revision=body.revision,
            name=without_nulls(body.name),
            by=without_nulls(body.by) or principal.name,
            now=now,
        )
        return _draft(connection, principal.account_pk, saved)

    return json_reply(await services.record.write_async(save))


@router.delete("/{draft}", status_code=204)
async def delete_draft(request: Request, agent: str, draft: str, revision: Named = None) -> Response:
    """Discard a draft for good; with `revision` only while it is at that one."""
    principal = await authenticate(request, Scope.ADMIN)

    def discard(connection: Connection) -> None:
        find_draft(connection, principal.account_pk, draft, agent=agent)
        discard_draft(connection, principal.account_pk, draft, revision=revision)

    await services_of(request).record.write_async(discard)
    return Response(status_code=204)


@router.get("/{draft}/diff")
async def get_draft_diff(request: Request, agent: str, draft: str, against: Named = None) -> Response:
    """What a draft changes against a version; against the one it builds on where none is named."""
    principal = await authenticate(request, Scope.READ)
    diff, number = await services_of(request).record.read_async(
        lambda c: diff_draft(c, principal.account_pk, agent, draft, against=against)
    )
    return json_reply(diff_json(diff, before=number, after=draft))


@router.post("/{draft}:rebase")
async def post_rebase(request: Request, agent: str, draft: str) -> Response:
    """Make a draft's changes to the active version instead: `{revision, by?}`; `clashes` names what both changed."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes), _REBASE)
    now = services.clock()

    def bring_up(connection: Connection) -> dict[str, Any]:
        file = read_draft_file(connection, principal.account_pk, agent, draft)
        rebased = file.rebased
        saved = save_draft(
            connection,
            principal.account_pk,
            draft,
            rebased.config,
            revision=body.revision,
            base=file.active.number,
            by=without_nulls(body.by) or principal.name,
            now=now,
        )
        return {"clashes": rebased.clashes, "draft": draft_json(saved, active_version=file.active.number)}

    return json_reply(await services.record.write_async(bring_up))


@router.post("/{draft}:publish", status_code=201)
async def post_publish(request: Request, agent: str, draft: str) -> Response:
    """Make a version of a draft: `{revision, label?, activate?, by?}`; the draft is gone after."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes), _PUBLISH)
    now = services.clock()

    def publish(connection: Connection) -> dict[str, Any]:
        find_draft(connection, principal.account_pk, draft, agent=agent)
        version = publish_draft(
            connection,
            principal.account_pk,
            draft,
            revision=body.revision,
            label=without_nulls(body.label),
            activate=body.activate,
            by=without_nulls(body.by) or principal.name,
            now=now,
        )
        return version_json(version)

    return json_reply(await services.record.write_async(publish), status=201)


def _draft(connection: Connection, account_pk: int, draft: Draft) -> dict[str, Any]:
    return draft_json(draft, active_version=find_agent(connection, account_pk, draft.agent_id).active_version)
