"""Fetching two configurations of an agent, and saying how they differ."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from postcall.configure.diffing import ConfigDiff, diff_configs
from postcall.configure.drafts import Rebased, rebase
from postcall.configure.question_history import Asked, question_history
from postcall.domain.agents import Agent, Draft, Version
from postcall.errors import NotFound
from postcall.storage.agents import find_agent, find_agent_row, find_version, list_versions
from postcall.storage.drafts import find_draft


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A draft beside the versions it is to be compared with."""

    agent: Agent
    draft: Draft
    base: Version
    active: Version

    @property
    def base_is_active(self) -> bool:
        """Whether nothing else was made active since the draft began."""
        return self.base.number == self.active.number

    @property
    def rebased(self) -> Rebased:
        """The draft's changes made to the active version."""
        return rebase(self.base.config, self.draft.config, self.active.config)


def read_draft_file(connection: Connection, account_pk: int, named: str, draft_id: str) -> DraftFile:
    """A draft of this agent, or NotFound."""
    row = find_agent_row(connection, account_pk, named)
    agent = find_agent(connection, account_pk, row.id)
    draft = find_draft(connection, account_pk, draft_id, agent=row.id)
    return DraftFile(
        agent=agent,
        draft=draft,
        base=find_version(connection, row.pk, draft.base_version),
        active=find_version(connection, row.pk, agent.active_version),
    )


def diff_versions(connection: Connection, account_pk: int, named: str, before: int, after: int) -> ConfigDiff:
    """What leads from one version of an agent to another."""
    row = find_agent_row(connection, account_pk, named)
    return diff_configs(find_version(connection, row.pk, before).config, find_version(connection, row.pk, after).config)


def diff_draft(
    connection: Connection, account_pk: int, named: str, draft_id: str, *, against: int | None
) -> tuple[ConfigDiff, int]:
    """What leads from a version (None: the draft's base) to a draft, and the number of that version."""
    row = find_agent_row(connection, account_pk, named)
    draft = find_draft(connection, account_pk, draft_id, agent=row.id)
    number = draft.base_version if against is None else against
    return diff_to_draft(find_version(connection, row.pk, number), draft), number


def diff_to_draft(version: Version, draft: Draft) -> ConfigDiff:
    """What leads from any version to a draft; nothing of the project, for a draft is published with the active one."""
    return diff_configs(version.config, replace(draft.config, project=version.config.project))


def read_history(
    connection: Connection, account_pk: int, named: str, identifier: str
) -> tuple[Agent, tuple[Asked, ...]]:
    """The agent, and how its versions asked a question; NotFound where none has."""
    row = find_agent_row(connection, account_pk, named)
    history = question_history(list_versions(connection, row.pk), identifier)
    if not history:
        raise NotFound(f"no version of {row.slug} asks a question {identifier!r}")
    return find_agent(connection, account_pk, row.id), history
