"""Drafts by the first model: as many beside each other as people begin, each published by itself.

What the vendor leaves open is answered so: a draft that was published is no draft any more, and asking for it gives the
version that it became, with how it was edited; publishing it again is refused with 400. A draft that was discarded is
gone. Every save of a configuration counts the revision up, renaming does not.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from msgspec import Meta, Struct
from sqlalchemy.engine import Connection

from postcall.api.atoms.config import has_config, merge_config
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, read_object, read_shape, reader, status_reply
from postcall.api.atoms.version_diff import beside_json
from postcall.api.atoms.version_format import draft_json, edits_json, know, version_json
from postcall.api.services import services_of
from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.domain.folding import storable
from postcall.runtime.prompt_agents import with_project
from postcall.storage.agents import find_agent_row, find_version, lock_agent
from postcall.storage.draft_edits import count_edits, list_edits
from postcall.storage.drafts import (
    create_draft,
    discard_draft,
    find_draft,
    list_drafts,
    publish_draft,
    rename_draft,
    save_draft,
)
from postcall.storage.version_ids import published_version, version_of_draft

router = APIRouter(prefix="/agent/{agent}/drafts", tags=["atoms"])

NO_CONFIG = "No recognized config fields"
DraftName = Annotated[str, Meta(min_length=1, max_length=100)]
Limit = Annotated[int, Query(ge=1, le=100)]


class NewDraft(Struct, rename="camel"):
    """What a draft begins as: a version, or another draft, or that draft set beside that version."""

    source_version_id: str | None = None
    source_draft_id: str | None = None
    draft_name: DraftName | None = None


class Renamed(Struct, rename="camel"):
    """Its new name."""

    draft_name: DraftName


class Publishing(Struct):
    """What becomes of the version."""

    label: Annotated[str, Meta(max_length=200)] | None = None
    description: Annotated[str, Meta(max_length=2000)] | None = None
    activate: bool = False


@router.post("")
@in_envelope
async def post_draft(request: Request, agent: str) -> Response:
    """Begin a draft."""
    principal = await admin(request)
    check_id(agent, what="agent")
    body = await read_shape(request, NewDraft)
    if body.source_version_id is None and body.source_draft_id is None:
        raise AtomsError(400, "sourceVersionId: Required, or else sourceDraftId")
    if body.source_version_id is not None:
        check_id(body.source_version_id, what="version")
    services = services_of(request)
    now = services.clock()

    def begin(connection: Connection) -> dict[str, Any]:
        lock_agent(connection, principal.account_pk, agent)
        base, config = _source(connection, principal.account_pk, agent, body)
        draft = create_draft(
            connection,
            principal.account_pk,
            agent,
            name=storable(body.draft_name or f"Draft from version {base}"),
            base=base,
            config=config,
            by=principal.name,
            now=now,
        )
        return _shown(connection, principal.account_pk, draft)

    return status_reply(await services.record.write_async(begin), status=201)


@router.get("")
@in_envelope
async def get_drafts(request: Request, agent: str) -> Response:
    """The drafts that are open, those of branches included, the last saved first."""
    principal = await reader(request)
    check_id(agent, what="agent")

    def look(connection: Connection) -> list[dict[str, Any]]:
        drafts = list_drafts(connection, principal.account_pk, agent)
        known = know(connection, principal.account_pk, agent, drafts)
        return [{**draft_json(draft, known), "lastEditorName": draft.updated_by} for draft in drafts]

    return status_reply(await services_of(request).record.read_async(look))


@router.get("/{draft}")
@in_envelope
async def get_draft(request: Request, agent: str, draft: str, limit: Limit = 100) -> Response:
    """A draft, or the version that it became, and how it was edited."""
    principal = await reader(request)
    check_id(agent, what="agent")

    def look(connection: Connection) -> dict[str, Any]:
        agent_pk = find_agent_row(connection, principal.account_pk, agent).pk
        edits = list_edits(connection, agent_pk, draft, limit=limit + 1)
        return {
            "latest": _latest(connection, principal.account_pk, agent, draft),
            "editHistory": edits_json(edits)[:limit],
            "editCount": count_edits(connection, agent_pk, draft),
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.patch("/{draft}")
@in_envelope
async def patch_draft(request: Request, agent: str, draft: str) -> Response:
    """Give it another name."""
    principal = await admin(request)
    check_id(agent, what="agent")
    body = await read_shape(request, Renamed)

    def rename(connection: Connection) -> dict[str, Any]:
        lock_agent(connection, principal.account_pk, agent)
        find_draft(connection, principal.account_pk, draft, agent=agent)
        return {"draftName": rename_draft(connection, principal.account_pk, draft, storable(body.draft_name)).name}

    return status_reply(await services_of(request).record.write_async(rename))


@router.delete("/{draft}")
@in_envelope
async def delete_draft(request: Request, agent: str, draft: str) -> Response:
    """Discard it. Every key that may change agents is an administrator's, so nobody else's draft is out of reach."""
    principal = await admin(request)
    check_id(agent, what="agent")

    def discard(connection: Connection) -> None:
        lock_agent(connection, principal.account_pk, agent)
        find_draft(connection, principal.account_pk, draft, agent=agent)
        discard_draft(connection, principal.account_pk, draft)

    await services_of(request).record.write_async(discard)
    return status_reply(None)


@router.patch("/{draft}/config")
@in_envelope
async def patch_config(request: Request, agent: str, draft: str) -> Response:
    """Merge these fields into what the draft says. Two who do so at once both have their fields in it."""
    principal = await admin(request)
    check_id(agent, what="agent")
    patch = await read_object(request)
    if not has_config(patch):
        raise AtomsError(400, NO_CONFIG)
    services = services_of(request)
    now = services.clock()

    def save(connection: Connection) -> tuple[dict[str, Any], tuple[str, ...]]:
        row = lock_agent(connection, principal.account_pk, agent)
        found = find_draft(connection, principal.account_pk, draft, agent=agent)
        merged = merge_config(found.config, patch)
        saved = save_draft(
            connection,
            principal.account_pk,
            found.id,
            with_project(connection, principal.account_pk, row.name, merged.config, now=now),
            revision=found.revision,
            by=principal.name,
            now=now,
        )
        return _shown(connection, principal.account_pk, saved), merged.warnings

    data, warnings = await services.record.write_async(save)
    return status_reply(data, warnings=warnings)


@router.get("/{draft}/diff")
@in_envelope
async def get_diff(
    request: Request, agent: str, draft: str, compare_to: Annotated[str | None, Query(alias="compareTo")] = None
) -> Response:
    """What it changes against a version: the one that it began as, unless another is named."""
    principal = await reader(request)
    check_id(agent, what="agent")
    if compare_to is not None:
        check_id(compare_to, what="version")

    def look(connection: Connection) -> dict[str, Any]:
        agent_pk = find_agent_row(connection, principal.account_pk, agent).pk
        found = find_draft(connection, principal.account_pk, draft, agent=agent)
        if compare_to is None:
            against = find_version(connection, agent_pk, found.base_version)
        else:
            against = published_version(connection, principal.account_pk, agent, compare_to)
        return beside_json(against.config, found.config)

    return status_reply(await services_of(request).record.read_async(look))


@router.post("/{draft}/publish")
@in_envelope
async def post_publish(request: Request, agent: str, draft: str) -> Response:
    """Make a version of it, at once; only with `activate` does that take the calls."""
    principal = await admin(request)
    check_id(agent, what="agent")
    body = await read_shape(request, Publishing)
    services = services_of(request)
    now = services.clock()

    def publish(connection: Connection) -> dict[str, Any]:
        row = lock_agent(connection, principal.account_pk, agent)
        became = version_of_draft(connection, row.pk, draft)
        if became is not None:
            raise AtomsError(400, f"Draft has already been published as version {became.number}")
        found = find_draft(connection, principal.account_pk, draft, agent=agent)
        version = publish_draft(
            connection,
            principal.account_pk,
            found.id,
            revision=found.revision,
            label=None if body.label is None else storable(body.label),
            description=None if body.description is None else storable(body.description),
            activate=body.activate,
            by=principal.name,
            now=now,
            whole=True,
        )
        return _shown(connection, principal.account_pk, version)

    return status_reply(await services.record.write_async(publish), status=201)


def _source(connection: Connection, account_pk: int, agent: str, body: NewDraft) -> tuple[int, VersionConfig]:
    """The number of the version that a draft is set beside, and what it begins as."""
    base = config = None
    if body.source_version_id is not None:
        version = published_version(connection, account_pk, agent, body.source_version_id)
        base, config = version.number, version.config
    if body.source_draft_id is not None:
        draft = find_draft(connection, account_pk, body.source_draft_id, agent=agent)
        base, config = base or draft.base_version, draft.config
    assert base is not None
    assert config is not None
    return base, config


def _latest(connection: Connection, account_pk: int, agent: str, draft_id: str) -> dict[str, Any]:
    became = version_of_draft(connection, find_agent_row(connection, account_pk, agent).pk, draft_id)
    if became is not None:
        return _shown(connection, account_pk, became)
    return _shown(connection, account_pk, find_draft(connection, account_pk, draft_id, agent=agent))


def _shown(connection: Connection, account_pk: int, shown: Draft | Version) -> dict[str, Any]:
    known = know(connection, account_pk, shown.agent_id, [shown])
    return draft_json(shown, known) if isinstance(shown, Draft) else version_json(shown, known)
