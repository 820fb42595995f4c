"""agents, metrics, keys, calls, show."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
from tests.builders import a_body
from tests.processes import run_cli, serving

QUESTIONS: list[dict[str, Any]] = [
    {"identifier": "booked", "dispositionMetricPrompt": "Was it booked?", "dispositionMetricType": "BOOLEAN"},
    {
        "identifier": "reason",
        "dispositionMetricPrompt": "Why did they call?",
        "dispositionMetricType": "ENUM",
        "choices": ["pain", "check-up"],
    },
]


def write(folder: Path, questions: object) -> str:
    file = folder / "metrics.json"
    file.write_text(json.dumps(questions))
    return str(file)


def run(data: Path, *arguments: str) -> str:
    done = run_cli(data, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(data: Path, *arguments: str) -> str:
    done = run_cli(data, *arguments)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    return line


def import_calls(data: Path, *calls: dict[str, Any]) -> None:
    file = data.parent / "calls.jsonl"
    file.write_text("".join(json.dumps(call) + "\n" for call in calls))
    run(data, "import", str(file), "--agent", "clinic")


def test_agents_are_created_and_listed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = run(data, "agents", "create", "desk", "--name", "Front desk")
    [agent_id] = re.findall(r"\b[0-9a-f]{24}\b", made)
    listed = run(data, "agents", "list")
    assert all(part in listed for part in ("desk", "Front desk", agent_id))
    assert "desk" in refused(data, "agents", "create", "desk")


def test_setting_metrics_creates_the_agent_then_publishes_versions(tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = write(tmp_path, QUESTIONS)
    assert "version 1" in run(data, "metrics", "set", "desk", file)
    assert "version 2" in run(data, "metrics", "set", "desk", write(tmp_path, QUESTIONS[:1]))
    assert "desk" in run(data, "agents", "list")


IMPOSSIBLE: list[tuple[object, str]] = [
    ([QUESTIONS[0], QUESTIONS[0]], "twice"),
    ([{**QUESTIONS[0], "identifier": "Booked"}], "lower-case"),
    ([{**QUESTIONS[1], "choices": []}], "choices"),
    ({"identifier": "booked"}, "list"),
]


def test_questions_that_cannot_be_asked_are_refused_in_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "agents", "create", "desk")
    for questions, word in IMPOSSIBLE:
        assert word in refused(data, "metrics", "set", "new", write(tmp_path, questions))
    assert "new" not in run(data, "agents", "list")


def test_a_key_made_here_works_there_until_it_is_revoked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "serve", "--no-worker") as server:
        made = run_cli(data, "keys", "create", "laptop", "--scope", "read")
        secret = made.stdout.strip()
        headers = {"Authorization": f"Bearer {secret}"}
        address = f"{server.address}/postcall/v1/calls"
        assert httpx.get(address, headers=headers).status_code == 200
        assert httpx.post(address, headers=headers, json=a_body()).status_code == 403
        [key_id] = re.findall(r"\b[0-9a-f]{24}\b", made.stderr)
        listed = run(data, "keys", "list")
        assert "laptop" in listed
        assert secret not in listed
        run(data, "keys", "revoke", key_id)
        assert httpx.get(address, headers=headers).status_code == 401
        assert "revoked" in run(data, "keys", "list")


def test_calls_are_listed_and_filtered(tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_calls(
        data,
        a_body("one", metrics={"STEP": ["a", "b"]}),
        a_body("two", started_at="2026-03-05T09:00:00Z", agent="bank"),
        a_body("three", status="failed"),
    )
    listed = run(data, "calls")
    assert all(name in listed for name in ("one", "two", "three"))
    found = json.loads(run(data, "calls", "--json", "--metric", "STEP=b"))
    assert [call["id"] for call in found] == ["one"]
    for option, value, ids in (
        ("--agent", "bank", ["two"]),
        ("--status", "failed", ["three"]),
        ("--since", "2026-03-05", ["two"]),
        ("--until", "2026-03-03T00:00:00Z", ["three", "one"]),
    ):
        assert [call["id"] for call in json.loads(run(data, "calls", "--json", option, value))] == ids
    assert "nobody" in refused(data, "calls", "--agent", "nobody")
    assert "since" in refused(data, "calls", "--since", "yesterday")


def test_a_call_is_shown_with_what_was_said_and_why_there_is_no_answer(tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_calls(data, a_body("one", "user: [bold]Hello[/bold] \x1b[31m", metrics={"STEP": "a"}))
    told = run(data, "show", "one")
    assert "[bold]Hello[/bold]" in told, "what callers say is no markup"
    assert "\x1b[31m" not in told, "and does not steer the terminal"
    assert "STEP" in told
    assert "queued" in told
    assert "none-such" in refused(data, "show", "none-such")


def test_a_folder_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert str(data) in refused(data, "calls")
    assert not data.exists()


def test_an_empty_record_says_what_to_do(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run(data, "keys", "create", "laptop")
    assert "postcall import" in run(data, "calls")
    assert "postcall agents create" in run(data, "agents", "list")
