"""Following a call while it goes on, as server-sent events."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.front import RESPOND, Front, run_front
from tests.aside import run_aside
from tests.live_server import wait_until

from postcall.api.native.call_events import follow
from postcall.api.native.following import Watch
from postcall.domain.keys import Principal, Scope
from postcall.storage.calls import find_call_row
from postcall.storage.keys import revoke_key

STREAM = {"Accept": "text/event-stream"}
END_SLOWLY: dict[str, str | bytes | None] = {
    "functions/end_function.py": "from _gen import *\nimport time\n\n\ndef end_function(conv: Conversation):\n"
    "    conv.write_metric('FIRST', 1)\n    time.sleep(0.7)\n    conv.write_metric('LAST', 1)\n"
}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("following")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, files=END_SLOWLY) as running:
        yield running


@dataclass(frozen=True)
class Told:
    """One event of a stream."""

    id: str
    name: str
    data: dict[str, Any]


def events_of(reply: httpx.Response) -> Iterator[Told]:
    found: dict[str, str] = {}
    for line in reply.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
        elif found:
            yield Told(found["id"], found["event"], json.loads(found["data"]))
            found = {}


def listen(front: Front, call_id: str, after: str | None = None, *, most: int | None = None) -> list[Told]:
    """The stream until it ends, or until there are so many."""
    headers = STREAM | ({} if after is None else {"Last-Event-ID": after})
    told: list[Told] = []
    with front.server.http.stream("GET", f"/calls/{call_id}/events", headers=headers) as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        for event in events_of(reply):
            told.append(event)
            if most is not None and len(told) >= most:
                break
    return told


def things(told: list[Told]) -> dict[str, list[str]]:
    """What was told, by the three lists that a call has."""
    lists: dict[str, list[str]] = {"turn": [], "metric": [], "event": []}
    for each in told:
        if each.name != "end":
            lists[each.name if each.name in lists else "event"].append(json.dumps(each.data))
    return lists


@pytest.fixture(scope="module")
def finished(front: Front) -> str:
    call_id = front.talk("order", "twice", "private", "moves", "order", close=True)
    front.ended(call_id)
    return call_id


def test_a_metric_arrives_while_its_function_still_runs(front: Front) -> None:
    call_id = front.talk()
    answered: list[float] = []

    def say() -> None:
        with front.client(Scope.WRITE) as client:
            client.post(RESPOND, json={"conversation_id": call_id, "message": "slow"})
        answered.append(time.monotonic())

    saying = threading.Thread(target=say)
    with front.server.http.stream("GET", f"/calls/{call_id}/events", headers=STREAM) as reply:
        events = events_of(reply)
        assert next(events).name in {"function", "turn"}
        saying.start()
        early = next(each for each in events if each.name == "metric")
        assert early.data["name"] == "EARLY"
        assert not answered, "the turn goes on"
        done = next(each for each in events if each.name == "turn" and each.data["text"] == "Done.")
        assert done.data["role"] == "agent"
    saying.join()


def test_the_stream_ends_once_end_function_has_run(front: Front) -> None:
    call_id = front.talk("order", close=True)
    told = listen(front, call_id)
    assert [each.name for each in told].count("end") == 1
    assert told[-1].name == "end"
    assert told[-1].data == {"id": call_id}
    assert [each.data["name"] for each in told if each.name == "metric"] == ["ORDERS", "FIRST", "LAST"]
    assert listen(front, call_id, told[-1].id)[-1].name == "end", "and says so to whoever comes later"


def test_what_is_told_is_what_the_call_has(front: Front, finished: str) -> None:
    told = listen(front, finished)
    answer = front.server.http.get(f"/calls/{finished}/events").json()
    lists = things(told)
    assert lists["turn"] == [json.dumps(turn) for turn in answer["turns"]]
    assert lists["metric"] == [json.dumps(metric) for metric in answer["metrics"]]
    assert lists["event"] == [json.dumps(event) for event in answer["events"]]
    assert answer["turns"] == front.server.call(finished)["turns"]
    assert answer["live"] is False
    rest = front.server.http.get(f"/calls/{finished}/events", params={"after": answer["next"]}).json()
    assert (rest["turns"], rest["metrics"], rest["events"]) == ([], [], [])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(1, 12), max_size=6))
def test_however_often_it_breaks_nothing_is_lost_or_told_twice(front: Front, finished: str, steps: list[int]) -> None:
    told: list[Told] = []
    for step in steps:
        told += listen(front, finished, told[-1].id if told else None, most=step)
        if told[-1].name == "end":
            break
    if not told or told[-1].name != "end":
        told += listen(front, finished, told[-1].id if told else None)
    assert things(told) == things(listen(front, finished))


def test_a_stream_that_breaks_while_the_call_goes_on_is_taken_up(front: Front) -> None:
    call_id = front.talk("order")
    told = listen(front, call_id, most=3)
    with front.client(Scope.WRITE) as client:
        for word in ("twice", "goodbye"):
            client.post(RESPOND, json={"conversation_id": call_id, "message": word})
            told += listen(front, call_id, told[-1].id, most=4)
    told += listen(front, call_id, told[-1].id)
    assert things(told) == things(listen(front, call_id))


@pytest.mark.parametrize("after", ["x", "1", "1.2.3", "1.2.3.4.5", "1.-2.3.4", "1.2.3.99999999999", "1.2.3.४"])
def test_an_id_of_no_event_is_a_400(front: Front, finished: str, after: str) -> None:
    reply = front.server.http.get(f"/calls/{finished}/events", params={"after": after}, headers=STREAM)
    assert (reply.status_code, reply.json()["error"]["field"]) == (400, "after")


def test_an_unknown_call_is_a_404_before_anything_is_told(front: Front, finished: str) -> None:
    assert front.server.http.get("/calls/nobody/events", headers=STREAM).status_code == 404
    with front.client(Scope.ADMIN, account="other") as stranger:
        for headers in (STREAM, {}):
            assert stranger.get(f"/postcall/v1/calls/{finished}/events", headers=headers).status_code == 404
    with front.client(Scope.WRITE) as writer:
        assert writer.get(f"/postcall/v1/calls/{finished}/events", headers=STREAM).status_code == 403


def test_a_head_says_that_it_is_there(front: Front) -> None:
    call_id = front.talk()
    for headers, form in ((STREAM, "text/event-stream"), ({}, "application/json")):
        reply = front.server.http.head(f"/calls/{call_id}/events", headers=headers)
        assert (reply.status_code, reply.content) == (200, b"")
        assert reply.headers["content-type"].startswith(form)
    assert front.server.http.head("/calls/nobody/events", headers=STREAM).status_code == 404


def test_personal_data_is_told_only_to_those_who_may_see_it(front: Front, finished: str) -> None:
    def all_of_it(*scopes: Scope) -> str:
        with front.client(*scopes) as client:
            return client.get(f"/postcall/v1/calls/{finished}/events", headers=STREAM).text

    assert "4111" not in all_of_it(Scope.READ)
    assert "4111" in all_of_it(Scope.READ, Scope.PII)


def test_a_call_from_elsewhere_is_followed_too(front: Front) -> None:
    front.server.post({"agent": "bakery", "id": "elsewhere", "status": "in_progress", "turns": []})
    turns = {"turns": [{"role": "user", "text": "Hello?"}]}
    said = front.server.http.post("/calls/elsewhere/turns", json=turns, headers={"Idempotency-Key": "1"})
    assert said.status_code == 202
    assert listen(front, "elsewhere", most=1)[0].data["text"] == "Hello?"
    assert front.server.http.post("/calls/elsewhere/end", json={}).status_code == 202
    assert [each.name for each in listen(front, "elsewhere")] == ["turn", "end"]


def test_two_hundred_followers_hold_nobody_up(front: Front) -> None:
    call_id = front.talk()

    async def follow_all() -> tuple[list[int], str]:
        limits = httpx.Limits(max_connections=300)
        base = front.server.http.base_url
        async with httpx.AsyncClient(
            base_url=base, headers=front.server.http.headers, limits=limits, timeout=30
        ) as client:

            async def one() -> int:
                count = 0
                async with client.stream("GET", f"calls/{call_id}/events", headers=STREAM) as reply:
                    async for line in reply.aiter_lines():
                        count += line.startswith("event: metric")
                return count

            following = [asyncio.create_task(one()) for _ in range(200)]
            await asyncio.to_thread(
                wait_until, lambda: front.server.app.state.watch.followers >= 200, what=lambda: "not all are there"
            )
            with front.client(Scope.WRITE) as chat:

                def say(word: str) -> str:
                    reply = chat.post(RESPOND, json={"conversation_id": call_id, "message": word})
                    return str(reply.json()["response"])

                said = await asyncio.to_thread(say, "order")
                await asyncio.to_thread(say, "goodbye")
            return await asyncio.gather(*following), said

    counts, said = run_aside(follow_all())
    assert said == "Order 1."
    assert counts == [3] * 200, "ORDERS, FIRST and LAST, told to each"


def test_whoever_goes_away_leaves_nothing_behind(front: Front) -> None:
    watch: Watch = front.server.app.state.watch or Watch(front.server.services)
    call_id = front.talk()
    assert listen(front, call_id, most=1)
    watch = front.server.app.state.watch
    wait_until(lambda: watch.followers == 0, what=lambda: watch.followers)
    front.talk("order")


def test_silence_is_broken_now_and_then_and_a_key_that_is_revoked_ends_it(front: Front) -> None:
    call_id, desk = front.talk(), front.stage.desk
    key = desk.key(Scope.READ)
    pk = front.stage.record.read(lambda c: find_call_row(c, desk.pk, call_id).pk)
    principal = Principal(account="default", account_pk=desk.pk, scopes=frozenset({Scope.READ}))
    headers = [(b"x-api-key", key.secret.encode())]
    request = Request({"type": "http", "headers": headers, "app": front.server.app})

    async def listen_here() -> tuple[list[bytes], int]:
        watch = Watch(front.server.services)
        told = follow(request, watch, principal, call_id, pk, None, keep_alive_s=0.1)
        chunks: list[bytes] = []
        async for chunk in told:
            chunks.append(chunk)
            if chunks.count(b": still there\n\n") == 2:
                front.stage.record.write(
                    lambda c: revoke_key(c, "default", key.key.id, now=front.server.services.clock())
                )
        return chunks, watch.followers

    chunks, followers = run_aside(listen_here())
    assert chunks[-2:] == [b": still there\n\n"] * 2, "and then nothing more"
    assert followers == 0
