"""Calls over the Atoms interface: the log, one call, searches, ending calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.builders import a_body, a_call, a_question, an_answer
from tests.live_server import LiveServer

from postcall.domain.agents import VersionConfig
from postcall.domain.keys import Scope
from postcall.domain.outbound import NewCall
from postcall.outbound.placing import place_call
from postcall.runtime.prompt_agents import with_project
from postcall.storage.agents import create_agent


@pytest.fixture
def atoms(server: LiveServer) -> Iterator[httpx.Client]:
    with client_of(server, Scope.READ, Scope.WRITE) as client:
        yield client


def client_of(server: LiveServer, *scopes: Scope, account: str = "default") -> httpx.Client:
    headers = server.holder_of(*scopes, account=account).headers
    return httpx.Client(
        base_url=server.address + "/atoms/v1", headers={"authorization": headers["authorization"]}, timeout=30
    )


def data(reply: httpx.Response, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert body.get("status", body.get("success")) is True
    return body["data"]


def refused(reply: httpx.Response, status: int = 400) -> str:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert body["status"] is False
    assert all(isinstance(text, str) for text in body["errors"])
    return "; ".join(body["errors"])


def an_extracted_call(server: LiveServer) -> None:
    desk = server.desk
    desk.ask(
        a_question(),
        a_question("caller", "Who calls?", "STRING"),
        a_question("people", "How many come?", "INTEGER"),
    )
    call = a_call(
        duration_s=61.5, disconnection_reason="handoff", from_number="+15550100", to_number="+15550199",
        metadata={"variables": {"plan": "gold"}},
    )  # fmt: skip
    turns = (replace(call.turns[0], start_s=2.0, latency_s=0.8), replace(call.turns[1], start_s=4.0))
    desk.hand_in(replace(call, turns=turns))
    desk.extract(
        an_answer(),
        an_answer("caller", status="invalid", type="STRING"),
        an_answer("people", 3, type="INTEGER"),
    )


def test_the_log_shows_a_call_as_it_is_described(server: LiveServer, atoms: httpx.Client) -> None:
    an_extracted_call(server)
    reply = atoms.get("/conversation")
    fits("get", "/conversation", replace_nulls(reply))
    found = data(reply)
    assert found["pagination"] == {"total": 1, "page": 1, "limit": 5, "hasMore": False, "totalPages": 1}
    assert found["dispositionMetricsConfig"] == [
        {"identifier": "booked", "type": "BOOLEAN"},
        {"identifier": "caller", "type": "STRING"},
        {"identifier": "people", "type": "INTEGER"},
    ]
    [row] = found["logs"]
    assert row["callId"] == "call-1"
    assert row["type"] == "telephony_inbound"
    assert row["duration"] == 61.5
    assert row["disconnectionReason"] == "transfer_complete"
    assert row["dispositionMetrics"] == {"booked": "true", "people": "3"}
    assert row["versionNumber"] == 1 and len(row["versionId"]) == 24
    assert (row["isTest"], row["retryCount"], row["retryAttemptNumber"]) == (False, 0, 0)
    assert row["turnLatencyMetrics"]["latencies"] == [800]
    assert row["turnLatencyMetrics"]["transitions"] == [
        {"turn": 1, "user_end": 1200, "bot_start": 2000, "latency": 800}
    ]
    assert not {"recordingUrl", "callCost", "callFailureReason"} & row.keys()


def replace_nulls(reply: httpx.Response) -> httpx.Response:
    """As the description has it, which knows no metric without a value."""
    text = reply.text.replace('"value":null', '"value":""')
    return httpx.Response(reply.status_code, headers=reply.headers, text=text)


def test_one_invalid_metric_leaves_the_others_standing(server: LiveServer, atoms: httpx.Client) -> None:
    an_extracted_call(server)
    reply = atoms.get("/conversation/call-1")
    fits("get", "/conversation/{id}", replace_nulls(reply))
    call = data(reply)
    assert call["postCallAnalytics"]["summary"] == "A check-up was booked."
    metrics = {each["identifier"]: each for each in call["postCallAnalytics"]["dispositionMetrics"]}
    assert metrics["booked"]["value"] == "true"
    assert metrics["people"]["value"] == "3"
    assert metrics["caller"] == {
        "identifier": "caller",
        "value": None,
        "confidence": 0,
        "reasoning": "The model could not be asked.",
        "status": "invalid",
    }
    assert call["transcript"][0] == {
        "role": "agent",
        "content": "Good morning, how can I help?",
        "timestamp": "2026-03-02T11:00:02.000Z",
    }
    assert call["variables"] == {"plan": "gold"}
    assert call["agent"]["name"] == "clinic"
    kinds = [event["event_type"] for event in call["events"]]
    assert (kinds[0], kinds[-1]) == ("call_start", "call_end")
    assert {"tts_completed", "user_transcription"} <= set(kinds)


def test_a_call_without_results_has_no_key_for_them(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body(status="no_answer", turns=[]))
    call = data(atoms.get("/conversation/call-1"))
    assert "postCallAnalytics" not in call and "turnLatencyMetrics" not in call
    assert (call["transcript"], call["variables"], call["duration"], call["from"]) == ([], {}, 0, "")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("statusFilter=done", "statusFilter"),
        ("callTypes=pigeon", "callTypes"),
        ("sortBy=mood", "sortBy"),
        ("sortOrder=up", "sortOrder"),
        ("durationFilter=long", "durationFilter"),
        ("callAttemptFilter=third", "callAttemptFilter"),
        ("disconnectReasonFilter=boredom", "disconnectReasonFilter"),
        ("dateFrom=yesterday", "dateFrom"),
        ("dateTo=2026-13-01", "dateTo"),
        ("page=first", "page"),
        ("limit=many", "limit"),
    ],
    ids=lambda value: str(value).partition("=")[0],
)
def test_a_filter_that_means_nothing_is_a_400_that_names_it(atoms: httpx.Client, query: str, text: str) -> None:
    assert text in refused(atoms.get(f"/conversation?{query}"))


def ids(atoms: httpx.Client, **query: Any) -> list[str]:
    return [row["callId"] for row in data(atoms.get("/conversation", params=query))["logs"]]


def test_words_of_filters_mean_the_calls_that_have_them(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body("in", duration_s=45, disconnection_reason="error"))
    server.post(a_body("out", direction="outbound", duration_s=300, to="+919876543210"))
    server.post(a_body("chat", channel="webchat", started_at="2026-03-01T23:59:59.500Z"))
    server.post(a_body("busy", status="busy", turns=[], environment="sandbox", disconnection_reason="no_answer"))
    server.post(a_body("on", status="in_progress"))
    assert ids(atoms, callTypes="telephony_inbound", sortBy="createdAt", sortOrder="asc") == ["in", "busy", "on"]
    assert ids(atoms, callTypes="telephony_outbound,chat", limit=500) == ["chat", "out"]
    assert ids(atoms, callTypes="webcall") == []
    assert ids(atoms, statusFilter="busy,active") == ["on", "busy"]
    assert ids(atoms, statusFilter="blocked") == []
    assert ids(atoms, disconnectReasonFilter="connection_error,dial_no_answer") == ["busy", "in"]
    assert ids(atoms, durationFilter="30-60,5+") == ["out", "in"]
    assert ids(atoms, search="9876") == ["out"]
    assert ids(atoms, dateTo="2026-03-01") == ["chat"]
    assert ids(atoms, dateFrom="2026-03-02", search="chat") == []
    assert ids(atoms, agentIds="0" * 24) == []
    assert ids(atoms, campaignIds="0" * 24) == []
    agent = data(atoms.get("/conversation/in"))["agentId"]
    assert len(ids(atoms, agentIds=f"{agent},{'0' * 24}", limit=100_000)) == 5
    version = data(atoms.get("/conversation/in"))["versionId"]
    assert len(ids(atoms, versionFilter=version)) == 5
    assert data(atoms.get("/conversation/busy"))["isTest"] is True


def test_pages_are_clamped_rather_than_refused(server: LiveServer, atoms: httpx.Client) -> None:
    for number in range(7):
        server.post(a_body(f"call-{number}"))
    first = data(atoms.get("/conversation"))
    assert len(first["logs"]) == 5 and first["pagination"]["hasMore"] is True
    assert first["pagination"]["totalPages"] == 2
    assert data(atoms.get("/conversation?page=0&limit=9999"))["pagination"]["limit"] == 500
    far = data(atoms.get("/conversation?page=99999999999999999999"))
    assert far["logs"] == [] and far["pagination"]["total"] == 7


def test_a_search_by_ids_drops_those_that_are_not_ours(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body())
    with client_of(server, Scope.READ, account="other") as other:
        theirs = data(other.post("/conversation/search", json={"callIds": ["call-1"]}))
        assert theirs == {"logs": [], "total": 0, "requestedCount": 1}
        assert refused(other.get("/conversation/call-1"), 404) == "No conversation found"
    reply = atoms.post("/conversation/search", json={"callIds": ["nobody", "call-1"]})
    fits("post", "/conversation/search", reply)
    found = data(reply)
    assert (found["total"], found["requestedCount"]) == (1, 2)
    assert not {"dispositionMetrics", "agentDispositionConfig", "versionNumber"} & found["logs"][0].keys()
    for bad in ([], ["a"] * 101, "call-1", [1], None):
        assert "callIds" in refused(atoms.post("/conversation/search", json={"callIds": bad}))


def test_an_agents_calls_are_in_milliseconds(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body(duration_s=1.5))
    agent = data(atoms.get("/conversation/call-1"))["agentId"]
    reply = atoms.get(f"/agent/{agent}/call-logs?page=1&offset=100000000")
    fits("get", "/agent/{id}/call-logs", reply)
    assert reply.json()["success"] is True
    [row] = data(reply)["callLogs"]
    assert (row["callDuration"], row["callStatus"], row["fromNumber"]) == (1500, "completed", "")
    assert refused(atoms.get("/agent/clinic/call-logs")) == "Invalid agent id"
    assert refused(atoms.get(f"/agent/{'0' * 24}/call-logs")) == "No agent found"


def a_placed_call(server: LiveServer, call: str = "+14155550123") -> str:
    """A call that waits for a line; nobody dials without a worker."""
    desk = server.desk

    def place(connection: Any) -> str:
        config = with_project(connection, desk.pk, "seller", VersionConfig(prompt="Sell."), now=desk.clock())
        create_agent(connection, desk.pk, slug="seller", name="seller", config=config, now=desk.clock())
        return place_call(connection, desk.pk, NewCall("seller", call), now=desk.clock())

    return desk.record.write(place)


def test_a_queued_call_can_be_cancelled_by_either_way_once(server: LiveServer, atoms: httpx.Client) -> None:
    call_id = a_placed_call(server)
    assert ids(atoms, statusFilter="in_queue") == [call_id]
    assert ids(atoms, statusFilter="pending") == []
    reply = atoms.post(f"/conversation/{call_id}/cancel")
    fits("post", "/conversation/{callId}/cancel", reply)
    assert data(reply) == {"callId": call_id, "status": "cancelled"}
    again = refused(atoms.post(f"/conversation/{call_id}/cancel"))
    assert again == f"Conversation with ID {call_id} is not in queue and cannot be cancelled"
    refused(atoms.post("/conversation/cancel", json={"callId": call_id}))
    assert data(atoms.get(f"/conversation/{call_id}"))["status"] == "cancelled"
    assert refused(atoms.post("/conversation/nobody/cancel"), 404) == "No conversation found"
    assert refused(atoms.post("/conversation/cancel", json={})) == "callId: Required"


def test_a_call_that_goes_on_is_ended_and_not_extracted(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body(status="in_progress"))
    refused(atoms.post("/conversation/call-1/cancel"))  # it is in no queue
    reply = atoms.post("/conversation/cancel", json={"callId": "call-1", "reason": "wrong person"})
    fits("post", "/conversation/cancel", reply)
    assert data(reply) == {"callId": "call-1", "status": "cancelled", "previousStatus": "in_progress"}
    assert server.call()["status"] == "cancelled"
    assert server.desk.claim() == []


def test_retries_of_a_call_that_was_never_tried_again_are_itself(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body())
    reply = atoms.get("/conversation/call-1/retries")
    fits("get", "/conversation/{callId}/retries", reply)
    assert [row["callId"] for row in data(reply)["retries"]] == ["call-1"]
    assert refused(atoms.get("/conversation/nobody/retries"), 404) == "No conversation found"


def test_a_recording_can_be_downloaded_without_a_key_for_some_minutes(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body())
    assert refused(atoms.get("/conversation/call-1/recording/download-url"), 404) == "No recording found"
    assert refused(atoms.get("/conversation/a b/recording/download-url")) == "Invalid call ID format"
    assert refused(atoms.get("/conversation/nobody/recording/download-url"), 404) == "No conversation found"
    server.http.put("/calls/call-1/recording", content=b"RIFFwave", headers={"content-type": "audio/wav"})
    reply = atoms.get("/conversation/call-1/recording/download-url")
    fits("get", "/conversation/{callId}/recording/download-url", reply)
    address = data(reply)["presignedUrl"]
    assert httpx.get(address).content == b"RIFFwave"
    [row] = data(atoms.get("/conversation"))["logs"]
    assert httpx.get(row["recordingUrl"]).content == b"RIFFwave"


def test_both_prefixes_and_doubled_slashes_answer_alike(server: LiveServer, atoms: httpx.Client) -> None:
    server.post(a_body())
    headers = {"authorization": atoms.headers["authorization"]}
    for path in ("/api/v1/conversation", "/atoms/v1//conversation", "/atoms/v1/conversation/"):
        assert httpx.get(server.address + path, headers=headers).json()["data"]["pagination"]["total"] == 1
