"""The list of conversations, as a client of the vendor's would ask for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.conversing import FILTER, LIST, WINDOW, client_of, ids, listed, refused
from tests.builders import StepClock, a_body, an_answer
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope

TURN = {
    "user_input": "",
    "user_input_dtmf": "",
    "agent_response": "",
    "translated_user_input": "",
    "english_agent_response": "",
    "intents": [],
    "entities": [],
    "is_ood": False,
    "is_silence": False,
    "barge_in": False,
}
CALLS: list[dict[str, Any]] = [
    a_body(
        "full",
        "agent: Good morning.",
        "user: A refund, please.",
        "agent: Surely.",
    )
    | {
        "from": "+14155550123",
        "to": "+14155550199",
        "started_at": "2026-03-02T09:00:00Z",
        "duration_s": 61.6,
        "language": "en",
        "variant": "north",
        "handoff": {"destination": "Front desk", "reason": "refund"},
        "metrics": {"TOPIC": "refund", "STEP": [1, 2.5], "VIP": True},
    },
    a_body("sms", "user: hello", "user: anybody?", "agent: Yes.", channel="sms", started_at="2026-03-02T08:00:00Z"),
    a_body("chat", channel="webchat", started_at="2026-03-02T07:00:00Z"),
    a_body("sandbox", environment="sandbox", started_at="2026-03-02T06:00:00Z"),
    a_body("early", started_at="2026-02-20T06:00:00Z"),
    a_body("other", agent="bistro"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("conversations")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        for body in CALLS:
            reply = server.post(body)
            assert reply.status_code == 202, reply.text
        live = a_body("live", status="in_progress", started_at="2026-03-02T11:30:00Z")
        assert server.post(live).status_code == 202
        yield server


@pytest.fixture(scope="module")
def client(shop: LiveServer) -> Iterator[httpx.Client]:
    with client_of(shop, Scope.CONVERSATIONS) as made:
        yield made


def test_a_conversation_is_shown_with_all_that_is_known(shop: LiveServer, client: httpx.Client) -> None:
    [shown] = [each for each in listed(client)["conversations"] if each["id"] == "full"]
    turns = shown.pop("turns")
    assert shown == {
        "id": "full",
        "account_id": "default",
        "project_id": "clinic",
        "variant_id": "north",
        "variant_name": "north",
        "environment": "live",
        "started_at": "2026-03-02T09:00:00Z",
        "channel": "VOICE-SIP",
        "from_number": "+14155550123",
        "to_number": "+14155550199",
        "in_progress": False,
        "num_turns": 2,
        "total_duration": 62,
        "polyai_duration": 62,
        "handoff": True,
        "handoff_reason": "refund",
        "handoff_destination": "Front desk",
        "num_silences": 0,
        "num_ood": 0,
        "metrics": {
            "TOPIC": "refund",
            "STEP": ["1", "2.5"],
            "VIP": "true",
            "CALL_DURATION": "61.6",
            "CALL_COMPLETED": "true",
            "CONTAINED": "false",
            "HANDOFF_TO": "Front desk",
            "HANDOFF_REASON": "refund",
        },
        "state": {},
    }
    assert turns == [
        TURN | {"agent_response": "Good morning."},
        TURN | {"user_input": "A refund, please.", "agent_response": "Surely."},
    ]


def test_who_speaks_twice_in_a_row_has_two_turns(client: httpx.Client) -> None:
    [shown] = listed(client, channel="SMS")["conversations"]
    said = [(turn["user_input"], turn["agent_response"]) for turn in shown["turns"]]
    assert (said, shown["num_turns"]) == ([("hello", ""), ("anybody?", "Yes.")], 2)
    assert shown["channel"] == "SMS"


def test_the_oldest_version_says_null_where_others_say_nothing(client: httpx.Client) -> None:
    for version in ("v2", "v3"):
        [shown] = listed(client, f"/{version}/default/clinic/conversations", channel="webchat")["conversations"]
        assert (shown["from_number"], shown["variant_id"], shown["handoff_reason"]) == ("", "", "")
        assert "total_duration" not in shown
        assert shown["turns"][0]["user_input"] == ""
    [old] = listed(client, "/v1/default/clinic/conversations", channel="webchat")["conversations"]
    assert (old["from_number"], old["variant_id"], old["handoff_reason"], old["total_duration"]) == (None,) * 4
    assert (old["turns"][0]["user_input"], old["turns"][0]["user_input_datetime"]) == (None, None)


def test_every_filter_does_what_it_says(client: httpx.Client) -> None:
    assert ids(client) == ["live", "full", "sms", "chat", "early"]
    assert ids(client, path="/v3/ws-default/clinic/conversations") == ids(client)
    assert ids(client, client_env="sandbox") == ["sandbox"]
    assert ids(client, client_env="pre-release") == []
    for voice in ("voice", "VOICE-SIP", "Voice-Sip"):
        assert ids(client, channel=voice) == ["live", "full", "early"]
    assert ids(client, channel=["sms", "CHAT"]) == ["sms", "chat"]
    assert ids(client, in_progress="true") == ["live"]
    assert ids(client, in_progress="false") == ["full", "sms", "chat", "early"]
    assert ids(client, variant_id="north") == ids(client, variant_name="north") == ["full"]
    assert ids(client, variant_id="south") == []
    assert ids(client, start_time="2026-03-02T08:00:00Z", end_time="2026-03-02T09:00:00Z") == ["sms"]
    assert ids(client, start_time="2026-03-02T10:00:00+02:00", end_time="2026-03-02T09:00:01+00:00") == ["full", "sms"]
    assert ids(client, end_time="2026-03-01") == ["early"]
    assert ids(client, include_context_state="true", variant_id="") == ids(client)


def test_a_call_in_progress_is_there_with_what_it_has(shop: LiveServer, client: httpx.Client) -> None:
    [live] = listed(client, in_progress="true")["conversations"]
    assert (live["in_progress"], live["metrics"]["CALL_IN_PROGRESS"], live["num_turns"]) == (True, "true", 2)
    more = {"metrics": {"MOOD": "good"}}
    assert shop.post(more, "/calls/live/metrics", headers={"Idempotency-Key": "m"}).status_code == 202
    [live] = listed(client, in_progress="true")["conversations"]
    assert live["metrics"]["MOOD"] == "good"


def test_answers_stand_beside_what_code_wrote(tmp_path: Any, sqlite_url: str) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        body = a_body(metrics={"both": "written"})
        assert server.post(body).status_code == 202
        server.desk.extract(
            an_answer("booked"),
            an_answer("both", "answered", type="STRING"),
            an_answer("unclear", status="unknown"),
        )
        metrics = listed(client)["conversations"][0]["metrics"]
        assert (metrics["booked"], metrics["both"]) == ("true", "written"), "what was written wins"
        assert "unclear" not in metrics


def test_where_nothing_fits_that_was_written_the_answer_stands_in_every_interface(
    tmp_path: Any, sqlite_url: str
) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        assert server.post(a_body(metrics={"GUESTS": "some", "ALONE": "some"})).status_code == 202
        for name in ("GUESTS", "ALONE"):
            assert server.post({"name": name, "type": "integer"}, "/agents/clinic/metrics").status_code == 201
        server.desk.extract(an_answer("GUESTS", 3, type="INTEGER"))
        metrics = listed(client)["conversations"][0]["metrics"]
        assert (metrics["GUESTS"], metrics["ALONE"]) == ("3", "some")
        searched = client.post("/api/v1/conversations/search", json={}).json()["conversations"][0]["metrics"]
        assert (searched["GUESTS"], searched["ALONE"]) == (3, "some")


def test_a_metric_that_is_kept_out_of_interfaces_is_not_shown(tmp_path: Any, sqlite_url: str) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        assert server.post(a_body(metrics={"INTERNAL": "x"})).status_code == 202
        assert listed(client)["conversations"][0]["metrics"]["INTERNAL"] == "x"
        definition = {"name": "INTERNAL", "type": "string", "api": False}
        reply = server.post(definition, "/agents/clinic/metrics")
        assert reply.status_code == 201, reply.text
        assert "INTERNAL" not in listed(client)["conversations"][0]["metrics"]


def test_words_are_found_in_what_either_side_said(client: httpx.Client) -> None:
    reply = client.get(LIST, params={**WINDOW, "query_type": "transcript", "query": "refund"})
    assert reply.headers["x-postcall-search"] == "words"
    search = {**WINDOW, "query_type": "transcript"}
    assert ids(client, **search, query="refund") == ["full"]
    assert ids(client, **search, query="morning", turn_type="agent") == ["live", "full", "chat", "early"]
    assert ids(client, **search, query="morning", turn_type="user") == []
    assert ids(client, **search, query="!!!") == []
    assert "x-postcall-search" not in client.get(LIST).headers


def test_latency_is_told_only_where_it_was_asked_for(tmp_path: Any, sqlite_url: str) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        body = a_body()
        body["turns"][0] |= {"latency_s": 0.8, "start_s": 1.5}
        body["turns"][1] |= {"at": "2026-03-02T11:00:09Z"}
        assert server.post(body).status_code == 202
        plain = listed(client)["conversations"][0]["turns"]
        assert not any("latency" in turn for turn in plain)
        assert plain[0]["agent_response_datetime"] == "2026-03-02T11:00:01.500000Z"
        assert plain[1]["user_input_datetime"] == "2026-03-02T11:00:09Z"
        asked = listed(client, include_latency="true")["conversations"][0]["turns"]
        assert (asked[0]["latency"], "latency" in asked[1]) == (0.8, False)


def walk(client: httpx.Client, **query: Any) -> Iterator[list[str]]:
    cursor = ""
    while True:
        page = listed(client, **query, **({"cursor": cursor} if cursor else {}))
        yield [each["id"] for each in page["conversations"]]
        assert ("next_offset" in page) == (not cursor and page["cursor"] is not None)
        if page["cursor"] is None:
            return
        cursor = page["cursor"]


def test_pages_go_on_by_offset_and_by_cursor(client: httpx.Client) -> None:
    everything = ids(client)
    assert list(walk(client, limit=2)) == [everything[:2], everything[2:4], everything[4:]]
    offset, seen = 0, []
    while True:
        page = listed(client, limit=2, offset=offset)
        seen += [each["id"] for each in page["conversations"]]
        if "next_offset" not in page:
            break
        offset = page["next_offset"]
    assert seen == everything
    assert listed(client, offset=100) == {"conversations": [], "cursor": None}
    first = listed(client, limit=2)["cursor"]
    assert ids(client, limit=2, cursor=first, offset=4) == everything[2:4], "a cursor outweighs an offset"
    assert ids(client, limit=5, cursor=first, include_latency="true") == everything[2:], "these may change on the way"


def test_a_walk_sees_each_call_once_while_others_come_in(tmp_path: Any, sqlite_url: str) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        for number in range(30):
            assert server.post(a_body(f"old-{number}")).status_code == 202
        there, stop = ids(client), threading.Event()

        def keep_writing() -> None:
            number = 0
            while not stop.is_set() and number < 300:
                server.post(a_body(f"new-{number}"))
                number += 1

        writer = threading.Thread(target=keep_writing)
        writer.start()
        seen = [each for page in walk(client, limit=3) for each in page]
        stop.set()
        writer.join()
        assert [each for each in seen if each.startswith("old-")] == there
        assert len(set(seen)) == len(seen)


def test_a_cursor_is_good_for_its_own_list_alone(shop: LiveServer, client: httpx.Client) -> None:
    cursor = listed(client, limit=2)["cursor"]
    assert len(ids(client, limit=2, cursor=cursor)) == 2
    others: list[dict[str, Any]] = [
        {"channel": "voice"},
        {"client_env": "sandbox"},
        {"in_progress": "false"},
        {"variant_id": "north"},
        {"start_time": "2026-01-01"},
        {**WINDOW, "query_type": "transcript", "query": "refund"},
    ]
    for other in others:
        message = refused(client.get(LIST, params={**other, "limit": 2, "cursor": cursor}), 400, FILTER)
        assert message.startswith("cursor: ")
    refused(client.get("/v3/default/bistro/conversations", params={"cursor": cursor}), 400, FILTER)
    for forged in (cursor[:-1], cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "x", "é", "A" * 44, cursor * 2):
        refused(client.get(LIST, params={"cursor": forged}), 400, FILTER)
    with client_of(shop, Scope.ADMIN, account="other") as stranger:
        assert shop.client(stranger.headers["authorization"].partition(" ")[2]).post("/calls", json=a_body())
        path = "/v3/other/clinic/conversations"
        assert ids(stranger, path) == ["call-1"]
        refused(stranger.get(path, params={"cursor": cursor}), 400, FILTER)


def test_a_sample_is_random_and_has_no_pages(client: httpx.Client) -> None:
    everything = set(ids(client))
    draws = [tuple(ids(client, **WINDOW, sample="random", limit=2)) for _ in range(25)]
    assert all(len(set(draw)) == 2 and set(draw) <= everything for draw in draws)
    assert len(set(draws)) > 1
    page = listed(client, **WINDOW, sample="random", limit=2)
    assert (page["cursor"], "next_offset" in page) == (None, False)


BAD: list[tuple[str, list[tuple[str, str]], str]] = [
    ("a mode without a window", [("sample", "random")], "start_time"),
    ("half a window", [("sample", "random"), ("start_time", "2026-01-01")], "end_time"),
    ("two modes", [("sample", "random"), ("query_type", "semantic"), ("query", "x")], "sample"),
    ("nothing to look for", [("query_type", "transcript")], "query"),
    ("blanks to look for", [("query_type", "semantic"), ("query", "  ")], "query"),
    ("no way to look", [("query", "refund")], "query"),
    ("an unknown way to look", [("query_type", "magic"), ("query", "x")], "query_type"),
    ("an unknown sample", [("sample", "first")], "sample"),
    ("a side without a search", [("turn_type", "user")], "turn_type"),
    ("an unknown environment", [("client_env", "moon")], "client_env"),
    ("a draft", [("client_env", "draft")], "client_env"),
    ("an unknown channel", [("channel", "voice"), ("channel", "pigeon")], "channel"),
    ("both kinds of variant", [("variant_id", "a"), ("variant_name", "a")], "variant_name"),
    ("a time without a zone", [("start_time", "2026-03-02T09:00:00")], "start_time"),
    ("no time", [("end_time", "yesterday")], "end_time"),
    ("a time outside the calendar", [("end_time", "9999-12-31T23:59:59-23:00")], "end_time"),
    ("an end before the start", [("start_time", "2026-03-02"), ("end_time", "2026-03-01")], "end_time"),
    ("no limit", [("limit", "0")], "limit"),
    ("a limit below", [("limit", "-1")], "limit"),
    ("a limit beyond", [("limit", "5001")], "limit"),
    ("half a limit", [("limit", "1.5")], "limit"),
    ("a huge limit", [("limit", "9" * 400)], "limit"),
    ("digits of another script", [("limit", "٣")], "limit"),
    ("an offset below", [("offset", "-1")], "offset"),
    ("a huge offset", [("offset", "9" * 17)], "offset"),
    ("neither true nor false", [("in_progress", "maybe")], "in_progress"),
    ("a page of a sample", [*WINDOW.items(), ("sample", "random"), ("offset", "1")], "sample"),
    ("twice the same", [("limit", "1"), ("limit", "2")], "limit"),
    ("a slip of the pen", [("chanel", "voice")], "did you mean channel"),
    ("too much to look for", [*WINDOW.items(), ("query_type", "semantic"), ("query", "x" * 2001)], "query"),
]


@pytest.mark.parametrize(("query", "says"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_what_is_not_understood_is_named(client: httpx.Client, query: list[tuple[str, str]], says: str) -> None:
    message = refused(client.get(LIST, params=urlencode(query)), 400, FILTER)
    assert says in message
    assert len(message) < 500


def test_a_time_without_a_zone_is_told_what_it_lacks(client: httpx.Client) -> None:
    message = refused(client.get(LIST, params={"start_time": "2026-03-02T09:00:00"}), 400, FILTER)
    assert "time zone" in message
    assert "add Z" in message


NAMES = ["limit", "offset", "cursor", "start_time", "end_time", "query", "query_type", "channel", "client_env", "x"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=60)), max_size=5))
def test_no_address_is_a_servers_fault(client: httpx.Client, query: list[tuple[str, str]]) -> None:
    safe = [(name, text.encode("utf-8", "replace").decode()) for name, text in query]
    reply = client.get(LIST, params=urlencode(safe))
    assert reply.status_code in {200, 400}, reply.text


def test_addresses_that_no_client_writes_are_refused_in_the_envelope(client: httpx.Client) -> None:
    for raw in (b"query=%ff&query_type=transcript", b"query=%ed%a0%80", b"limit=%00", b"&&&=%", b"a" * 60_000):
        reply = client.get(httpx.URL(client.base_url.join(LIST), query=raw))
        assert reply.status_code in {400, 414}, reply.text
        assert reply.status_code == 414 or reply.json()["success"] is False


def test_projects_and_accounts_that_a_key_does_not_know_are_not_there(shop: LiveServer, client: httpx.Client) -> None:
    refused(client.get("/v3/default/nobody/conversations"), 404, "PROJECT_NOT_FOUND")
    refused(client.get("/v3/elsewhere/clinic/conversations"), 404, "ACCOUNT_NOT_FOUND")
    refused(httpx.get(shop.address + LIST), 401, "AUTH_USER_UNAUTHORISED")
    refused(client.post(LIST), 405, "METHOD_NOT_ALLOWED")
