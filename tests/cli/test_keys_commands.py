"""`postcall keys` and `postcall audit`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.processes import run_cli


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
    shown = run_cli(data, "audit").stdout
    assert "postcall agents create" in shown and "bistro" in shown and secret not in shown


def test_a_key_that_cannot_be_is_one_line_and_no_key(tmp_path: Path) -> None:
    data = tmp_path / "data"
    refused = run_cli(data, "keys", "create", "x", "--agent", "nobody")
    assert (refused.returncode, refused.stderr) == (1, "postcall: there is no agent 'nobody'\n")
    assert "nobody" not in run_cli(data, "keys", "list").stdout
