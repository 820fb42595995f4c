"""What nobody's client sends: refused with a reason, or taken without harm, and never a fault of ours."""

from __future__ import annotations

from typing import Any

import httpx
from tests.api.atoms.test_webhooks_over_http import an_agent, atoms
from tests.live_server import LiveServer

from postcall.domain.keys import Scope

NUL = "a\x00b"


def show(reply: httpx.Response, what: str) -> None:
    if reply.status_code >= 500:
        print("!!", reply.status_code, what, reply.text[:200])
    else:
        print("ok", reply.status_code, what, reply.text[:160])


def test_probe(any_server: LiveServer) -> None:
    agent = an_agent(any_server)
    with atoms(any_server) as c:
        mine = c.post("/agent", json={"name": NUL, "description": NUL, "globalPrompt": NUL, "firstMessage": NUL,
            "defaultVariables": {NUL: NUL}, "language": {"default": "en"}, "avatarUrl": NUL, "slmModel": NUL,
            "postCallAnalyticsConfig": {"summaryPrompt": NUL, "dispositionMetrics": [{"identifier": "a", "dispositionMetricPrompt": NUL, "dispositionMetricType": "ENUM", "choices": [NUL]}]}})
        show(mine, "agent nul")
        mine = c.post("/agent", json={"name": "x", "globalPrompt": "hello"}).json()["data"]
        for name, call in {
            "widget nul": lambda: c.post("/agent", json={"name": "q", "widgetConfig": {"x": NUL}}),
            "model nul": lambda: c.post("/agent", json={"name": "q", "slmModel": NUL}),
            "prompt nul": lambda: c.post("/agent", json={"name": "q", "globalPrompt": NUL}),
            "avatar nul": lambda: c.post("/agent", json={"name": "q", "avatarUrl": NUL}),
            "metric nul": lambda: c.post(f"/agent/{mine}/post-call-analytics", json={"summaryPrompt": NUL, "dispositionMetrics": [{"identifier": "a", "dispositionMetricPrompt": NUL, "dispositionMetricType": "ENUM", "choices": [NUL]}]}),
            "search": lambda: c.get("/agent", params={"search": "%_\\"}),
            "wh desc": lambda: c.post("/webhook", json={"endpoint": "https://a.example", "description": NUL, "events": []}),
            "wh desc long": lambda: c.post("/webhook", json={"endpoint": "https://b.example", "description": "x" * 3_000_000, "events": []}),
            "wh events many": lambda: c.post("/webhook", json={"endpoint": "https://c.example", "description": "", "events": [{"agentId": mine, "eventType": "pre-conversation"}] * 5000}),
            "action": lambda: c.post("/call-actions", json={"agentId": mine, "category": "post-call", "provider": NUL, "object": NUL, "config": {"body": NUL, "x": NUL, "conditions": [{"field": NUL, "operator": "eq", "value": NUL}]}}),
            "action cat list": lambda: c.post("/call-actions", json={"agentId": mine, "category": [], "provider": "x", "config": {}}),
            "action cond many": lambda: c.post("/call-actions", json={"agentId": mine, "category": "post-call", "provider": "x", "config": {"conditions": [{"field": "f", "operator": "eq", "value": 1}] * 20000}}),
            "action op list": lambda: c.post("/call-actions", json={"agentId": mine, "category": "post-call", "provider": "x", "config": {"conditions": [{"field": "f", "operator": [], "value": 1}]}}),
            "outbound": lambda: c.post("/conversation/outbound", json={"agentId": mine, "phoneNumber": "+14155550123", "variables": {NUL: NUL}, "operatorId": NUL, "operatorData": {NUL: [NUL]}}),
            "outbound big": lambda: c.post("/conversation/outbound", json={"agentId": mine, "phoneNumber": "+14155550123", "variables": {"a": 10**30}, "operatorData": 10**30}),
            "chat": lambda: c.post("/conversation/chat", json={"agentId": mine}),
            "register": lambda: c.post("/conversation/register-call", json={"agent_id": mine, "variables": {"a": NUL, NUL: "x"}}),
            "search ids": lambda: c.post("/conversation/search", json={"callIds": [NUL, "x" * 5000]}),
            "cancel": lambda: c.post("/conversation/cancel", json={"callId": NUL}),
            "cancel reason": lambda: c.post("/conversation/cancel", json={"callId": "call-1", "reason": NUL}),
            "draft": lambda: c.post(f"/agent/{mine}/drafts", json={"sourceDraftId": NUL}),
            "draft2": lambda: c.post(f"/agent/{mine}/drafts", json={"sourceVersionId": c.get(f"/agent/{mine}").json()["data"]["activeVersionId"], "draftName": NUL}),
            "branch": lambda: c.post(f"/agent/{mine}/branches", json={"sourceBranchId": "0" * 24, "name": NUL}),
            "score": lambda: c.post("/prompt-scoring/score", json={"draftId": "0" * 24}),
            "camp": lambda: c.post("/campaign", json={"name": NUL, "agentId": mine, "audienceId": "0" * 24, "description": NUL}),
            "camp2": lambda: c.post("/campaign", json={"name": 5, "agentId": mine, "audienceId": "0" * 24, "maxRetries": 10**30}),
            "camp list": lambda: c.get("/campaign", params={"search": "%_", "status": "running," * 5000}),
            "camp page": lambda: c.get("/campaign", params={"page": "9" * 19, "offset": "9" * 19}),
            "conv page": lambda: c.get("/conversation", params={"page": "9" * 19, "limit": "9" * 19}),
            "conv dates": lambda: c.get("/conversation", params={"dateFrom": "0001-01-01", "dateTo": "9999-12-31"}),
            "conv dates2": lambda: c.get("/conversation", params={"dateTo": "9999-12-31T23:59:59.999999-14:00"}),
            "ana dates": lambda: c.get("/analytics/summary", params={"dateFrom": "0001-01-01", "dateTo": "9999-12-31"}),
            "ana vol dates": lambda: c.get("/analytics/call-volume-timeseries", params={"dateFrom": "0001-01-01", "dateTo": "9999-12-30"}),
            "ana date": lambda: c.get("/analytics/concurrency", params={"date": "9999-12-31"}),
            "ana date1": lambda: c.get("/analytics/concurrency", params={"date": "0001-01-01"}),
            "ana page": lambda: c.get("/analytics/call-counts-log", params={"page": "9" * 18}),
            "versions skip": lambda: c.get(f"/agent/{mine}/versions", params={"skip": 2**31 - 1}),
            "diff": lambda: c.get(f"/agent/{mine}/diff", params={"a": "x", "b": "y"}),
            "retries": lambda: c.get("/conversation/" + "x" * 5000 + "/retries"),
            "draft id long": lambda: c.get(f"/agent/{mine}/drafts/" + "x" * 5000),
            "dnc": lambda: c.get("/dnc", params={"page": "9" * 19, "offset": "0", "search": "%"}),
            "agent dup": lambda: c.get("/agent", params={"page": "9" * 18}),
            "wrong method": lambda: c.put("/agent"),
            "unknown": lambda: c.get("/nothing"),
            "nul path": lambda: c.get("/conversation/%00"),
            "nul query": lambda: c.get("/conversation?search=%00"),
            "prompt huge": lambda: c.post("/agent", json={"name": "q", "customLLMWebSocketUrl": "x", "synthesizer": {"voiceConfig": {"voiceId": "x" * 100000}}}),
            "tz": lambda: c.post("/agent", json={"name": "q", "timezone": {"label": "x", "offset": 1e300}}),
            "telephony": lambda: c.post("/agent", json={"name": "q", "telephonyProductId": ["x"]}),
            "telephony nul": lambda: c.post("/agent", json={"name": "q", "telephonyProductId": [NUL]}),
            "telephony many": lambda: c.post("/agent", json={"name": "q", "telephonyProductId": [f"{n:024x}" for n in range(40000)]}),
            "reserve": lambda: c.put("/concurrency/reservations", json={"reservations": [{"agentId": mine, "webcall": 1, "outbound": 1, "inbound": 0, "chat": 0}] * 3}),
            "reserve none": lambda: c.put("/concurrency/reservations", json={"reservations": [{"agentId": "0" * 24, "webcall": 1, "outbound": 1, "inbound": 0, "chat": 0}]}),
            "expected": lambda: c.put(f"/agent/{mine}/branches/{mine}/draft", json={"expectedRevision": 10**30, "globalPrompt": "x"}),
        }.items():
            try:
                show(call(), name)
            except Exception as e:
                print("!!", name, repr(e)[:200])
        for depth in (200, 500, 900):
            deep: Any = "x"
            for _ in range(depth):
                deep = [deep]
            raw = '{"name":"q","widgetConfig":{"x":' + "[" * depth + "]" * depth + "}}"
            show(c.post("/agent", content=raw), f"deep {depth}")
            raw = '{"agentId":"%s","phoneNumber":"+14155550123","operatorData":%s}' % (mine, "[" * depth + "]" * depth)
            show(c.post("/conversation/outbound", content=raw), f"deep operator {depth}")
            raw = '{"agentId":"%s","category":"post-call","provider":"x","config":{"a":%s}}' % (mine, "[" * depth + "]" * depth)
            show(c.post("/call-actions", content=raw), f"deep action {depth}")
        csv = ("phoneNumber,firstName\n+14155550123,Ann").encode()
        made = c.post("/audience", data={"name": NUL, "phoneNumberColumnName": "phoneNumber"}, files={"file": ("c.csv", csv, "text/csv")})
        show(made, "audience")
        aud = made.json()["data"]["_id"]
        show(c.get(f"/audience/{aud}/members/search", params={f"c{n}": "1" for n in range(1200)}), "aud search many")
        show(c.get(f"/audience/{aud}/members", params={"search": "%", "page": "9" * 19}), "aud search")
        show(c.request("DELETE", f"/audience/{aud}/members", json={"memberIds": [f"{n:024x}" for n in range(70000)]}), "aud del many")
        show(c.post(f"/audience/{aud}/members", json={"members": [{"phoneNumber": "+14155550124", "x": 10**30, NUL: NUL}]}), "aud add")
        show(c.post(f"/audience/{aud}/members", json={"members": [{"phoneNumber": "+14155550125", "x": "y" * 1000000}]}), "aud add long")
        show(c.post(f"/audience/{aud}/members", json={"members": [{"phoneNumber": int("1" * 4000)}]}), "aud add int")
        show(c.post("/audience", data={"name": "q", "phoneNumberColumnName": "phoneNumber"}, files={"file": ("c.csv", b"\xff\xfe\x00\x00", "text/csv")}), "audience nul")
        show(c.post("/audience", data={"name": "q", "phoneNumberColumnName": "phoneNumber"}, files={"file": ("c.csv", b"phoneNumber,a\n+14155550123,\x00x", "text/csv")}), "audience nul cell")
        show(c.post("/audience", content=b"--x\r\n", headers={"content-type": "multipart/form-data; boundary=x"}), "audience broken")
        show(c.post("/audience", content=b"x", headers={"content-type": "multipart/form-data"}), "audience no boundary")
