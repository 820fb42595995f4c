"""`postcall metrics`: defining, listing, importing, exporting and linting from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.test_importing import write
from tests.processes import run_cli


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with an agent whose one call carries OUTCOME."""
    folder = tmp_path / "data"
    turns = [{"role": "user", "text": "A table for two, please."}]
    call = {"id": "call-1", "turns": turns, "metrics": {"OUTCOME": "booked"}}
    assert run_cli(folder, "import", str(write(tmp_path / "calls.jsonl", call)), "--agent", "bistro").returncode == 0
    return folder


def test_a_metric_is_defined_and_listed_beside_those_that_nobody_defined(data: Path) -> None:
    defined = run_cli(
        data, "metrics", "define", "BOOKED", "--agent", "bistro", "--definition", "True once the table is reserved."
    )
    assert defined.stdout == "BOOKED is defined\n"
    told = run_cli(data, "metrics", "list", "--agent", "bistro").stdout
    assert "BOOKED" in told
    assert "undeclared" in told


def test_defining_tells_at_once_what_could_be_better(data: Path) -> None:
    told = run_cli(data, "metrics", "define", "BOOKED", "--agent", "bistro").stdout
    assert "It has no definition." in told


def test_what_is_wrong_is_one_line_and_changes_nothing(data: Path) -> None:
    for more in (["--type", "number"], ["--type", "integer", "--value", "1"]):
        ran = run_cli(data, "metrics", "define", "N", "--agent", "bistro", *more)
        assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert run_cli(data, "metrics", "export", "--agent", "bistro").stdout == ""
    assert run_cli(data, "metrics", "list", "--agent", "nobody").returncode == 1


def test_an_export_is_imported_into_another_agent(data: Path, tmp_path: Path) -> None:
    run_cli(data, "metrics", "define", "OUTCOME", "--agent", "bistro", "--type", "string", "--value", "booked")
    run_cli(data, "agents", "create", "cafe")
    exported = run_cli(data, "metrics", "export", "--agent", "bistro").stdout
    file = tmp_path / "metrics.yaml"
    file.write_text(exported + "BAD: {type: number}\n")
    told = run_cli(data, "metrics", "import", str(file), "--agent", "cafe", "--dry-run")
    assert (told.returncode, told.stdout) == (1, "1 would be defined, 0 there already, 1 refused\n")
    assert f"{file}:8: BAD: type: 'number' is none of" in told.stderr
    assert run_cli(data, "metrics", "export", "--agent", "cafe").stdout == ""
    done = run_cli(data, "metrics", "import", str(file), "--agent", "cafe")
    assert done.stdout == "1 defined, 0 there already, 1 refused\n"
    assert run_cli(data, "metrics", "export", "--agent", "cafe").stdout == exported


def test_lint_says_so_with_its_exit_code(data: Path) -> None:
    clean = run_cli(data, "metrics", "lint", "--agent", "bistro")
    assert (clean.returncode, clean.stdout) == (0, "Nothing to remark.\n")
    run_cli(data, "metrics", "define", "OUTCOMES", "--agent", "bistro")
    told = run_cli(data, "metrics", "lint", "--agent", "bistro")
    assert told.returncode == 1
    assert "Better: write OUTCOMES" in told.stdout


def test_questions_are_still_published_with_metrics_set(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    file.write_text(json.dumps([{"identifier": "booked", "type": "BOOLEAN", "prompt": "Was a table booked?"}]))
    assert "1 questions is active" in run_cli(data, "metrics", "set", "bistro", str(file)).stdout
