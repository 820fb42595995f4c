"""The index while it is in use: opened or built, kept up with the record, and built anew when it is at fault.

One thread follows the change feed. Whoever asks a question may also bring the index up to date first, so that a
change that was committed before the question is in the answer.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb
from sqlalchemy.engine import Connection

from postcall.errors import ReportsBuilding
from postcall.reporting.building import fill
from postcall.reporting.deadlines import Deadlines
from postcall.reporting.gate import Gate
from postcall.reporting.index_file import IndexFile, IndexLocked, IndexUnusable, is_broken, remove_index
from postcall.reporting.projection import Trait, Traits
from postcall.reporting.record_rows import Lines, calls_of_agents, read_lines
from postcall.storage.changes import Changed, Mark, count_changes, first_mark, read_changes, why_lost
from postcall.storage.database import Record

log = logging.getLogger(__name__)

LOOK_S = 0.2
"""Between two looks at the feed: with the time of the work itself, well within the second that is promised."""
_BATCH = 2_000
"""Changes taken over at once."""
_PATIENCE_S = 0.5
"""How long a question waits for changes that are being taken over."""
_WAIT_S = 3.0
"""How long a question waits for an index that is being built, before it says so."""
_RETRY_S = 15.0
"""After a build that failed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is."""

    done: int
    total: int


class Index:
    """The one index of a process. Without `start` it is opened by the first question, and follows only questions."""

    def __init__(self, record: Record, file: Path, *, clock: Callable[[], datetime]) -> None:
        self._record = record
        self._file = file
        self._borrowed = False
        """Whether the file is another than the one that stays."""
        self._clock = clock
        self._gate = Gate()
        """Held for reading by questions and for writing while one file takes another's place."""
        self._deadlines = Deadlines()
        self._feeding = threading.Lock()
        self._building = threading.Lock()
        self._opening = threading.Lock()
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._open: IndexFile | None = None
        self._mark = Mark(0)
        self._traits: dict[tuple[int, int, str], Trait] = {}
        self._untold = Traits()
        """What of them the file does not hold yet, also after a write of it that failed."""
        self._thread: threading.Thread | None = None
        self._unready_since = 0.0
        self.progress: Progress | None = None
        """Of the build under way."""
        self.reason: str | None = None
        """Why it was last built anew, or could not be."""
        self.failed = False
        self.is_behind = False
        """Whether there were more changes than could be taken over at the last look."""
        self.generation = 0
        """Rises with every change, so that what was reckoned before can be told from what was not."""

    def start(self) -> None:
        """Open what is there, or begin to build; then follow the record on a thread of its own."""
        self._unready_since = time.monotonic()
        self._thread = threading.Thread(target=self._follow, name="reports", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following and let go of the file."""
        self._stopping.set()
        self._wake.set()
        self._deadlines.close()
        if self._thread is not None:
            self._thread.join(timeout=30)
        with self._gate.alone():
            self._let_go()
            if self._borrowed:
                remove_index(self._own_path())

    @contextmanager
    def reading(self, *, fresh: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor over the calls, every change that is committed by now included.

        Raises ReportsBuilding where there is no index yet. Where the file turns out to be broken, waits for the new
        one that is then built; the caller asks again. Within it nothing else may be read from the index.
        """
        with self.seeing(fresh=fresh) as (cursor, _):
            yield cursor

    @contextmanager
    def seeing(self, *, fresh: bool = True) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """`reading`, with the generation of what the cursor sees, or an earlier one."""
        used = None
        try:
            self._await_file()
            while True:
                used = self._open
                if fresh:
                    self.catch_up(once=self._thread is not None)  # where nobody follows, there may be many batches
                with self._gate.shared():
                    if used is not self._open:  # a new one took its place, which may lack the newest changes
                        continue
                    if used is None:
                        raise self._not_ready()
                    generation = self.generation
                    with used.view() as cursor, self._deadlines.on(cursor):
                        yield cursor, generation
                    return
        except duckdb.Error as error:
            if not is_broken(error):
                raise
            self._condemn(error, used)
            raise self._not_ready() from error
        except OSError as error:
            raise ReportsBuilding(None, reason=f"the index cannot be written: {error.strerror}") from error

    def _await_file(self) -> None:
        """Nobody follows where the index was not started: then it is opened by the first question."""
        if self._thread is not None:
            waited = time.monotonic() - self._unready_since
            if not self._ready.wait(max(0.0, _WAIT_S - waited)):  # whoever comes later need not wait as well
                raise self._not_ready()
            return
        with self._opening:
            if not self._ready.is_set():
                self._open_or_build()
            self._check_file()

    def traits(self, account_pk: int, agent_pks: Collection[int] | None) -> dict[str, Trait]:
        """What is known of each name in the calls of these agents, or of all."""
        found: dict[str, Trait] = {}
        for (account, agent, name), trait in list(self._traits.items()):
            if account == account_pk and (agent_pks is None or agent in agent_pks):
                found[name] = found.get(name, Trait(0)) | trait
        return found

    def traits_by_agent(self, account_pk: int) -> dict[tuple[int, str], Trait]:
        """The same, by agent and name."""
        known = list(self._traits.items())  # at once, since the thread that follows adds to them
        return {(agent, name): trait for (account, agent, name), trait in known if account == account_pk}

    def catch_up(self, *, once: bool = False) -> None:
        """Take over every change that is committed by now; with `once` a batch at most.

        While many calls are read again, as after a definition, `once` does not wait for the end of it: then
        `is_behind` says so.
        """
        if once:
            self._catch_up_once()
            return
        with self._feeding:
            while self._take_changes():
                pass

    def _catch_up_once(self) -> None:
        if not self._behind():
            return
        if not self._feeding.acquire(timeout=_PATIENCE_S):
            self.is_behind = True
            return
        try:
            self._take_changes()
        finally:
            self._feeding.release()

    def behind(self) -> int:
        """How many changes are not in it."""
        return self._record.read(lambda c: count_changes(c, self._mark))

    def lag(self) -> float:
        """Seconds since the oldest change that is not in it; 0 where all are."""
        changed = self._record.read(lambda c: read_changes(c, self._mark, limit=1))
        return 0.0 if changed.oldest_at is None else max(0.0, (self._clock() - changed.oldest_at).total_seconds())

    def count(self) -> int:
        """How many calls it holds; 0 where there is none."""
        with self._gate.shared():
            return self._open.count() if self._open else 0

    def size(self) -> int:
        """Bytes on disk."""
        with self._gate.shared():
            return self._open.size() if self._open else 0

    @property
    def is_ready(self) -> bool:
        """Whether questions can be answered."""
        return self._ready.is_set()

    def rebuild(self, reason: str) -> None:
        """Build a new file beside the one in use, then let it take its place. One build at a time."""
        with self._building:
            new = self._file.with_name(f"{self._file.stem}-new.duckdb")
            mark = self._build(new)
            with self._feeding, self._gate.alone():
                self._let_go()
                path = self._own_path()
                remove_index(path)
                new.rename(path)
                self._take(IndexFile.open(path))
                self._mark = mark
            self.reason, self.failed, self.progress = reason, False, None
            self._ready.set()
        self.catch_up()

    # --- following ---------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._ready.is_set():
                    self._open_or_build()
                self._check_file()
                self.catch_up()
                if self.failed:
                    self.failed, self.reason = False, None
                pause = LOOK_S
            except ReportsBuilding:  # it is being closed
                return
            except (duckdb.Error, IndexUnusable) as error:
                self._condemn(error)
                self._stopping.wait(_RETRY_S if self.failed else 0.0)  # not `_wake`, which has just been set
                pause = 0.0
            except Exception as error:  # the record or the disk may be away for a while; questions say why
                log.exception("the reporting index cannot follow the record")
                self.reason, self.failed, pause = f"it cannot follow: {type(error).__name__}", True, _RETRY_S
            self._wake.wait(pause)
            self._wake.clear()

    def _open_or_build(self) -> None:
        try:
            opened = IndexFile.open(self._own_path())
            lost = self._record.read(lambda c: why_lost(c, opened.read_mark()))
            if lost is not None:
                opened.close()
                raise IndexUnusable(lost)
        except IndexLocked:
            # A file of one's own until this process ends: building it is a matter of seconds.
            self._file, self._borrowed = self._file.with_name(f"index-{os.getpid()}.duckdb"), True
            self.rebuild("another process holds the index, so this one has its own")
            return
        except IndexUnusable as error:
            self.rebuild(str(error))
            return
        with self._gate.alone():
            self._take(opened)
        self.catch_up()  # with all that came while nobody followed, before the first question
        self._ready.set()

    def _check_file(self) -> None:
        """Notice that somebody took the file away, which DuckDB itself would not."""
        if self._open is not None and not self._open.is_in_place():
            self.rebuild("its file was gone")

    def _condemn(self, error: BaseException, used: IndexFile | None = None) -> None:
        """The file is broken: no question sees it again, and the thread builds another."""
        with self._gate.alone():
            if used is not None and used is not self._open:  # somebody saw it before, and this is the new one
                return
            log.warning("the reporting index is broken and will be built anew: %s", error)
            self._ready.clear()
            self._unready_since = time.monotonic()
            self._let_go()
            remove_index(self._own_path())
        self._wake.set()

    def _take_changes(self) -> bool:
        """Take over one batch; whether there is more."""
        if self._open is None:
            return False
        changed, lines = self._record.read(self._read_changed)
        if changed.agent_pks:
            self._reread_agents(changed.agent_pks)
        if changed.call_pks or changed.agent_pks:
            self._put(changed.call_pks, lines, changed.mark)
        self._mark = changed.mark
        self.is_behind = changed.more
        return changed.more

    def _read_changed(self, connection: Connection) -> tuple[Changed, Lines]:
        changed = read_changes(connection, self._mark, limit=_BATCH)
        return changed, read_lines(connection, changed.call_pks)

    def _reread_agents(self, agent_pks: Collection[int]) -> None:
        pks = self._record.read(lambda c: calls_of_agents(c, agent_pks))
        for first in range(0, len(pks), _BATCH):
            some = pks[first : first + _BATCH]
            self._put(some, self._record.read(partial(read_lines, call_pks=some)), None)

    def _put(self, call_pks: Collection[int], lines: Lines, mark: Mark | None) -> None:
        self._untold.merge(self._news(lines.traits))
        self._learn(lines.traits)  # before the rows can be seen: they are read by what is known of their names
        with self._gate.shared():
            if self._open is None:
                return
            self._open.replace(call_pks, lines.rows, self._untold, mark)
        self._untold = Traits()
        self.generation += 1

    def _news(self, traits: Traits) -> Traits:
        """Only what was not known before, which soon is nothing."""
        new = Traits()
        for (account, agent, name), trait in traits.each():
            if trait not in self._traits.get((account, agent, name), Trait(0)):
                new.found.setdefault((account, agent), {})[name] = int(trait)
        return new

    def _learn(self, traits: Traits) -> None:
        for key, trait in traits.each():
            self._traits[key] = self._traits.get(key, Trait(0)) | trait

    def _behind(self) -> bool:
        mark = self._mark
        return self._record.read(lambda c: bool(read_changes(c, mark, limit=1).oldest_at))

    # --- building ----------------------------------------------------------------------------------------------

    def _build(self, path: Path) -> Mark:
        """Make and fill a file, of which nothing stays where that fails."""
        try:
            with closing(IndexFile.create(path)) as new:
                mark = self._fill(new)
                new.settle()
        except BaseException as error:
            remove_index(path)
            if not isinstance(error, ReportsBuilding):
                self.reason, self.failed = f"it cannot be built: {type(error).__name__}", True
            raise
        return mark

    def _fill(self, new: IndexFile) -> Mark:
        """What changes meanwhile is told by the feed from the mark on."""
        mark = self._record.read(first_mark)

        def tell(done: int, total: int) -> bool:
            self.progress = Progress(done, total)
            return not self._stopping.is_set()

        traits = fill(new, self._record, tell=tell)
        if self._stopping.is_set():  # it lacks calls, so it must not take the other's place
            raise self._not_ready()
        new.note(traits, mark)
        return mark

    def _own_path(self) -> Path:
        return self._file

    def _take(self, opened: IndexFile) -> None:
        self._open = opened
        self._mark = opened.read_mark()
        self._traits, self._untold = opened.read_traits(), Traits()
        self.generation += 1

    def _let_go(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _not_ready(self) -> ReportsBuilding:
        progress = self.progress
        share = progress.done / progress.total if progress and progress.total else None
        return ReportsBuilding(share, reason=self.reason if self.failed else None)


def wait_until_ready(index: Index, *, timeout_s: float) -> bool:
    """Whether the index answers within this time."""
    end = time.monotonic() + timeout_s
    while not index.is_ready and time.monotonic() < end:
        time.sleep(0.01)
    return index.is_ready
