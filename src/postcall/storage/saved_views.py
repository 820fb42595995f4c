"""Saved views of the list of calls."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.saved_views import SavedView
from postcall.errors import Conflict, NotFound
from postcall.storage.page_schema import saved_views

MAX_VIEWS = 200
"""In an account: what a page can list."""


def list_views(connection: Connection, account_pk: int) -> tuple[SavedView, ...]:
    """Every view of the account, the oldest first."""
    rows = connection.execute(
        sa.select(saved_views).where(saved_views.c.account_pk == account_pk).order_by(saved_views.c.pk)
    )
    return tuple(SavedView(row.id, row.name, row.query, row.created_by, row.created_at) for row in rows)


def save_view(
    connection: Connection, account_pk: int, *, name: str, query: str, who: str | None, now: datetime
) -> SavedView:
    """Keep a view under a name; one of the same name gets the new address."""
    there = [view for view in list_views(connection, account_pk) if view.name == name]
    if there:
        [row] = there[:1]
        connection.execute(sa.update(saved_views).where(_is(account_pk, row.id)).values(query=query))
        return SavedView(row.id, name, query, row.created_by, row.created_at)
    if len(list_views(connection, account_pk)) >= MAX_VIEWS:
        raise Conflict(f"there are {MAX_VIEWS} saved views, which is all that can be kept; delete one first")
    view = SavedView(secrets.token_hex(12), name, query, who, now)
    connection.execute(
        sa.insert(saved_views).values(
            account_pk=account_pk, id=view.id, name=name, query=query, created_by=who, created_at=now
        )
    )
    return view


def rename_view(connection: Connection, account_pk: int, view_id: str, name: str) -> None:
    """Give a view another name; NotFound where it is gone, Conflict where another has the name."""
    if any(view.name == name and view.id != view_id for view in list_views(connection, account_pk)):
        raise Conflict(f"there is a view named {name!r} already", field="name")
    renamed = connection.execute(sa.update(saved_views).where(_is(account_pk, view_id)).values(name=name))
    if not renamed.rowcount:
        raise _gone(view_id)


def delete_view(connection: Connection, account_pk: int, view_id: str) -> None:
    """Forget a view; NotFound where it is gone already."""
    if not connection.execute(sa.delete(saved_views).where(_is(account_pk, view_id))).rowcount:
        raise _gone(view_id)


def _is(account_pk: int, view_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(saved_views.c.account_pk == account_pk, saved_views.c.id == view_id)


def _gone(view_id: str) -> NotFound:
    return NotFound(f"there is no saved view {view_id!r}; somebody may have deleted it")
