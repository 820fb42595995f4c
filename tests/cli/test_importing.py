"""`postcall import`: files of calls, labelled or not, once each however often it is run."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.builders import a_body
from tests.processes import run_cli, start


def write(file: Path, *lines: dict[str, Any] | bytes) -> Path:
    file.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    )
    return file


def a_labelled_line(call_id: str = "talk-1", **fields: Any) -> dict[str, Any]:
    """As a file of labelled conversations has it."""
    return {
        "id": call_id,
        "source": "a study",
        "license": "CC0",
        "started_at": None,
        "reference_date": "2026-02-01",
        "duration_s": None,
        "turns": [{"role": "user", "text": "I would like a table."}],
        "gold": {"booked": True, "party_size": 4, "name": None, "cuisine": "thai"},
        **fields,
    }


def shown(data: Path, call_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_cli(data, "show", call_id, "--json").stdout)
    return found


def calls_in(data: Path) -> int:
    with closing(sqlite3.connect(data / "postcall.db")) as record:
        return int(record.execute("SELECT count(*) FROM calls").fetchone()[0])


def test_good_lines_are_stored_and_bad_ones_are_told_by_number(tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = write(
        tmp_path / "calls.jsonl",
        a_body("one") | {"agent": "bank"},
        b"{half",
        {name: value for name, value in a_body("two").items() if name != "agent"},
        a_body("bad") | {"turns": [{"role": "robot", "text": "Beep."}]},
        b"",
        a_body("metadata") | {"metadata": [1]},
        a_body("metrics") | {"metrics": "none"},
        b'{"id": "huge", "metadata": {"n": ' + b"9" * 400 + b"}}",
        b"[1]",
        b"\xff",
        a_body("last"),
    )
    ran = run_cli(data, "import", str(file), "--agent", "desk")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    for line in (2, 4, 6, 7, 9, 10):
        assert f"line {line}:" in ran.stderr, ran.stderr
    assert "turns[0].role" in ran.stderr
    assert shown(data, "one")["agent"] == "bank", "a line may name its own agent"
    assert shown(data, "two")["agent"] == "desk"
    assert shown(data, "last")["turns"]


def test_a_second_run_adds_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    anonymous = {name: value for name, value in a_body(None, "user: The same words.").items() if name != "agent"}
    file = write(tmp_path / "calls.jsonl", *(a_body(f"{n}") for n in range(300)), anonymous, anonymous)
    first = run_cli(data, "import", str(file), "--agent", "desk")
    second = run_cli(data, "import", str(file), "--agent", "desk")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "302 added" in first.stdout, "two equal lines without an id are two calls"
    assert "0 added, 302 there" in second.stdout
    assert calls_in(data) == 302


def test_labelled_lines_become_calls_dated_by_their_reference(tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = write(
        tmp_path / "calls.jsonl", a_labelled_line(), a_labelled_line("talk-2", started_at="2026-02-03T10:00:00Z")
    )
    assert run_cli(data, "import", str(file), "--agent", "desk").returncode == 0
    call = shown(data, "talk-1")
    assert call["started_at"].startswith("2026-02-01")
    assert {each["source"] for each in call["metrics"].values()} <= {"built-in"}, (
        "labels are not metrics unless that is asked for"
    )
    assert call["metadata"] == {"source": "a study", "license": "CC0"}
    assert shown(data, "talk-2")["started_at"] == "2026-02-03T10:00:00Z"


def test_labels_become_metrics_where_that_is_asked_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = write(tmp_path / "calls.jsonl", a_labelled_line())
    run_cli(data, "import", str(file), "--agent", "desk", "--gold-as-metrics")
    metrics = shown(data, "talk-1")["metrics"]
    assert {name: metric["value"] for name, metric in metrics.items() if metric["source"] == "intake"} == {
        "booked": True,
        "party_size": 4,
        "cuisine": "thai",
    }


def test_a_run_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run_cli(data, "agents", "create", "desk")
    file = write(tmp_path / "calls.jsonl", *(a_body(f"{n}", *["user: Words, words."] * 20) for n in range(6_000)))
    for seed in range(2):
        moment = random.Random(seed).randrange(100, 2_000)
        before = calls_in(data)
        importing = start(data, "import", str(file), "--agent", "desk")
        end = time.monotonic() + 20
        while calls_in(data) < before + moment and time.monotonic() < end:
            time.sleep(0.002)
        importing.kill()
    partly = calls_in(data)
    assert 0 < partly < 6_000
    last = run_cli(data, "import", str(file), "--agent", "desk")
    assert last.returncode == 0
    assert f"{6_000 - partly:,} added, {partly:,} there" in last.stdout
    assert calls_in(data) == 6_000


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ran = run_cli(tmp_path / "data", "import", str(tmp_path / "none.jsonl"), "--agent", "desk")
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
