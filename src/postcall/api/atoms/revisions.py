"""The versions of a branch, which the second model calls revisions: listed, compared, restored.

`revisionNumber` counts within the branch, `versionNumber` within the agent.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.branch_drafts import committed, open_on
from postcall.api.atoms.branches import check_open
from postcall.api.atoms.config import changed_sections, sectioned_config
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, reader, status_reply
from postcall.api.atoms.version_diff import diff_json
from postcall.api.atoms.version_format import know, revision_json
from postcall.api.services import services_of
from postcall.domain.agents import Version, VersionConfig
from postcall.domain.branches import Branch
from postcall.storage.agents import find_agent_row, find_version, lock_agent
from postcall.storage.branches import find_branch, restore_version
from postcall.storage.version_ids import page_versions, place_on_branch, published_version, versions_until

router = APIRouter(prefix="/agent/{agent}", tags=["atoms"])

Limit = Annotated[int, Query(ge=1, le=100)]
Skip = Annotated[int, Query(ge=0, le=2**31 - 1)]
Reference = Annotated[str, Query(min_length=1, max_length=64)]
_DRAFT_OF = re.compile(r"([0-9a-f]{24}):draft")
_LONGEST_TRAIL = 100


@router.get("/branches/{branch}/revisions")
@in_envelope
async def get_revisions(request: Request, agent: str, branch: str, limit: Limit = 20, skip: Skip = 0) -> Response:
    """What was published on a branch, the newest first."""
    principal = await reader(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")

    def look(connection: Connection) -> dict[str, Any]:
        line = find_branch(connection, principal.account_pk, agent, branch)
        agent_pk = find_agent_row(connection, principal.account_pk, agent).pk
        versions, total = page_versions(connection, agent_pk, limit=limit, skip=skip, branch=line)
        known = know(connection, principal.account_pk, agent, versions)
        return {
            "revisions": [
                revision_json(version, known, place=total - skip - index) for index, version in enumerate(versions)
            ],
            "total": total,
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.get("/branches/{branch}/revisions/{revision}")
@in_envelope
async def get_revision(request: Request, agent: str, branch: str, revision: str) -> Response:
    """One of them, and all that it says."""
    principal = await reader(request)
    check_id(agent, what="agent")

    def look(connection: Connection) -> dict[str, Any]:
        _, version = _revision(connection, principal.account_pk, agent, branch, revision)
        return {
            "revision": _shown(connection, principal.account_pk, version),
            "resolvedConfig": sectioned_config(version.config),
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.get("/branches/{branch}/revisions/{revision}/history")
@in_envelope
async def get_history(request: Request, agent: str, branch: str, revision: str) -> Response:
    """Who published it, and the versions of the branch up to it, each with the sections that it changed."""
    principal = await reader(request)
    check_id(agent, what="agent")

    def look(connection: Connection) -> dict[str, Any]:
        _, version = _revision(connection, principal.account_pk, agent, branch, revision)
        return {
            "revision": _shown(connection, principal.account_pk, version),
            "publishedBy": version.created_by or "",
            "trail": _trail(connection, principal.account_pk, version),
        }

    return status_reply(await services_of(request).record.read_async(look))


@router.post("/branches/{branch}/revisions/{revision}/restore")
@in_envelope
async def post_restore(request: Request, agent: str, branch: str, revision: str) -> Response:
    """Publish once more what it says, at the head of the branch; a draft that is open there stays."""
    principal = await admin(request)
    check_id(agent, what="agent")
    services = services_of(request)
    now = services.clock()

    def restore(connection: Connection) -> dict[str, Any]:
        lock_agent(connection, principal.account_pk, agent)
        line, version = _revision(connection, principal.account_pk, agent, branch, revision)
        check_open(line)
        restored = restore_version(connection, principal.account_pk, line, version, by=principal.name, now=now)
        return committed(connection, principal, restored)

    return status_reply(await services.record.write_async(restore))


@router.get("/diff")
@in_envelope
async def get_diff(request: Request, agent: str, a: Reference, b: Reference) -> Response:
    """What leads from `a` to `b`: each a revision, or `<branchId>:draft`."""
    principal = await reader(request)
    check_id(agent, what="agent")

    def look(connection: Connection) -> dict[str, Any]:
        find_agent_row(connection, principal.account_pk, agent)
        return diff_json(
            _config_of(connection, principal.account_pk, agent, a),
            _config_of(connection, principal.account_pk, agent, b),
        )

    return status_reply(await services_of(request).record.read_async(look))


def revision_on(version: Version, branch: Branch) -> Version:
    """The version, or 400 where it is of another branch."""
    if version.branch_id != branch.row_id:
        raise AtomsError(400, f"This revision is not of the branch {branch.name!r}")
    return version


def _revision(
    connection: Connection, account_pk: int, agent: str, branch_id: str, revision_id: str
) -> tuple[Branch, Version]:
    check_id(branch_id, what="branch")
    check_id(revision_id, what="revision")
    branch = find_branch(connection, account_pk, agent, branch_id)
    return branch, revision_on(published_version(connection, account_pk, agent, revision_id), branch)


def _trail(connection: Connection, account_pk: int, version: Version) -> list[dict[str, Any]]:
    """The version and those before it on its branch, the newest first; the first of all changed what it came from."""
    agent_pk = find_agent_row(connection, account_pk, version.agent_id).pk
    place = place_on_branch(connection, agent_pk, version)
    line = versions_until(connection, agent_pk, version, limit=_LONGEST_TRAIL + 1)
    first = line[-1]
    source = first if first.parent is None else find_version(connection, agent_pk, first.parent)
    known = know(connection, account_pk, version.agent_id, line)
    steps = [
        {
            "revision": revision_json(after, known, place=place - index),
            "changedSections": changed_sections(before.config, after.config),
        }
        for index, (after, before) in enumerate(pairwise((*line, source)))
    ]
    return steps[:_LONGEST_TRAIL]


def _config_of(connection: Connection, account_pk: int, agent: str, reference: str) -> VersionConfig:
    of_draft = _DRAFT_OF.fullmatch(reference)
    if of_draft is not None:
        return open_on(connection, account_pk, agent, of_draft[1])[1].config
    return published_version(connection, account_pk, agent, check_id(reference, what="revision")).config


def _shown(connection: Connection, account_pk: int, version: Version) -> dict[str, Any]:
    agent_pk = find_agent_row(connection, account_pk, version.agent_id).pk
    known = know(connection, account_pk, version.agent_id, [version])
    return revision_json(version, known, place=place_on_branch(connection, agent_pk, version))
