"""The project that a version of an agent runs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from postcall.domain.agents import Agent, Version
from postcall.errors import NotFound
from postcall.runtime.projects.archive import unpack
from postcall.runtime.projects.loading import load_project
from postcall.runtime.projects.model import Problem, Project
from postcall.runtime.projects.summary import read_problem
from postcall.storage.agents import find_agent, find_agent_row, find_version
from postcall.storage.projects import KeptProject, find_project, read_project_content


@dataclass(frozen=True, slots=True)
class StoredProject:
    """A version with the project it holds, as it is stored."""

    agent: Agent
    version: Version
    kept: KeptProject
    content: bytes

    @property
    def problems(self) -> tuple[Problem, ...]:
        """As they were found when it was pushed, those of imports included."""
        return tuple(read_problem(each) for each in self.kept.problems)


@dataclass(frozen=True, slots=True)
class OpenedProject:
    """A stored project, read."""

    stored: StoredProject
    project: Project
    files: dict[str, int]
    """Bytes by path."""


def find_agent_project(connection: Connection, account_pk: int, named: str, number: int | None = None) -> StoredProject:
    """The project of version `number` (None: of the active one), or NotFound where others host its calls."""
    row = find_agent_row(connection, account_pk, named)
    version = find_version(connection, row.pk, row.active_version if number is None else number)
    digest = version.config.project
    if digest is None:
        raise NotFound(f"version {version.number} of {row.slug!r} has no project")
    return StoredProject(
        agent=find_agent(connection, account_pk, row.id),
        version=version,
        kept=find_project(connection, account_pk, digest),
        content=read_project_content(connection, account_pk, digest),
    )


def open_project(stored: StoredProject) -> OpenedProject:
    """Read it; takes a tenth of a second the first time, so not on the loop and in no transaction."""
    files = {file: len(content) for file, content in unpack(stored.content).items()}
    return OpenedProject(stored, load_project(stored.content), files)
