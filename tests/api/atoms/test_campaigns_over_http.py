"""Campaigns and single calls as clients of the Atoms interface ask for them; no worker runs here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.aside import run_aside
from tests.live_server import LiveServer
from tests.outbound.dial_stage import SELLER, DialStage

from postcall.domain.calls import CallStatus
from postcall.storage.agents import find_agent
from postcall.storage.calls import find_call_row
from postcall.storage.do_not_call import bar
from postcall.storage.placed_calls import placed_call

NOBODY = "0" * 24
PHONE = "+14155550100"


@pytest.fixture
def stage(server: LiveServer, tmp_path: Path) -> DialStage:
    made = DialStage(server.services.record, tmp_path)
    made.add_seller(variables={"thing": "tea", "firstName": "friend"})
    return made


@pytest.fixture
def http(server: LiveServer) -> Iterator[httpx.Client]:
    key = server.http.headers["authorization"]
    with httpx.Client(
        base_url=server.address + "/atoms/v1", headers={"authorization": key}, timeout=30, verify=False
    ) as client:
        yield client


def agent_id(stage: DialStage) -> str:
    return stage.record.read(lambda c: find_agent(c, stage.pk, SELLER).id)


def a_body(stage: DialStage, *phones: str, **more: Any) -> dict[str, Any]:
    audience_id = stage.add_audience(*(phones or (PHONE,)))
    return {"name": "Spring", "agentId": agent_id(stage), "audienceId": audience_id, **more}


def made(http: httpx.Client, stage: DialStage, *phones: str, **more: Any) -> str:
    reply = http.post("/campaign", json=a_body(stage, *phones, **more))
    assert reply.status_code == 201, reply.text
    fits("post", "/campaign", reply)
    return str(reply.json()["data"]["_id"])


def texts(reply: httpx.Response) -> list[str]:
    assert reply.json()["status"] is False
    found: list[str] = reply.json()["errors"]
    return found


def test_a_campaign_is_made_shown_listed_and_deleted(http: httpx.Client, stage: DialStage) -> None:
    body = a_body(stage, PHONE, "+14155550101")
    reply = http.post("/campaign", json=body)  # as the client of 2025 sends it: no numbers, no retries
    fits("post", "/campaign", reply)
    data = reply.json()["data"]
    assert (data["status"], data["participantsCount"], data["maxRetries"], data["retryDelay"]) == ("draft", 2, 3, 15)
    assert (data["agentId"], data["audienceId"]) == (body["agentId"], body["audienceId"])
    shown = http.get(f"/campaign/{data['_id']}")
    fits("get", "/campaign/{id}", shown)
    assert shown.json()["data"]["campaign"]["agent"] == {
        "_id": body["agentId"],
        "name": SELLER,
        "workflowType": "single_prompt",
    }
    assert shown.json()["data"]["metrics"] == {
        "total_participants": 2,
        "contacts_called": 0,
        "contacts_connected": 0,
    }
    listed = http.get("/campaign", params={"limit": 50})
    fits("get", "/campaign", listed)
    assert [each["_id"] for each in listed.json()["data"]["campaigns"]] == [data["_id"]]
    gone = http.delete(f"/campaign/{data['_id']}")
    fits("delete", "/campaign/{id}", gone)
    assert gone.json() == {"status": True}
    assert http.delete(f"/campaign/{data['_id']}").status_code == 404
    assert http.get(f"/campaign/{data['_id']}").status_code == 400
    assert http.get("/campaign").json()["data"]["totalCampaignCount"] == 0


def test_lists_have_pages_filters_and_an_order(http: httpx.Client, stage: DialStage) -> None:
    for name in ("Spring tea", "Summer tea", "Autumn"):
        made(http, stage, name=name)
    made(http, stage, name="Later", scheduledAt="2100-01-01T10:00:00.000Z")

    def names(**query: Any) -> list[str]:
        reply = http.get("/campaign", params=query)
        fits("get", "/campaign", reply)
        return [each["name"] for each in reply.json()["data"]["campaigns"]]

    assert names() == ["Later", "Autumn", "Summer tea", "Spring tea"]
    assert names(sortOrder="asc", offset=2) == ["Spring tea", "Summer tea"]
    assert names(page=2, offset=3) == ["Spring tea"]
    assert names(search="TEA") == ["Summer tea", "Spring tea"]
    assert names(status="scheduled") == ["Later"]
    page = http.get("/campaign", params={"page": 1, "offset": 3, "search": "tea"}).json()["data"]
    assert page["pagination"] == {"total": 2, "page": 1, "offset": 3, "hasMore": False, "totalPages": 1}
    assert page["totalCampaignCount"] == 4
    assert texts(http.get("/campaign", params={"status": "asleep"}))[0].startswith("status: must be one of")


BAD_CAMPAIGNS = (
    ({"name": None}, "name: Required"),
    ({"name": "  "}, "name: Required"),
    ({"agentId": "x"}, "Invalid agent id"),
    ({"agentId": NOBODY}, "Agent not found"),
    ({"audienceId": NOBODY}, "Audience not found"),
    ({"phoneNumberIds": [NOBODY]}, "Invalid product id"),
    ({"maxRetries": 11}, "maxRetries: must be between 0 and 10"),
    ({"retryDelay": 0}, "retryDelay: must be between 1 and 1440 minutes"),
    ({"scheduledAt": "soon"}, "scheduledAt: Invalid datetime"),
)


def test_what_is_wrong_with_a_campaign_is_said(http: httpx.Client, stage: DialStage) -> None:
    body = a_body(stage)
    for change, text in BAD_CAMPAIGNS:
        reply = http.post("/campaign", json={**body, **change})
        assert (reply.status_code, texts(reply)) == (400, [text])
    assert http.get("/campaign").json()["data"]["totalCampaignCount"] == 0


def test_calling_hours_that_never_come_are_refused(http: httpx.Client, stage: DialStage) -> None:
    reply = http.post("/campaign", json=a_body(stage, callingHours={"start": "18:00", "end": "09:00"}))
    assert reply.status_code == 400
    campaign_id = made(http, stage, callingHours={"start": "09:00", "end": "18:00", "days": [1, 2]})
    shown = http.get(f"/campaign/{campaign_id}").json()["data"]["campaign"]
    assert shown["callingHours"] == {"start": "09:00", "end": "18:00", "days": [1, 2]}


def test_starting_twice_is_one_start(http: httpx.Client, stage: DialStage) -> None:
    campaign_id = made(http, stage)
    first, second = (http.post(f"/campaign/{campaign_id}/start") for _ in range(2))
    fits("post", "/campaign/{id}/start", first)
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    assert first.json()["data"]["message"] == "Campaign is being processed"
    assert http.get(f"/campaign/{campaign_id}").json()["data"]["campaign"]["status"] == "processing"


def test_a_campaign_is_paused_gone_on_with_and_stopped_for_good(http: httpx.Client, stage: DialStage) -> None:
    campaign_id = made(http, stage)
    assert http.post(f"/campaign/{campaign_id}/pause").status_code == 400  # a draft does nothing
    http.post(f"/campaign/{campaign_id}/start")
    paused = http.post(f"/campaign/{campaign_id}/pause")
    fits("post", "/campaign/{id}/pause", paused)
    assert paused.json() == {"status": True}
    shown = http.get(f"/campaign/{campaign_id}")
    fits("get", "/campaign/{id}", shown)
    assert shown.json()["data"]["campaign"]["status"] == "paused"
    assert http.post(f"/campaign/{campaign_id}/start").status_code == 202
    assert http.post(f"/campaign/{campaign_id}/stop").json() == {"status": True}
    assert http.post(f"/campaign/{campaign_id}/stop").json() == {"status": True}
    assert http.post(f"/campaign/{campaign_id}/start").status_code == 400
    shown = http.get(f"/campaign/{campaign_id}")
    assert shown.json()["data"]["campaign"]["status"] == "cancelled"
    actions = [event["eventAction"] for event in shown.json()["data"]["events"]]
    assert actions == ["paused", "resumed", "stopped"]


def test_a_call_that_was_taken_back_is_no_attempt_in_the_exports(http: httpx.Client, stage: DialStage) -> None:
    campaign_id = made(http, stage)
    http.post(f"/campaign/{campaign_id}/start")
    run_aside(stage.place_only(until_calls=1))
    http.post(f"/campaign/{campaign_id}/pause")
    assert one_person(http, campaign_id) == (0, None)
    http.post(f"/campaign/{campaign_id}/start")
    run_aside(stage.place_only(until_calls=2))
    assert one_person(http, campaign_id) == (1, stage.all_calls()[1].id)


def one_person(http: httpx.Client, campaign_id: str) -> tuple[int, str | None]:
    [person] = http.get(f"/campaign/{campaign_id}/export/by-audience-member").json()["data"]
    assert person["retryAttempts"] == []
    return person["totalAttempts"], (person["originalCall"] or {}).get("callId")


def test_unknown_campaigns_are_said_to_be_unknown(http: httpx.Client, stage: DialStage) -> None:
    del stage
    assert texts(http.get("/campaign/nonsense")) == ["Invalid campaign id"]
    for method, path in (
        ("get", ""),
        ("post", "/start"),
        ("post", "/pause"),
        ("post", "/stop"),
        ("get", "/logs/export"),
    ):
        reply = http.request(method, f"/campaign/{NOBODY}{path}")
        assert (reply.status_code, texts(reply)) == (400, ["No campaign found"])
    assert http.get(f"/campaign/{NOBODY}/export/by-audience-member").status_code == 404


def test_an_archived_agent_neither_calls_nor_campaigns(http: httpx.Client, stage: DialStage) -> None:
    body, agent = a_body(stage), agent_id(stage)
    assert http.delete(f"/agent/{agent}/archive").status_code == 200
    archived = ["Agent is archived and cannot initiate calls"]
    reply = http.post("/campaign", json=body)
    assert (reply.status_code, texts(reply)) == (400, archived)
    reply = http.post("/conversation/outbound", json={"agentId": agent, "phoneNumber": PHONE})
    assert (reply.status_code, texts(reply)) == (400, archived)


def test_a_call_is_placed(http: httpx.Client, stage: DialStage) -> None:
    reply = http.post(
        "/conversation/outbound",
        json={
            "agentId": agent_id(stage),
            "phoneNumber": "1 (415) 555-0100",
            "variables": {"firstName": "Ada", "age": 36, "vip": True},
        },
        headers={"x-test-call": "true"},
    )
    fits("post", "/conversation/outbound", reply)
    call_id = reply.json()["data"]["conversationId"]
    call = stage.call(call_id)
    assert call.details.status is CallStatus.PENDING
    assert (call.details.to_number, call.details.environment) == (PHONE, "sandbox")
    assert call.details.metadata["variables"] == {"thing": "tea", "firstName": "Ada", "age": 36, "vip": True}
    assert http.get(f"/conversation/{call_id}").json()["data"]["status"] == "in_queue"


def test_a_call_may_name_the_number_as_the_versioning_page_does_and_pin_a_version(
    http: httpx.Client, stage: DialStage
) -> None:
    agent = agent_id(stage)
    version_id = http.get(f"/agent/{agent}").json()["data"]["activeVersionId"]
    number_id = http.get("/product/phone-numbers").json()["data"][0]["_id"]
    body = {"agentId": agent, "toPhone": PHONE, "versionId": version_id, "fromProductId": number_id}
    call_id = http.post("/conversation/outbound", json=body).json()["data"]["conversationId"]
    assert stage.call(call_id).version == 1


BAD_CALLS = (
    ({"agentId": None}, "agentId: Required"),
    ({"phoneNumber": None}, "phoneNumber: Required"),
    ({"agentId": "seller"}, "Invalid agent id"),
    ({"agentId": NOBODY}, "Agent not found"),
    ({"phoneNumber": "12"}, "Invalid phone number"),
    ({"phoneNumber": 14155550100}, "Invalid phone number"),
    ({"fromProductId": "mine"}, "Invalid product id"),
    ({"fromProductId": NOBODY}, "Invalid product id"),
    ({"versionId": NOBODY}, "Version not found"),
    ({"variables": {"a": {"b": 1}}}, "Invalid input"),
)


def test_what_is_wrong_with_a_call_is_said_in_the_vendors_words(http: httpx.Client, stage: DialStage) -> None:
    for change, text in BAD_CALLS:
        body = {"agentId": agent_id(stage), "phoneNumber": PHONE, **change}
        reply = http.post("/conversation/outbound", json=body)
        assert (reply.status_code, texts(reply)) == (400, [text])
    assert stage.all_calls() == []


def test_who_is_not_to_be_called_is_not(http: httpx.Client, stage: DialStage) -> None:
    stage.record.write(lambda c: bar(c, stage.pk, PHONE, now=stage.now()))
    reply = http.post("/conversation/outbound", json={"agentId": agent_id(stage), "phoneNumber": PHONE})
    assert (reply.status_code, texts(reply)) == (400, ["Phone number is on the do-not-call list"])
    assert stage.all_calls() == []


def test_a_call_in_the_queue_can_be_cancelled(http: httpx.Client, stage: DialStage) -> None:
    call_id = stage.place()
    assert http.post(f"/conversation/{call_id}/cancel").status_code == 200
    assert stage.call(call_id).details.status is CallStatus.CANCELLED
    placed = stage.record.read(lambda c: placed_call(c, find_call_row(c, stage.pk, call_id).pk))
    assert placed is not None
    assert placed.state == "over"
