"""`postcall export` as users start it, also where its process is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from tests.builders import Desk, a_call, a_question, an_answer
from tests.exporting.offices import check_hashes, manifest_of, rows
from tests.processes import environment, run_cli
from typer.testing import CliRunner, Result

from postcall.cli import make_app
from postcall.errors import AgentNotFound, BadInput, SettingsError
from postcall.storage.audit import AuditFilter, list_audit
from postcall.storage.database import open_record

CALLS = 120


def a_desk(data: Path) -> Desk:
    data.mkdir()
    desk = Desk(open_record(f"sqlite:///{data / 'postcall.db'}"))
    desk.ask(a_question())
    return desk


def run_here(data: Path, *arguments: str) -> Result:
    """The command in this process, which is quicker than one of its own."""
    return CliRunner().invoke(make_app("export"), ["export", *arguments, "--data", str(data)])


def test_the_command_writes_a_folder_and_then_what_is_new(tmp_path: Path) -> None:
    data, out = tmp_path / "data", str(tmp_path / "out")
    desk = a_desk(data)
    desk.hand_in(a_call("call-1", metrics={"N": 1}))
    desk.extract(an_answer())
    first = run_here(data, out, "--format", "jsonl", "--transcripts")
    assert first.exit_code == 0, first.output
    assert "out/0001: 1 calls" in first.output.replace("\n", "")
    desk.hand_in(a_call("call-2"))
    again = run_here(data, out, "--format", "jsonl", "--transcripts", "--incremental")
    assert "out/0002: 1 calls new or different, 0 gone" in again.output.replace("\n", "")
    assert [row["call_id"] for row in rows(tmp_path / "out" / "0002", "calls")] == ["call-2"]
    log = desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter(), before=None, limit=10))
    assert [(event.entry.action, event.entry.request) for event in log.events] == [("read", "postcall export")] * 2
    other = run_here(data, out, "--incremental")
    assert isinstance(other.exception, BadInput)
    assert "other calls or in another format" in str(other.exception)
    assert isinstance(run_here(data, out, "--agent", "nobody").exception, AgentNotFound)
    assert isinstance(run_here(data, out, "--since", "2026-03-01T10:00").exception, BadInput)
    none = run_here(tmp_path / "nowhere", out)
    assert isinstance(none.exception, SettingsError)


def test_killed_at_random_moments_it_ends_with_every_call_once(tmp_path: Path) -> None:
    desk = a_desk(tmp_path / "data")
    for number in range(CALLS):
        desk.hand_in(a_call(f"call-{number}", metrics={"N": number}))
    desk.record.close()
    command = [sys.executable, "-m", "postcall", "export", "out", "--format", "csv"]
    random = Random(3)
    for _ in range(2):
        process = subprocess.Popen(command, env=environment(tmp_path / "data"), cwd=tmp_path, stderr=subprocess.DEVNULL)
        wait_for_work(tmp_path / "out", process)
        time.sleep(random.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = run_cli(tmp_path / "data", "export", "out", "--format", "csv")
    assert last.returncode == 0, last.stderr
    folder = max(each for each in (tmp_path / "out").iterdir() if each.name.isdigit())
    check_hashes(folder)
    assert sorted(row["call_id"] for row in rows(folder, "calls")) == sorted(f"call-{n}" for n in range(CALLS))
    assert manifest_of(folder).calls == CALLS
    assert json.loads((folder / "manifest.json").read_text())["deleted"] == 0


def wait_for_work(out: Path, process: subprocess.Popen[bytes]) -> None:
    """Until it has begun, so that it is not killed while Python still starts."""
    while process.poll() is None and not any(out.glob("*.unfinished/.progress")):
        time.sleep(0.005)
