"""A PostgreSQL cluster that lives as long as the tests do."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from postcall.storage.database import open_record

_PLACES = "/usr/lib/postgresql"
_READY_S = 30.0
_MEMORY = Path("/dev/shm")
_ROOM = 1 << 30
"""Bytes that must be free there: in a container it may hold some megabytes only."""
_LARGE = 250_000
"""Bytes from which on the place of deleted rows is worth being given back."""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
"""Also those that only PostgreSQL has."""
_COUNTED = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"


def find_binaries() -> Path | None:
    """The folder that holds initdb and postgres: on the PATH, else Debian's newest."""
    found = shutil.which("initdb")
    if found is not None and (Path(found).parent / "postgres").exists():
        return Path(found).parent
    versions = [folder for folder in Path(_PLACES).glob("*/bin") if (folder / "initdb").exists()]
    return max(versions, key=lambda folder: int(folder.parent.name), default=None)


class Cluster:
    """A server on 127.0.0.1 whose databases are copies of one that was migrated once."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        has_room = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
        in_memory = _MEMORY if has_room else None
        self._folder = Path(tempfile.mkdtemp(prefix="postcall-pg-", dir=in_memory))
        self._names = itertools.count(1)
        self._idle: list[str] = []
        self._filled: sql.Composed | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def start(self) -> None:
        """Make the cluster and the template."""
        as_user = self._as_user()
        self._folder.chmod(0o755)
        home = self._folder / "home"
        home.mkdir(mode=0o700)
        if as_user:
            os.chown(home, as_user["user"], as_user["group"])
        data = home / "data"
        subprocess.run(
            [self._binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd="/",
            **as_user,
        )
        self._port = _free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self._port,
            "unix_socket_directories": home,
            "max_connections": 300,
            "shared_buffers": "32MB",
            "fsync": "off",  # nothing here outlives a power cut, and the tests are faster for it
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", data, *flags], stdout=log, stderr=log, cwd="/", **as_user
        )
        self._wait_until_ready()
        self._run(sql.SQL("CREATE DATABASE migrated"))
        open_record(self._url("migrated")).close()
        with self._connect("migrated") as connection:
            self._filled = _ask_which_are_filled([table for (table,) in connection.execute(_TABLES)])

    def new_database(self) -> str:
        """The URL of a database with every table and no row; one that was given back, where there is one."""
        if self._idle:
            return self._idle.pop()
        name = f"record_{next(self._names)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE migrated").format(sql.Identifier(name)))
        return self._url(name)

    def give_back(self, url: str) -> None:
        """Empty a database of `new_database` for the next test, which takes as long as it has tables with rows:
        a tenth of what it takes to make another, or to TRUNCATE all.
        """
        assert self._filled is not None
        with self._connect(url.rsplit("/", 1)[1]) as connection:
            connection.execute(_END_OTHERS)
            connection.execute("SET session_replication_role = replica")  # in any order, whatever refers to whatever
            for table, size in connection.execute(self._filled).fetchall():
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                if size > _LARGE:
                    connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))
            for (sequence,) in connection.execute(_COUNTED).fetchall():
                connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))
        self._idle.append(url)

    def empty_database(self) -> str:
        """The URL of a database without tables."""
        name = f"empty_{next(self._names)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._url(name)

    def drop(self, url: str) -> None:
        """Take a database away, with whoever is still connected to it."""
        name = sql.Identifier(url.rsplit("/", 1)[1])
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(timeout=10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _as_user(self) -> dict[str, Any]:
        """initdb refuses root, so another user is borrowed."""
        if os.geteuid() != 0:
            return {}
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = known.get("postgres") or known["nobody"]
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{database}"

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        with self._connect("postgres") as connection:
            connection.execute(statement)

    def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            f"postgresql://postgres@127.0.0.1:{self._port}/{database}", autocommit=True, connect_timeout=5
        )

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        end = time.monotonic() + _READY_S
        while True:
            try:
                self._run(sql.SQL("SELECT 1"))
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self._folder / "log").read_text(errors="replace")) from None
                time.sleep(0.05)


def _ask_which_are_filled(tables: list[str]) -> sql.Composed:
    """The tables that have rows, and how large they are."""
    one = sql.SQL("SELECT {0}, pg_table_size({0}) WHERE EXISTS (SELECT FROM {1})")
    return sql.SQL(" UNION ALL ").join(one.format(table, sql.Identifier(table)) for table in tables)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
