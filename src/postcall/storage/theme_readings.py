"""What the model noted of single calls for a question, so that no server reads a call twice for the same one.

It goes with its call, and of what was said it holds only where it stands: a quote is taken from the turns as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from postcall.storage.analyst_schema import analyst_readings
from postcall.storage.schema import calls

KEPT = timedelta(days=90)
"""Older calls are not read by chance either."""
_OLD_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that a call says."""

    label: str
    turn: int
    """From 0."""
    start: int
    """Of the quote in the turn's text."""
    end: int


@dataclass(frozen=True, slots=True)
class ThemeReading:
    """All that was noted of one call for one question; nothing where it says nothing of it."""

    call_pk: int
    transcript: str
    """Stands for the turns that were read: 64 characters at most."""
    noted: tuple[Noted, ...]


def find_readings(connection: Connection, question: str, call_pks: Sequence[int]) -> dict[int, ThemeReading]:
    """What was noted for a question (a digest of it, 64 characters at most), by call; whether the call's turns are
    still those that were read is for the caller to compare."""
    rows = connection.execute(_FIND.where(_T.question == question, _T.call_pk.in_(call_pks)))
    return {row.call_pk: ThemeReading(row.call_pk, row.transcript, _noted(row.points)) for row in rows}


def keep_readings(connection: Connection, question: str, readings: Iterable[ThemeReading], *, now: datetime) -> None:
    """Keep them instead of earlier ones; of a call that was deleted meanwhile nothing is kept."""
    wanted = {each.call_pk: each for each in readings}
    # Held until the end, so that none of them can be deleted in between.
    there = sa.select(calls.c.pk).where(calls.c.pk.in_(list(wanted))).order_by(calls.c.pk)
    found = connection.execute(there.with_for_update(read=True, key_share=True)).scalars().all()
    rows = [
        {
            "call_pk": pk,
            "question": question,
            "transcript": wanted[pk].transcript,
            "points": [[each.label, each.turn, each.start, each.end] for each in wanted[pk].noted],
            "read_at": now,
        }
        for pk in found
    ]
    if rows:
        connection.execute(_keep(connection.dialect.name), rows)


def forget_old_readings(connection: Connection, *, now: datetime) -> int:
    """Drop what was read long ago, some at a time; returns how many."""
    old = sa.select(_T.pk).where(_T.read_at < now - KEPT).limit(_OLD_AT_ONCE)
    return connection.execute(sa.delete(analyst_readings).where(_T.pk.in_(old))).rowcount


_T = analyst_readings.c
_FIND = sa.select(_T.call_pk, _T.transcript, _T.points)


def _keep(dialect: str) -> sa.Executable:
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    insert = make(analyst_readings)
    statement: sa.Executable = insert.on_conflict_do_update(
        index_elements=[_T.call_pk, _T.question],
        set_={name: insert.excluded[name] for name in ("transcript", "points", "read_at")},
    )
    return statement


def _noted(points: Any) -> tuple[Noted, ...]:
    return tuple(Noted(label, turn, start, end) for label, turn, start, end in points)
