"""What somebody finds who opens the files of an export."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.builders import AGENT, NOON, Desk, StepClock, a_call, a_question, an_answer, silent
from tests.exporting.offices import Copy, Office, check_hashes, manifest_of, rows

from postcall.domain.exports import ColumnType, ExportFormat
from postcall.domain.metrics import MetricType
from postcall.errors import AgentNotFound, BadInput
from postcall.exporting.work import ExportHalted, PartSize
from postcall.storage.agents import find_agent_row
from postcall.storage.calls import remove_calls
from postcall.storage.changes import KEPT, forget_old_changes, note_change
from postcall.storage.metric_definitions import NewMetric, define_metric


@pytest.fixture
def office(desk: Desk, tmp_path: Path) -> Office:
    """Exports into a folder that is not there yet."""
    return Office(desk, tmp_path / "out")


def some_calls(desk: Desk, count: int = 7) -> None:
    """Each with an answer and writes."""
    desk.ask(a_question())
    for number in range(count):
        desk.hand_in(a_call(f"call-{number}", metrics={"N": number, "SAID": ["a", "b"]}))
        desk.extract(an_answer(value=number % 2 == 0))


def ask(question: str) -> list[tuple[Any, ...]]:
    """What DuckDB finds in the files."""
    with duckdb.connect() as reader:
        return reader.execute(question).fetchall()


def remove(desk: Desk, call_id: str) -> None:
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT)).pk
    desk.record.write(lambda c: remove_calls(c, agent_pk, id_prefix=call_id, now=desk.clock()))


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_every_call_is_there_once_with_its_answers_and_writes(
    desk: Desk, office: Office, format_: ExportFormat
) -> None:
    some_calls(desk)
    folder = office.export(format_, transcripts=True)
    check_hashes(folder)
    counted: dict[str, int] = {}
    for file in manifest_of(folder).files:
        counted[file.table] = counted.get(file.table, 0) + file.rows
    assert counted == {"calls": 7, "answers": 7, "metric_writes": 21, "turns": 14}
    path = folder / f"calls-*.{format_.value}"
    reader = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}[format_.value]
    found = ask(f"SELECT call_id, N, SAID, booked FROM {reader}('{path}') ORDER BY 1")
    assert found == [(f"call-{n}", n, "b", n % 2 == 0) for n in range(7)]


def test_each_metric_has_a_column_of_its_own_type(desk: Desk, office: Office) -> None:
    desk.hand_in(a_call("a", metrics={"FLAG": True, "COUNT": 5, "SHARE": 0.5, "MIXED": "x", "BIG": 2**62 + 1}))
    desk.hand_in(a_call("b", metrics={"FLAG": False, "COUNT": 7, "SHARE": 2, "MIXED": 5, "BIG": 1}))
    folder = office.export(ExportFormat.PARQUET)
    types = {name: type_ for name, type_, *_ in ask(f"DESCRIBE SELECT * FROM read_parquet('{folder}/calls-*')")}
    wanted = {"FLAG": "BOOLEAN", "COUNT": "BIGINT", "SHARE": "DOUBLE", "MIXED": "VARCHAR", "BIG": "BIGINT"}
    assert {name: types[name] for name in wanted} == wanted
    assert types["started_at"] == "TIMESTAMP WITH TIME ZONE"
    values = ask(f"SELECT MIXED, BIG FROM read_parquet('{folder}/calls-*') ORDER BY call_id")
    assert values == [("x", 2**62 + 1), ("5", 1)]


def test_names_that_readers_would_confuse_are_told_apart(desk: Desk, office: Office) -> None:
    desk.hand_in(a_call("a", metrics={"Paid": 1, "PAID": 2, "status": "gold", "metric.paid": 3}))
    folder = office.export(ExportFormat.PARQUET)
    columns = {each.metric: each.name for each in manifest_of(folder).tables[0].columns if each.metric}
    assert len({name.casefold() for name in columns.values()}) == len(columns)
    assert columns["status"] == "metric.status"
    names = [columns[each] for each in ("Paid", "PAID", "status", "metric.paid")]
    quoted = ", ".join(f'"{name}"' for name in names)
    assert ask(f"SELECT {quoted} FROM read_parquet('{folder}/calls-*')") == [(1, 2, "gold", 3)]


def test_a_name_keeps_its_column_in_the_exports_that_follow(desk: Desk, office: Office) -> None:
    desk.hand_in(a_call("a", metrics={"paid": 1}))
    office.export()
    desk.hand_in(a_call("b", metrics={"PAID": 2, "paid": "later"}))
    columns = {each.metric: each for each in manifest_of(office.export(incremental=True)).tables[0].columns}
    assert columns["paid"].name == "paid"
    assert columns["paid"].type == "string"
    assert columns["PAID"].name == "metric.PAID"


def test_no_cell_of_a_csv_starts_a_formula(desk: Desk, office: Office) -> None:
    evil = "=cmd|' /C calc'!A0"
    desk.hand_in(a_call("a", f"user: {evil}", metrics={"@SUM": evil, "OK": "-5"}, from_number="+15550100"))
    folder = office.export(ExportFormat.CSV, transcripts=True)
    [row] = rows(folder, "calls")
    assert row["'@SUM"] == f"'{evil}"
    assert (row["OK"], row["from_number"]) == ("-5", "+15550100")
    assert rows(folder, "turns")[0]["text"] == f"'{evil}"
    assert {each["value"] for each in rows(folder, "metric_writes")} == {f"'{evil}", "-5"}


def test_what_does_not_fit_its_definition_is_no_value_but_stays_among_the_writes(desk: Desk, office: Office) -> None:
    desk.ask(a_question())
    new = NewMetric("N", MetricType.INTEGER)
    desk.record.write(lambda c: define_metric(c, desk.pk, AGENT, new, now=NOON))
    desk.hand_in(a_call("a", metrics={"N": ["5", "many"]}))
    desk.hand_in(a_call("b", metrics={"N": "many"}))
    folder = office.export()
    assert [row.get("N") for row in rows(folder, "calls")] == [5, None]
    assert [(each["value"], each["type"], each["fits"]) for each in rows(folder, "metric_writes")] == [
        ("5", "integer", True),
        ("many", "string", False),
        ("many", "string", False),
    ]


def test_an_answer_stands_with_its_evidence_whatever_its_status(desk: Desk, office: Office) -> None:
    desk.ask(a_question(), a_question("why", "Why?", "STRING"))
    desk.hand_in(a_call("a"))
    desk.extract(an_answer(), an_answer("why", status="error", type="STRING"))
    first, second = rows(office.export(), "answers")
    assert first["evidence"] == [{"turn": 1, "quote": "book a check-up"}]
    assert (second["question"], second["status"], second["value"]) == ("why", "error", None)
    [cells] = rows(office.export(ExportFormat.CSV), "calls")
    assert "why" not in cells


def test_an_account_without_calls_has_files_with_heads(office: Office) -> None:
    folder = office.export(ExportFormat.CSV)
    assert sorted(file.name for file in folder.glob("*.csv")) == [
        "answers-0001.csv",
        "calls-0001.csv",
        "metric_writes-0001.csv",
    ]
    assert rows(folder, "calls") == []
    assert manifest_of(folder).calls == 0


def test_only_the_wanted_calls_are_exported(desk: Desk, office: Office) -> None:
    for number, agent in enumerate(["clinic", "clinic", "shop"]):
        desk.hand_in(a_call(f"{agent}-{number}", agent=agent, started_at=NOON + timedelta(hours=number)))
    assert [row["call_id"] for row in rows(office.export(agents=("shop",)), "calls")] == ["shop-2"]
    hour = timedelta(hours=1)
    found = rows(office.export(since=NOON + hour, until=NOON + 2 * hour), "calls")
    assert [row["call_id"] for row in found] == ["clinic-1"]
    with pytest.raises(AgentNotFound):
        office.export(agents=("nobody",))
    with pytest.raises(BadInput, match="until"):
        office.export(since=NOON, until=NOON)


def test_a_number_that_no_longer_fits_its_column_is_told_and_not_rounded(desk: Desk, office: Office) -> None:
    desk.hand_in(a_call("call-1", metrics={"AMOUNT": 7, "SURE": True}))
    first = office.export(ExportFormat.PARQUET)
    assert manifest_of(first).altered == ()
    desk.hand_in(a_call("call-2", metrics={"AMOUNT": 12.5, "BRAND_NEW": "x"}))
    second = office.export(ExportFormat.PARQUET, incremental=True)
    desk.hand_in(a_call("call-3", metrics={"AMOUNT": 3}))
    third = office.export(ExportFormat.PARQUET, incremental=True)
    changes = {each.name: (each.was, each.type) for each in manifest_of(second).altered}
    assert changes == {"AMOUNT": (ColumnType.INTEGER, ColumnType.FLOAT), "BRAND_NEW": (None, ColumnType.STRING)}
    assert manifest_of(third).altered == (), "and it stays so wide"
    with duckdb.connect() as copy:
        copy.execute(f"CREATE TABLE calls AS FROM read_parquet('{first}/calls-*.parquet')")
        copy.execute("ALTER TABLE calls ALTER AMOUNT TYPE DOUBLE")
        copy.execute("ALTER TABLE calls ADD COLUMN BRAND_NEW VARCHAR")
        for folder in (second, third):
            copy.execute(f"INSERT INTO calls BY NAME SELECT * FROM read_parquet('{folder}/calls-*.parquet')")
        found = copy.sql("SELECT AMOUNT, BRAND_NEW FROM calls ORDER BY call_id").fetchall()
    assert found == [(7.0, None), (12.5, "x"), (3.0, None)]


def test_an_incremental_export_holds_what_is_new_different_or_gone(desk: Desk, office: Office) -> None:
    some_calls(desk)
    office.export()
    desk.hand_in(a_call("call-8"))
    desk.hand_in(a_call("call-1", "user: Other words."), replace=True)
    remove(desk, "call-2")
    folder = office.export(incremental=True)
    assert {row["call_id"] for row in rows(folder, "calls")} == {"call-8", "call-1"}
    assert [row["call_id"] for row in rows(folder, "deleted")] == ["call-2"]
    assert manifest_of(folder).after == manifest_of(folder.parent / "0001").id


def test_a_change_that_leaves_a_call_as_it_was_repeats_nothing(desk: Desk, office: Office) -> None:
    some_calls(desk)
    office.export()
    desk.record.write(lambda c: note_change(c, 1, now=NOON))
    new = NewMetric("N", MetricType.INTEGER)  # every call is looked at again, and all of them fit as before
    desk.record.write(lambda c: define_metric(c, desk.pk, AGENT, new, now=NOON))
    manifest = manifest_of(office.export(incremental=True))
    assert (manifest.calls, manifest.deleted) == (0, 0)


def test_a_definition_that_makes_values_read_differently_exports_those_calls_again(desk: Desk, office: Office) -> None:
    some_calls(desk, 2)
    desk.hand_in(a_call("other", metrics={"M": 1}))
    office.export()
    new = NewMetric("N", MetricType.STRING)
    desk.record.write(lambda c: define_metric(c, desk.pk, AGENT, new, now=NOON))
    found = rows(office.export(incremental=True), "calls")
    assert {row["call_id"]: row["N"] for row in found} == {"call-0": "0", "call-1": "1"}


def test_a_call_that_leaves_the_wanted_time_is_told_as_gone(desk: Desk, office: Office) -> None:
    desk.hand_in(a_call("a", started_at=NOON))
    office.export(since=NOON)
    desk.hand_in(a_call("a", started_at=NOON - timedelta(days=1)), replace=True)
    folder = office.export(incremental=True, since=NOON)
    assert rows(folder, "calls") == []
    assert [row["call_id"] for row in rows(folder, "deleted")] == ["a"]


def test_an_export_longer_ago_than_changes_are_kept_misses_nothing(
    desk: Desk, clock: StepClock, office: Office
) -> None:
    some_calls(desk)
    copy = Copy()
    copy.take_in(office.export())
    desk.hand_in(a_call("call-8"))
    remove(desk, "call-3")
    clock.advance((KEPT * 2).total_seconds())
    desk.hand_in(a_call("call-9"))
    desk.record.write(lambda c: forget_old_changes(c, now=clock()))
    folder = office.export(incremental=True)
    copy.take_in(folder)
    assert "away for longer" in manifest_of(folder).notes[0]
    assert {row["call_id"] for row in rows(folder, "calls")} == {"call-8", "call-9"}
    assert [row["call_id"] for row in rows(folder, "deleted")] == ["call-3"]
    assert set(copy.calls) == set(desk.ids())


def test_cut_off_at_any_point_it_goes_on_and_holds_the_same(desk: Desk, tmp_path: Path) -> None:
    some_calls(desk)
    office = Office(desk, tmp_path / "out", size=PartSize(2, 10_000_000))
    expected = (tmp_path / "whole", tmp_path / "parts")
    uncut = Office(desk, expected[0], size=office.size).export(transcripts=True)
    cuts, done = 0, None
    while done is None:
        try:
            done = office.export(transcripts=True, die_after=2)
        except ExportHalted:
            cuts += 1
            assert cuts < 50
    assert cuts > 3
    check_hashes(done)
    assert [file.name for file in done.parent.iterdir() if "unfinished" in file.name] == []
    for table in ("calls", "answers", "metric_writes", "turns"):
        assert rows(done, table) == rows(uncut, table)


def test_what_changes_while_it_lies_cut_off_is_exported_as_it_is_at_the_end(desk: Desk, tmp_path: Path) -> None:
    some_calls(desk)
    office = Office(desk, tmp_path / "out", size=PartSize(2, 10_000_000))
    with pytest.raises(ExportHalted):
        office.export(die_after=4)
    desk.hand_in(a_call("call-0", "user: Other words.", metrics={"N": 99}), replace=True)
    remove(desk, "call-1")
    desk.hand_in(a_call("call-9"))
    found = {row["call_id"]: row.get("N") for row in rows(office.export(), "calls")}
    assert found == {"call-0": 99, "call-2": 2, "call-3": 3, "call-4": 4, "call-5": 5, "call-6": 6, "call-9": None}


def test_one_that_lay_cut_off_for_a_week_begins_anew(desk: Desk, clock: StepClock, tmp_path: Path) -> None:
    some_calls(desk)
    office = Office(desk, tmp_path / "out", size=PartSize(2, 10_000_000))
    with pytest.raises(ExportHalted):
        office.export(die_after=4)
    remove(desk, "call-0")
    clock.advance((KEPT * 2).total_seconds())
    desk.hand_in(silent(a_call("call-9")))
    desk.record.write(lambda c: forget_old_changes(c, now=clock()))
    folder = office.export()
    check_hashes(folder)
    assert {row["call_id"] for row in rows(folder, "calls")} == set(desk.ids())


def test_other_options_are_no_continuation(desk: Desk, office: Office) -> None:
    some_calls(desk, 3)
    with pytest.raises(ExportHalted):
        office.export(die_after=2)
    folder = office.export(ExportFormat.CSV)
    assert folder.name == "0001"
    assert len(rows(folder, "calls")) == 3
    with pytest.raises(BadInput, match="other calls or in another format"):
        office.export(incremental=True)
    (folder / "manifest.json").write_text(json.dumps({"id": 1}))
    with pytest.raises(BadInput, match="cannot be read"):
        office.export(ExportFormat.CSV, incremental=True)
