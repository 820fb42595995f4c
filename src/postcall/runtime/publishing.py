"""Publishing a project folder as a new version of an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.configure.publishing import check_slug
from postcall.domain.agents import VersionConfig
from postcall.errors import AgentNotFound, ProjectHasProblems
from postcall.runtime.projects.archive import digest_of, pack
from postcall.runtime.projects.folder import keep_counting
from postcall.runtime.projects.loading import load_project
from postcall.runtime.projects.model import Problem, Project
from postcall.runtime.projects.summary import problem_json, summarise
from postcall.runtime.texts.experimental import read_handoff_api
from postcall.storage.agents import (
    create_agent,
    find_agent_row,
    find_version,
    list_versions,
    lock_agent,
    publish_version,
)
from postcall.storage.api_settings import take_project_handoff
from postcall.storage.projects import keep_project
from postcall.storage.real_time_configs import seed_real_time_config

__all__ = ["Pushed", "load_project", "push_project"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What pushing a project did."""

    agent_slug: str
    agent_is_new: bool
    version: int
    """The new version or, where nothing has changed, the one that holds the same project."""
    digest: str
    problems: tuple[Problem, ...]
    unchanged: bool
    """The active version (or, where none is to become active, the newest) holds these files: none was made."""
    active: bool = True


def push_project(
    connection: Connection,
    account_pk: int,
    files: Mapping[str, bytes],
    problems: Sequence[Problem],
    *,
    agent: str | None = None,
    label: str | None = None,
    by: str | None = None,
    now: datetime,
    strict: bool = False,
    activate: bool = True,
) -> Pushed:
    """Make a version of an agent that has this project, and all else as the active version has it.

    The agent is `agent` (an id or slug) or the one named as the project is, and is made where nobody knows it.
    `problems` are all that are known, those of importing its modules included; with `strict` one is enough for
    ProjectHasProblems. The files that the active version has already make no new version. What the project says of
    handoffs (`handoff_api`) becomes the agent's setting where nobody has set that by hand.
    """
    if strict and problems:
        raise ProjectHasProblems([str(problem) for problem in problems])
    kept = keep_counting(files)
    content, digest = pack(kept), digest_of(kept)
    project = load_project(content)
    keep_project(
        connection,
        account_pk,
        digest=digest,
        content=content,
        problems=[problem_json(problem) for problem in problems],
        summary=summarise(project, problems),
        now=now,
    )
    named = agent or check_slug(project.project_id)
    pushed = _publish(connection, account_pk, named, project, digest, label=label, by=by, now=now, activate=activate)
    agent_pk = find_agent_row(connection, account_pk, named).pk
    for environment, config in project.real_time_configs.items():
        seed_real_time_config(connection, agent_pk, environment, config.schema, config.data, now=now)
    if pushed.active:
        lock_agent(connection, account_pk, named)
        take_project_handoff(connection, agent_pk, read_handoff_api(project.experimental), by=by, now=now)
    return replace(pushed, problems=tuple(problems))


def _publish(
    connection: Connection,
    account_pk: int,
    named: str,
    project: Project,
    digest: str,
    *,
    label: str | None,
    by: str | None,
    now: datetime,
    activate: bool,
) -> Pushed:
    try:
        agent = find_agent_row(connection, account_pk, named)
    except AgentNotFound:
        config = VersionConfig(project=digest)
        made = create_agent(
            connection,
            account_pk,
            slug=check_slug(named),
            name=project.name,
            config=config,
            label=label,
            by=by,
            now=now,
        )
        return Pushed(made.slug, agent_is_new=True, version=1, digest=digest, problems=(), unchanged=False)
    before = find_version(connection, agent.pk, agent.active_version)
    same = before if activate else list_versions(connection, agent.pk)[0]
    if digest in {before.config.project, same.config.project}:
        same = before if before.config.project == digest else same
        active = same.number == agent.active_version
        return Pushed(agent.slug, False, same.number, digest, (), unchanged=True, active=active)
    config = replace(before.config, project=digest, prompt=None, greeting="", tools=())
    version = publish_version(
        connection, account_pk, agent.id, config, label=label, activate=activate, by=by, now=now, with_project=True
    )
    return Pushed(agent.slug, False, version.number, digest, (), unchanged=False, active=activate)
