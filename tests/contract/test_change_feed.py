"""The change feed: who follows it misses nothing, and is told where something may be missing."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tests.builders import NOON, Desk, a_call

from postcall.storage.calls import remove_calls
from postcall.storage.changes import (
    KEPT,
    Changed,
    Mark,
    count_changes,
    first_mark,
    forget_old_changes,
    note_agent_change,
    note_change,
    note_changes,
    read_changes,
    why_lost,
)
from postcall.storage.database import Record, open_record
from postcall.storage.schema import calls, changes

postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
"""For what only transactions that overlap can show: SQLite has one writer at a time."""


def note(record: Record, *call_pks: int, days_ago: float = 0) -> None:
    """Each in a transaction of its own."""
    for call_pk in call_pks:
        at = NOON - timedelta(days=days_ago)
        record.write(lambda c, call_pk=call_pk, at=at: note_change(c, call_pk, now=at))  # type: ignore[misc]


def start(record: Record) -> Mark:
    return record.read(first_mark)


def look(record: Record, mark: Mark, *, limit: int = 1_000) -> Changed:
    return record.read(lambda c: read_changes(c, mark, limit=limit))


def look_until_the_end(record: Record, mark: Mark, *, limit: int) -> tuple[list[frozenset[int]], Mark]:
    portions = []
    while True:
        changed = look(record, mark, limit=limit)
        portions.append(changed.call_pks)
        mark = changed.mark
        if not changed.more:
            return portions, mark


def lost(record: Record, mark: Mark) -> str | None:
    return record.read(lambda c: why_lost(c, mark))


def forget(record: Record, *, now_in_days: float = 0) -> int:
    return record.write(lambda c: forget_old_changes(c, now=NOON + timedelta(days=now_in_days)))


@contextmanager
def raw_connections(url: str, how_many: int) -> Iterator[list[Connection]]:
    """Connections whose transactions begin and end when the test says so."""
    engine = sa.create_engine(url)
    opened = [engine.connect() for _ in range(how_many)]
    try:
        yield opened
    finally:
        for connection in opened:
            connection.close()
        engine.dispose()


def test_a_follower_is_told_what_came_after_its_mark_and_nothing_else(record: Record) -> None:
    note(record, 1)
    mark = start(record)
    assert look(record, mark).call_pks == frozenset()
    note(record, 2, 3, 2)
    record.write(lambda c: note_agent_change(c, 7, now=NOON))
    changed = look(record, mark)
    assert changed.call_pks == {2, 3}
    assert changed.agent_pks == {7}
    assert not changed.more
    assert changed.oldest_at == NOON
    assert look(record, changed.mark).call_pks == frozenset()
    assert lost(record, changed.mark) is None


def test_a_write_that_fails_tells_nothing(record: Record) -> None:
    mark = start(record)

    def fail(connection: Connection) -> None:
        note_change(connection, 1, now=NOON)
        raise RuntimeError("the disk is on fire")

    with pytest.raises(RuntimeError):
        record.write(fail)
    note(record, 2)
    assert look(record, mark).call_pks == {2}


def test_a_limit_cuts_the_feed_into_portions_that_together_are_all_of_it(record: Record) -> None:
    mark = start(record)
    note(record, *range(1, 11))
    for limit in (1, 3, 10, 11):
        portions, end = look_until_the_end(record, mark, limit=limit)
        assert frozenset().union(*portions) == set(range(1, 11))
        assert max(map(len, portions)) <= limit
        assert look(record, end).call_pks == frozenset()


def test_whoever_stands_at_a_mark_knows_how_many_changes_are_ahead(record: Record) -> None:
    mark = start(record)
    note(record, 1, 2, 3)
    assert record.read(lambda c: count_changes(c, mark)) == 3
    assert record.read(lambda c: count_changes(c, look(record, mark).mark)) == 0


@postgres
def test_a_transaction_that_began_earlier_and_commits_later_is_not_missed(database_url: str, record: Record) -> None:
    mark = start(record)
    with raw_connections(database_url, 1) as [slow]:
        note_change(slow, 1, now=NOON)
        note(record, 2, 3)
        changed = look(record, mark)
        assert changed.call_pks == frozenset()
        assert not changed.more
        slow.commit()
    assert look(record, changed.mark).call_pks == {1, 2, 3}


@postgres
def test_a_transaction_with_later_keys_that_commits_first_does_not_hide_the_other(
    database_url: str, record: Record
) -> None:
    mark = start(record)
    seen: set[int] = set()
    with raw_connections(database_url, 3) as [first, second, third]:
        note_change(second, 2, now=NOON)
        note_change(first, 1, now=NOON)
        note_change(third, 3, now=NOON)
        for ending in (third.commit, first.commit, second.commit):
            ending()
            changed = look(record, mark, limit=1)
            seen |= changed.call_pks
            mark = changed.mark
    while changed.more:
        changed = look(record, changed.mark, limit=1)
        seen |= changed.call_pks
    assert seen == {1, 2, 3}


@postgres
def test_a_transaction_that_is_undone_late_holds_nobody_up_any_longer(database_url: str, record: Record) -> None:
    mark = start(record)
    with raw_connections(database_url, 1) as [slow]:
        note_change(slow, 1, now=NOON)
        note(record, 2)
        assert look(record, mark).call_pks == frozenset()
        slow.rollback()
    assert look(record, mark).call_pks == {2}


@postgres
def test_a_limit_never_splits_a_transaction(database_url: str, record: Record) -> None:
    mark = start(record)
    with raw_connections(database_url, 2) as [one, other]:
        for call_pk in range(1, 7):  # their keys stand in turn
            note_change(one if call_pk % 2 else other, call_pk, now=NOON)
        other.commit()
        one.commit()
    portions, _ = look_until_the_end(record, mark, limit=2)
    assert [portion for portion in portions if portion] == [{1, 3, 5}, {2, 4, 6}]


@postgres
def test_a_copy_of_an_index_made_while_a_transaction_was_open_is_told_of_it_afterwards(
    database_url: str, record: Record
) -> None:
    with raw_connections(database_url, 1) as [slow]:
        note_change(slow, 1, now=NOON)
        note(record, 2)
        mark = start(record)
        slow.commit()
    assert 1 in look(record, mark).call_pks


def test_forgetting_old_changes_leaves_those_right_who_have_read_them(record: Record) -> None:
    note(record, 1, 2, 3, days_ago=KEPT.days + 1)
    mark = start(record)
    assert forget(record) == 2
    assert forget(record) == 0
    assert lost(record, mark) is None
    note(record, 4)
    assert lost(record, mark) is None
    assert look(record, mark).call_pks == {4}
    assert forget(record, now_in_days=KEPT.days + 1) == 1
    assert lost(record, look(record, mark).mark) is None


def test_recent_changes_are_not_forgotten(record: Record) -> None:
    mark = start(record)
    note(record, 1, 2, days_ago=KEPT.days - 1)
    assert forget(record) == 0
    assert look(record, mark).call_pks == {1, 2}


def test_who_was_away_for_too_long_is_told(record: Record) -> None:
    note(record, 1, days_ago=KEPT.days + 2)
    mark = start(record)
    note(record, 2, 3, days_ago=KEPT.days + 1)
    note(record, 4)
    assert lost(record, mark) is None
    forget(record)
    assert "longer" in (lost(record, mark) or "")


@postgres
def test_who_was_away_is_told_also_where_transactions_overlapped(database_url: str, record: Record) -> None:
    long_ago = NOON - KEPT - timedelta(days=1)
    with raw_connections(database_url, 2) as [early, late]:
        note_change(early, 1, now=long_ago)
        note_change(late, 2, now=long_ago)
        note_change(early, 3, now=long_ago)  # the newest key, of the oldest transaction
        early.commit()
        changed = look(record, Mark(0))
        assert changed.call_pks == {1, 3}
        late.commit()
    note(record, 4)
    forget(record)
    missed = look(record, changed.mark).call_pks
    assert 2 in missed or lost(record, changed.mark) is not None


def test_a_follower_of_another_record_is_told(record: Record, tmp_path: Path) -> None:
    note(record, 1)
    other = open_record(f"sqlite:///{tmp_path / 'other.db'}")
    note(other, *range(1, 6), days_ago=1)
    stranger = start(other)
    assert "another" in (lost(record, replace(start(record), last_at=stranger.last_at)) or "")
    empty = open_record(f"sqlite:///{tmp_path / 'empty.db'}")
    assert "another" in (lost(empty, stranger) or "")
    other.close()
    empty.close()


def test_a_follower_that_knows_more_than_a_restored_copy_is_told(sqlite_url: str, tmp_path: Path) -> None:
    record = open_record(sqlite_url)
    note(record, 1)
    record.close()
    copy = tmp_path / "copy.db"
    shutil.copy(tmp_path / "postcall.db", copy)
    record = open_record(sqlite_url)
    note(record, 2)
    mark = start(record)
    record.close()
    restored = open_record(f"sqlite:///{copy}")
    assert "older copy" in (lost(restored, mark) or "")
    note(restored, 3, days_ago=0.5)
    note(restored, 4)
    assert "older copy" in (lost(restored, mark) or "")
    restored.close()


@postgres
def test_a_follower_of_a_record_that_moved_to_another_server_is_told(database_url: str, record: Record) -> None:
    """There transactions are numbered anew, so what comes would never be after its mark."""
    note(record, 1)
    mark = start(record)
    ahead = 1_000_000_000
    with raw_connections(database_url, 1) as [connection]:
        connection.execute(sa.update(changes).values(xid=changes.c.xid + ahead))
        connection.commit()
    there = replace(mark, upto=mark.upto + ahead)
    note(record, 2)
    assert 2 in look(record, there).call_pks or lost(record, there) is not None


def test_an_index_that_was_made_of_an_empty_record_goes_on_from_there(record: Record) -> None:
    mark = start(record)
    assert lost(record, mark) is None
    note(record, 1)
    assert lost(record, mark) is None
    assert look(record, mark).call_pks == {1}


def _key(connection: Connection, call_id: str) -> int:
    return int(connection.execute(sa.select(calls.c.pk).where(calls.c.id == call_id)).scalar_one())


def test_a_call_is_told_when_it_comes_changes_and_goes(desk: Desk) -> None:
    mark = start(desk.record)

    def told() -> bool:
        nonlocal mark
        changed = look(desk.record, mark)
        mark = changed.mark
        return changed.call_pks == {pk}

    desk.hand_in(a_call())
    pk = desk.record.read(lambda c: _key(c, "call-1"))
    assert told()
    desk.extract()
    assert told()
    desk.hand_in(a_call(metrics={"A": 1}), replace=True)
    assert told()
    agent_pk = desk.record.read(lambda c: c.execute(sa.select(calls.c.agent_pk)).scalar_one())
    desk.record.write(lambda c: remove_calls(c, agent_pk, id_prefix="call", now=NOON))
    assert told()
    desk.record.write(lambda c: remove_calls(c, agent_pk, id_prefix="call", now=NOON))
    assert look(desk.record, mark).call_pks == frozenset()


def test_no_change_of_many_writers_escapes_a_reader(record: Record) -> None:
    writers, each = 6, 25
    mark = start(record)
    at_work = threading.Semaphore(0)
    wanted = {writer * 1_000 + number for writer in range(writers) for number in range(each)}

    def write(writer: int) -> None:
        chance = random.Random(writer)
        keys = [writer * 1_000 + number for number in range(each)]
        while keys:
            size = chance.randint(1, 4)
            some, keys = keys[:size], keys[size:]
            record.write(_slowly(some, chance.random() * 0.004))
        at_work.release()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    seen: set[int] = set()
    chance = random.Random(99)
    ended = 0
    while True:
        if at_work.acquire(blocking=False):
            ended += 1
        changed = look(record, mark, limit=chance.randint(1, 12))
        seen |= changed.call_pks
        mark = changed.mark
        if ended == writers and not changed.call_pks:
            break
    for thread in threads:
        thread.join()
    assert seen == wanted


def _slowly(call_pks: list[int], seconds: float) -> Callable[[Connection], None]:
    """A write that is under way for a while after its first change."""

    def work(connection: Connection) -> None:
        note_changes(connection, call_pks[:1], now=NOON)
        threading.Event().wait(seconds)
        note_changes(connection, call_pks[1:], now=NOON)

    return work
