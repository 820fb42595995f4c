"""Transactions and tables, the same on both databases."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import NOON, Desk, a_call
from tests.postgres import Cluster

from postcall.domain.calls import IncomingCall
from postcall.errors import SettingsError
from postcall.intake.service import take_call
from postcall.storage import database, page_schema  # noqa: F401 - the latter's tables are part of the metadata
from postcall.storage.accounts import ensure_account
from postcall.storage.calls import Accepted
from postcall.storage.database import Record, newest_migration, open_record
from postcall.storage.schema import JsonText, Moment, metadata


class Mishap(Exception):
    """What goes wrong in the middle of a write."""


def count_rows(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def take_then_fail(desk: Desk, call: IncomingCall) -> Future[Accepted]:
    take = take_call(desk.pk, call, now=desk.clock(), replace=False)

    def work(connection: sa.Connection) -> Accepted:
        take(connection)
        raise Mishap

    return desk.record.submit(work)


def test_a_write_that_fails_stores_nothing(desk: Desk) -> None:
    with pytest.raises(Mishap):
        take_then_fail(desk, a_call(agent="unheard-of", metrics={"X": 1})).result()
    written = [table for table in metadata.tables.values() if table.name != "accounts"]
    assert desk.record.read(lambda c: sum(count_rows(c, table) for table in written)) == 0


def test_a_write_that_fails_does_not_take_its_neighbours_along(desk: Desk) -> None:
    """On SQLite waiting writes share a commit; here many wait behind a slow one."""
    hold = threading.Event()
    slow = desk.record.submit(lambda _: hold.wait(5))
    good = [
        desk.record.submit(take_call(desk.pk, a_call(f"good-{n}"), now=desk.clock(), replace=False)) for n in range(20)
    ]
    bad = [take_then_fail(desk, a_call(f"bad-{n}")) for n in range(10)]
    more = [
        desk.record.submit(take_call(desk.pk, a_call(f"more-{n}"), now=desk.clock(), replace=False)) for n in range(20)
    ]
    hold.set()
    slow.result()
    assert all(done.result().created for done in good + more)
    for done in bad:
        with pytest.raises(Mishap):
            done.result()
    assert sorted(desk.ids()) == sorted([f"good-{n}" for n in range(20)] + [f"more-{n}" for n in range(20)])


def test_a_database_error_in_one_write_does_not_take_its_neighbours_along(desk: Desk) -> None:
    hold = threading.Event()
    slow = desk.record.submit(lambda _: hold.wait(5))
    good = desk.record.submit(take_call(desk.pk, a_call("good"), now=desk.clock(), replace=False))
    bad = desk.record.submit(lambda c: c.execute(sa.text("SELECT * FROM nowhere")))
    more = desk.record.submit(take_call(desk.pk, a_call("more"), now=desk.clock(), replace=False))
    hold.set()
    slow.result()
    with pytest.raises(sa.exc.DatabaseError):
        bad.result()
    assert good.result().created
    assert more.result().created
    assert sorted(desk.ids()) == ["good", "more"]


def test_what_a_write_returns_is_committed(desk: Desk, database_url: str) -> None:
    desk.hand_in(a_call())
    elsewhere = open_record(database_url)
    try:
        assert Desk(elsewhere, desk.clock).ids() == ["call-1"]
    finally:
        elsewhere.close()


def test_two_processes_may_write_at_once(desk: Desk, database_url: str) -> None:
    elsewhere = open_record(database_url)
    other = Desk(elsewhere, desk.clock)
    try:
        waiting = [
            at.record.submit(take_call(at.pk, a_call(f"{name}-{n}"), now=desk.clock(), replace=False))
            for n in range(30)
            for name, at in (("here", desk), ("there", other))
        ]
        assert all(done.result().created for done in waiting)
        assert desk.count() == 60
    finally:
        elsewhere.close()


def test_the_same_call_from_many_senders_at_once_is_stored_once(desk: Desk, database_url: str) -> None:
    elsewhere = open_record(database_url)
    try:
        waiting = [
            at.submit(take_call(desk.pk, a_call(agent=f"new-{n % 3}"), now=desk.clock(), replace=False))
            for n in range(24)
            for at in (desk.record, elsewhere)
            if n % 3 == 0
        ]
        created = [done.result().created for done in waiting]
    finally:
        elsewhere.close()
    assert created.count(True) == 1
    assert (desk.count(), len(desk.claim())) == (1, 1)


def test_calls_for_a_new_agent_from_many_senders_make_one_agent(desk: Desk, database_url: str) -> None:
    elsewhere = open_record(database_url)
    try:
        waiting = [
            at.submit(take_call(desk.pk, a_call(f"{id(at)}-{n}", agent="new"), now=desk.clock(), replace=False))
            for n in range(12)
            for at in (desk.record, elsewhere)
        ]
        assert all(done.result().created for done in waiting)
    finally:
        elsewhere.close()
    assert len({row.call.agent_id for row in desk.page().rows}) == 1


def test_a_reader_does_not_wait_for_a_writer(desk: Desk) -> None:
    desk.hand_in(a_call())
    hold = threading.Event()
    started = threading.Event()

    def linger(connection: sa.Connection) -> None:
        ensure_account(connection, "slow", now=desk.clock())
        started.set()
        hold.wait(10)

    slow = desk.record.submit(linger)
    started.wait(5)
    began = time.monotonic()
    assert desk.ids() == ["call-1"]
    took = time.monotonic() - began
    hold.set()
    slow.result()
    assert took < 5


def test_closing_finishes_the_writes_under_way(record: Record, database_url: str) -> None:
    desk = Desk(record)
    waiting = [record.submit(take_call(desk.pk, a_call(f"{n}"), now=NOON, replace=False)) for n in range(50)]
    record.close()
    assert all(done.result().created for done in waiting)
    again = open_record(database_url)
    assert Desk(again).count() == 50
    again.close()


def test_opening_a_record_again_keeps_what_is_there(desk: Desk, database_url: str) -> None:
    desk.hand_in(a_call())
    desk.record.close()
    again = open_record(database_url)
    assert Desk(again, desk.clock).ids() == ["call-1"]
    again.close()


def _is_table_of_the_code(name: str | None, kind: str, _: object) -> bool:
    """The index of words has tables of its own on each database, which no model describes."""
    return not (kind == "table" and (name or "").startswith("call_search"))


def _differences(url: str) -> list[object]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": _is_table_of_the_code}
        context = MigrationContext.configure(connection, opts=options)
        found = list(compare_metadata(context, metadata))
    engine.dispose()
    return found


def test_the_migrations_lead_to_the_tables_that_the_code_expects_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    open_record(url).close()
    assert _differences(url) == []


@pytest.mark.postgres
def test_the_migrations_lead_to_the_tables_that_the_code_expects_on_postgresql(cluster: Cluster) -> None:
    url = cluster.empty_database()
    open_record(url).close()
    assert _differences(url) == []
    cluster.drop(url)


def test_the_newest_migration_is_known_without_reading_any() -> None:
    folder = Path(database.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == newest_migration()


@pytest.mark.postgres
def test_many_processes_may_open_an_empty_record_at_once(cluster: Cluster) -> None:
    url = cluster.empty_database()
    opened: list[Record] = []
    threads = [threading.Thread(target=lambda: opened.append(open_record(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(opened) == 4
    for each in opened:
        each.close()
    cluster.drop(url)


def test_sqlite_syncs_every_commit_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "postcall.db"
    opened = open_record(f"sqlite:///{file}")
    mode = opened.read(lambda c: c.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    sync = opened.write(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar_one())
    opened.close()
    assert (mode, sync) == ("wal", 2)
    assert file.stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database_is_refused_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "postcall.db"
    file.write_text("Dear diary, this is not a database at all. " * 100)
    with pytest.raises(SettingsError) as refusal:
        open_record(f"sqlite:///{file}")
    assert "\n" not in refusal.value.message
    assert file.read_text().startswith("Dear diary")


def test_a_server_that_is_not_there_is_refused_in_a_line_without_its_password() -> None:
    with pytest.raises(SettingsError) as refusal:
        open_record("postgresql+psycopg://joe:hunter2@127.0.0.1:1/none")
    assert "\n" not in refusal.value.message
    assert "hunter2" not in refusal.value.message
    assert "127.0.0.1" in refusal.value.message


on_one_record = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@on_one_record
@given(moment=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()), value=json_values)
def test_moments_and_json_come_back_as_they_went_in(record: Record, moment: datetime, value: object) -> None:
    query = sa.select(
        sa.type_coerce(sa.literal(moment, Moment), Moment), sa.type_coerce(sa.literal(value, JsonText), JsonText)
    )
    back, same = record.read(lambda c: c.execute(query).one())
    assert back == moment.astimezone(UTC)  # of two zones, the hour that comes twice never equals itself
    assert back.utcoffset() == datetime.now(UTC).utcoffset()
    assert same == value
