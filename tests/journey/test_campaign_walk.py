"""A campaign over the wire, with `postcall serve` alone: placed, talked, ended, extracted, exported."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import httpx
from tests.api.atoms.published import fits
from tests.live_server import wait_until
from tests.outbound.dial_stage import chatty
from tests.processes import serving

from postcall.testing import Answered, ScriptedModel, answers_from

CSV = "firstName,lastName,phoneNumber\nAda,=1+1,+14155550100\nBob,Young,14155550101"


def test_two_people_are_called_and_the_calls_extracted_within_45_seconds(tmp_path: Path) -> None:
    with ScriptedModel() as model:
        answers = answers_from({"bought": Answered(value=True, evidence=((3, "I would take two"),))})
        model.when(lambda request: request.json_schema is not None).reply(answers)
        chatty(model)
        env = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "scripted"}
        with serving(tmp_path / "data", env=env) as server:
            headers = {"Authorization": f"Bearer {server.key}"}
            with httpx.Client(base_url=server.address + "/atoms/v1", headers=headers, timeout=30, verify=False) as http:
                walk(http)


def walk(http: httpx.Client) -> None:
    agent_id = http.post("/agent", json={"name": "Sales", "globalPrompt": "Sell tea to {{firstName}}."}).json()["data"]
    metric = {"identifier": "bought", "dispositionMetricPrompt": "Did they buy?", "dispositionMetricType": "BOOLEAN"}
    http.post(f"/agent/{agent_id}/post-call-analytics", json={"dispositionMetrics": [metric]}).raise_for_status()
    form = {"name": "Leads", "phoneNumberColumnName": "phoneNumber", "description": ""}
    reply = http.post("/audience", data=form, files={"file": ("contacts.csv", CSV, "text/csv")})
    audience_id = reply.json()["data"]["_id"]
    body = {"name": "Spring", "agentId": agent_id, "audienceId": audience_id}
    campaign_id = http.post("/campaign", json=body).json()["data"]["_id"]
    begun = time.monotonic()
    assert http.post(f"/campaign/{campaign_id}/start").status_code == 202
    logs = wait_until(lambda: extracted(http, campaign_id), what=lambda: http.get("/conversation").text, patience_s=45)
    assert time.monotonic() - begun < 45
    assert {log["status"] for log in logs} == {"completed"}
    assert [log["dispositionMetrics"] for log in logs] == [{"bought": "true"}] * 2
    shown = wait_until(lambda: completed(http, campaign_id), what=lambda: http.get(f"/campaign/{campaign_id}").text)
    assert shown["metrics"] == {"total_participants": 2, "contacts_called": 2, "contacts_connected": 2}
    [execution] = shown["campaign"]["executions"]
    assert (execution["status"], execution["totalMembers"], execution["processedMembers"]) == ("completed", 2, 2)
    assert [event["eventAction"] for event in shown["events"]] == ["started", "completed"]
    check_exports(http, campaign_id)
    assert http.delete(f"/campaign/{campaign_id}").json() == {"status": True}


def extracted(http: httpx.Client, campaign_id: str) -> list[dict[str, Any]]:
    reply = http.get("/conversation", params={"campaignIds": campaign_id})
    logs: list[dict[str, Any]] = reply.json()["data"]["logs"]
    return logs if len(logs) == 2 and all("postCallAnalytics" in log for log in logs) else []


def completed(http: httpx.Client, campaign_id: str) -> dict[str, Any]:
    reply = http.get(f"/campaign/{campaign_id}")
    fits("get", "/campaign/{id}", reply)
    data: dict[str, Any] = reply.json()["data"]
    return data if data["campaign"]["status"] == "completed" else {}


def check_exports(http: httpx.Client, campaign_id: str) -> None:
    reply = http.get(f"/campaign/{campaign_id}/export/by-audience-member")
    fits("get", "/campaign/{id}/export/by-audience-member", reply)
    whole = reply.json()
    assert (whole["campaign"], whole["totalAudienceMembers"], len(whole["data"])) == ("Spring", 2, 2)
    ada = whole["data"][0]
    assert (ada["phoneNumber"], ada["totalAttempts"], ada["finalStatus"]) == ("+14155550100", 1, "completed")
    assert ada["audienceMemberData"]["lastName"] == "=1+1"
    assert ada["originalCall"]["transcript"][1] == ada["originalCall"]["transcript"][1] | {"role": "user"}
    people = read(http.get(f"/campaign/{campaign_id}/export/by-audience-member", params={"format": "csv"}))
    assert [row["lastName"] for row in people] == ["'=1+1", "Young"]  # no cell starts a formula
    assert [row["finalStatus"] for row in people] == ["completed"] * 2
    logs = http.get(f"/campaign/{campaign_id}/logs/export")
    fits("get", "/campaign/{id}/logs/export", logs)
    rows = read(logs)
    assert sorted(row["contact"] for row in rows) == ["+14155550100", "+14155550101"]
    assert {row["status"] for row in rows} == {"completed"}


def read(reply: httpx.Response) -> list[dict[str, str]]:
    assert reply.status_code == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))
