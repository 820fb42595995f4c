"""Agents and their published versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.agents import Agent, Version, VersionConfig
from postcall.domain.ids import AGENT_ID, new_agent_id, new_version_id
from postcall.errors import AgentNotFound, Conflict, NotFound
from postcall.storage.schema import accounts, agents, calls, versions
from postcall.storage.statements import insert_new, lock_row
from postcall.storage.version_configs import dump_config, load_config

_AGENT = sa.select(agents, accounts.c.id.label("account")).join_from(agents, accounts)
_BY_SLUG = _AGENT.where(agents.c.account_pk == sa.bindparam("account_pk"), agents.c.slug == sa.bindparam("named"))
_BY_ID = _AGENT.where(agents.c.account_pk == sa.bindparam("account_pk"), agents.c.id == sa.bindparam("named"))

VERSION = sa.select(versions, agents.c.id.label("agent_id")).join_from(versions, agents)
"""What `read_version` reads."""


def find_agent(connection: Connection, account_pk: int, named: str) -> Agent:
    """The agent of this id or slug, or AgentNotFound."""
    return read_agent(find_agent_row(connection, account_pk, named))


def find_agent_row(connection: Connection, account_pk: int, named: str) -> Row[Any]:
    """Like `find_agent`, with the row's key."""
    row = _look_up(connection, account_pk, named)
    if row is None:
        raise AgentNotFound(named)
    return row


def lock_agent(connection: Connection, account_pk: int, named: str) -> Row[Any]:
    """Like `find_agent_row`, and whoever else wants to change its versions waits until this transaction ends."""
    pk = find_agent_row(connection, account_pk, named).pk
    return connection.execute(lock_row(connection, sa.select(agents).where(agents.c.pk == pk))).one()


def agent_of_call(connection: Connection, agent_pk: int) -> Agent:
    """The agent behind a call's row."""
    return read_agent(connection.execute(_AGENT.where(agents.c.pk == agent_pk)).one())


def ensure_agent_row(connection: Connection, account_pk: int, named: str, *, now: datetime) -> Row[Any]:
    """The agent of this id or slug, which is made (without questions) where nobody knows it."""
    row = _look_up(connection, account_pk, named)
    if row is None:
        _insert(connection, account_pk, slug=named, name=named, config=VersionConfig(), now=now)
        row = find_agent_row(connection, account_pk, named)
    return row


def create_agent(
    connection: Connection,
    account_pk: int,
    *,
    slug: str,
    name: str,
    config: VersionConfig,
    label: str | None = None,
    by: str | None = None,
    now: datetime,
) -> Agent:
    """Make an agent with its version 1; Conflict where the slug is taken."""
    if _insert(connection, account_pk, slug=slug, name=name, config=config, label=label, by=by, now=now) is None:
        raise Conflict(f"there is already an agent {slug!r}", field="slug")
    return find_agent(connection, account_pk, slug)


def list_agents(connection: Connection, account_pk: int, *, archived: bool | None = False) -> list[Agent]:
    """The agents of the account, or with `archived` those that were put away (None: both), the oldest first."""
    wanted = [agents.c.account_pk == account_pk]
    if archived is not None:
        wanted.append(agents.c.archived_at.is_not(None) == archived)
    return [read_agent(row) for row in connection.execute(_AGENT.where(*wanted).order_by(agents.c.pk))]


def remove_agent(connection: Connection, agent_pk: int) -> bool:
    """Take away an agent that has no call; False, and nothing done, where it has one."""
    if connection.execute(sa.select(calls.c.pk).where(calls.c.agent_pk == agent_pk).limit(1)).one_or_none():
        return False
    connection.execute(sa.delete(versions).where(versions.c.agent_pk == agent_pk))
    connection.execute(sa.delete(agents).where(agents.c.pk == agent_pk))
    return True


def publish_version(
    connection: Connection,
    account_pk: int,
    named: str,
    config: VersionConfig,
    *,
    label: str | None,
    activate: bool = True,
    by: str | None = None,
    now: datetime,
    with_project: bool = False,
    about: dict[str, Any] | None = None,
) -> Version:
    """Append a version and, unless told otherwise, make it the active one; calls already accepted keep theirs.

    What else a version holds besides this configuration is taken over from the active one, and so is what the agent
    runs (its project, or its prompt and what comes with it), unless `with_project` says that the configuration's
    counts: who publishes questions knows nothing of code. `about` is more of its columns; where it does not say
    otherwise, the version comes after the active one, on the same branch.
    """
    agent = lock_agent(connection, account_pk, named)
    last, others, branch_id = connection.execute(
        sa.select(
            sa.select(sa.func.max(versions.c.number)).where(versions.c.agent_pk == agent.pk).scalar_subquery(),
            versions.c.config,
            versions.c.branch_id,
        ).where(versions.c.agent_pk == agent.pk, versions.c.number == agent.active_version)
    ).one()
    if not with_project:
        config = with_what_runs(config, load_config(others))
    number = max(last, 0) + 1
    row: dict[str, Any] = {"label": label, "parent": agent.active_version, "branch_id": branch_id, **(about or {})}
    insert_version(connection, agent.pk, number, {**others, **dump_config(config)}, by=by, now=now, **row)
    if activate:
        _set_active(connection, agent.pk, number, by=by, now=now)
    return find_version(connection, agent.pk, number)


def with_what_runs(config: VersionConfig, other: VersionConfig) -> VersionConfig:
    """This configuration with what the agent runs, and what other interfaces say of that, as in another one."""
    return replace(
        config,
        project=other.project,
        prompt=other.prompt,
        greeting=other.greeting,
        tools=other.tools,
        variables=other.variables,
        agent_model=other.agent_model,
        kept=other.kept,
    )


def insert_version(
    connection: Connection,
    agent_pk: int,
    number: int,
    config: dict[str, Any],
    *,
    by: str | None,
    now: datetime,
    **row: Any,
) -> None:
    """A version as a row; the agent is locked, so that nobody else takes the number."""
    connection.execute(
        sa.insert(versions).values(
            agent_pk=agent_pk,
            number=number,
            id=new_version_id(),
            config=config,
            created_by=by,
            created_at=now,
            **row,
        )
    )


def activate_version(
    connection: Connection, account_pk: int, named: str, number: int, *, by: str | None = None, now: datetime
) -> Version:
    """Make any published version the active one, also an older one; calls that are already there keep theirs.

    Of the one that is active already it stays known who made it so.
    """
    agent = lock_agent(connection, account_pk, named)
    version = find_version(connection, agent.pk, number)
    if number < 0:
        raise NotFound(f"version {number} is a draft that was tried, and was never published")
    if number == agent.active_version:
        return version
    _set_active(connection, agent.pk, number, by=by, now=now)
    return find_version(connection, agent.pk, number)


def label_version(connection: Connection, account_pk: int, named: str, number: int, label: str | None) -> Version:
    """Name a version, or with None take its name away."""
    return describe_version(connection, account_pk, named, number, label=label)


def describe_version(connection: Connection, account_pk: int, named: str, number: int, **about: Any) -> Version:
    """Change its `label`, `description` or `pinned`, the only parts of a version that can change."""
    agent = lock_agent(connection, account_pk, named)
    connection.execute(
        sa.update(versions).where(versions.c.agent_pk == agent.pk, versions.c.number == number).values(about)
    )
    return find_version(connection, agent.pk, number)


def find_version(connection: Connection, agent_pk: int, number: int) -> Version:
    """One version of an agent."""
    row = connection.execute(VERSION.where(versions.c.agent_pk == agent_pk, versions.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"there is no version {number}")
    return read_version(row)


def read_version(row: Row[Any]) -> Version:
    """The version in a row of VERSION."""
    return Version(
        agent_id=row.agent_id,
        number=row.number,
        config=load_config(row.config),
        label=row.label,
        created_at=row.created_at,
        created_by=row.created_by,
        id=row.id,
        description=row.description or "",
        pinned=row.pinned,
        branch_id=row.branch_id,
        parent=row.parent,
        draft_id=row.draft_id,
        restored_from=row.restored_from,
        activated_by=row.activated_by,
        activated_at=row.activated_at,
    )


def list_active_versions(connection: Connection, account_pk: int) -> dict[str, Version]:
    """The active version of every agent of the account, by the agent's id."""
    rows = connection.execute(
        VERSION.where(agents.c.account_pk == account_pk, versions.c.number == agents.c.active_version)
    )
    return {row.agent_id: read_version(row) for row in rows}


def list_versions(connection: Connection, agent_pk: int) -> list[Version]:
    """Every version of an agent, the newest first."""
    rows = connection.execute(
        VERSION.where(versions.c.agent_pk == agent_pk, versions.c.number > 0).order_by(versions.c.number.desc())
    )
    return [read_version(row) for row in rows]


def _look_up(connection: Connection, account_pk: int, named: str) -> Row[Any] | None:
    bound = {"account_pk": account_pk, "named": named}
    if AGENT_ID.fullmatch(named):
        by_id = connection.execute(_BY_ID, bound).one_or_none()
        if by_id is not None:
            return by_id
    return connection.execute(_BY_SLUG, bound).one_or_none()


def _set_active(connection: Connection, agent_pk: int, number: int, *, by: str | None, now: datetime) -> None:
    connection.execute(sa.update(agents).where(agents.c.pk == agent_pk).values(active_version=number, updated_at=now))
    connection.execute(
        sa.update(versions)
        .where(versions.c.agent_pk == agent_pk, versions.c.number == number)
        .values(activated_by=by, activated_at=now)
    )


def _insert(
    connection: Connection,
    account_pk: int,
    *,
    slug: str,
    name: str,
    config: VersionConfig,
    label: str | None = None,
    by: str | None = None,
    now: datetime,
) -> int | None:
    values = {
        "account_pk": account_pk,
        "id": new_agent_id(),
        "slug": slug,
        "name": name,
        "active_version": 1,
        "created_by": by,
        "created_at": now,
        "updated_at": now,
    }
    pk = insert_new(connection, agents, values, returning=agents.c.pk)
    if pk is not None:
        row = {"label": label, "activated_by": by, "activated_at": now}
        insert_version(connection, pk, 1, dump_config(config), by=by, now=now, **row)
    return pk


def read_agent(row: Row[Any]) -> Agent:
    """An agent's row, with its account's id as `account`."""
    return Agent(
        id=row.id,
        slug=row.slug,
        name=row.name,
        account=row.account,
        active_version=row.active_version,
        created_at=row.created_at,
        description=row.description or "",
        archived_at=row.archived_at,
    )
