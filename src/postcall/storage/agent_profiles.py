"""What is known of an agent beside its versions: a picture, who sees it, its calls, whether it was put away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.agents import Agent, Version
from postcall.errors import NotFound
from postcall.storage.agents import VERSION, find_agent_row, lock_agent, read_agent, read_version
from postcall.storage.campaigns import UNDER_WAY
from postcall.storage.outbound_schema import campaigns, phone_numbers
from postcall.storage.schema import accounts, agents, calls, versions


@dataclass(frozen=True, slots=True)
class Profile:
    """What an owner says of an agent besides how it works."""

    picture_url: str | None = None
    visible_to_everyone: bool = False
    takes_inbound: bool = True


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """An agent with all that is no part of a version."""

    agent: Agent
    pk: int
    profile: Profile
    calls: int
    """How many it has had, whatever became of them."""
    numbers: tuple[str, ...]
    """Of the phone numbers that are its own."""
    created_by: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AgentQuery:
    """Which agents, and in what order."""

    search: str = ""
    """Stands in the name or the description, in whatever case."""
    archived: bool = False
    sort: str = "created_at"
    """Or `updated_at`, `calls`, `name`, `marked`."""
    descending: bool = True
    marked: frozenset[int] = frozenset()
    """Keys of agents that the asker knows something about: `only_marked` asks for these or for the others."""
    only_marked: bool | None = None
    limit: int = 10
    skip: int = 0


_CALLS = sa.select(sa.func.count()).where(calls.c.agent_pk == agents.c.pk).scalar_subquery()
_PROFILE = sa.select(agents, accounts.c.id.label("account"), _CALLS.label("calls")).join_from(agents, accounts)


def find_profile(connection: Connection, account_pk: int, named: str) -> AgentProfile:
    """The agent of this id or slug, or AgentNotFound."""
    pk = find_agent_row(connection, account_pk, named).pk
    return _read_all(connection, connection.execute(_PROFILE.where(agents.c.pk == pk)))[0]


def page_profiles(connection: Connection, account_pk: int, query: AgentQuery) -> tuple[list[AgentProfile], int]:
    """A page of agents, and how many there are on all pages."""
    wanted = [agents.c.account_pk == account_pk, agents.c.archived_at.is_not(None) == query.archived]
    if query.search:
        said = query.search.casefold()
        found = (sa.func.lower(agents.c.name), sa.func.lower(sa.func.coalesce(agents.c.description, "")))
        wanted.append(sa.or_(*(each.contains(said, autoescape=True) for each in found)))
    marked = agents.c.pk.in_(sorted(query.marked))
    if query.only_marked is not None:
        wanted.append(marked if query.only_marked else sa.not_(marked))
    order: dict[str, Any] = {
        "created_at": agents.c.created_at,
        "updated_at": sa.func.coalesce(agents.c.updated_at, agents.c.created_at),
        "calls": sa.literal_column("calls"),
        "name": sa.func.lower(agents.c.name),
        "marked": sa.case((marked, 1), else_=0),
    }
    by = order[query.sort]
    rows = connection.execute(
        _PROFILE.where(*wanted)
        .order_by(by.desc() if query.descending else by, agents.c.pk.desc() if query.descending else agents.c.pk)
        .limit(query.limit)
        .offset(query.skip)
    )
    found_rows = _read_all(connection, rows)
    total: int = connection.execute(sa.select(sa.func.count()).select_from(agents).where(*wanted)).scalar_one()
    return found_rows, total


def describe_agent(
    connection: Connection,
    account_pk: int,
    named: str,
    *,
    name: str | None = None,
    description: str | None = None,
    profile: Profile | None = None,
    now: datetime,
) -> None:
    """Change what is given of an agent; no version is made."""
    row = lock_agent(connection, account_pk, named)
    values: dict[str, Any] = {"updated_at": now}
    if name is not None:
        values["name"] = name
    if description is not None:
        values["description"] = description
    if profile is not None:
        values["profile"] = {**(row.profile or {}), **asdict(profile)}
    connection.execute(sa.update(agents).where(agents.c.pk == row.pk).values(values))


def set_archived(connection: Connection, agent_pk: int, at: datetime | None, *, now: datetime) -> None:
    """Put an agent away, or with None take it out again; its calls and its numbers are not touched."""
    connection.execute(sa.update(agents).where(agents.c.pk == agent_pk).values(archived_at=at, updated_at=now))


def campaign_in_the_way(connection: Connection, agent_pk: int) -> tuple[str, str] | None:
    """Status and name of a campaign that needs the agent, if one does."""
    row = connection.execute(
        sa.select(campaigns.c.status, campaigns.c.name)
        .where(campaigns.c.agent_pk == agent_pk, campaigns.c.deleted_at.is_(None), campaigns.c.status.in_(UNDER_WAY))
        .order_by(campaigns.c.pk)
        .limit(1)
    ).one_or_none()
    return (row.status, row.name) if row else None


def version_of_account(connection: Connection, account_pk: int, version_id: str) -> Version:
    """The version of this 24-hex id, of whichever agent of the account, or NotFound."""
    row = connection.execute(
        VERSION.where(agents.c.account_pk == account_pk, versions.c.id == version_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no version {version_id!r}")
    return read_version(row)


def slugs_beginning(connection: Connection, account_pk: int, beginning: str) -> frozenset[str]:
    """The slugs of the account that begin so."""
    return frozenset(
        connection.execute(
            sa.select(agents.c.slug).where(
                agents.c.account_pk == account_pk, agents.c.slug.startswith(beginning, autoescape=True)
            )
        ).scalars()
    )


def _read_all(connection: Connection, rows: Iterable[Row[Any]]) -> list[AgentProfile]:
    found = list(rows)
    numbers = _numbers(connection, [row.pk for row in found])
    return [_read(row, tuple(numbers.get(row.pk, ()))) for row in found]


def _numbers(connection: Connection, agent_pks: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = connection.execute(
        sa.select(phone_numbers.c.agent_pk, phone_numbers.c.number)
        .where(phone_numbers.c.agent_pk.in_(agent_pks))
        .order_by(phone_numbers.c.pk)
    )
    for row in rows:
        found.setdefault(row.agent_pk, []).append(row.number)
    return found


def _read(row: Row[Any], numbers: tuple[str, ...]) -> AgentProfile:
    return AgentProfile(
        agent=read_agent(row),
        pk=row.pk,
        profile=Profile(**(row.profile or {})),
        calls=row.calls,
        numbers=numbers,
        created_by=row.created_by,
        updated_at=row.updated_at or row.created_at,
    )
