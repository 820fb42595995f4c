"""The record's connections: many readers, and writes that are answered only after their commit.

On SQLite one writer thread takes whatever writes are waiting, runs each in a savepoint of one transaction and commits
once for all (a group commit): the disk's flush, which bounds durable writes, is then shared. On PostgreSQL, which does
that itself across connections, each write has a connection and a transaction of its own.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url

from postcall.domain.said_words import split_words
from postcall.errors import SettingsError

T = TypeVar("T")
Work = Callable[[Connection], T]

_BATCH = 256
"""Writes in one commit at most: bounds how long the first of them waits."""
_THREADS = 16
"""Connections to PostgreSQL for writes, and readers on both."""
_BUSY_MS = 60_000
"""How long SQLite waits for another process's write."""
_CACHE_KIB = 16_000
"""Of one connection to SQLite."""
_WRITERS_CACHE_KIB = 4_000
"""It fills and stays full, and what is not in it comes from the system's memory."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_017_266
"""Any number: the advisory lock under which one process migrates PostgreSQL while others wait."""


class Record:
    """The system of record.

    `read` and `write` may be called from any thread; the functions passed in receive a connection inside a
    transaction, and must not keep it. A write that raises leaves nothing behind.
    """

    def __init__(self, engine: Engine, *, writer: _GroupWriter | None = None, brief: Engine | None = None) -> None:
        self._engine = engine
        # SQLite's readers have that by themselves; PostgreSQL would give each statement a view of its own.
        repeatable = engine.dialect.name == "postgresql"
        self._readers = engine.execution_options(isolation_level="REPEATABLE READ") if repeatable else engine
        self._writer = writer
        self._brief = brief
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="record-read")
        # Of their own, so that slow reads delay no write and no heartbeat.
        self._write_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="record-write")

    @property
    def url(self) -> str:
        """Where it is; for PostgreSQL with the password."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent view, whatever is written meanwhile."""
        with self._readers.connect() as connection:
            return work(connection)

    async def read_briefly(self, work: Work[T]) -> T:
        """One look-up by a key, each statement on a view of its own: inline on SQLite, where a thread costs more."""
        if self._brief is None:
            return await self.read_async(work)
        with self._brief.connect() as connection:
            return work(connection)

    def write(self, work: Work[T]) -> T:
        """Run `work` and commit; returns after the commit is on disk."""
        return self.submit(work).result()

    def submit(self, work: Work[T]) -> Future[T]:
        """Like `write`, without waiting."""
        if self._writer is not None:
            return self._writer.submit(work)
        return self._write_threads.submit(self._write_alone, work)

    async def read_async(self, work: Work[T]) -> T:
        """`read` on a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read, work)

    async def write_async(self, work: Work[T]) -> T:
        """`write` without holding up the event loop; a cancelled wait does not undo the write."""
        return await asyncio.wrap_future(self.submit(work))

    def close(self) -> None:
        """Finish the writes under way, then let go of every connection."""
        if self._writer is not None:
            self._writer.close()
        self._write_threads.shutdown()
        self._threads.shutdown()
        self._engine.dispose()
        if self._brief is not None:
            self._brief.dispose()

    def _write_alone(self, work: Work[T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)


class _GroupWriter:
    """One thread that commits many writes at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="record-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write was asked for inside a write, and would wait for itself")
        done: Future[T] = Future()
        self._waiting.put((work, done))
        return done

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()
        self._engine.dispose()

    def _run(self) -> None:
        open_ = True
        while open_:
            first = self._waiting.get()
            if first is None:
                return
            batch = [first]
            while len(batch) < _BATCH:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    open_ = False
                    break
                batch.append(more)
            self._commit(batch)

    def _commit(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        finished: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.begin() as connection:
                for work, done in batch:
                    if done.set_running_or_notify_cancel():
                        finished.append((done, *_in_savepoint(connection, work)))
        except BaseException as error:  # noqa: BLE001 - handed to every waiting caller, whose write it undid
            for _, done in batch:
                if not done.done() and (done.running() or done.set_running_or_notify_cancel()):
                    done.set_exception(error)
            return
        for done, value, failure in finished:
            if failure is None:
                done.set_result(value)
            else:
                done.set_exception(failure)


def _in_savepoint(connection: Connection, work: Work[Any]) -> tuple[Any, BaseException | None]:
    driver: Any = connection.connection.dbapi_connection  # a fifth of the time that it takes through SQLAlchemy
    driver.execute("SAVEPOINT one")
    try:
        value = work(connection)
    except BaseException as error:  # noqa: BLE001 - handed to the caller of this one write
        try:
            driver.execute("ROLLBACK TO one")
            driver.execute("RELEASE one")
        except sqlite3.Error:  # SQLite has undone the whole transaction, as it does when the disk is full
            raise error from None
        return None, error
    driver.execute("RELEASE one")
    return value, None


def open_record(url: str, *, migrate: bool = True) -> Record:
    """Connect, and bring the tables up to date. Raises SettingsError where the database cannot be used.

    `migrate` is False only where the caller knows that another process has just done so, since it takes a while.
    """
    parsed = make_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url, Path(parsed.database or ""), migrate=migrate)
        engine = sa.create_engine(url, pool_size=_THREADS * 2, max_overflow=8, pool_pre_ping=True, hide_parameters=True)
        if migrate:
            _migrate(engine)
        return Record(engine)
    except (sa.exc.OperationalError, sa.exc.DatabaseError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise SettingsError(
            f"the database {parsed.render_as_string(hide_password=True)} cannot be used: {reason}"
        ) from error


def _open_sqlite(url: str, file: Path, *, migrate: bool) -> Record:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Before SQLite makes it: its log beside it, which holds whole calls, gets the same mode.
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    file.chmod(0o600)
    readers = _sqlite_engine(url, begin="BEGIN")
    writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", cache_kib=_WRITERS_CACHE_KIB)
    if migrate:
        _migrate(writer)
    return Record(readers, writer=_GroupWriter(writer), brief=_sqlite_engine(url, begin=None))


def _sqlite_engine(url: str, *, begin: str | None, cache_kib: int = _CACHE_KIB) -> Engine:
    # What calls hold does not belong in logs, which is where a failed statement would take it.
    engine = sa.create_engine(url, pool_size=_THREADS, max_overflow=8, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"cache_size = -{cache_kib}",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        # For the trigger that takes a call out of the search, which has to tell the words that were put in.
        connection.create_function("split_words", 1, lambda text: " ".join(split_words(text)), deterministic=True)

    if begin is not None:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        if _is_up_to_date(connection):
            return
    from alembic import command  # here, since Alembic is slow to import and seldom needed
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise SettingsError(f"the record was written by a newer postcall than this one ({error})") from None


def _is_up_to_date(connection: Connection) -> bool:
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    made = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(made) == [newest_migration()]


def newest_migration() -> str:
    """The number of the newest one, with which its file's name begins."""
    return max(file.name[:4] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
