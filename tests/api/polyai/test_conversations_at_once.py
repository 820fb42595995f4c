"""How many conversations a project held at once, in stretches of five minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.builders import AGENT, NOON, Desk, a_call
from tests.live_server import LiveServer

from postcall.domain.calls import Environment
from postcall.domain.keys import Scope

ADDRESS = f"/v1/default/{AGENT}/conversations/concurrency"


@pytest.fixture
def client(server: LiveServer) -> httpx.Client:
    """Made by a server whose clock stands at noon."""
    hand_in(server, "a", 0, 20)
    hand_in(server, "b", 4, 3, variant="north")
    hand_in(server, "c", 6, 2, variant="north")
    hand_in(server, "d", 6, 1, environment=Environment.SANDBOX)
    hand_in(server, "e", 0, 20, agent="other")
    secret = server.desk.key(Scope.CONVERSATIONS).secret
    return httpx.Client(base_url=server.address, headers={"x-api-key": secret}, timeout=30)


def hand_in(server: LiveServer, call_id: str, minute: int, lasted: int, **more: Any) -> None:
    began = NOON - timedelta(hours=1) + timedelta(minutes=minute)
    server.desk.hand_in(a_call(call_id, started_at=began, duration_s=lasted * 60, **more))


def counts(reply: httpx.Response) -> list[int]:
    assert reply.status_code == 200, reply.text
    return [bucket["concurrency"] for bucket in reply.json()["buckets"]]


def test_each_five_minutes_have_their_busiest_moment(client: httpx.Client) -> None:
    window = {"start": "2026-03-02T10:57:00Z", "end": "2026-03-02T11:30:00Z"}
    reply = client.get(ADDRESS, params=window)
    assert counts(reply) == [0, 2, 3, 1, 1, 0, 0]
    body = reply.json()
    assert (body["start"], body["end"], body["interval_seconds"]) == (
        "2026-03-02T10:55:00Z",
        "2026-03-02T11:30:00Z",
        300,
    )
    assert body["buckets"][1]["start"] == "2026-03-02T11:00:00Z"
    assert counts(client.get(ADDRESS, params={**window, "variant_id": "north"})) == [0, 1, 2, 0, 0, 0, 0]
    assert counts(client.get(ADDRESS, params={**window, "client_env": "sandbox"})) == [0, 0, 1, 0, 0, 0, 0]
    in_berlin = {"start": "2026-03-02T12:00:00+01:00", "end": "2026-03-02T11:05:00"}
    assert counts(client.get(ADDRESS, params=in_berlin)) == [2]


def test_a_slice_for_each_variant_says_what_it_had(client: httpx.Client) -> None:
    window = {"start": "2026-03-02T11:05", "end": "2026-03-02T11:10", "slice_by": "variant"}
    [bucket] = client.get(ADDRESS, params=window).json()["buckets"]
    assert bucket == {"start": "2026-03-02T11:05:00Z", "concurrency": 3, "variants": {"": 1, "north": 2}}


def test_without_times_it_is_the_last_day(client: httpx.Client) -> None:
    found = counts(client.get(ADDRESS))
    assert (len(found), max(found)) == (288, 3)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"start": "2026-03-01", "end": "2026-03-08T00:00:01"}, 400),
        ({"start": "2026-03-02", "end": "2026-03-02"}, 400),
        ({"start": "yesterday"}, 400),
        ({"start": "0001-01-01T00:00:00+14:00"}, 400),
        ({"end": "0001-01-01"}, 400),
        ({"end": "9999-12-31T23:59:59-14:00"}, 400),
        ({"client_env": "draft"}, 400),
        ({"client_env": "x" * 50_000}, 400),
        ({"variant_id": "a", "variant_name": "b"}, 400),
        ({"slice_by": "channel"}, 501),
    ],
    ids=["long", "empty", "words", "early", "year 1", "late", "draft", "endless", "two variants", "slices"],
)
def test_what_cannot_be_counted_is_refused(client: httpx.Client, query: dict[str, str], status: int) -> None:
    reply = client.get(ADDRESS, params=query)
    assert reply.status_code == status, reply.text
    assert reply.json()["error_message"]


def test_nothing_is_told_without_the_scope_or_to_strangers(server: LiveServer) -> None:
    Desk(server.services.record, server.desk.clock)
    hand_in(server, "a", 0, 1)
    found = []
    for asking in (server.holder_of(Scope.READ), server.holder_of(Scope.CONVERSATIONS, account="elsewhere")):
        with asking:
            found.append(asking.get(server.address + ADDRESS).status_code)
    assert found == [403, 404]
