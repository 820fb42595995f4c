"""`postcall demo`: the sample calls come, stay, and go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.builders import Desk, a_body
from tests.live_server import real_time, wait_until
from tests.processes import Running, run_cli, serving, start_server

from postcall.domain.calls import IncomingCall
from postcall.samples import load_samples, remove_samples
from postcall.storage.database import Record, open_record


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
        wait_until(lambda: len(all_calls(running)) == 1_500, what=lambda: len(all_calls(running)), patience_s=60)
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

    with serving(data, "demo") as again:
        assert len(all_calls(again)) == 1_501

    removed = run_cli(data, "demo", "--remove")
    assert "1,500" in removed.stdout
    with serving(data, "serve", "--no-worker") as after:
        assert [call["id"] for call in all_calls(after)] == ["mine"]
    assert "0 sample calls" in run_cli(data, "demo", "--remove").stdout


def test_a_load_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start_server(data, "demo")
    try:
        wait_until(lambda: len(all_calls(first)) >= 100, what=lambda: len(all_calls(first)))
    finally:
        first.kill()
    record = open_record(f"sqlite:///{data / 'postcall.db'}")
    partly: set[str] = set(Desk(record).ids(limit=2_000))
    record.close()
    assert len(partly) >= 100
    with serving(data, "demo") as second:
        wait_until(lambda: len(all_calls(second)) == 1_500, what=lambda: len(all_calls(second)), patience_s=60)
        assert partly <= {call["id"] for call in all_calls(second)}


def test_samples_load_on_either_database_and_never_twice(record: Record) -> None:
    desk = Desk(record)
    assert load_samples(record, now=real_time(), count=230) == 230
    assert load_samples(record, now=real_time() + timedelta(days=3), count=230) == 0
    assert desk.count() == 230
    assert remove_samples(record) == 230
    assert desk.count() == 0
    assert desk.claim() == [], "and their work with them"


def test_what_was_added_to_the_samples_agent_survives_their_removal(record: Record) -> None:
    from dataclasses import replace

    from tests.builders import a_call

    from postcall.demo import DEMO_AGENT_SLUG

    desk = Desk(record)
    load_samples(record, now=real_time(), count=20)
    mine: IncomingCall = a_call("mine")
    desk.hand_in(replace(mine, details=replace(mine.details, agent=DEMO_AGENT_SLUG)))
    remove_samples(record)
    assert desk.ids() == ["mine"]
    assert desk.read("mine").call.agent_slug == DEMO_AGENT_SLUG
