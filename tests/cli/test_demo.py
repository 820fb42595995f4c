"""`postcall demo`: the sample calls come, stay, and go."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.builders import NOON, Desk, a_body, a_call
from tests.live_server import real_time, wait_until
from tests.processes import Running, run_cli, serving, start_server

from postcall.demo import DEMO_AGENT_SLUG
from postcall.domain.calls import IncomingCall
from postcall.samples import load_samples, remove_samples
from postcall.storage.database import Record


def stored(data: Path) -> int:
    """How many calls there are, without asking the server that has enough to do."""
    with closing(sqlite3.connect(data / "postcall.db")) as record:
        return int(record.execute("SELECT count(*) FROM calls").fetchone()[0])


def wait_for(data: Path, count: int) -> None:
    wait_until(lambda: stored(data) >= count, what=lambda: stored(data), patience_s=90)


def all_calls(running: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with running.client() as http:
        cursor: dict[str, str] = {}
        while True:
            page = http.get("/calls", params={"limit": "500", **cursor}).json()
            found += page["calls"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}


def test_the_demo_brings_1500_calls_once_and_takes_away_only_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "demo") as running:
        wait_for(data, 1_500)
        calls = all_calls(running)
        newest = next(call for call in calls if call["status"] == "completed")
        with running.client() as http:
            wait_until(
                lambda: http.get(f"/calls/{newest['id']}").json()["extraction"]["status"] in {"finished", "none"},
                what=lambda: http.get(f"/calls/{newest['id']}").json()["extraction"],
            )
            http.post("/calls", json=a_body("mine"))
    starts = [datetime.fromisoformat(call["started_at"]) for call in calls]
    now = datetime.now(UTC)
    assert max(starts) <= now
    assert min(starts) >= now - timedelta(days=61)
    assert len({call["id"] for call in calls}) == 1_500
    assert len({start.date() for start in starts}) > 40

    with serving(data, "demo"):
        assert stored(data) == 1_501

    removed = run_cli(data, "demo", "--remove")
    assert "1,500" in removed.stdout
    with closing(sqlite3.connect(data / "postcall.db")) as record:
        assert record.execute("SELECT id FROM calls").fetchall() == [("mine",)]
    assert "0 sample calls" in run_cli(data, "demo", "--remove").stdout


def test_a_load_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start_server(data, "demo")
    try:
        wait_for(data, 100)
    finally:
        first.kill()
    partly = stored(data)
    assert 100 <= partly < 1_500
    with serving(data, "demo") as second:
        wait_for(data, 1_500)
        assert len({call["id"] for call in all_calls(second)}) == 1_500


def test_samples_load_on_either_database_and_never_twice(record: Record) -> None:
    desk = Desk(record)
    assert load_samples(record, now=real_time(), count=230) == 230
    assert load_samples(record, now=real_time() + timedelta(days=3), count=230) == 0
    assert desk.count() == 230
    assert remove_samples(record, now=NOON) == 230
    assert desk.count() == 0
    assert desk.claim() == [], "and their work with them"


def test_what_was_added_to_the_samples_agent_survives_their_removal(record: Record) -> None:
    desk = Desk(record)
    load_samples(record, now=real_time(), count=20)
    mine: IncomingCall = a_call("mine")
    desk.hand_in(replace(mine, details=replace(mine.details, agent=DEMO_AGENT_SLUG)))
    remove_samples(record, now=NOON)
    assert desk.ids() == ["mine"]
    assert desk.read("mine").call.agent_slug == DEMO_AGENT_SLUG
