"""Agents that are one prompt: the project that is made from it, so that they are hosted as every other agent is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.agents import VersionConfig
from postcall.errors import NotFound
from postcall.runtime.projects.archive import digest_of, pack
from postcall.runtime.projects.loading import load_project
from postcall.runtime.projects.prompt_project import prompt_files
from postcall.runtime.projects.summary import problem_json, summarise
from postcall.storage.projects import find_project, keep_project


def with_project(
    connection: Connection, account_pk: int, name: str, config: VersionConfig, *, now: datetime
) -> VersionConfig:
    """The configuration with the project that its prompt and greeting make, which is kept where it is new.

    `name` is the agent's. A configuration without a prompt (somebody pushed its project, or others host its calls)
    is given back as it is. A call's variables are put into `conv.state` from
    `OpenCall(attributes={"variables": {...}})`; whoever opens it merges the agent's defaults into them.
    """
    if config.prompt is None:
        return config
    files = prompt_files(config.prompt, config.greeting, name=name, tools=config.tools)
    digest = digest_of(files)
    try:
        find_project(connection, account_pk, digest)
    except NotFound:
        content = pack(files)
        project = load_project(content)
        keep_project(
            connection,
            account_pk,
            digest=digest,
            content=content,
            problems=[problem_json(each) for each in project.problems],
            summary=summarise(project),
            now=now,
        )
    return replace(config, project=digest)
