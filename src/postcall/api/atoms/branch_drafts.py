"""The one draft that is open on a branch: saved by any number of people, published at once.

There is no check that a publish would wait for, so nothing is ever under way that could be cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from msgspec import Meta, Struct
from sqlalchemy.engine import Connection

from postcall.api.atoms.branches import check_open
from postcall.api.atoms.config import has_config, merge_config
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, read_object, read_shape, reader, status_reply
from postcall.api.atoms.version_diff import changes_json, rebase_patch
from postcall.api.atoms.version_format import know, open_draft_json, open_edits_json, revision_json
from postcall.api.services import services_of
from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.domain.branches import Branch
from postcall.domain.folding import storable
from postcall.domain.keys import Principal
from postcall.errors import NotFound
from postcall.runtime.prompt_agents import with_project
from postcall.storage.agents import find_agent_row, find_version, lock_agent
from postcall.storage.branches import find_branch, open_draft, version_to_edit
from postcall.storage.draft_edits import count_edits, edit_at, list_edits
from postcall.storage.drafts import discard_draft, find_branch_draft, publish_draft, save_draft
from postcall.storage.version_ids import place_on_branch

router = APIRouter(prefix="/agent/{agent}/branches/{branch}/draft", tags=["atoms"])

NO_CONFIG = "No recognized config fields in request body"
_MOST_EDITS = 100


class Publishing(Struct):
    """How the version is called."""

    label: Annotated[str, Meta(max_length=200)] | None = None


@router.put("")
@in_envelope
async def put_draft(request: Request, agent: str, branch: str) -> Response:
    """Merge these fields into the draft, which is begun where there is none.

    With `expectedRevision` only what differs from that revision counts as said, and 409 tells what somebody else
    changed since that this would undo. 0 is the state before the draft was begun.
    """
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    patch = await read_object(request)
    expected = _expected(patch.pop("expectedRevision", None))
    if not has_config(patch):
        raise AtomsError(400, NO_CONFIG)
    services = services_of(request)
    now = services.clock()

    def save(connection: Connection) -> tuple[dict[str, Any], tuple[str, ...]]:
        row = lock_agent(connection, principal.account_pk, agent)
        line = find_branch(connection, principal.account_pk, agent, branch)
        check_open(line)
        draft = find_branch_draft(connection, principal.account_pk, branch)
        said = _say(connection, principal.account_pk, line, draft, patch, expected)
        config = with_project(connection, principal.account_pk, row.name, said.config, now=now)
        if draft is None:
            saved = open_draft(connection, principal.account_pk, line, config, by=principal.name, now=now)
        else:
            saved = save_draft(
                connection,
                principal.account_pk,
                draft.id,
                config,
                revision=draft.revision,
                by=principal.name,
                now=now,
            )
        return _shown(connection, principal.account_pk, saved), said.warnings

    data, warnings = await services.record.write_async(save)
    return status_reply(data, warnings=warnings)


@router.get("")
@in_envelope
async def get_draft(request: Request, agent: str, branch: str) -> Response:
    """The draft, and how it was edited."""
    principal = await reader(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")

    def look(connection: Connection) -> dict[str, Any]:
        _, draft = open_on(connection, principal.account_pk, agent, branch)
        agent_pk = find_agent_row(connection, principal.account_pk, agent).pk
        edits = list_edits(connection, agent_pk, draft.id, limit=_MOST_EDITS + 1)
        known = know(connection, principal.account_pk, agent, [draft])
        return {
            "latest": open_draft_json(draft, known),
            "editCount": count_edits(connection, agent_pk, draft.id),
            "editHistory": open_edits_json(draft, edits, known)[:_MOST_EDITS],
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.delete("")
@in_envelope
async def delete_draft(request: Request, agent: str, branch: str) -> Response:
    """Discard it."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")

    def discard(connection: Connection) -> None:
        lock_agent(connection, principal.account_pk, agent)
        _, draft = open_on(connection, principal.account_pk, agent, branch)
        discard_draft(connection, principal.account_pk, draft.id)

    await services_of(request).record.write_async(discard)
    return status_reply({"discarded": True})


@router.post("/publish")
@in_envelope
async def post_publish(request: Request, agent: str, branch: str) -> Response:
    """Make a version of it at the head of the branch; on the live branch it takes the calls from then on."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    body = await read_shape(request, Publishing)
    services = services_of(request)
    now = services.clock()

    def publish(connection: Connection) -> dict[str, Any]:
        lock_agent(connection, principal.account_pk, agent)
        line, draft = open_on(connection, principal.account_pk, agent, branch)
        check_open(line)
        version = publish_draft(
            connection,
            principal.account_pk,
            draft.id,
            revision=draft.revision,
            label=None if body.label is None else storable(body.label),
            activate=line.live,
            by=principal.name,
            now=now,
            whole=True,
        )
        return committed(connection, principal, version)

    return status_reply(await services.record.write_async(publish))


@router.post("/publish/cancel")
@in_envelope
async def post_cancel(request: Request, agent: str, branch: str) -> Response:
    """A publish is over before it could be cancelled, so there is nothing to do."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    await services_of(request).record.read_async(lambda c: find_branch(c, principal.account_pk, agent, branch))
    return status_reply({"cancelled": True})


def open_on(connection: Connection, account_pk: int, agent: str, branch_id: str) -> tuple[Branch, Draft]:
    """A branch and the draft that is open on it, or NotFound."""
    branch = find_branch(connection, account_pk, agent, branch_id)
    draft = find_branch_draft(connection, account_pk, branch_id)
    if draft is None:
        raise NotFound(f"no draft is open on the branch {branch.name!r}")
    return branch, draft


def committed(connection: Connection, principal: Principal, version: Version) -> dict[str, Any]:
    """What publishing answers."""
    agent_pk = find_agent_row(connection, principal.account_pk, version.agent_id).pk
    known = know(connection, principal.account_pk, version.agent_id, [version])
    place = place_on_branch(connection, agent_pk, version)
    return {"state": "committed", "revision": revision_json(version, known, place=place)}


@dataclass(frozen=True, slots=True)
class _Said:
    config: VersionConfig
    warnings: tuple[str, ...]


def _say(
    connection: Connection,
    account_pk: int,
    branch: Branch,
    draft: Draft | None,
    patch: dict[str, Any],
    expected: int | None,
) -> _Said:
    """What the draft is to say, or 409."""
    if draft is None:
        if expected:
            raise AtomsError(409, "base_revision_unavailable")
        merged = merge_config(version_to_edit(connection, account_pk, branch).config, patch)
        return _Said(merged.config, merged.warnings)
    if expected is None or expected == draft.revision:
        merged = merge_config(draft.config, patch)
        return _Said(merged.config, merged.warnings)
    rebased = rebase_patch(_base(connection, account_pk, draft, expected), draft.config, patch)
    if rebased.clashes:
        paths = [f"{section}.{each.path}" for section, changes in rebased.clashes.items() for each in changes]
        diffs = [changes_json(section, changes) for section, changes in rebased.clashes.items()]
        conflict = {"expectedRevision": expected, "latestRevision": draft.revision, "diffs": diffs}
        raise AtomsError(409, *paths, data={"conflict": conflict})
    return _Said(rebased.config, rebased.warnings)


def _base(connection: Connection, account_pk: int, draft: Draft, expected: int) -> VersionConfig:
    agent_pk = find_agent_row(connection, account_pk, draft.agent_id).pk
    if expected == 0:
        return find_version(connection, agent_pk, draft.base_version).config
    edit = edit_at(connection, agent_pk, draft.id, expected)
    if edit is None:
        raise AtomsError(409, "base_revision_unavailable")
    return edit.config


def _expected(given: Any) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**31:
        raise AtomsError(400, "expectedRevision: Must be a whole number from 0")
    return given


def _shown(connection: Connection, account_pk: int, draft: Draft) -> dict[str, Any]:
    return open_draft_json(draft, know(connection, account_pk, draft.agent_id, [draft]))
