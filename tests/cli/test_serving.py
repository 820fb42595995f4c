"""`postcall serve`, `worker` and the data folder, as processes of their own."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tests.builders import Desk, StepClock, a_body, a_call
from tests.live_server import real_time, wait_until
from tests.processes import Running, run_cli, serving, start, start_server

from postcall.storage.database import open_record
from postcall.testing import ScriptedModel


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the tests that only look."""
    with serving(tmp_path_factory.mktemp("serve") / "data") as started:
        yield started


def test_it_says_where_it_listens_and_with_which_key(running: Running) -> None:
    said = "\n".join(running.lines)
    assert re.search(r"http://127\.0\.0\.1:[1-9]\d+", said)
    assert running.key in said
    assert "POSTCALL_LLM_BASE_URL" in said, "and in one line how to connect a model"


def test_its_key_works_and_others_do_not(running: Running) -> None:
    with running.client() as http:
        assert http.get("/calls").status_code == 200
    assert httpx.get(f"{running.address}/postcall/v1/calls").status_code == 401


def test_what_it_keeps_is_for_its_owner_only(running: Running) -> None:
    assert stat.S_IMODE((running.data / "api-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((running.data / "postcall.db").stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(running.data.stat().st_mode) & 0o077 == 0


def test_a_second_server_on_the_same_folder_is_refused_in_one_line(running: Running) -> None:
    second = run_cli(running.data, "serve", "--port", "0")
    assert second.returncode == 1
    assert second.stdout == ""
    assert len(second.stderr.splitlines()) == 1
    assert running.address in second.stderr
    with running.client() as http:
        assert http.get("/calls").status_code == 200


def test_a_port_that_is_taken_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run_cli(tmp_path / "data", "serve", "--port", f"{port}")
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert str(port) in refused.stderr


def test_it_ends_when_it_is_told_to_and_starts_again_with_the_same_key(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start_server(data)
    with first.client() as http:
        http.post("/calls", json=a_body())
    key = first.key
    assert first.end() in {0, 130}, "130 is how shells know Ctrl-C"
    assert first.log.read_text() == ""
    with serving(data) as second:
        assert second.key == key
        with second.client() as http:
            assert http.get("/calls/call-1").status_code == 200


def test_a_folder_whose_server_was_killed_can_be_served_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    start_server(data).kill()
    with serving(data) as second, second.client() as http:
        assert http.get("/calls").status_code == 200


def test_a_key_file_that_was_lost_is_made_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    start_server(data).end()
    (data / "api-key").unlink()
    with serving(data) as second, second.client() as http:
        assert http.get("/calls").status_code == 200


def test_the_operators_own_key_is_not_printed(tmp_path: Path) -> None:
    secret = "an-operators-own-secret"
    with serving(tmp_path / "data", env={"POSTCALL_ADMIN_KEY": secret}) as running:
        assert secret not in "\n".join(running.lines)
        headers = {"Authorization": f"Bearer {secret}"}
        assert httpx.get(f"{running.address}/postcall/v1/calls", headers=headers).status_code == 200


def test_a_server_without_a_worker_leaves_the_work_to_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "serve", "--no-worker") as server, server.client() as http:
        http.post("/calls", json=a_body())
        assert http.get("/calls/call-1").json()["extraction"]["status"] == "queued"
        worker = start(data, "worker", until="worker")
        try:
            wait_until(
                lambda: http.get("/calls/call-1").json()["extraction"]["status"] == "finished",
                what=lambda: http.get("/calls/call-1").json()["extraction"],
            )
        finally:
            assert worker.end() in {0, 130}
        assert worker.log.read_text() == ""


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_whoever_is_told_to_end_gives_back_the_work_in_hand(tmp_path: Path, command: str, by: signal.Signals) -> None:
    """So that the next one begins it at once, and not when a lease has run out."""
    data = tmp_path / "data"
    with ScriptedModel(default="{}") as model, model.holding():
        env = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "small"}
        if command == "serve":
            running = start_server(data, env=env)
            hand_in(data)
        else:
            hand_in(data)
            running = start(data, "worker", env=env, until="worker")
        try:
            model.wait_for(1, timeout=20)
            running.process.send_signal(by)
            running.process.wait(20)
        finally:
            running.kill()
    with closing(sqlite3.connect(data / "postcall.db")) as record:
        assert record.execute("SELECT state FROM jobs").fetchall() == [("queued",)]
    assert "Traceback" not in running.log.read_text()


def hand_in(data: Path) -> None:
    """A call, past the server."""
    record = open_record(f"sqlite:///{data / 'postcall.db'}")
    Desk(record, StepClock(real_time())).hand_in(a_call())
    record.close()


WRONG = {
    "POSTCALL_DATABASE_URL": "mysql://db/calls",
    "POSTCALL_ADMIN_KEY": "short",
    "POSTCALL_LLM_BASE_URL": "127.0.0.1:11434",
    "POSTCALL_LLM_MODEL": "small",
    "POSTCALL_LLM_API_KEY": "sk-1",
    "POSTCALL_LLM_CONCURRENCY": "many",
    "POSTCALL_LLM_TIMEOUT": "soon",
}


@pytest.mark.parametrize("name", [*WRONG, "POSTCALL_DATA"])
def test_a_wrong_setting_stops_the_start_with_one_clear_line(tmp_path: Path, name: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    value = str(file / "folder") if name == "POSTCALL_DATA" else WRONG[name]
    stopped = run_cli(tmp_path / "data", "serve", "--port", "0", env={name: value})
    assert stopped.returncode == 1
    [line] = stopped.stderr.splitlines()
    assert name in line
    assert stopped.stdout == ""


def test_a_database_that_does_not_answer_stops_the_start_with_one_line(tmp_path: Path) -> None:
    stopped = run_cli(
        tmp_path / "data", "serve", env={"POSTCALL_DATABASE_URL": "postgresql://joe:hunter2@127.0.0.1:1/calls"}
    )
    assert stopped.returncode == 1
    [line] = stopped.stderr.splitlines()
    assert "hunter2" not in line


def test_a_command_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert run_cli(tmp_path / "data", "dance").returncode != 0
