"""Drafts: versions that are being edited.

Whoever saves, publishes or discards names the revision they saw; another one in the record is a DraftChanged, and
nothing is done.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.domain.ids import new_draft_id
from postcall.errors import DraftChanged, NotFound
from postcall.storage.agents import find_agent_row, find_version, publish_version
from postcall.storage.schema import agents, drafts
from postcall.storage.version_configs import dump_config, load_config

_DRAFT = sa.select(drafts, agents.c.id.label("of_agent")).join_from(drafts, agents)


def create_draft(
    connection: Connection,
    account_pk: int,
    named: str,
    *,
    name: str,
    base: int | None,
    by: str | None,
    now: datetime,
    config: VersionConfig | None = None,
) -> Draft:
    """Begin a draft as a copy of version `base` (None: of the active one), or with `config` where that is given."""
    agent = find_agent_row(connection, account_pk, named)
    version = find_version(connection, agent.pk, agent.active_version if base is None else base)
    draft_id = new_draft_id()
    connection.execute(
        sa.insert(drafts).values(
            agent_pk=agent.pk,
            id=draft_id,
            name=name,
            base_version=version.number,
            config=dump_config(version.config if config is None else config),
            revision=1,
            created_by=by,
            updated_by=by,
            created_at=now,
            updated_at=now,
        )
    )
    return find_draft(connection, account_pk, draft_id)


def list_drafts(connection: Connection, account_pk: int, named: str) -> list[Draft]:
    """The drafts of an agent, the last saved first."""
    agent = find_agent_row(connection, account_pk, named)
    rows = connection.execute(
        _DRAFT.where(drafts.c.agent_pk == agent.pk).order_by(drafts.c.updated_at.desc(), drafts.c.pk.desc())
    )
    return [_read_draft(row) for row in rows]


def count_drafts(connection: Connection, account_pk: int) -> dict[str, int]:
    """How many drafts wait for each agent that has any, by the agent's id."""
    rows = connection.execute(
        sa.select(agents.c.id, sa.func.count())
        .join_from(drafts, agents)
        .where(agents.c.account_pk == account_pk)
        .group_by(agents.c.id)
    )
    return {row[0]: row[1] for row in rows}


def find_draft(connection: Connection, account_pk: int, draft_id: str, *, agent: str | None = None) -> Draft:
    """The draft of this id, or NotFound; also where it is not a draft of `agent` (an id or slug), if one is named."""
    row = connection.execute(_DRAFT.where(drafts.c.id == draft_id, agents.c.account_pk == account_pk)).one_or_none()
    if row is None or (agent is not None and find_agent_row(connection, account_pk, agent).pk != row.agent_pk):
        raise NotFound(f"there is no draft {draft_id!r}; it may have been published or discarded")
    return _read_draft(row)


def save_draft(
    connection: Connection,
    account_pk: int,
    draft_id: str,
    config: VersionConfig,
    *,
    revision: int,
    name: str | None = None,
    base: int | None = None,
    by: str | None = None,
    now: datetime,
) -> Draft:
    """Replace what a draft says, and its name and the version it builds on where they are given."""
    draft = _unchanged(connection, account_pk, draft_id, revision)
    saved = connection.execute(
        sa.update(drafts)
        .where(drafts.c.id == draft_id, drafts.c.revision == revision)
        .values(
            config=dump_config(config),
            name=draft.name if name is None else name,
            base_version=draft.base_version if base is None else base,
            revision=revision + 1,
            updated_by=by,
            updated_at=now,
        )
    )
    if not saved.rowcount:  # on PostgreSQL somebody saved between the two statements
        _unchanged(connection, account_pk, draft_id, revision)
    return find_draft(connection, account_pk, draft_id)


def discard_draft(connection: Connection, account_pk: int, draft_id: str, *, revision: int | None = None) -> Draft:
    """Take a draft away for good; returns what it was. Without a revision, in whatever state it is."""
    draft = find_draft(connection, account_pk, draft_id)
    _take(connection, account_pk, draft_id, revision=draft.revision if revision is None else revision)
    return draft


def publish_draft(
    connection: Connection,
    account_pk: int,
    draft_id: str,
    *,
    revision: int,
    label: str | None,
    activate: bool,
    by: str | None,
    now: datetime,
) -> Version:
    """Make a version of a draft, which is gone after; what a draft does not say is as in the active version."""
    draft = _take(connection, account_pk, draft_id, revision=revision)
    return publish_version(
        connection, account_pk, draft.agent_id, draft.config, label=label, activate=activate, by=by, now=now
    )


def _take(connection: Connection, account_pk: int, draft_id: str, *, revision: int) -> Draft:
    draft = _unchanged(connection, account_pk, draft_id, revision)
    gone = connection.execute(sa.delete(drafts).where(drafts.c.id == draft_id, drafts.c.revision == revision))
    if not gone.rowcount:
        _unchanged(connection, account_pk, draft_id, revision)
    return draft


def _unchanged(connection: Connection, account_pk: int, draft_id: str, revision: int) -> Draft:
    draft = find_draft(connection, account_pk, draft_id)
    if draft.revision != revision:
        raise DraftChanged(draft.name, current=draft.revision, by=draft.updated_by)
    return draft


def _read_draft(row: Row[Any]) -> Draft:
    return Draft(
        id=row.id,
        agent_id=row.of_agent,
        name=row.name,
        base_version=row.base_version,
        config=load_config(row.config),
        revision=row.revision,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        branch_id=row.branch_id,
    )
