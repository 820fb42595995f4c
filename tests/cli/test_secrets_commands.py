"""`postcall secrets` and `postcall agents config`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.processes import environment, run_cli, warm_postcall

from postcall.configure.sealing import new_key


def with_input(data: Path, *arguments: str, given: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*warm_postcall(), *arguments],
        env=environment(data, env),
        cwd=data.parent,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_secret_comes_from_standard_input_and_is_never_printed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run_cli(data, "agents", "create", "bistro").returncode == 0
    done = with_input(data, "secrets", "set", "bistro", "TOKEN", given="hunter22-hunter22\n")
    assert (done.returncode, done.stdout) == (0, "TOKEN is set\n"), done.stderr
    as_object = with_input(data, "secrets", "set", "bistro", "TILL", "--json", given='{"pin": "73"}')
    assert as_object.returncode == 0 and "fewer than 4 characters" in as_object.stderr
    listed = run_cli(data, "secrets", "list", "bistro").stdout
    assert "TOKEN" in listed and "TILL" in listed and "hunter22" not in listed
    assert (data / "secrets-key").stat().st_mode & 0o077 == 0
    assert run_cli(data, "secrets", "remove", "bistro", "TOKEN").returncode == 0
    again = run_cli(data, "secrets", "remove", "bistro", "TOKEN")
    assert (again.returncode, again.stderr) == (1, "postcall: there is no secret 'TOKEN'\n")


def test_what_is_wrong_with_a_value_is_said_without_repeating_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run_cli(data, "agents", "create", "bistro")
    for given, arguments in (("", ()), ('{"a": "hunter22"', ("--json",)), ('"hunter22"', ("--json",))):
        done = with_input(data, "secrets", "set", "bistro", "TOKEN", *arguments, given=given)
        assert done.returncode == 1 and "hunter22" not in done.stdout + done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert run_cli(data, "secrets", "set", "nobody", "TOKEN").returncode == 1


def test_a_key_that_is_none_is_one_line_and_keys_can_be_changed(tmp_path: Path) -> None:
    data, old, new = tmp_path / "data", new_key(), new_key()
    run_cli(data, "agents", "create", "bistro")
    wrong = with_input(data, "secrets", "set", "bistro", "T", given="hunter22", POSTCALL_SECRETS_KEY="nonsense")
    assert wrong.returncode == 1 and wrong.stderr.count("\n") == 1 and "POSTCALL_SECRETS_KEY" in wrong.stderr
    with_input(data, "secrets", "set", "bistro", "T", given="hunter22", POSTCALL_SECRETS_KEY=old)
    resealed = run_cli(data, "secrets", "reseal", env={"POSTCALL_SECRETS_KEY": f"{new},{old}"})
    assert resealed.stdout == "1 sealed anew\n", resealed.stderr
    again = run_cli(data, "secrets", "reseal", env={"POSTCALL_SECRETS_KEY": new})
    assert again.stdout == "Everything is sealed under the newest key.\n"
    lost = run_cli(data, "secrets", "reseal", env={"POSTCALL_SECRETS_KEY": old})
    assert lost.returncode == 1 and "another key" in lost.stderr and lost.stderr.count("\n") == 1


def test_settings_that_act_at_once_are_shown_and_set(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run_cli(data, "agents", "create", "bistro")
    (tmp_path / "schema.json").write_text(json.dumps({"properties": {"open": {"type": "boolean"}}}))
    (tmp_path / "good.json").write_text('{"open": true}')
    (tmp_path / "bad.json").write_text('{"open": "no"}')
    assert run_cli(data, "agents", "config", "bistro").stdout == "{}\n"
    done = run_cli(data, "agents", "config", "bistro", "good.json", "--schema", "schema.json")
    assert (done.returncode, done.stdout) == (0, "the live configuration of bistro is set\n"), done.stderr
    refused = run_cli(data, "agents", "config", "bistro", "bad.json")
    assert refused.returncode == 1 and refused.stderr.startswith("postcall: data.open: ")
    assert json.loads(run_cli(data, "agents", "config", "bistro").stdout) == {"open": True}
    assert run_cli(data, "agents", "config", "bistro", "--environment", "sandbox").stdout == "{}\n"
    sandbox = with_input(data, "agents", "config", "bistro", "-", "--environment", "sandbox", given='{"open": 1}')
    assert sandbox.returncode == 0, "each environment has a schema of its own"
    assert run_cli(data, "agents", "config", "bistro", "gone.json").returncode == 1
