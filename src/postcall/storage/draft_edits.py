"""What every save of a draft said, by whom and when; it stays when the draft has become a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.agents import Draft, VersionConfig
from postcall.storage.schema import draft_edits
from postcall.storage.statements import insert_new
from postcall.storage.version_configs import dump_config, load_config


@dataclass(frozen=True, slots=True)
class DraftEdit:
    """A draft as one save left it."""

    revision: int
    """1 is how it began."""
    config: VersionConfig
    by: str | None
    at: datetime


def keep_edit(connection: Connection, agent_pk: int, draft: Draft) -> None:
    """Keep what a draft says at its revision, unless that is kept already."""
    insert_new(
        connection,
        draft_edits,
        {
            "agent_pk": agent_pk,
            "draft_id": draft.id,
            "revision": draft.revision,
            "config": dump_config(draft.config),
            "by": draft.updated_by,
            "at": draft.updated_at,
        },
        returning=draft_edits.c.revision,
    )


def list_edits(connection: Connection, agent_pk: int, draft_id: str, *, limit: int) -> tuple[DraftEdit, ...]:
    """The newest edits of a draft, the last first."""
    rows = connection.execute(
        sa.select(draft_edits).where(*_of(agent_pk, draft_id)).order_by(draft_edits.c.revision.desc()).limit(limit)
    )
    return tuple(_read(row) for row in rows)


def count_edits(connection: Connection, agent_pk: int, draft_id: str) -> int:
    """How many are kept; 0 where there was no such draft."""
    counted: int = connection.execute(
        sa.select(sa.func.count()).select_from(draft_edits).where(*_of(agent_pk, draft_id))
    ).scalar_one()
    return counted


def edit_at(connection: Connection, agent_pk: int, draft_id: str, revision: int) -> DraftEdit | None:
    """The draft as it was at one revision, if that is kept."""
    row = connection.execute(
        sa.select(draft_edits).where(*_of(agent_pk, draft_id), draft_edits.c.revision == revision)
    ).one_or_none()
    return None if row is None else _read(row)


def forget_edits(connection: Connection, agent_pk: int, draft_id: str) -> None:
    """Take the history of a discarded draft away."""
    connection.execute(sa.delete(draft_edits).where(*_of(agent_pk, draft_id)))


def _of(agent_pk: int, draft_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return draft_edits.c.agent_pk == agent_pk, draft_edits.c.draft_id == draft_id


def _read(row: Row[Any]) -> DraftEdit:
    return DraftEdit(revision=row.revision, config=load_config(row.config), by=row.by, at=row.at)
