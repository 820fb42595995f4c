"""What the analyst was asked and answered, thread by thread.

Readings and answers are JSON here; analyst/thread_format.py knows their form. A thread is its owner's alone: whoever
else names it is told that there is none.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import Json
from postcall.errors import Conflict, ThreadNotFound
from postcall.storage.analyst_schema import analyst_questions, analyst_threads
from postcall.storage.schema import accounts
from postcall.storage.statements import lock_row

MAX_THREADS = 500
"""Of one owner; with the next, the one that nothing was asked in for longest goes."""
MAX_QUESTIONS = 200
"""In one thread."""
_LONGEST_TITLE = 200
_OLD_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose threads are meant."""

    account_pk: int
    name: str
    """Such as `key:5f…` or `person:ann@example.org`."""


def person_owner(account_pk: int, email: str) -> Owner:
    """A person as an owner, by the address that they are stored with."""
    return Owner(account_pk, f"person:{email}")


def key_owner(account_pk: int, key_id: str) -> Owner:
    """A key as an owner."""
    return Owner(account_pk, f"key:{key_id}")


@dataclass(frozen=True, slots=True)
class StoredThread:
    """One conversation with the analyst."""

    id: str
    title: str
    questions: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question with its answer, to be kept."""

    text: str
    agent: str | None
    time_zone: str
    asked_at: datetime
    reading: dict[str, Json] | None
    answer: dict[str, Json]


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """The same as it is read again."""

    number: int
    """From 1, within its thread."""
    text: str
    agent: str | None
    time_zone: str
    asked_at: datetime
    reading: Any
    answer: Any


def keep_question(
    connection: Connection,
    owner: Owner,
    thread: str | None,
    question: NewQuestion,
    *,
    most_threads: int = MAX_THREADS,
    most_questions: int = MAX_QUESTIONS,
) -> str:
    """Add it to the thread, or to a new one where `thread` is None; the thread's id.

    Raises ThreadNotFound, also for a stranger's thread, and Conflict where the thread is full.
    """
    if thread is None:
        pk, thread = _begin(connection, owner, question, most_threads)
    else:
        pk = _find_row(connection, owner, thread, hold=True).pk
    last = connection.execute(
        sa.select(sa.func.max(analyst_questions.c.number)).where(analyst_questions.c.thread_pk == pk)
    ).scalar_one()
    number = (last or 0) + 1
    if number > most_questions:
        raise _full(most_questions)
    connection.execute(
        sa.insert(analyst_questions).values(
            thread_pk=pk,
            number=number,
            text=question.text,
            agent=question.agent,
            time_zone=question.time_zone,
            asked_at=question.asked_at,
            reading=question.reading,
            answer=question.answer,
        )
    )
    connection.execute(
        sa.update(analyst_threads).where(analyst_threads.c.pk == pk).values(updated_at=question.asked_at)
    )
    return thread


def list_threads(connection: Connection, owner: Owner, *, limit: int = 50) -> tuple[StoredThread, ...]:
    """The owner's threads, the one that was asked in last first."""
    rows = connection.execute(
        _THREADS.where(*_owned(owner))
        .order_by(analyst_threads.c.updated_at.desc(), analyst_threads.c.pk.desc())
        .limit(limit)
    )
    return tuple(_read_thread(row) for row in rows)


def find_thread(connection: Connection, owner: Owner, thread: str) -> StoredThread:
    """One thread; ThreadNotFound also for a stranger's."""
    row = connection.execute(_THREADS.where(*_owned(owner), analyst_threads.c.id == thread)).one_or_none()
    if row is None:
        raise ThreadNotFound(thread)
    return _read_thread(row)


def find_open_thread(connection: Connection, owner: Owner, thread: str) -> StoredThread:
    """A thread that may be gone on with; Conflict where it is full."""
    found = find_thread(connection, owner, thread)
    if found.questions >= MAX_QUESTIONS:
        raise _full(MAX_QUESTIONS)
    return found


def read_questions(connection: Connection, owner: Owner, thread: str) -> tuple[StoredQuestion, ...]:
    """All that was asked in a thread, in the order of asking."""
    pk = _find_row(connection, owner, thread).pk
    rows = connection.execute(
        sa.select(analyst_questions).where(analyst_questions.c.thread_pk == pk).order_by(analyst_questions.c.number)
    )
    return tuple(_read_question(row) for row in rows)


def find_last_reading(connection: Connection, owner: Owner, thread: str) -> Any:
    """How the latest question of the thread that could be read was read, as it was kept; None: none could."""
    pk = _find_row(connection, owner, thread).pk
    return connection.execute(
        sa.select(analyst_questions.c.reading)
        .where(analyst_questions.c.thread_pk == pk, analyst_questions.c.reading.is_not(None))
        .order_by(analyst_questions.c.number.desc())
        .limit(1)
    ).scalar_one_or_none()


def delete_thread(connection: Connection, owner: Owner, thread: str) -> None:
    """Forget a thread with all that was asked in it."""
    pk = _find_row(connection, owner, thread, hold=True).pk
    _forget(connection, [pk])


def forget_old_threads(connection: Connection, *, now: datetime, kept: timedelta) -> int:
    """Forget threads of anybody in which nothing was asked for so long, some at a time; returns how many."""
    old = sa.select(analyst_threads.c.pk).where(analyst_threads.c.updated_at < now - kept).limit(_OLD_AT_ONCE)
    pks = list(connection.execute(old).scalars())
    _forget(connection, pks)
    return len(pks)


def forget_threads_of(connection: Connection, owner: Owner) -> None:
    """Forget all that somebody asked."""
    _forget(connection, list(connection.execute(sa.select(analyst_threads.c.pk).where(*_owned(owner))).scalars()))


def _begin(connection: Connection, owner: Owner, question: NewQuestion, most: int) -> tuple[int, str]:
    # Whoever begins one at the same time waits, so that both count the same threads.
    connection.execute(lock_row(connection, sa.select(accounts.c.pk).where(accounts.c.pk == owner.account_pk))).one()
    old = connection.execute(
        sa.select(analyst_threads.c.pk)
        .where(*_owned(owner))
        .order_by(analyst_threads.c.updated_at.desc(), analyst_threads.c.pk.desc())
        .offset(most - 1)
    ).scalars()
    _forget(connection, list(old))
    thread = secrets.token_hex(12)
    pk = connection.execute(
        sa.insert(analyst_threads)
        .values(
            account_pk=owner.account_pk,
            id=thread,
            owner=owner.name,
            title=question.text[:_LONGEST_TITLE],
            created_at=question.asked_at,
            updated_at=question.asked_at,
        )
        .returning(analyst_threads.c.pk)
    ).scalar_one()
    return pk, thread


def _forget(connection: Connection, pks: list[int]) -> None:
    if pks:
        connection.execute(sa.delete(analyst_questions).where(analyst_questions.c.thread_pk.in_(pks)))
        connection.execute(sa.delete(analyst_threads).where(analyst_threads.c.pk.in_(pks)))


def _full(most: int) -> Conflict:
    return Conflict(f"this thread holds {most} questions, which is all that it can; begin a new one")


def _find_row(connection: Connection, owner: Owner, thread: str, *, hold: bool = False) -> Row[Any]:
    wanted = sa.select(analyst_threads).where(*_owned(owner), analyst_threads.c.id == thread)
    row = connection.execute(lock_row(connection, wanted) if hold else wanted).one_or_none()
    if row is None:
        raise ThreadNotFound(thread)
    return row


def _owned(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    return analyst_threads.c.account_pk == owner.account_pk, analyst_threads.c.owner == owner.name


_THREADS = sa.select(
    analyst_threads,
    sa.select(sa.func.count())
    .select_from(analyst_questions)
    .where(analyst_questions.c.thread_pk == analyst_threads.c.pk)
    .scalar_subquery()
    .label("questions"),
)


def _read_thread(row: Row[Any]) -> StoredThread:
    return StoredThread(row.id, row.title, row.questions, row.created_at, row.updated_at)


def _read_question(row: Row[Any]) -> StoredQuestion:
    return StoredQuestion(
        number=row.number,
        text=row.text,
        agent=row.agent,
        time_zone=row.time_zone,
        asked_at=row.asked_at,
        reading=row.reading,
        answer=row.answer,
    )
