"""Versions by the ids under which other interfaces know them, and those that were made to try a draft."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.domain.branches import Branch
from postcall.errors import NotFound
from postcall.storage.agents import (
    VERSION,
    find_agent_row,
    find_version,
    insert_version,
    lock_agent,
    publish_version,
    read_version,
)
from postcall.storage.schema import versions
from postcall.storage.version_configs import dump_config


def version_by_id(connection: Connection, account_pk: int, agent: str, version_id: str) -> Version:
    """The version of this 24-hex id, or NotFound; also one that was made to try a draft, whose number is below 0."""
    row = find_agent_row(connection, account_pk, agent)
    found = connection.execute(VERSION.where(versions.c.agent_pk == row.pk, versions.c.id == version_id)).one_or_none()
    if found is None:
        raise NotFound(f"there is no version {version_id!r}")
    return read_version(found)


def published_version(connection: Connection, account_pk: int, agent: str, version_id: str) -> Version:
    """Like `version_by_id`, of published versions alone."""
    version = version_by_id(connection, account_pk, agent, version_id)
    if version.number < 0:
        raise NotFound(f"version {version_id!r} is a draft that was tried, and was never published")
    return version


def version_of_draft(connection: Connection, agent_pk: int, draft_id: str) -> Version | None:
    """The version that a draft became; None where it was not published."""
    found = connection.execute(
        VERSION.where(versions.c.agent_pk == agent_pk, versions.c.draft_id == draft_id, versions.c.number > 0)
    ).one_or_none()
    return None if found is None else read_version(found)


def lock_active_version(connection: Connection, account_pk: int, agent: str) -> Version:
    """The active version; nobody makes another one before this transaction ends, so a change of it is not lost."""
    row = lock_agent(connection, account_pk, agent)
    return find_version(connection, row.pk, row.active_version)


def publish_config(
    connection: Connection,
    account_pk: int,
    agent: str,
    config: VersionConfig,
    *,
    label: str | None = None,
    by: str | None = None,
    now: datetime,
) -> Version:
    """Make this configuration, its project or prompt included, the active version, after the one that is active now.

    A configuration that was made of that one was made after `lock_active_version`, or undoes what came between.
    """
    return publish_version(connection, account_pk, agent, config, label=label, by=by, now=now, with_project=True)


def snapshot_draft(
    connection: Connection, account_pk: int, draft: Draft, *, by: str | None = None, now: datetime
) -> Version:
    """A version with a number below 0 that says what a draft says, so that it can be called; in no list.

    A draft that has not changed since it was last tried is tried with the same version again.
    """
    agent = lock_agent(connection, account_pk, draft.agent_id)
    mine = (versions.c.agent_pk == agent.pk, versions.c.number < 0)
    last = connection.execute(
        VERSION.where(*mine, versions.c.draft_id == draft.id).order_by(versions.c.number).limit(1)
    ).one_or_none()
    if last is not None and read_version(last).config == draft.config:
        return read_version(last)
    lowest: int | None = connection.execute(sa.select(sa.func.min(versions.c.number)).where(*mine)).scalar_one()
    number = (lowest or 0) - 1
    about: dict[str, Any] = {
        "parent": draft.base_version,
        "draft_id": draft.id,
        "branch_id": find_version(connection, agent.pk, draft.base_version).branch_id,
    }
    insert_version(connection, agent.pk, number, dump_config(draft.config), by=by, now=now, **about)
    return find_version(connection, agent.pk, number)


def page_versions(
    connection: Connection,
    agent_pk: int,
    *,
    limit: int,
    skip: int,
    branch: Branch | None = None,
    pinned: bool | None = None,
) -> tuple[tuple[Version, ...], int]:
    """Some published versions, of one branch or of all, the newest first; and how many there are, pinned or not."""
    here = [versions.c.agent_pk == agent_pk, versions.c.number > 0]
    if branch is not None:
        here.append(versions.c.branch_id.is_not_distinct_from(branch.row_id))
    total: int = connection.execute(sa.select(sa.func.count()).select_from(versions).where(*here)).scalar_one()
    if pinned is not None:
        here.append(versions.c.pinned == pinned)
    rows = connection.execute(VERSION.where(*here).order_by(versions.c.number.desc()).limit(limit).offset(skip))
    return tuple(read_version(row) for row in rows), total


def versions_until(connection: Connection, agent_pk: int, version: Version, *, limit: int) -> tuple[Version, ...]:
    """A version and those before it on its branch, the newest first."""
    rows = connection.execute(VERSION.where(*_until(agent_pk, version)).order_by(versions.c.number.desc()).limit(limit))
    return tuple(read_version(row) for row in rows)


def place_on_branch(connection: Connection, agent_pk: int, version: Version) -> int:
    """Which one it is on its branch, counted from 1."""
    counted: int = connection.execute(
        sa.select(sa.func.count()).select_from(versions).where(*_until(agent_pk, version))
    ).scalar_one()
    return counted


def name_versions(connection: Connection, agent_pk: int, numbers: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """The ids and labels of some versions of an agent, by their numbers."""
    rows = connection.execute(
        sa.select(versions.c.number, versions.c.id, versions.c.label).where(
            versions.c.agent_pk == agent_pk, versions.c.number.in_(sorted(numbers))
        )
    )
    return {row.number: (row.id, row.label) for row in rows}


def _until(agent_pk: int, version: Version) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        versions.c.agent_pk == agent_pk,
        versions.c.number > 0,
        versions.c.number <= version.number,
        versions.c.branch_id.is_not_distinct_from(version.branch_id),
    )
