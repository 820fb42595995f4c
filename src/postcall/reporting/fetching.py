"""What the index says to a query: its rows, and when the calls began that it may be about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from postcall.domain.queries import Query, Row
from postcall.errors import BadInput
from postcall.reporting.buckets import offsets
from postcall.reporting.compile import Compiler, Scope, Statement
from postcall.reporting.results import Raw, make_rows, match_buckets, split_row

_MOST = 100_000
"""Numbers in a result that names no limit: each takes half a kilobyte here."""


def fetch_rows(cursor: duckdb.DuckDBPyConnection, query: Query, scope: Scope, earlier: Query | None) -> tuple[Row, ...]:
    """The rows, compared with those of the query of an earlier period where there is one."""
    found = _fetch(cursor, query, Compiler(query, scope).rows())
    if earlier is None:
        return make_rows(query, found, None, {}, scope.traits)
    assert earlier.since is not None and earlier.until is not None
    then = with_offsets(scope, earlier.since, earlier.until)
    before = _fetch(cursor, earlier, Compiler(earlier, then).rows())
    return make_rows(query, found, before, match_buckets(query, earlier, scope.zone), scope.traits)


def with_offsets(scope: Scope, since: datetime, until: datetime) -> Scope:
    """The scope with the changes of the clock in this time."""
    return replace(scope, offsets=offsets(scope.zone, _whole_day(since, -1), _whole_day(until, 2)))


def find_span(cursor: duckdb.DuckDBPyConnection, account_pk: int) -> tuple[datetime, datetime]:
    """When the first and the last call of the account began."""
    row = cursor.execute(
        "SELECT min(started), max(started) FROM calls WHERE account = $account", {"account": account_pk}
    ).fetchone()
    if row is None or row[0] is None:
        return datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC)
    return row[0].replace(tzinfo=UTC), row[1].replace(tzinfo=UTC)


def _fetch(
    cursor: duckdb.DuckDBPyConnection, query: Query, statement: Statement
) -> list[tuple[tuple[Any, ...], tuple[Raw, ...]]]:
    cursor.execute(statement.sql, statement.parameters)
    names = [column[0] for column in cursor.description or ()]
    most = _MOST // max(1, len(query.measures))
    rows = cursor.fetchall() if query.limit is not None else cursor.fetchmany(most + 1)
    if query.limit is None and len(rows) > most:
        raise BadInput(f"group_by: there are more than {most:,} groups; give a limit, or filter", field="group_by")
    return [split_row(query, row, names) for row in rows]


def _whole_day(moment: datetime, days: int) -> datetime:
    """Rounded, so that what is remembered of a time zone serves many queries."""
    try:
        return (moment.astimezone(UTC) + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    except OverflowError:
        return moment
