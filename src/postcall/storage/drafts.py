"""Drafts: versions that are being edited.

Whoever saves, publishes or discards names the revision they saw; another one in the record is a DraftChanged, and
nothing is done.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.domain.branches import main_branch_id
from postcall.domain.ids import new_draft_id
from postcall.errors import DraftChanged, NotFound
from postcall.storage.agents import find_agent_row, find_version, lock_agent, publish_version, with_what_runs
from postcall.storage.draft_edits import forget_edits, keep_edit
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
    branch_id: str | None = None,
) -> Draft:
    """Begin a draft as a copy of version `base` (None: of the active one), or with `config` where that is given.

    With `branch_id` it is the one draft that is open on that branch; the agent is locked, so that nobody else began
    one just now.
    """
    agent = find_agent_row(connection, account_pk, named)
    version = find_version(connection, agent.pk, agent.active_version if base is None else base)
    draft_id = new_draft_id()
    connection.execute(
        sa.insert(drafts).values(
            agent_pk=agent.pk,
            id=draft_id,
            name=name,
            base_version=version.number,
            branch_id=branch_id,
            config=dump_config(version.config if config is None else config),
            revision=1,
            created_by=by,
            updated_by=by,
            created_at=now,
            updated_at=now,
        )
    )
    draft = find_draft(connection, account_pk, draft_id)
    keep_edit(connection, agent.pk, draft)
    return draft


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


def find_branch_draft(connection: Connection, account_pk: int, branch_id: str) -> Draft | None:
    """The draft that is open on a branch."""
    row = connection.execute(
        _DRAFT.where(drafts.c.branch_id == branch_id, agents.c.account_pk == account_pk)
    ).one_or_none()
    return None if row is None else _read_draft(row)


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
    agent = _lock_agent_of(connection, account_pk, draft_id)
    draft = _unchanged(connection, account_pk, draft_id, revision)
    values = {"config": dump_config(config), "revision": revision + 1, "updated_by": by, "updated_at": now}
    values |= {} if name is None else {"name": name}
    values |= {} if base is None else {"base_version": base}
    connection.execute(sa.update(drafts).where(drafts.c.id == draft_id).values(values))
    keep_edit(connection, agent.pk, draft)  # of drafts that are older than this history
    after = find_draft(connection, account_pk, draft_id)
    keep_edit(connection, agent.pk, after)
    return after


def rename_draft(connection: Connection, account_pk: int, draft_id: str, name: str) -> Draft:
    """Call it otherwise; what it says stays at its revision."""
    _lock_agent_of(connection, account_pk, draft_id)
    connection.execute(sa.update(drafts).where(drafts.c.id == draft_id).values(name=name))
    return find_draft(connection, account_pk, draft_id)


def discard_draft(connection: Connection, account_pk: int, draft_id: str, *, revision: int | None = None) -> Draft:
    """Take a draft away for good; returns what it was. Without a revision, in whatever state it is."""
    agent = _lock_agent_of(connection, account_pk, draft_id)
    draft = find_draft(connection, account_pk, draft_id)
    _take(connection, account_pk, draft_id, revision=draft.revision if revision is None else revision)
    forget_edits(connection, agent.pk, draft_id)
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
    description: str | None = None,
    whole: bool = False,
) -> Version:
    """Make a version of a draft, which is gone after; how it was edited stays readable.

    What the agent runs (its project or prompt) is the draft's where somebody changed it there, and else as in the
    active version. With `whole`, and on a branch beside the first, all is as the draft says; only a project that was
    pushed is never taken back by a draft in which nobody touched it.
    """
    agent = _lock_agent_of(connection, account_pk, draft_id)
    draft = _take(connection, account_pk, draft_id, revision=revision)
    base = find_version(connection, agent.pk, draft.base_version).config
    active = find_version(connection, agent.pk, agent.active_version)
    about: dict[str, Any] = {"parent": draft.base_version, "draft_id": draft.id, "description": description}
    if draft.branch_id is not None:
        about["branch_id"] = None if draft.branch_id == main_branch_id(agent.id) else draft.branch_id
    aside = about.get("branch_id") != active.branch_id and draft.branch_id is not None
    return publish_version(
        connection,
        account_pk,
        agent.id,
        draft.config if aside else config_to_publish(draft.config, base, active.config, whole=whole),
        label=label,
        activate=activate,
        by=by,
        now=now,
        with_project=True,
        about=about,
    )


def config_to_publish(
    draft: VersionConfig, base: VersionConfig, active: VersionConfig, *, whole: bool
) -> VersionConfig:
    """What a version says that is made of a draft, while another may have become active since it began."""
    if not whole and with_what_runs(draft, base) == draft:
        return with_what_runs(draft, active)
    pushed = draft.prompt is None and active.prompt is None
    return replace(draft, project=active.project) if pushed and draft.project == base.project else draft


def _lock_agent_of(connection: Connection, account_pk: int, draft_id: str) -> Row[Any]:
    """A draft's agent: whoever changes a draft locks it first, so that what they read is still so when they write."""
    return lock_agent(connection, account_pk, find_draft(connection, account_pk, draft_id).agent_id)


def _take(connection: Connection, account_pk: int, draft_id: str, *, revision: int) -> Draft:
    draft = _unchanged(connection, account_pk, draft_id, revision)
    connection.execute(sa.delete(drafts).where(drafts.c.id == draft_id))
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
