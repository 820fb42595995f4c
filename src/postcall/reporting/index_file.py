"""One DuckDB file that holds the index: a row per call, its metrics in one semi-structured column."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb

from postcall.reporting.projection import FORMAT, Trait, Traits
from postcall.storage.changes import Mark

_MEMORY = "384MB"
"""What DuckDB may hold at once; beyond it, it writes to a folder beside the file."""
_LINE = 4 * 1024 * 1024
"""Bytes of a row that DuckDB makes room for; one that is longer says so."""
_COLUMNS = (
    ("pk", "BIGINT", "BIGINT"),
    ("account", "INTEGER", "INTEGER"),
    ("agent_pk", "INTEGER", "INTEGER"),
    ("agent", "VARCHAR", "VARCHAR"),
    ("id", "VARCHAR", "VARCHAR"),
    ("started", "BIGINT", "TIMESTAMP"),
    ("version", "INTEGER", "INTEGER"),
    ("channel", "VARCHAR", "VARCHAR"),
    ("direction", "VARCHAR", "VARCHAR"),
    ("environment", "VARCHAR", "VARCHAR"),
    ("variant", "VARCHAR", "VARCHAR"),
    ("language", "VARCHAR", "VARCHAR"),
    ("status", "VARCHAR", "VARCHAR"),
    ("disconnection_reason", "VARCHAR", "VARCHAR"),
    ("handoff", "BOOLEAN", "BOOLEAN"),
    ("handoff_destination", "VARCHAR", "VARCHAR"),
    ("handoff_reason", "VARCHAR", "VARCHAR"),
    ("from_number", "VARCHAR", "VARCHAR"),
    ("to_number", "VARCHAR", "VARCHAR"),
    ("duration", "DOUBLE", "DOUBLE"),
    ("user_turns", "INTEGER", "INTEGER"),
    ("agent_turns", "INTEGER", "INTEGER"),
    ("latency", "DOUBLE", "DOUBLE"),
    ("extracted", "BOOLEAN", "BOOLEAN"),
    # Of calls that postcall placed; the rows of others leave them out.
    ("campaign", "VARCHAR", "VARCHAR"),
    ("campaign_id", "VARCHAR", "VARCHAR"),
    ("attempt", "INTEGER", "INTEGER"),
    ("cost", "DOUBLE", "DOUBLE"),
    ("repeats", "BOOLEAN", "BOOLEAN"),
    ("metrics", "JSON", "VARIANT"),
    ("writes", "JSON", "VARIANT"),
    ("asked", "JSON", "VARIANT"),
)
"""Name, type as it is read, type as it is kept."""
_KEPT = {"BIGINT-TIMESTAMP": "make_timestamp({})", "JSON-VARIANT": "{}::VARIANT"}

BROKEN = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)
"""What DuckDB raises where the file, and not the question, is at fault."""


def is_broken(error: duckdb.Error) -> bool:
    """Whether the file is at fault. A page with a wrong checksum is sometimes told as an error of no kind at all."""
    return isinstance(error, BROKEN) or type(error) is duckdb.Error


class IndexLocked(Exception):
    """Another process has the file open."""


class IndexUnusable(Exception):
    """The file is no index of ours, or is broken; the message says how, in words."""


class IndexFile:
    """An open index. Reading is safe from any thread, writing from one at a time."""

    def __init__(self, path: Path, database: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._database = database
        self._inode = path.stat().st_ino

    @classmethod
    def open(cls, path: Path) -> IndexFile:
        """Open what is there. Raises IndexLocked or IndexUnusable; a file that is missing is unusable too."""
        if not path.exists():
            raise IndexUnusable("there was none")
        try:
            opened = cls(path, _connect(path))
        except duckdb.Error as error:
            if "lock on file" in str(error):  # "block" stands in what is said of broken files
                raise IndexLocked(str(path)) from None
            raise IndexUnusable("its file could not be read") from error
        try:
            told = opened._about()
            opened.read_mark()
        except (duckdb.Error, KeyError, ValueError) as error:
            opened.close()
            raise IndexUnusable("its file could not be read") from error
        if (told["format"], told["duckdb"]) != (str(FORMAT), duckdb.__version__):
            opened.close()
            raise IndexUnusable("it was made by another version")
        return opened

    @classmethod
    def create(cls, path: Path) -> IndexFile:
        """Make an empty one in place of whatever is there."""
        remove_index(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = cls(path, _connect(path))
        path.chmod(0o600)
        columns = ", ".join(f"{name} {kept}" for name, _, kept in _COLUMNS)
        made._database.execute(f"CREATE TABLE calls ({columns})")
        made._database.execute(
            "CREATE TABLE traits (account INTEGER, agent_pk INTEGER, name VARCHAR, traits INTEGER, "
            "PRIMARY KEY (account, agent_pk, name))"
        )
        made._database.execute("CREATE TABLE about (name VARCHAR PRIMARY KEY, value VARCHAR)")
        made._tell(made._database, {"format": str(FORMAT), "duckdb": duckdb.__version__})
        return made

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own."""
        cursor = self._database.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def view(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that sees one state of the index, whatever is written meanwhile."""
        with self.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            cursor.execute("SELECT 1 FROM about LIMIT 1").fetchall()  # the state is that of the first look
            yield cursor

    def append(self, lines: Sequence[str]) -> None:
        """Add the rows of calls that are not there yet."""
        if not lines:
            return
        with self.cursor() as cursor:
            _insert(cursor, lines, folder=self.path.parent)

    def append_file(self, file: Path, *, longest: int) -> None:
        """The same from a file of such rows, a line each, of which none takes more than `longest` bytes."""
        with self.cursor() as cursor:
            _insert_file(cursor, file, longest=longest)

    def replace(self, call_pks: Collection[int], lines: Sequence[str], traits: Traits, mark: Mark | None) -> None:
        """Put these rows in the place of those of these calls, and note how far the feed was read, in one step."""
        with self.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                if call_pks:
                    cursor.execute(f"DELETE FROM calls WHERE pk IN ({','.join(map(str, call_pks))})")
                if lines:
                    _insert(cursor, lines, folder=self.path.parent)
                self._note_traits(cursor, traits)
                if mark is not None:
                    self._tell(cursor, _mark_texts(mark))
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):  # where DuckDB has ended the transaction itself, that is not the fault
                    cursor.execute("ROLLBACK")
                raise

    def read_mark(self) -> Mark:
        """How far the feed was read."""
        told = self._about()
        at = told.get("last_at")
        return Mark(int(told["upto"]), int(told["last_pk"]), datetime.fromisoformat(at) if at else None)

    def read_traits(self) -> dict[tuple[int, int, str], Trait]:
        """What is known of every name."""
        with self.cursor() as cursor:
            rows = cursor.execute("SELECT account, agent_pk, name, traits FROM traits").fetchall()
        return {(account, agent_pk, name): Trait(traits) for account, agent_pk, name, traits in rows}

    def is_in_place(self) -> bool:
        """Whether the file that is open is the one at its path."""
        try:
            return self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False

    def count(self) -> int:
        """How many calls it holds."""
        with self.cursor() as cursor:
            found = cursor.execute("SELECT count(*) FROM calls").fetchone()
        return int(found[0]) if found else 0

    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in _files_of(self.path) if file.exists())

    def note(self, traits: Traits, mark: Mark) -> None:
        """Note what `append` put in, and how far the feed was read before."""
        self.replace((), (), traits, mark)

    def settle(self) -> None:
        """Write everything into the file itself."""
        self._database.execute("CHECKPOINT")

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _about(self) -> dict[str, str]:
        with self.cursor() as cursor:
            return dict(cursor.execute("SELECT name, value FROM about").fetchall())

    @staticmethod
    def _tell(cursor: duckdb.DuckDBPyConnection, values: dict[str, str]) -> None:
        cursor.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", [list(pair) for pair in values.items()])

    @staticmethod
    def _note_traits(cursor: duckdb.DuckDBPyConnection, traits: Traits) -> None:
        rows = [[account, agent, name, int(trait)] for (account, agent, name), trait in traits.each()]
        if rows:
            cursor.executemany(
                "INSERT INTO traits VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET traits = traits | excluded.traits",
                rows,
            )


def remove_index(path: Path) -> None:
    """Take the file away, with what DuckDB keeps beside it."""
    for file in _files_of(path):
        file.unlink(missing_ok=True)


def _files_of(path: Path) -> tuple[Path, Path]:
    return path, path.with_name(path.name + ".wal")


def _mark_texts(mark: Mark) -> dict[str, str]:
    at = mark.last_at.isoformat() if mark.last_at else ""
    return {"upto": str(mark.upto), "last_pk": str(mark.last_pk), "last_at": at}


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": max(1, min(4, os.cpu_count() or 1)),
        "temp_directory": str(path.with_suffix(".tmp")),
        "preserve_insertion_order": False,
        # Also the newest calls, which do not fill a block yet, have a column for each metric.
        "variant_minimum_shredding_size": 0,
        # What is not in the package is not fetched.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(str(path), config=config)


def _insert(cursor: duckdb.DuckDBPyConnection, lines: Sequence[str], *, folder: Path) -> None:
    """Through a file: DuckDB reads one on several threads, and a parameter on one."""
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson", encoding="utf-8", dir=folder) as file:
        file.write("\n".join(lines))
        file.flush()
        _insert_file(cursor, Path(file.name), longest=longest_line(lines))


def longest_line(lines: Sequence[str]) -> int:
    """Bytes that a line takes at most: a character has up to four."""
    return 4 * max(map(len, lines), default=0)


def _insert_file(cursor: duckdb.DuckDBPyConnection, file: Path, *, longest: int) -> None:
    kept = ", ".join(_KEPT.get(f"{read}-{kept}", "{}").format(name) for name, read, kept in _COLUMNS)
    cursor.execute(
        f"INSERT INTO calls SELECT {kept} FROM read_json(?, format = 'newline_delimited', "
        f"maximum_object_size = {max(_LINE, longest)}, columns = {_columns_literal()})",
        [str(file)],
    )


def _columns_literal() -> str:
    return "{" + ", ".join(f"{name}: '{read}'" for name, read, _ in _COLUMNS) + "}"
