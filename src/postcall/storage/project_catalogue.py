"""What is known of the names that an account's agents use, and what each agent lets be seen of its calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.metrics import MetricDefinition
from postcall.domain.questions import DispositionMetric
from postcall.domain.visibility import ApiSettings
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import settings_of_agents
from postcall.storage.metric_definitions import definitions_by_agent
from postcall.storage.schema import agents, versions
from postcall.storage.version_configs import load_config


@dataclass(frozen=True, slots=True)
class Project:
    """An agent, with what it lets be seen."""

    pk: int
    slug: str
    settings: ApiSettings


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that one agent defines or asks now."""

    definitions: dict[str, MetricDefinition]
    questions: dict[str, DispositionMetric]


def find_project(connection: Connection, account_pk: int, named: str) -> Project:
    """The agent of this id or slug, or AgentNotFound."""
    row = find_agent_row(connection, account_pk, named)
    return Project(row.pk, row.slug, settings_of_agents(connection, [row.pk])[row.pk])


def list_projects(connection: Connection, account_pk: int) -> tuple[Project, ...]:
    """Every agent of the account, archived ones too, the oldest first."""
    rows = connection.execute(
        sa.select(agents.c.pk, agents.c.slug).where(agents.c.account_pk == account_pk).order_by(agents.c.pk)
    ).all()
    settings = settings_of_agents(connection, [row.pk for row in rows])
    return tuple(Project(row.pk, row.slug, settings[row.pk]) for row in rows)


def vocabularies(connection: Connection, projects: Iterable[Project]) -> dict[str, Vocabulary]:
    """By the slug of each agent: its definitions, and the questions of its active version."""
    by_pk = {project.pk: project.slug for project in projects}
    defined = definitions_by_agent(connection, by_pk)
    active = sa.and_(versions.c.agent_pk == agents.c.pk, versions.c.number == agents.c.active_version)
    rows = connection.execute(
        sa.select(agents.c.pk, versions.c.config).join_from(agents, versions, active).where(agents.c.pk.in_(by_pk))
    )
    asked = {row.pk: {each.identifier: each for each in load_config(row.config).questions} for row in rows}
    return {slug: Vocabulary(defined.get(pk, {}), asked.get(pk, {})) for pk, slug in by_pk.items()}


@dataclass(frozen=True, slots=True)
class VersionKey:
    """A version as reports group calls by it."""

    slug: str
    number: int


def versions_of_ids(connection: Connection, account_pk: int, ids: Collection[str]) -> tuple[VersionKey, ...]:
    """The versions of these 24-hex ids; one that the account does not have is left out."""
    rows = connection.execute(
        sa.select(agents.c.slug, versions.c.number)
        .join_from(versions, agents)
        .where(agents.c.account_pk == account_pk, versions.c.id.in_(ids))
    )
    return tuple(VersionKey(row.slug, row.number) for row in rows)


def ids_of_versions(connection: Connection, account_pk: int, keys: Collection[VersionKey]) -> dict[VersionKey, str]:
    """The ids of these versions."""
    if not keys:
        return {}
    rows = connection.execute(
        sa.select(agents.c.slug, versions.c.number, versions.c.id)
        .join_from(versions, agents)
        .where(
            agents.c.account_pk == account_pk,
            agents.c.slug.in_({key.slug for key in keys}),
            versions.c.number.in_({key.number for key in keys}),
        )
    )
    return {VersionKey(row.slug, row.number): row.id for row in rows}
