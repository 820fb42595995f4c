"""How long a question may take, so that one that is too large does not hold up all others."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from postcall.errors import QueryTooSlow

LIMIT_S = 30.0
_LOOK_S = 0.5


class Deadlines:
    """One thread that interrupts what takes too long."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._ends: dict[int, tuple[float, duckdb.DuckDBPyConnection]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def on(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """What the cursor does within the block ends with QueryTooSlow where it takes too long."""
        with self._changed:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._watch, name="reports-deadlines", daemon=True)
                self._thread.start()
            self._ends[id(cursor)] = (time.monotonic() + self._limit_s, cursor)
            self._changed.notify()
        try:
            yield
        except duckdb.InterruptException:
            raise QueryTooSlow(self._limit_s) from None
        finally:
            with self._changed:
                del self._ends[id(cursor)]

    def close(self) -> None:
        """Interrupt whatever still runs, and watch no more."""
        with self._changed:
            self._closed = True
            for _, cursor in self._ends.values():
                cursor.interrupt()
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                for end, cursor in self._ends.values():
                    if end <= now:
                        cursor.interrupt()  # again and again, since the block may have several statements
                self._changed.wait(_LOOK_S if self._ends else None)
