"""`kill -9` at random moments, under load: what was accepted is there once, and ends with its answers.

The short form runs with the suite; `POSTCALL_SOAK=1` (`make soak`) kills twenty times, on either database. The moments
are drawn from POSTCALL_SEED, which is printed where a run fails.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.builders import Desk, a_body, a_question
from tests.live_server import wait_until
from tests.postgres import Cluster
from tests.processes import Running, quiet_port, start, start_server

from postcall.storage.database import Record, open_record
from postcall.storage.schema import calls, extractions, jobs, turns
from postcall.testing import Answered, ScriptedModel, answers_from

SOAK = bool(os.environ.get("POSTCALL_SOAK"))
KILLS = 20 if SOAK else 3
SEED = int(os.environ.get("POSTCALL_SEED", "7"))
CLIENTS = 4
PAUSE_S = 0.02
HONEST = answers_from({"booked": Answered(True, evidence=[(1, "book a check-up")]), "summary": "A check-up."})


@dataclass
class Load:
    """Clients that hand calls in until they are told to stop, and remember what was accepted."""

    address: str = ""
    key: str = ""
    log: Path = Path("serve.log")
    """What the server has to complain of."""
    accepted: set[str] = field(default_factory=set)
    """The calls that got their 202, and that have ended."""
    refused: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, number: int) -> None:
        """One client: whole calls and live ones; what got no answer is sent again, as any client does."""
        count = 0
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=f"{self.address}/postcall/v1", headers=headers, timeout=20, verify=False) as http:
            while not self.stopping.is_set():
                count += 1
                call_id = f"client-{number}-{count}"
                if count % 5 == 0:
                    self.tell_live(http, call_id)
                else:
                    self.until_answered(http, "/calls", a_body(call_id))
                self.accepted.add(call_id)
                time.sleep(PAUSE_S)

    def tell_live(self, http: httpx.Client, call_id: str) -> None:
        """A call as it happens."""
        self.until_answered(http, "/calls", a_body(call_id) | {"status": "in_progress"})
        for step in range(3):
            said = {"turns": [{"role": "user", "text": f"Sentence {step}."}]}
            self.until_answered(http, f"/calls/{call_id}/turns", said, key=f"{call_id}-{step}")
        self.until_answered(http, f"/calls/{call_id}/end", {}, key=f"{call_id}-end")

    def until_answered(self, http: httpx.Client, path: str, body: dict[str, Any], *, key: str | None = None) -> None:
        """Send until there is an answer."""
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            try:
                reply = http.post(path, json=body, headers=headers)
            except httpx.TransportError:
                if self.stopping.wait(0.05):
                    raise Unanswered from None
                continue
            if reply.status_code not in {200, 202}:
                self.refused.append(f"{path}: {reply.status_code} {reply.text}")
            return


class Unanswered(Exception):
    """The test ended before this request had an answer, so nothing is known of it."""


@contextmanager
def under_load(load: Load) -> Iterator[None]:
    """Several clients meanwhile."""

    def client(number: int) -> None:
        try:
            load.run(number)
        except Unanswered:
            return

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        load.stopping.set()
        for thread in threads:
            thread.join(30)


def check_all_there_once(record: Record, load: Load) -> None:
    """Every accepted call once, with its turns, and exactly one extraction for each run that was queued."""
    stored = Counter(record.read(lambda c: c.execute(sa.select(calls.c.id)).scalars().all()))
    assert load.accepted - set(stored) == set(), "accepted and forgotten"
    assert all(count == 1 for count in stored.values())
    runs: dict[str, int] = dict(
        record.read(
            lambda c: c.execute(
                sa.select(calls.c.id, sa.func.count(extractions.c.pk))
                .join_from(calls, extractions, isouter=True)
                .group_by(calls.c.id)
            ).all()
        )
    )
    wrong = {call_id: runs[call_id] for call_id in load.accepted if runs[call_id] != 1}
    assert wrong == {}, "each has one extraction"
    said: dict[str, int] = dict(
        record.read(
            lambda c: c.execute(
                sa.select(calls.c.id, sa.func.count()).join_from(calls, turns).group_by(calls.c.id)
            ).all()
        )
    )
    for call_id in load.accepted:
        live = int(call_id.rsplit("-", 1)[1]) % 5 == 0
        assert said[call_id] == (5 if live else 2), "no turn is lost or doubled"


def unfinished(record: Record) -> int:
    return record.read(lambda c: int(c.execute(sa.select(sa.func.count()).select_from(jobs)).scalar_one()))


def settings(model: ScriptedModel, url: str) -> dict[str, str]:
    return {
        "POSTCALL_LLM_BASE_URL": model.url,
        "POSTCALL_LLM_MODEL": "small",
        "POSTCALL_LLM_CONCURRENCY": "8",
        "POSTCALL_DATABASE_URL": url,
    }


def ask_one_question(url: str) -> None:
    record = open_record(url)
    Desk(record).ask(a_question())
    record.close()


def finish_and_check(url: str, load: Load) -> None:
    """Let the worker that is running finish everything, then count."""
    record = open_record(url)
    try:
        wait_until(lambda: not unfinished(record), what=lambda: f"{unfinished(record)} jobs are left", patience_s=90)
        assert load.refused == []
        assert len(load.accepted) > 5 * KILLS, "there was no load to speak of"
        check_all_there_once(record, load)
    finally:
        record.close()


def until_the_moment(moments: random.Random, load: Load) -> None:
    """A random while: mostly in the midst of work, now and then in the midst of starting."""
    if moments.random() < 0.75:
        until_more_is_accepted(load)
    time.sleep(moments.uniform(0.0, 1.5))


def until_more_is_accepted(load: Load) -> None:
    """Wait for the server to be at work (again)."""
    so_far = len(load.accepted)
    wait_until(
        lambda: len(load.accepted) > so_far + CLIENTS,
        what=lambda: f"nothing more is accepted: {load.refused} {load.log.read_text()[-2000:]}",
        patience_s=60,
    )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)] if SOAK else ["sqlite"])
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The file that a server makes in its folder by itself; in the long form PostgreSQL as well."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'postcall.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_database()


def kill_server_and_worker(url: str, folder: Path, seed: int, kills: int) -> None:
    moments = random.Random(seed)
    data = folder / "data"
    load, port = Load(log=folder / "serve.log"), quiet_port()
    with ScriptedModel(default=HONEST, latency=0.05) as model:
        env = settings(model, url)
        ask_one_question(url)
        running: dict[str, Running] = {
            "server": start_server(data, "serve", "--no-worker", port=port, env=env),
            "worker": start(data, "worker", env=env),
        }
        load.address, load.key = running["server"].address, running["server"].key
        try:
            with under_load(load):
                for _ in range(kills):
                    until_the_moment(moments, load)
                    for name in moments.choice([["server"], ["worker"], ["server", "worker"]]):
                        running[name].kill()
                        if name == "worker":
                            running[name] = start(data, "worker", env=env)
                        else:
                            running[name] = start(data, "serve", "--no-worker", "--port", f"{port}", env=env)
                until_more_is_accepted(load)
            finish_and_check(url, load)
        finally:
            for each in running.values():
                each.kill()


def kill_both_in_one(url: str, folder: Path, seed: int, kills: int) -> None:
    moments = random.Random(seed)
    data = folder / "data"
    load, port = Load(log=folder / "serve.log"), quiet_port()
    with ScriptedModel(default=HONEST, latency=0.05) as model:
        env = settings(model, url)
        ask_one_question(url)
        running = start_server(data, "serve", port=port, env=env)
        load.address, load.key = running.address, running.key
        try:
            with under_load(load):
                for _ in range(kills):
                    until_the_moment(moments, load)
                    running.kill()
                    running = start(data, "serve", "--port", f"{port}", env=env)
                until_more_is_accepted(load)
            finish_and_check(url, load)
        finally:
            running.kill()


def test_nothing_accepted_is_lost_when_server_and_worker_are_killed(record_url: str, tmp_path: Path) -> None:
    kill_server_and_worker(record_url, tmp_path, SEED, KILLS)


def test_nothing_accepted_is_lost_when_both_in_one_process_are_killed(record_url: str, tmp_path: Path) -> None:
    kill_both_in_one(record_url, tmp_path, SEED + 1, KILLS if SOAK else 2)


def test_a_batch_that_was_cut_off_can_be_sent_again(tmp_path: Path) -> None:
    """Half a batch is stored when the server dies; sending it all again stores the other half, once each."""
    data = tmp_path / "data"
    lines = [json.dumps(a_body(f"{n}")).encode() + b"\n" for n in range(3_000)]
    running = start_server(data, "serve", "--no-worker")
    threading.Timer(random.Random(SEED).uniform(0.3, 0.8), running.process.kill).start()

    def slowly() -> Iterator[bytes]:
        for at in range(0, len(lines), 50):
            time.sleep(0.02)
            yield b"".join(lines[at : at + 50])

    with running.client() as http, pytest.raises(httpx.TransportError):
        http.post("/calls:batch", content=slowly(), timeout=60)
    running.kill()
    again = start_server(data, "serve", "--no-worker")
    try:
        with again.client() as http:
            reply = http.post("/calls:batch", content=b"".join(lines), timeout=60)
            statuses = Counter(json.loads(line)["status"] for line in reply.text.splitlines())
    finally:
        again.kill()
    assert set(statuses) == {200, 202}
    assert statuses.total() == 3_000
    record = open_record(f"sqlite:///{data / 'postcall.db'}")
    assert Desk(record).count() == 3_000
    assert unfinished(record) == 3_000
    record.close()
