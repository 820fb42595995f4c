"""Evaluations that are kept in the data folder."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.builders import a_question, an_answer, some_turns

from postcall.domain.answers import Evidence
from postcall.errors import NotFound
from postcall.evaluation.labelled import LabelledCall, Scoring
from postcall.evaluation.report import Report, Subject, make_report, report_json
from postcall.evaluation.running import Answered
from postcall.evaluation.saved import list_reports, public_json, read_report, save_report, to_saved

MONDAY = datetime(2026, 3, 2, 9, 30, 5, tzinfo=UTC)
TURNS = some_turns("agent: Hello.", "user: I would like to book.")


def a_report(name: str = "Clinic, March!", made_at: datetime = MONDAY) -> Report:
    """Three calls: one right, one wrong, one that failed."""
    calls = [LabelledCall(f"call-{number}", TURNS, MONDAY, {"booked": number != 1}) for number in range(3)]
    answer = an_answer(evidence=(Evidence(1, "book"),))
    answered = [
        Answered(calls[0], (answer,), 10.0),
        Answered(calls[1], (answer,), 30.0),
        Answered(calls[2], (), 20.0, fault="away"),
    ]
    questions = [a_question(), a_question("seats", "How many?", "INTEGER")]
    return make_report(
        Subject(name, "built-in"),
        answered,
        questions,
        {"booked": Scoring()},
        made_at=made_at,
        elapsed_s=0.1,
        notes=("made by hand",),
    )


def test_the_report_says_how_many_how_right_and_how_fast() -> None:
    told = report_json(a_report())
    assert (told["calls"], told["analyser"], told["ms_per_call"]) == (3, "built-in", 20.0)
    assert told["ms_percentiles"] == {"p50": 20.0, "p95": 29.0, "max": 30.0}
    assert told["failed"] == [{"call": "call-2", "reason": "away"}]
    assert told["notes"] == ["made by hand", "no call has a label of seats"]
    [metric] = told["metrics"]
    assert (metric["identifier"], metric["type"], metric["n"]) == ("booked", "BOOLEAN", 3)
    assert metric["accuracy"] == pytest.approx(1 / 3, abs=1e-4)
    assert metric["accuracy_when_answered"] == 0.5
    assert metric["balanced_accuracy"] == pytest.approx(0.25)
    assert metric["invented"] == {"count": 0, "n": 0, "rate": None}
    assert metric["statuses"] == {"ok": 2, "unknown": 0, "invalid": 0, "error": 1}
    low, high = metric["intervals"]["accuracy"]
    assert 0.0 <= low <= metric["accuracy"] <= high <= 1.0


def test_a_kept_report_comes_back_whole(tmp_path: Path) -> None:
    saved = to_saved(a_report())
    run = save_report(tmp_path, saved)
    assert run == "20260302T093005Z-clinic-march"
    assert list_reports(tmp_path) == [run]
    assert read_report(tmp_path, run) == saved
    assert [wrong.call for wrong in saved.metrics[0].wrong] == ["call-1", "call-2"]
    assert saved.transcripts.keys() == {"call-1", "call-2"}, "only what is needed beside a wrong answer"


def test_what_is_told_outside_holds_no_transcript(tmp_path: Path) -> None:
    told = public_json(to_saved(a_report()))
    assert "I would like to book." not in str(told)
    assert {"metrics", "calls", "ms_per_call", "analyser"} <= told.keys()
    assert told["metrics"][0]["accuracy"] == pytest.approx(1 / 3, abs=1e-4)


def test_only_the_owner_may_read_a_kept_report(tmp_path: Path) -> None:
    run = save_report(tmp_path, to_saved(a_report()))
    file = tmp_path / "evaluations" / f"{run}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_two_runs_of_one_second_are_both_kept_the_newest_run_first(tmp_path: Path) -> None:
    names = [save_report(tmp_path, to_saved(a_report())) for _ in range(2)]
    later = save_report(tmp_path, to_saved(a_report("…", datetime(2026, 3, 3, tzinfo=UTC))))
    assert later == "20260303T000000Z-run"
    assert list_reports(tmp_path)[0] == later
    assert set(list_reports(tmp_path)) == {*names, later}
    assert len(set(names)) == 2


def test_no_file_outside_the_folder_can_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    for run in ("../secret", "secret", "", "20260302T093005Z-../../secret", "20260302T093005Z-none"):
        with pytest.raises(NotFound):
            read_report(tmp_path, run)


def test_a_damaged_file_is_said_to_be_so(tmp_path: Path) -> None:
    run = save_report(tmp_path, to_saved(a_report()))
    (tmp_path / "evaluations" / f"{run}.json").write_text('{"name": "x"')
    with pytest.raises(NotFound, match="cannot be read"):
        read_report(tmp_path, run)


def test_where_nothing_was_kept_there_is_nothing(tmp_path: Path) -> None:
    assert list_reports(tmp_path / "new") == []
