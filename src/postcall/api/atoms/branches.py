"""Branches, by the second model: lines of versions, one of which takes the calls.

What the vendor leaves open is answered so: a new branch has no version of its own until one is published on it;
archiving a branch discards the draft that is open on it; an archived branch is read, and not changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from msgspec import Meta, Struct
from sqlalchemy.engine import Connection

from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import admin, check_id, read_shape, reader, status_reply
from postcall.api.atoms.version_format import branch_json, know, summary_json
from postcall.api.services import services_of
from postcall.domain.branches import MAIN, Branch
from postcall.domain.folding import storable
from postcall.storage.agents import lock_agent
from postcall.storage.branches import (
    archive_branch,
    create_branch,
    find_branch,
    list_branches,
    make_live,
    rename_branch,
)
from postcall.storage.drafts import discard_draft

router = APIRouter(prefix="/agent/{agent}/branches", tags=["atoms"])

BranchName = Annotated[str, Meta(min_length=1, max_length=100)]


class NewBranch(Struct, rename="camel"):
    """Where it comes from, and how it is called."""

    source_branch_id: str
    name: BranchName


class Renamed(Struct):
    """Its new name."""

    name: BranchName


@router.get("")
@in_envelope
async def get_branches(request: Request, agent: str) -> Response:
    """Every branch that is not archived."""
    principal = await reader(request)
    check_id(agent, what="agent")

    def look(connection: Connection) -> dict[str, Any]:
        branches = list_branches(connection, principal.account_pk, agent)
        known = know(connection, principal.account_pk, agent, branches)
        return {"branches": [summary_json(branch, known) for branch in branches]}

    return status_reply(await services_of(request).record.read_async(look))


@router.post("")
@in_envelope
async def post_branch(request: Request, agent: str) -> Response:
    """Begin a branch after the newest version of another."""
    principal = await admin(request)
    check_id(agent, what="agent")
    body = await read_shape(request, NewBranch)
    check_id(body.source_branch_id, what="branch")
    services = services_of(request)
    now = services.clock()

    def begin(connection: Connection) -> dict[str, Any]:
        lock_agent(connection, principal.account_pk, agent)
        source = find_branch(connection, principal.account_pk, agent, body.source_branch_id)
        check_open(source)
        if source.head is None:
            raise _conflict("source_has_no_commit", f"Nothing was published on {source.name!r} yet")
        name = check_name(body.name, list_branches(connection, principal.account_pk, agent))
        branch = create_branch(
            connection, principal.account_pk, source, source.head, name=name, by=principal.name, now=now
        )
        return branch_json(branch, know(connection, principal.account_pk, agent, [branch]))

    return status_reply(await services.record.write_async(begin), status=201)


@router.get("/{branch}")
@in_envelope
async def get_branch(request: Request, agent: str, branch: str) -> Response:
    """A branch, also an archived one."""
    principal = await reader(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    return status_reply(
        await services_of(request).record.read_async(
            lambda c: _summary(c, principal.account_pk, find_branch(c, principal.account_pk, agent, branch))
        )
    )


@router.patch("/{branch}")
@in_envelope
async def patch_branch(request: Request, agent: str, branch: str) -> Response:
    """Give it another name."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    body = await read_shape(request, Renamed)
    services = services_of(request)
    now = services.clock()

    def rename(connection: Connection) -> dict[str, Any]:
        lock_agent(connection, principal.account_pk, agent)
        found = find_branch(connection, principal.account_pk, agent, branch)
        check_open(found)
        if found.is_main:
            raise forbidden(f"{MAIN} cannot be renamed")
        others = [each for each in list_branches(connection, principal.account_pk, agent) if each.id != found.id]
        name = check_name(body.name, others)
        renamed = rename_branch(connection, principal.account_pk, found, name, by=principal.name, now=now)
        return branch_json(renamed, know(connection, principal.account_pk, agent, [renamed]))

    return status_reply(await services.record.write_async(rename))


@router.post("/{branch}/archive")
@in_envelope
async def post_archive(request: Request, agent: str, branch: str) -> Response:
    """Put it away: its versions stay, and are found by their ids."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    services = services_of(request)
    now = services.clock()

    def archive(connection: Connection) -> None:
        lock_agent(connection, principal.account_pk, agent)
        found = find_branch(connection, principal.account_pk, agent, branch)
        if found.is_main:
            raise forbidden(f"{MAIN} cannot be archived")
        if found.live:
            raise forbidden("The live branch cannot be archived; make another branch live first")
        if found.archived_at is not None:
            return
        if found.draft_id is not None:
            discard_draft(connection, principal.account_pk, found.draft_id)
        archive_branch(connection, principal.account_pk, found, by=principal.name, now=now)

    await services.record.write_async(archive)
    return status_reply({"archived": True})


@router.post("/{branch}/live")
@in_envelope
async def post_live(request: Request, agent: str, branch: str) -> Response:
    """Let its newest version take the calls."""
    principal = await admin(request)
    check_id(agent, what="agent")
    check_id(branch, what="branch")
    services = services_of(request)
    now = services.clock()

    def change(connection: Connection) -> dict[str, Any]:
        lock_agent(connection, principal.account_pk, agent)
        found = find_branch(connection, principal.account_pk, agent, branch)
        check_open(found)
        live = make_live(connection, principal.account_pk, found, check_head(found), by=principal.name, now=now)
        return _summary(connection, principal.account_pk, live)

    return status_reply(await services.record.write_async(change))


def check_open(branch: Branch) -> None:
    """Refuse to change a branch that was put away."""
    if branch.archived_at is not None:
        raise forbidden(f"The branch {branch.name!r} is archived")


def check_head(branch: Branch) -> int:
    """The number of its newest version, or 409 where it has none."""
    if branch.head is None:
        raise _conflict("no_committed_revision", f"Nothing was published on the branch {branch.name!r} yet")
    return branch.head


def check_name(name: str, others: Sequence[Branch]) -> str:
    """Refuse a name that another branch of the agent has; that of the first is kept for it however it is written."""
    name = storable(name).strip()
    if not name:
        raise AtomsError(400, "name: Must not be empty")
    if name.casefold() == MAIN.casefold() or any(branch.name == name for branch in others):
        raise _conflict("branch_name_exists", f"A branch named {name!r} already exists")
    return name


def forbidden(text: str) -> AtomsError:
    """403, in the form that clients here know."""
    return AtomsError(403, text, data={})


def _conflict(kind: str, text: str) -> AtomsError:
    return AtomsError(409, text, error_type=kind)


def _summary(connection: Connection, account_pk: int, branch: Branch) -> dict[str, Any]:
    return summary_json(branch, know(connection, account_pk, branch.agent_id, [branch]))
