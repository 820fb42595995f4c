"""Looking for calls that are alike, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope
from postcall.storage.keys import create_key

CALLS = {
    "parcel": ("clinic", "user: My parcel is lost, where is my parcel?"),
    "late": ("clinic", "user: The parcel came late."),
    "money": ("clinic", "user: I want a refund."),
    "other": ("bistro", "user: The parcel was for the bistro."),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("similar")
    (folder / "postcall.db").write_bytes(migrated_file.read_bytes())
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        for name, (agent, line) in CALLS.items():
            assert running.post(a_body(name, line, agent=agent)).status_code == 202
        yield running


def test_the_most_alike_come_first_with_how_they_were_compared(shop: LiveServer) -> None:
    reply = shop.http.get("/calls:similar", params={"text": "lost parcels", "agent": "clinic"}).json()
    assert [call["id"] for call in reply["calls"]] == ["parcel", "late"]
    assert reply["calls"][0]["score"] > reply["calls"][1]["score"] > 0
    assert reply["total"] == 2
    assert reply["space"] == {
        "model": "built-in",
        "learned_from": 0,
        "compared": 3,
        "of": 3,
        "says": "built-in; not learned yet; 3 of 3 calls compared by their words",
    }


def test_a_key_for_one_agent_finds_only_its_calls(shop: LiveServer) -> None:
    services = shop.services
    secret = services.record.write(
        lambda c: create_key(
            c,
            "default",
            name="bistro",
            scopes=frozenset({Scope.READ}),
            agents=("bistro",),
            expires_at=None,
            now=services.clock(),
        )
    ).secret
    with shop.client(secret) as client:
        found = client.get("/calls:similar", params={"text": "parcel"}).json()
        assert [call["id"] for call in found["calls"]] == ["other"]
        assert found["space"]["of"] == 1
        assert client.get("/calls:similar", params={"text": "parcel", "agent": "clinic"}).status_code == 404


def test_pages_go_on_where_the_last_one_ended(shop: LiveServer) -> None:
    pages = [
        shop.http.get("/calls:similar", params={"text": "parcel", "limit": 1, "offset": offset}).json()
        for offset in range(4)
    ]
    assert [len(page["calls"]) for page in pages] == [1, 1, 1, 0]
    assert {call["id"] for page in pages for call in page["calls"]} == {"parcel", "late", "other"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "text"),
        ("text=%20", "text"),
        ("text=a&limit=0", "limit"),
        ("text=a&limit=-1", "limit"),
        ("text=a&offset=-1", "offset"),
        ("text=a&offset=99999999999999999999", "offset"),
        ("text=a&since=2026-03-01T09:00:00", "since"),
        ("text=a&q=b", "q"),
    ],
    ids=["no text", "blank", "limit 0", "limit -1", "offset -1", "offset huge", "no zone", "unknown"],
)
def test_what_cannot_be_asked_is_said(shop: LiveServer, query: str, field: str) -> None:
    reply = shop.http.get(f"/calls:similar?{query}")
    assert reply.status_code == 400
    assert reply.json()["error"]["field"] == field
