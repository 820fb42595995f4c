"""postcall questions."""

from __future__ import annotations

import json
from pathlib import Path

from tests.processes import run_cli


def test_lint_says_what_is_the_matter_and_fails_on_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    asked = {"identifier": "reason", "type": "STRING", "prompt": "Why did they call?\u001b[2J Options: bill, order"}
    file.write_text(json.dumps([asked]))
    done = run_cli(tmp_path, "questions", "lint", str(file))
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.startswith("warning reason: The prompt lists bill, order, but the type is STRING")
    assert done.stdout.endswith("1 question: 1 warning, 0 hints\n") and "\u001b" not in done.stdout


def test_a_template_is_printed_as_a_file_that_passes(tmp_path: Path) -> None:
    printed = run_cli(tmp_path, "questions", "templates", "--group", "clinics", "--as-file")
    assert printed.returncode == 0
    file = tmp_path / "metrics.json"
    file.write_text(printed.stdout)
    checked = run_cli(tmp_path, "questions", "lint", str(file))
    assert (checked.returncode, checked.stdout) == (
        0,
        f"{len(json.loads(printed.stdout))} questions: 0 warnings, 0 hints\n",
    )
    assert run_cli(tmp_path, "metrics", "set", "practice", str(file)).returncode == 0


def test_templates_are_listed_by_group_and_word(tmp_path: Path) -> None:
    listed = run_cli(tmp_path, "questions", "templates", "--search", "promise debtor")
    assert "promise_to_pay" in listed.stdout and "lead_status" not in listed.stdout
    assert run_cli(tmp_path, "questions", "templates", "--group", "gardening").returncode == 2


def test_a_file_that_holds_no_questions_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    file.write_text('[{"identifier": "x"}]')
    done = run_cli(tmp_path, "questions", "lint", str(file))
    assert done.returncode == 1 and "questions[0].prompt" in done.stderr and len(done.stderr.splitlines()) == 1
