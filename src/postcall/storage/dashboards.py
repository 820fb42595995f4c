"""Dashboards as they are kept. Their tiles are JSON here; reporting/dashboard_format.py knows its form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.dashboards import MAX_DASHBOARDS, MAX_NAME
from postcall.domain.ids import new_agent_id
from postcall.errors import Conflict, NotFound
from postcall.storage.page_schema import dashboards
from postcall.storage.schema import accounts
from postcall.storage.statements import lock_row

TilesJson: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True)
class StoredDashboard:
    """One row."""

    id: str
    name: str
    position: int
    is_default: bool
    published: TilesJson
    draft: TilesJson | None
    revision: int
    created_at: datetime
    updated_at: datetime


def create_dashboard(
    connection: Connection, account_pk: int, *, name: str, tiles: TilesJson, now: datetime
) -> StoredDashboard:
    """Add a dashboard behind the others; Conflict where the account has as many as it may."""
    # Whoever creates at the same time waits for this row, so that nobody counts what the other has not committed.
    connection.execute(lock_row(connection, sa.select(accounts.c.pk).where(accounts.c.pk == account_pk))).one()
    count, last = connection.execute(
        sa.select(sa.func.count(), sa.func.max(dashboards.c.position)).where(dashboards.c.account_pk == account_pk)
    ).one()
    if count >= MAX_DASHBOARDS:
        raise Conflict(f"there are {MAX_DASHBOARDS} dashboards already; delete one first")
    dashboard_id = new_agent_id()
    connection.execute(
        sa.insert(dashboards).values(
            account_pk=account_pk,
            id=dashboard_id,
            name=name,
            position=0 if last is None else last + 1,
            is_default=False,
            published=tiles,
            draft=None,
            revision=1,
            created_at=now,
            updated_at=now,
        )
    )
    return find_dashboard(connection, account_pk, dashboard_id)


def list_dashboards(connection: Connection, account_pk: int) -> list[StoredDashboard]:
    """Every dashboard of the account, in the order of their tabs."""
    rows = connection.execute(
        sa.select(dashboards)
        .where(dashboards.c.account_pk == account_pk)
        .order_by(dashboards.c.position, dashboards.c.pk)
    )
    return [_read(row) for row in rows]


def find_dashboard(connection: Connection, account_pk: int, dashboard_id: str) -> StoredDashboard:
    """The dashboard of this id, or NotFound."""
    return _read(_find_row(connection, account_pk, dashboard_id))


def rename_dashboard(
    connection: Connection,
    account_pk: int,
    dashboard_id: str,
    *,
    name: str,
    revision: int | None = None,
    now: datetime,
) -> StoredDashboard:
    """Give it another name, at once: a name is no part of a draft. Conflict where `revision` is an old one."""
    return _change(connection, account_pk, dashboard_id, now=now, revision=revision, name=name)


def duplicate_dashboard(
    connection: Connection, account_pk: int, dashboard_id: str, *, now: datetime
) -> StoredDashboard:
    """A copy of what is published, with a life of its own."""
    found = find_dashboard(connection, account_pk, dashboard_id)
    name = f"{found.name[: MAX_NAME - 7]} (copy)"
    return create_dashboard(connection, account_pk, name=name, tiles=found.published, now=now)


def set_default_dashboard(connection: Connection, account_pk: int, dashboard_id: str) -> None:
    """Make it the one that opens first, instead of any other."""
    connection.execute(lock_row(connection, sa.select(accounts.c.pk).where(accounts.c.pk == account_pk))).one()
    _find_row(connection, account_pk, dashboard_id)
    connection.execute(
        sa.update(dashboards)
        .where(dashboards.c.account_pk == account_pk)
        .values(is_default=dashboards.c.id == dashboard_id)
    )


def delete_dashboard(connection: Connection, account_pk: int, dashboard_id: str) -> None:
    """Take it away with its draft."""
    row = _find_row(connection, account_pk, dashboard_id)
    connection.execute(sa.delete(dashboards).where(dashboards.c.pk == row.pk))


def save_dashboard_draft(
    connection: Connection, account_pk: int, dashboard_id: str, tiles: TilesJson, *, revision: int, now: datetime
) -> StoredDashboard:
    """Keep the tiles beside the published ones; Conflict where `revision` is no longer the latest."""
    return _change(connection, account_pk, dashboard_id, now=now, revision=revision, draft=tiles)


def publish_dashboard_draft(
    connection: Connection, account_pk: int, dashboard_id: str, *, revision: int | None, now: datetime
) -> StoredDashboard:
    """Put the whole draft in the place of what is shown; Conflict where there is none, or the revision is old."""
    row = _find_row(connection, account_pk, dashboard_id, hold=True)
    if row.draft is None:
        raise Conflict(f"the dashboard {row.name!r} has no draft to publish")
    return _change(connection, account_pk, dashboard_id, now=now, revision=revision, published=row.draft, draft=None)


def discard_dashboard_draft(
    connection: Connection, account_pk: int, dashboard_id: str, *, revision: int | None, now: datetime
) -> StoredDashboard:
    """Throw the draft away; nothing happens where there is none."""
    return _change(connection, account_pk, dashboard_id, now=now, revision=revision, draft=None)


def _change(
    connection: Connection,
    account_pk: int,
    dashboard_id: str,
    *,
    now: datetime,
    revision: int | None = None,
    **values: Any,
) -> StoredDashboard:
    row = _find_row(connection, account_pk, dashboard_id, hold=True)
    if revision is not None and revision != row.revision:
        raise Conflict(
            f"the dashboard {row.name!r} has been changed since (revision {row.revision}, yours is {revision}); "
            "load it again",
            field="revision",
        )
    connection.execute(
        sa.update(dashboards)
        .where(dashboards.c.pk == row.pk)
        .values(**values, revision=row.revision + 1, updated_at=now)
    )
    return find_dashboard(connection, account_pk, dashboard_id)


def _find_row(connection: Connection, account_pk: int, dashboard_id: str, *, hold: bool = False) -> Row[Any]:
    wanted = sa.select(dashboards).where(dashboards.c.account_pk == account_pk, dashboards.c.id == dashboard_id)
    row = connection.execute(lock_row(connection, wanted) if hold else wanted).one_or_none()
    if row is None:
        raise NotFound(f"there is no dashboard {dashboard_id!r}")
    return row


def _read(row: Row[Any]) -> StoredDashboard:
    return StoredDashboard(
        id=row.id,
        name=row.name,
        position=row.position,
        is_default=row.is_default,
        published=row.published,
        draft=row.draft,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
