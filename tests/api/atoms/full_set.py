"""One of everything that the Atoms interface shows, in an account of its own, and its ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from tests.builders import NOON, Desk, StepClock, a_call, an_answer, silent
from tests.live_server import LiveServer, run_server
from tests.reporting.placing import place

from postcall.domain.calls import CallStatus, Channel
from postcall.domain.keys import Scope
from postcall.settings import ModelSettings
from postcall.storage.outbound_schema import outbound_calls
from postcall.storage.schema import calls
from postcall.testing import Says, ScriptedModel

METRICS = [
    {"identifier": "booked", "dispositionMetricPrompt": "Was it booked?", "dispositionMetricType": "BOOLEAN"},
    {"identifier": "caller", "dispositionMetricPrompt": "Who calls?", "dispositionMetricType": "STRING"},
    {
        "identifier": "mood",
        "dispositionMetricPrompt": "How was it? Answer none if nobody can say.",
        "dispositionMetricType": "ENUM",
        "choices": ["good", "bad", "none"],
    },
]
CONFIG: dict[str, Any] = {
    "firstMessage": "Hello {{firstName}}!",
    "defaultVariables": {"firstName": "friend"},
    "postCallAnalyticsConfig": {"summaryPrompt": "In a line.", "dispositionMetrics": METRICS},
}
CSV = "firstName,phoneNumber\nAda,+14155550100\nBob,+14155550101\nCy,+14155550102"
FORM = {"name": "Leads", "phoneNumberColumnName": "phoneNumber", "description": ""}
EVENTS = ["pre-conversation", "post-conversation", "analytics-completed"]
HOOK = "https://crm.example/calls"
ACTION: dict[str, Any] = {
    "category": "post-call",
    "provider": "hubspot",
    "action_type": "create",
    "object": "contact",
    "config": {
        "url": "https://crm.example/contacts",
        "conditions": [{"field": "booked", "operator": "eq", "value": "true"}],
        "body": '{"call": "{{call_id}}"}',
    },
}
WAVE = b"RIFF" + bytes(300)


@contextmanager
def run_atoms(database_url: str, data: Path) -> Iterator[LiveServer]:
    """A server whose model has one answer; nothing works behind it, so that what is queued stays queued."""
    with ScriptedModel(default=Says("Pardon?")) as model:
        settings = ModelSettings(base_url=model.url, model="scripted", api_key="none")
        with run_server(database_url, data, clock=StepClock(), model=settings) as server:
            yield server


def client_of(server: LiveServer, *scopes: Scope, account: str = "default") -> httpx.Client:
    """For the Atoms interface, with a key that may do all unless scopes are named."""
    headers = server.holder_of(*(scopes or (Scope.ADMIN,)), account=account).headers
    return httpx.Client(
        base_url=server.address + "/atoms/v1", headers={"authorization": headers["authorization"]}, timeout=30
    )


def data_of(reply: httpx.Response) -> Any:
    assert reply.is_success, reply.text
    return reply.json()["data"]


@dataclass
class FullSet:
    """The ids of all that one account has."""

    server: LiveServer
    http: httpx.Client
    account: str = "default"
    calls: dict[str, str] = field(default_factory=dict)
    """By status; `completed` has answers and a recording."""

    def __post_init__(self) -> None:
        self.desk = Desk(self.server.services.record, self.server.desk.clock, account=self.account)
        number = self.desk.count()
        self.agent: str = self.post("/agent", name=f"Sales {number}", globalPrompt="Sell tea.")
        self.first_version: str = self.get(f"/agent/{self.agent}")["activeVersionId"]
        self._publish()
        self._hand_in(number)
        self._add_branches()
        self._add_people()
        self._add_listeners()

    def get(self, path: str, **params: Any) -> Any:
        return data_of(self.http.get(path, params=params))

    def post(self, path: str, **body: Any) -> Any:
        return data_of(self.http.post(path, json=body))

    def draft_of(self, version: str) -> str:
        """A draft that differs from the version that it began with."""
        draft: str = self.post(f"/agent/{self.agent}/drafts", sourceVersionId=version, draftName="Spring")["draftId"]
        data_of(self.http.patch(f"/agent/{self.agent}/drafts/{draft}/config", json={"firstMessage": "Good day!"}))
        return draft

    def place(self, **more: Any) -> str:
        """A call that is queued."""
        body = {"agentId": self.agent, "phoneNumber": "+14155550155", **more}
        return str(self.post("/conversation/outbound", **body)["conversationId"])

    def _publish(self) -> None:
        draft = self.draft_of(self.first_version)
        data_of(self.http.patch(f"/agent/{self.agent}/drafts/{draft}/config", json=CONFIG))
        self.version: str = self.post(f"/agent/{self.agent}/drafts/{draft}/publish", activate=True, label="Two")["_id"]
        self.draft = self.draft_of(self.version)

    def _hand_in(self, number: int) -> None:
        for status in CallStatus:
            call_id = f"CALL-{1_700_000_000_000 + number}-{list(CallStatus).index(status):06x}"
            call = a_call(call_id, agent=self.agent, status=status, duration_s=61.5, disconnection_reason="handoff",
                          from_number="+15550100", to_number="+15550199", metadata={"variables": {"plan": "gold"}},
                          started_at=NOON - timedelta(hours=1))  # fmt: skip
            self.calls[str(status)] = call_id
            if status is CallStatus.NO_ANSWER:
                place(self.desk, replace(call, turns=()), status=status)
            elif status is CallStatus.COMPLETED:
                turns = (replace(call.turns[0], start_s=2.0, latency_s=0.8), replace(call.turns[1], start_s=4.0))
                self.desk.hand_in(replace(call, turns=turns))
                unsure = an_answer("caller", status="invalid", type="STRING")
                self.desk.extract(an_answer(), unsure, an_answer("mood", "good", type="ENUM"))
            else:
                self.desk.hand_in(call)
        chat = f"CALL-{1_700_000_000_000 + number}-0000ff"
        self.desk.hand_in(silent(a_call(chat, agent=self.agent, channel=Channel.WEBCHAT)))
        self.calls["chat"] = chat
        self._retry(number)
        with self.server.holder_of(Scope.ADMIN, account=self.account) as native:
            address = f"/calls/{self.calls['completed']}/recording"
            heard = native.put(address, content=WAVE, headers={"content-type": "audio/wav"})
            assert heard.is_success, heard.text
            assert native.post("/do-not-call", json={"phone": "+14155550199"}).is_success

    def _retry(self, number: int) -> None:
        """The call that nobody answered, once more."""
        again = f"CALL-{1_700_000_000_000 + number}-00000f"
        self.desk.hand_in(a_call(again, agent=self.agent, status=CallStatus.BUSY))
        self.calls["retry"] = again
        first = self.calls[str(CallStatus.NO_ANSWER)]

        def link(connection: sa.Connection) -> None:
            pks = {row.id: row.pk for row in connection.execute(sa.select(calls.c.id, calls.c.pk))}
            row = {"call_pk": pks[again], "root_pk": pks[first], "attempt": 1, "carrier": "simulated", "state": "over"}
            connection.execute(sa.insert(outbound_calls).values(row | {"test": False, "created_at": NOON}))

        self.desk.record.write(link)

    def _add_branches(self) -> None:
        path = f"/agent/{self.agent}/branches"
        [main] = self.get(path)["branches"]
        self.main: str = main["branch"]["_id"]
        self.branch: str = self.post(path, sourceBranchId=self.main, name="Trial")["_id"]
        data_of(self.http.put(f"{path}/{self.branch}/draft", json={"firstMessage": "Hi."}))
        self.revision: str = self.post(f"{path}/{self.branch}/draft/publish")["revision"]["_id"]
        data_of(self.http.put(f"{path}/{self.branch}/draft", json={"firstMessage": "Hi there."}))

    def _add_people(self) -> None:
        self.audience: str = self.upload()
        self.member: str = self.get(f"/audience/{self.audience}/members")["members"][0]["_id"]
        self.campaign: str = self.add_campaign()
        assert self.http.post(f"/campaign/{self.campaign}/start").is_success
        self.number: str = self.get("/product/phone-numbers")[0]["_id"]

    def upload(self, content: str = CSV) -> str:
        """An audience."""
        files = {"file": ("contacts.csv", content, "text/csv")}
        return str(data_of(self.http.post("/audience", data=FORM, files=files))["_id"])

    def add_campaign(self, **more: Any) -> str:
        """One that has not started."""
        body = {"name": "Spring", "agentId": self.agent, "audienceId": self.audience, **more}
        return str(self.post("/campaign", **body)["_id"])

    def _add_listeners(self) -> None:
        events = [{"agentId": self.agent, "eventType": event} for event in EVENTS]
        self.webhook: str = self.post("/webhook", endpoint=f"{HOOK}/{self.agent}", description="CRM", events=events)
        self.action: str = self.post("/call-actions", agentId=self.agent, **ACTION)["_id"]
