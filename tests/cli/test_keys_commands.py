"""`postcall keys` and `postcall audit`."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

from tests.processes import environment, run_cli, warm_postcall


def test_a_key_for_chosen_agents_is_made_listed_revoked_and_logged(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run_cli(data, "agents", "create", "bistro").returncode == 0
    made = run_cli(
        data, "keys", "create", "night [shift]", "--scope", "write", "--agent", "bistro", "--per-minute", "9"
    )
    assert made.returncode == 0, made.stderr
    secret, key_id = made.stdout.strip(), made.stderr.split()[1].rstrip(",")
    listed = run_cli(data, "keys", "list").stdout
    assert key_id in listed and secret not in listed
    assert all(part in listed for part in ("night [shift]", "write", "for bistro", "9 a minute", "active", "never"))
    assert run_cli(data, "keys", "revoke", key_id).stdout == f"{key_id} is revoked\n"
    logged = run_cli(data, "audit", "--subject", key_id, "--json")
    lines = [json.loads(line) for line in logged.stdout.splitlines()]
    assert [(each["request"], each["actor"]["kind"]) for each in lines] == [
        ("postcall keys revoke", "command"),
        ("postcall keys create", "command"),
    ]
    assert run_cli(data, "keys", "revoke", key_id).stdout.startswith(f"{key_id} was revoked before, on 20")
    shown = run_cli(data, "audit").stdout
    assert "postcall agents create" in shown and "bistro" in shown and secret not in shown


def test_in_a_pipe_each_key_and_each_event_is_one_whole_line(tmp_path: Path) -> None:
    data, scopes = tmp_path / "data", ("conversations", "external_events", "handoff", "pii", "read", "write")
    options = [part for scope in scopes for part in ("--scope", scope)]
    assert run_cli(data, "keys", "create", "x" * 100, "--days", "9", *options).returncode == 0
    (line,) = run_cli(data, "keys", "list").stdout.splitlines()
    assert "x" * 100 in line and ", ".join(scopes) in line and "expires 20" in line
    (made,) = [json.loads(each) for each in run_cli(data, "keys", "list", "--json").stdout.splitlines()]
    assert made["name"] == "x" * 100 and made["id"] in line and made["expires_at"]
    (event,) = run_cli(data, "audit").stdout.splitlines()
    assert f"key {made['id']}" in event and "postcall keys create" in event


def test_in_a_terminal_each_part_has_its_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run_cli(data, "keys", "create", "recorder").returncode == 0
    shown = in_a_terminal(data, "keys", "list")
    assert [line.lstrip() != line for line in shown] == [False, True, True]
    assert all(len(line) <= 80 for line in (*shown, *in_a_terminal(data, "audit")))


def in_a_terminal(data: Path, *command: str) -> list[str]:
    """What the command writes where somebody looks on."""
    seen, written = pty.openpty()
    subprocess.run([*warm_postcall(), *command], stdout=written, env=environment(data), cwd=data.parent, check=True)
    os.close(written)
    try:
        return os.read(seen, 100_000).decode().splitlines()
    finally:
        os.close(seen)


def test_a_key_that_cannot_be_is_one_line_and_no_key(tmp_path: Path) -> None:
    data = tmp_path / "data"
    refused = run_cli(data, "keys", "create", "x", "--agent", "nobody")
    assert (refused.returncode, refused.stderr) == (1, "postcall: there is no agent 'nobody'\n")
    assert "nobody" not in run_cli(data, "keys", "list").stdout
