"""Branches: lines of versions beside the one that every agent begins with, which has no row.

Exactly one is live: the one that holds the active version. Whoever changes branches locks the agent first, and decides
on what they read after that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.domain.branches import MAIN, Branch, main_branch_id
from postcall.domain.ids import new_object_id
from postcall.errors import NotFound
from postcall.storage.agents import activate_version, find_agent_row, find_version, publish_version
from postcall.storage.drafts import create_draft
from postcall.storage.schema import branches, drafts, versions


def list_branches(connection: Connection, account_pk: int, named: str) -> tuple[Branch, ...]:
    """The first branch and those that were made since, the oldest first; no archived one unless it is live."""
    return tuple(
        branch for branch in _read_all(connection, account_pk, named) if branch.archived_at is None or branch.live
    )


def find_branch(connection: Connection, account_pk: int, named: str, branch_id: str) -> Branch:
    """A branch of this agent, also an archived one, or NotFound."""
    for branch in _read_all(connection, account_pk, named):
        if branch.id == branch_id:
            return branch
    raise NotFound(f"there is no branch {branch_id!r}")


def create_branch(
    connection: Connection, account_pk: int, source: Branch, head: int, *, name: str, by: str | None, now: datetime
) -> Branch:
    """Begin a branch after version `head` of its source, without a version of its own; the name is free."""
    agent = find_agent_row(connection, account_pk, source.agent_id)
    branch_id = new_object_id()
    connection.execute(
        sa.insert(branches).values(
            agent_pk=agent.pk,
            id=branch_id,
            name=name,
            source_id=source.id,
            source_version=head,
            created_by=by,
            updated_by=by,
            created_at=now,
            updated_at=now,
        )
    )
    return find_branch(connection, account_pk, agent.id, branch_id)


def rename_branch(
    connection: Connection, account_pk: int, branch: Branch, name: str, *, by: str | None, now: datetime
) -> Branch:
    """Call it otherwise; it is not the first, and the name is free."""
    return _change(connection, account_pk, branch, {"name": name}, by=by, now=now)


def archive_branch(connection: Connection, account_pk: int, branch: Branch, *, by: str | None, now: datetime) -> Branch:
    """Put a branch away: its versions stay. It is not live, not the first, and no draft is open on it any more."""
    return _change(connection, account_pk, branch, {"archived_at": now}, by=by, now=now)


def make_live(
    connection: Connection, account_pk: int, branch: Branch, head: int, *, by: str | None, now: datetime
) -> Branch:
    """Let the newest version of a branch take the calls."""
    activate_version(connection, account_pk, branch.agent_id, head, by=by, now=now)
    return find_branch(connection, account_pk, branch.agent_id, branch.id)


def open_draft(
    connection: Connection,
    account_pk: int,
    branch: Branch,
    config: VersionConfig,
    *,
    by: str | None,
    now: datetime,
) -> Draft:
    """Begin the draft of a branch that has none."""
    return create_draft(
        connection,
        account_pk,
        branch.agent_id,
        name=f"Draft on {branch.name}",
        base=branch.source_version if branch.head is None else branch.head,
        by=by,
        now=now,
        config=config,
        branch_id=branch.id,
    )


def version_to_edit(connection: Connection, account_pk: int, branch: Branch) -> Version:
    """What the next draft on a branch begins as: its newest version, or the one that the branch began after."""
    agent = find_agent_row(connection, account_pk, branch.agent_id)
    number = branch.source_version if branch.head is None else branch.head
    return find_version(connection, agent.pk, agent.active_version if number is None else number)


def restore_version(
    connection: Connection, account_pk: int, branch: Branch, version: Version, *, by: str | None, now: datetime
) -> Version:
    """A new version at the head of a branch that says what an older one says; it takes the calls if the branch does."""
    return publish_version(
        connection,
        account_pk,
        branch.agent_id,
        version.config,
        label=None,
        activate=branch.live,
        by=by,
        now=now,
        with_project=True,
        about={"branch_id": branch.row_id, "parent": branch.head, "restored_from": version.number},
    )


def _change(
    connection: Connection, account_pk: int, branch: Branch, values: Mapping[str, Any], *, by: str | None, now: datetime
) -> Branch:
    connection.execute(
        sa.update(branches).where(branches.c.id == branch.id).values({"updated_by": by, "updated_at": now, **values})
    )
    return find_branch(connection, account_pk, branch.agent_id, branch.id)


@dataclass(frozen=True, slots=True)
class _Grown:
    """What stands on the branches of an agent, by their ids."""

    heads: Mapping[str, int]
    counts: Mapping[str, int]
    drafts: Mapping[str, str]
    live: str


def _read_all(connection: Connection, account_pk: int, named: str) -> list[Branch]:
    agent = find_agent_row(connection, account_pk, named)
    rows = connection.execute(sa.select(branches).where(branches.c.agent_pk == agent.pk).order_by(branches.c.pk)).all()
    grown = _read_grown(connection, agent)
    return [_read_main(agent, grown), *(_read_branch(agent, row, grown) for row in rows)]


def _read_grown(connection: Connection, agent: Row[Any]) -> _Grown:
    main = main_branch_id(agent.id)
    lines = connection.execute(
        sa.select(versions.c.branch_id, sa.func.max(versions.c.number), sa.func.count())
        .where(versions.c.agent_pk == agent.pk, versions.c.number > 0)
        .group_by(versions.c.branch_id)
    ).all()
    opened = connection.execute(
        sa.select(drafts.c.branch_id, drafts.c.id).where(drafts.c.agent_pk == agent.pk, drafts.c.branch_id.is_not(None))
    ).all()
    return _Grown(
        heads={line[0] or main: line[1] for line in lines},
        counts={line[0] or main: line[2] for line in lines},
        drafts={each[0]: each[1] for each in opened},
        live=find_version(connection, agent.pk, agent.active_version).branch_id or main,
    )


def _read_main(agent: Row[Any], grown: _Grown) -> Branch:
    return _branch(
        grown,
        id=main_branch_id(agent.id),
        agent_id=agent.id,
        name=MAIN,
        source_id=None,
        source_version=None,
        created_by=agent.created_by,
        updated_by=agent.created_by,
        created_at=agent.created_at,
        updated_at=agent.updated_at or agent.created_at,
    )


def _read_branch(agent: Row[Any], row: Row[Any], grown: _Grown) -> Branch:
    return _branch(
        grown,
        id=row.id,
        agent_id=agent.id,
        name=row.name,
        source_id=row.source_id,
        source_version=row.source_version,
        created_by=row.created_by,
        updated_by=row.updated_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        archived_at=row.archived_at,
    )


def _branch(grown: _Grown, **known: Any) -> Branch:
    of = known["id"]
    return Branch(
        head=grown.heads.get(of),
        versions=grown.counts.get(of, 0),
        draft_id=grown.drafts.get(of),
        live=grown.live == of,
        **known,
    )
