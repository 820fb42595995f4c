"""`postcall users`: at a terminal, in a script, and what `postcall serve` says of it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import termios
import time
from pathlib import Path

import httpx
import pytest
from tests.processes import environment, run_cli, serving, start, warm_postcall

PASSWORD = "correct horse battery"
MARA = "mara@clinic.example"


def with_password(data: Path, *arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    """Run a command that reads a password from its standard input."""
    return subprocess.run(
        [*warm_postcall(), "users", *arguments, "--password-stdin"],
        env=environment(data),
        cwd=data.parent,
        input=password + "\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


def at_terminal(data: Path, *arguments: str, typed: tuple[str, ...]) -> tuple[int, str]:
    """Run a command at a terminal of its own, and answer each of its questions; its exit code and what was shown."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "postcall", "users", *arguments],
        env=environment(data),
        cwd=data.parent,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown, answers, end = "", list(typed), time.monotonic() + 60
    try:
        while time.monotonic() < end:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other side has closed the terminal
                break
            if not piece:
                break
            shown += piece.decode()
            if answers and shown.rstrip(" ").endswith(":"):
                os.write(ours, (answers.pop(0) + "\n").encode())
        return process.wait(30), shown
    finally:
        process.kill()
        os.close(ours)


def test_a_terminal_asks_twice_and_shows_nothing_of_what_is_typed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    code, shown = at_terminal(data, "add", MARA, "--name", "Mara", "--role", "admin", typed=(PASSWORD, PASSWORD))
    assert code == 0, shown
    assert "The same again" in shown
    assert f"{MARA} can sign in, as admin" in shown
    assert PASSWORD not in shown
    listed = run_cli(data, "users", "list").stdout
    assert all(part in listed for part in (MARA, "Mara", "admin", "never"))


@pytest.mark.parametrize("typed", [(PASSWORD, "correct horse battery."), ("too short", "too short")])
def test_a_slip_at_the_terminal_adds_nobody(tmp_path: Path, typed: tuple[str, str]) -> None:
    data = tmp_path / "data"
    code, shown = at_terminal(data, "add", MARA, typed=typed)
    assert code == 1
    assert "differ" in shown or "at least 12 characters" in shown
    assert "Nobody can sign in yet" in run_cli(data, "users", "list").stdout


def test_a_script_hands_the_password_in(tmp_path: Path) -> None:
    data = tmp_path / "data"
    added = with_password(data, "add", "Mara@Clinic.example")
    assert (added.returncode, added.stdout) == (0, f"{MARA} can sign in, as editor\n")
    again = with_password(data, "add", MARA)
    assert again.returncode == 1
    assert "already" in again.stderr
    assert with_password(data, "add", "joe@clinic.example", password="short").returncode == 1
    assert with_password(data, "add", "joe").returncode == 1
    silent = run_cli(data, "users", "add", "joe@clinic.example")
    assert silent.returncode == 1
    assert "--password-stdin" in silent.stderr
    assert "joe" not in run_cli(data, "users", "list").stdout


def test_what_the_commands_change_holds_at_once_on_the_running_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        host = {"host": "calls.example.org", "origin": "http://calls.example.org"}

        def sign_in(password: str = PASSWORD) -> httpx.Client:
            client = httpx.Client(base_url=server.address, headers=host, timeout=30)
            reply = client.post("/sign-in", data={"email": MARA, "password": password})
            # httpx keeps the cookie for the address that it speaks to, and sends it there
            return client if reply.status_code == 303 else client_without(client)

        assert sign_in().get("/evaluation").status_code == 303
        assert with_password(data, "add", MARA).returncode == 0
        client = sign_in()
        assert client.get("/evaluation").status_code == 200
        changed = with_password(data, "password", MARA, password="another good one")
        assert (changed.returncode, client.get("/evaluation").status_code) == (0, 303), changed.stderr
        assert sign_in().get("/evaluation").status_code == 303
        client = sign_in("another good one")
        assert client.get("/evaluation").status_code == 200
        assert run_cli(data, "users", "role", MARA, "reader").returncode == 0
        assert client.get("/evaluation").status_code == 303
        client = sign_in("another good one")
        assert (client.get("/calls").status_code, client.post("/try").status_code) == (200, 403)
        removed = run_cli(data, "users", "remove", MARA)
        assert removed.stdout == f"{MARA} is removed and signed out\n"
        assert client.get("/evaluation").status_code == 303


def client_without(client: httpx.Client) -> httpx.Client:
    """The same browser, which carries no session."""
    assert not client.cookies
    return client


@pytest.mark.parametrize("command", [("remove",), ("role", "reader")])
def test_a_user_who_is_not_there_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    refused = run_cli(tmp_path / "data", "users", command[0], MARA, *command[1:])
    assert refused.returncode == 1
    assert refused.stderr == f"postcall: there is no user '{MARA}'\n"


def test_a_server_for_other_machines_says_that_one_must_sign_in_and_how_to_begin(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "Sign-in" not in greeting(data)
    said = greeting(data, "--host", "0.0.0.0")
    assert "Sign-in" in said
    assert "postcall users add" in said
    assert with_password(data, "add", MARA).returncode == 0
    said = greeting(data, "--host", "0.0.0.0")
    assert "Sign-in" in said
    assert "users add" not in said
    assert "https://calls.example.org" in greeting(data, env={"POSTCALL_PUBLIC_URL": "https://calls.example.org"})


def greeting(data: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """What `postcall serve` says when it starts."""
    running = start(data, "serve", "--port", "0", *arguments, env=env, until="Analyser", warm=True)
    running.end()
    return "\n".join(running.lines)
