"""Rows on the driver's own cursor: where calls pass through by the million, everything between costs too much."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy.engine import Connection


def plain_rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a statement. The keys in it are numbers of our own, so nothing needs to be bound."""
    driver: Any = connection.connection.dbapi_connection
    cursor = driver.cursor()
    try:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    finally:
        cursor.close()
    return rows


def by_call(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Rows that come in the order of their calls, whose keys they begin with."""
    return {pk: list(of_call) for pk, of_call in groupby(rows, key=itemgetter(0))}
