"""Versions by the first model: listed over all branches, named, compared, made active."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy.engine import Connection

from postcall.api.atoms.config import sectioned_config
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, reader, status_reply
from postcall.api.atoms.version_diff import diff_json
from postcall.api.atoms.version_format import know, version_json
from postcall.api.bodies import read_body
from postcall.api.services import services_of
from postcall.domain.agents import Version, VersionConfig
from postcall.domain.folding import storable
from postcall.errors import NotFound
from postcall.intake.explain import decode
from postcall.storage.agents import activate_version, describe_version, find_agent_row
from postcall.storage.drafts import find_draft
from postcall.storage.version_ids import page_versions, published_version, version_by_id

router = APIRouter(prefix="/agent/{agent}/versions", tags=["atoms"])

Limit = Annotated[int, Query(ge=1, le=100)]
Skip = Annotated[int, Query(ge=0, le=2**31 - 1)]


class Described(Struct, omit_defaults=True):
    """What may be said of a version after it was published; null takes it away."""

    label: Annotated[str, Meta(max_length=200)] | UnsetType | None = UNSET
    description: Annotated[str, Meta(max_length=2000)] | UnsetType | None = UNSET
    pinned: bool | UnsetType | None = msgspec.field(name="isPinned", default=UNSET)


_DESCRIBED = msgspec.json.Decoder(Described)


@router.get("")
@in_envelope
async def get_versions(
    request: Request,
    agent: str,
    limit: Limit = 20,
    skip: Skip = 0,
    pinned: Annotated[bool | None, Query(alias="isPinned")] = None,
) -> Response:
    """What was published, the newest first; `total` counts all of it, pinned or not."""
    principal = await reader(request)
    check_id(agent, what="agent")

    def look(connection: Connection) -> dict[str, Any]:
        agent_pk = find_agent_row(connection, principal.account_pk, agent).pk
        versions, total = page_versions(connection, agent_pk, limit=limit, skip=skip, pinned=pinned)
        known = know(connection, principal.account_pk, agent, versions)
        return {
            "versions": [
                {
                    **version_json(version, known),
                    "publishedByName": version.created_by,
                    "activatedByName": version.activated_by,
                }
                for version in versions
            ],
            "total": total,
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.get("/diff")
@in_envelope
async def get_versions_diff(
    request: Request,
    agent: str,
    before: Annotated[str, Query(alias="versionA")],
    after: Annotated[str, Query(alias="versionB")],
) -> Response:
    """What leads from one to the other; each is a version, or else a draft as it is now."""
    principal = await reader(request)
    check_id(agent, what="agent")
    check_id(before, what="version")
    check_id(after, what="version")

    def look(connection: Connection) -> dict[str, Any]:
        find_agent_row(connection, principal.account_pk, agent)
        return diff_json(
            _config_of(connection, principal.account_pk, agent, before),
            _config_of(connection, principal.account_pk, agent, after),
        )

    return status_reply(await services_of(request).record.read_async(look))


@router.get("/{version}")
@in_envelope
async def get_version(request: Request, agent: str, version: str) -> Response:
    """A version and all that it says; also one that was made to try a draft, which calls are known to be of."""
    principal = await reader(request)
    check_id(agent, what="agent")
    check_id(version, what="version")

    def look(connection: Connection) -> dict[str, Any]:
        found = version_by_id(connection, principal.account_pk, agent, version)
        return {
            "version": _shown(connection, principal.account_pk, found),
            "resolvedConfig": sectioned_config(found.config),
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.patch("/{version}")
@in_envelope
async def patch_version(request: Request, agent: str, version: str) -> Response:
    """Name it, describe it, pin it; nothing else of a version can change."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(version, what="version")
    services = services_of(request)
    body = decode(await read_body(request, limit=services.settings.max_body_bytes), _DESCRIBED)
    about = _about(body)
    if not about:
        raise AtomsError(400, "At least one of label, description and isPinned is required")

    def describe(connection: Connection) -> dict[str, Any]:
        number = published_version(connection, principal.account_pk, agent, version).number
        return _shown(
            connection,
            principal.account_pk,
            describe_version(connection, principal.account_pk, agent, number, **about),
        )

    return status_reply(await services.record.write_async(describe))


@router.patch("/{version}/activate")
@in_envelope
async def patch_activate(request: Request, agent: str, version: str) -> Response:
    """Let it take the calls; of the one that does already nothing changes."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(version, what="version")
    services = services_of(request)
    now = services.clock()

    def activate(connection: Connection) -> dict[str, Any]:
        number = published_version(connection, principal.account_pk, agent, version).number
        return _shown(
            connection,
            principal.account_pk,
            activate_version(connection, principal.account_pk, agent, number, by=principal.name, now=now),
        )

    return status_reply(await services.record.write_async(activate))


def _about(body: Described) -> dict[str, Any]:
    about = {"label": body.label, "description": body.description, "pinned": body.pinned}
    if body.pinned is None:
        del about["pinned"]
    return {
        name: storable(value) if isinstance(value, str) else value
        for name, value in about.items()
        if value is not UNSET
    }


def _config_of(connection: Connection, account_pk: int, agent: str, reference: str) -> VersionConfig:
    try:
        return version_by_id(connection, account_pk, agent, reference).config
    except NotFound:
        return find_draft(connection, account_pk, reference, agent=agent).config


def _shown(connection: Connection, account_pk: int, version: Version) -> dict[str, Any]:
    return version_json(version, know(connection, account_pk, version.agent_id, [version]))
