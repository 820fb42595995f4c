"""What the two databases say differently."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def insert_new(
    connection: Connection, table: sa.Table, values: dict[str, Any], *, returning: sa.Column[int]
) -> int | None:
    """Insert a row unless it breaks a unique rule; returns its key, or None where such a row is already there."""
    statement = _insert_unless_there(connection.dialect.name, table, returning)
    found: int | None = connection.execute(statement, values).scalar_one_or_none()
    return found


@cache
def _insert_unless_there(dialect: str, table: sa.Table, returning: sa.Column[int]) -> sa.Executable:
    """Built once: building a statement costs as much as running it."""
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: sa.Executable = make(table).on_conflict_do_nothing().returning(returning)
    return statement


def lock_row(connection: Connection, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Hold the rows read until the transaction ends. SQLite's one writer holds the whole file already."""
    return statement.with_for_update() if connection.dialect.name == "postgresql" else statement


def unindexed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column's number where no index is to be looked for: SQLite, which knows nothing of the rows, may take that
    one in place of another by which there are only a few."""
    return column.op("+")(sa.literal_column("0"))


def upsert(connection: Connection, table: sa.Table, values: dict[str, Any], *, changing: tuple[str, ...]) -> None:
    """Insert a row, or change these columns of the one that has its primary key."""
    connection.execute(_insert_or_change(connection.dialect.name, table, changing), values)


@cache
def _insert_or_change(dialect: str, table: sa.Table, changing: tuple[str, ...]) -> sa.Executable:
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    insert = make(table)
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: insert.excluded[name] for name in changing}
    )
    return statement
