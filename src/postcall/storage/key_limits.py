"""How often keys are used: counted in the record, so that several servers keep one limit together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from postcall.storage.access_schema import key_minutes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def count_request(connection: Connection, key_pk: int, limited: str, *, now: datetime) -> int:
    """Count one request of a key against a limit; returns how many that makes in this minute of the clock.

    `limited` names the limit: `key` is the key's own, others are those of interfaces.
    """
    values = {"key_pk": key_pk, "limited": limited, "minute": (now - _EPOCH) // _MINUTE, "requests": 1}
    return int(connection.execute(_count(connection.dialect.name), values).scalar_one())


def seconds_left(now: datetime) -> float:
    """Until the next minute of the clock, in which every limit begins anew."""
    return 60.0 - (now - _EPOCH) % _MINUTE / timedelta(seconds=1)


@cache
def _count(dialect: str) -> sa.Executable:
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    insert = make(key_minutes)
    same_minute = key_minutes.c.minute == insert.excluded.minute
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=[key_minutes.c.key_pk, key_minutes.c.limited],
        set_={
            "minute": insert.excluded.minute,
            "requests": sa.case((same_minute, key_minutes.c.requests + 1), else_=1),
        },
    ).returning(key_minutes.c.requests)
    return statement
