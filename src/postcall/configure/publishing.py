"""Publishing the questions of an agent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.agents import VersionConfig
from postcall.domain.ids import SLUG
from postcall.domain.questions import DispositionMetric
from postcall.errors import AgentNotFound, BadInput
from postcall.storage.agents import create_agent, find_agent_row, find_version, publish_version


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did."""

    agent_is_new: bool
    version: int


def publish_questions(
    connection: Connection,
    account_pk: int,
    named: str,
    questions: tuple[DispositionMetric, ...],
    *,
    now: datetime,
) -> Published:
    """Make these the questions of an agent, in a new version that keeps all else; the agent may be new."""
    try:
        agent = find_agent_row(connection, account_pk, named)
    except AgentNotFound:
        config = VersionConfig(questions=questions)
        create_agent(connection, account_pk, slug=check_slug(named), name=named, config=config, now=now)
        return Published(agent_is_new=True, version=1)
    before = find_version(connection, agent.pk, agent.active_version).config
    config = replace(before, questions=questions)
    version = publish_version(connection, account_pk, named, config, label=None, now=now)
    return Published(agent_is_new=False, version=version.number)


def check_slug(slug: str) -> str:
    """The slug, if it can stand in an address."""
    if not SLUG.fullmatch(slug):
        raise BadInput(
            "slug: must be 1 to 100 characters without white space, control characters or any of / \\ ? # %",
            field="slug",
        )
    return slug
