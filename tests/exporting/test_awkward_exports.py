"""Exports of what is unusually wide, long or many, into folders that others can see."""

from __future__ import annotations

import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path

import duckdb
import pytest
from tests.builders import Desk, StepClock, a_call, a_question, an_answer
from tests.exporting.offices import Copy, Office, check_hashes, manifest_of, rows

from postcall.domain.exports import ColumnType, ExportColumn, ExportFormat, ExportTable
from postcall.exporting.tables import body_of
from postcall.exporting.work import ExportHalted
from postcall.exporting.writing import open_table
from postcall.storage.database import open_record
from postcall.storage.export_rows import CallFields, RecordedCall, WriteFields


@pytest.fixture
def office(desk: Desk, tmp_path: Path) -> Office:
    return Office(desk, tmp_path / "out")


@pytest.mark.parametrize(
    ("columns", "count", "length"),
    [(1_500, 300, 100), (2, 20_000, 3_000), (2, 60, 500_000)],
    ids=["many columns", "long texts", "very long texts"],
)
def test_what_is_wide_or_long_becomes_parquet(tmp_path: Path, columns: int, count: int, length: int) -> None:
    table = ExportTable("calls", tuple(ExportColumn(f"m{i}", ColumnType.STRING) for i in range(columns)))
    made = open_table(ExportFormat.PARQUET, table, tmp_path, number=1)
    for number in range(count):
        made.add([f"{number:010}" * (length // 10)] * columns)
    assert made.finish().rows == count
    with duckdb.connect() as reader:
        found = reader.execute(f"SELECT count(*), max(m1)[:10] FROM '{made.path}'").fetchall()
    assert found == [(count, f"{count - 1:010}")]


def test_long_values_are_not_kept_in_memory_once_their_call_is_written() -> None:
    call = CallFields(1, 1, "a", "clinic", "x", 1, "completed", "phone", "inbound", "live", 0, False, *[None] * 24)  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        for number in range(1_000):
            write = WriteFields(1, 0, "NOTE", f'"{number:010000}"', "agent", 0)
            body_of(RecordedCall(call, [write], [], [], {}))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_000_000


def test_nobody_else_on_the_machine_can_read_what_was_said(desk: Desk, office: Office) -> None:
    desk.hand_in(a_call())
    office.folder.mkdir(mode=0o777)
    folder = office.export(transcripts=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_disk_that_is_full_is_said_in_a_line_and_the_command_goes_on_afterwards(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    record = open_record(f"sqlite:///{tmp_path / 'd' / 'postcall.db'}")
    desk = Desk(record, StepClock())
    for number in range(9):
        desk.hand_in(a_call(f"call-{number}", metadata={"x": "y" * 30_000}))
    record.close()
    command = [sys.executable, "-m", "postcall", "export", "out", "--data", "d"]
    limited = ["bash", "-c", 'ulimit -f 100 && exec "$@"', "bash", *command]  # files of 100 KiB and no more
    full = subprocess.run(limited, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert full.returncode == 1
    assert full.stderr.strip().startswith("postcall: out: File too large; once that is put right")
    assert "Traceback" not in full.stderr
    assert [each.name for each in (tmp_path / "out").iterdir() if each.name[0] != "."] == ["0001.unfinished"]
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert again.stdout.startswith("out/0001: 9 calls")


def test_a_kill_between_two_steps_leaves_nothing_behind(desk: Desk, office: Office) -> None:
    desk.hand_in(a_call())
    with pytest.raises(ExportHalted):
        office.export(die_after=1)
    (office.folder / "0001.unfinished" / ".calls-00001").write_bytes(b"what was said")
    check_hashes(office.export())


def test_many_changes_make_several_files_as_many_calls_do(desk: Desk, office: Office) -> None:
    desk.ask(a_question())
    copy = Copy()
    copy.take_in(office.export())
    for number in range(8):
        desk.hand_in(a_call(f"call-{number}"))
        desk.extract(an_answer())
    folder = office.export(incremental=True)
    check_hashes(folder)
    assert [file.rows for file in manifest_of(folder).files if file.table == "calls"] == [3, 3, 2]
    copy.take_in(folder)
    desk.hand_in(a_call("call-7", "user: Other words."), replace=True)
    desk.hand_in(a_call("call-8"))
    again = office.export(incremental=True)
    assert {row["call_id"] for row in rows(again, "calls")} == {"call-7", "call-8"}
    copy.take_in(again)
    assert sorted(copy.calls) == sorted(desk.ids())


def test_what_changes_by_parts_while_all_is_read_is_there_once(desk: Desk, office: Office) -> None:
    for number in range(9):
        desk.hand_in(a_call(f"call-{number}"))
    with pytest.raises(ExportHalted):
        office.export(die_after=6)
    for number in (0, 2, 4, 6, 8):
        desk.hand_in(a_call(f"call-{number}", "user: Other words."), replace=True)
    with pytest.raises(ExportHalted):  # once before it has caught up, once after
        office.export(die_after=7)
    folder = office.export()
    check_hashes(folder)
    found = {row["call_id"]: row["revision"] for row in rows(folder, "calls")}
    assert found == {f"call-{number}": 2 - number % 2 for number in range(9)}
    assert len(rows(folder, "calls")) == 9
