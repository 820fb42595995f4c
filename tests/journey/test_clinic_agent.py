"""An agent project takes five calls: what it writes in them is the same in the API, in queries and on Overview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.live_server import wait_until
from tests.processes import Running, run_cli, start_server

from postcall.testing import ScriptedModel, load_script

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
CLINIC = EXAMPLES / "clinic"
AGENT = "harbor-lane-clinic"
NORA = {"phone": "+18605550111"}
"""A patient with a cleaning in a few days, as a website tells who is signed in."""


@dataclass
class Chat:
    """One conversation over the Chat API, as its client sees it."""

    http: httpx.Client
    id: str
    said: list[str]
    """What the agent said, the greeting first."""
    last: dict[str, Any] = field(default_factory=dict)
    """The latest reply to a message."""

    def say(self, text: str) -> str:
        """Say something; the agent's words."""
        reply = self.http.post("/respond", json={"conversation_id": self.id, "message": text})
        assert reply.status_code == 200, reply.text
        self.last = reply.json()
        self.said.append(self.last["response"])
        return self.said[-1]

    def close(self) -> None:
        """Leave."""
        assert self.http.put("/close", json={"conversation_id": self.id}).json() == {"success": True}


@dataclass
class Clinic:
    """A server with the agent, and its calls by name once they are over and answered."""

    server: Running
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)

    def chat(self, name: str, attributes: Mapping[str, str] | None = None) -> Chat:
        """Begin a conversation."""
        base_url = f"{self.server.address}/v1/default/{AGENT}/chat"
        http = httpx.Client(base_url=base_url, headers={"X-API-KEY": self.server.key}, timeout=30, verify=False)
        reply = http.post("/create", json={"integration_attributes": attributes} if attributes else {})
        assert reply.status_code == 200, reply.text
        made = self.chats[name] = Chat(http, reply.json()["conversation_id"], [reply.json()["response"]])
        return made

    def value(self, call: str, metric: str) -> Any:
        """What a call says under a metric's name; None where it has none."""
        found = self.calls[call]["metrics"].get(metric)
        return found["value"] if found is not None else None

    def ask(self, query: dict[str, Any]) -> dict[str, Any]:
        """A query's result, over the agent's calls."""
        with self.server.client() as http:
            reply = http.post("/query", json={"agent": AGENT, **query})
        assert reply.status_code == 200, reply.text
        result: dict[str, Any] = reply.json()
        return result


def book(clinic: Clinic) -> None:
    """A new patient, all the way to the text message."""
    chat = clinic.chat("booked")
    assert "treatment" not in chat.said[0] and "Harbor Lane Dental" in chat.said[0]
    assert "Which day" in chat.say("Hi, I'd like to book a cleaning please")
    assert "Which one suits you?" in chat.say("Thursday, in the morning")
    assert "full name" in chat.say("The first one")
    assert "You are booked for a cleaning on Thursday" in chat.say("Ida Brandt, 860 555 0177")
    assert "on its way" in chat.say("Yes please")
    assert "goodbye" in chat.say("No thank you, that was great")
    assert chat.last["end_conversation"] is True


def cancel(clinic: Clinic) -> None:
    """A patient whom the website knows, with a reason."""
    chat = clinic.chat("cancelled", NORA)
    assert "Nora" in chat.said[0]
    assert "why you want to cancel" in chat.say("I need to cancel my appointment")
    assert "I have cancelled a cleaning" in chat.say("I have to work that day")
    chat.close()


def reschedule(clinic: Clinic) -> None:
    """A patient who says who he is first."""
    chat = clinic.chat("moved")
    assert "date of birth" in chat.say("I have to reschedule my appointment")
    assert "Samuel has a crown" in chat.say("My name is Samuel Ortiz, September 30, 1975")
    assert "Which one suits you?" in chat.say("Please move it to Friday afternoon")
    assert "it is now a crown on Friday" in chat.say("The second one works")
    chat.close()


def ask_and_leave_for_a_person(clinic: Clinic) -> None:
    """Questions, and then somebody real."""
    chat = clinic.chat("handed off")
    assert "Monday to Thursday 8 AM" in chat.say("What are your opening hours?")
    assert "not in network with Humana" in chat.say("Do you take Humana?")
    assert "front desk" in chat.say("Can I talk to a person?")
    assert chat.last["end_conversation"] is True
    assert chat.last["handoff"]["destination"] == "Front desk"


def leave_midway(clinic: Clinic) -> None:
    """A booking that is given up without a word."""
    chat = clinic.chat("abandoned")
    assert "Which one suits you?" in chat.say("I need an appointment for a root canal, tomorrow or whenever, afternoon")
    chat.close()


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The agent as its owner would set it up, and its five calls."""
    data = tmp_path_factory.mktemp("clinic") / "data"
    with ScriptedModel() as model:
        load_script(EXAMPLES / "clinic_model.py")(model)
        env = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "scripted"}
        for command in (
            ("agents", "push", str(CLINIC), "--strict"),
            ("metrics", "set", AGENT, str(CLINIC / "questions.json")),
            ("metrics", "import", "--agent", AGENT, str(CLINIC / "metrics.yaml")),
        ):
            done = run_cli(data, *command)
            assert done.returncode == 0, done.stdout + done.stderr
        server = start_server(data, env=env)
        try:
            made = Clinic(server)
            for converse in (book, cancel, reschedule, ask_and_leave_for_a_person, leave_midway):
                converse(made)
            made.calls = {name: _finished(server, chat.id) for name, chat in made.chats.items()}
            yield made
        finally:
            server.end()


def _finished(server: Running, call_id: str) -> dict[str, Any]:
    """The call, once end_function and the extraction are done."""
    with server.client() as http:

        def look() -> Any:
            call = http.get(f"/calls/{call_id}").json()
            return call if (call.get("extraction") or {}).get("status") == "finished" else None

        found: dict[str, Any] = wait_until(look, what=lambda: http.get(f"/calls/{call_id}").text, patience_s=30)
    return found


def test_a_booking_writes_its_metrics_while_it_goes_on(clinic: Clinic) -> None:
    assert clinic.value("booked", "BOOKING_STARTED") is True
    assert clinic.value("booked", "BOOKING_CONFIRMED") is True
    assert clinic.value("booked", "SERVICE") == "cleaning"
    assert clinic.value("booked", "SLOTS_OFFERED") == 2
    assert clinic.value("booked", "PATIENT_TYPE") == "new"
    assert (clinic.value("booked", "SMS_OFFERED"), clinic.value("booked", "SMS_SENT")) == (True, True)
    assert clinic.calls["booked"]["metrics"]["BOOKING_CONFIRMED"]["source"] == "live"


def test_a_cancellation_knows_its_reason(clinic: Clinic) -> None:
    assert clinic.value("cancelled", "CANCELLATION_REASON") == "work"
    assert clinic.value("cancelled", "APPOINTMENT_CANCELLED") is True
    assert clinic.value("cancelled", "PATIENT_TYPE") == "known"
    assert clinic.value("cancelled", "OUTCOME") == "cancelled"


def test_a_moved_appointment_is_one(clinic: Clinic) -> None:
    assert clinic.value("moved", "APPOINTMENT_MOVED") is True
    assert clinic.value("moved", "IDENTITY_VERIFIED") is True
    assert clinic.value("moved", "OUTCOME") == "moved"


def test_a_handoff_is_in_the_call_with_what_was_asked_before(clinic: Clinic) -> None:
    call = clinic.calls["handed off"]
    assert call["disconnection_reason"] == "handoff"
    assert clinic.value("handed off", "HANDOFF_TO") == "Front desk"
    assert clinic.value("handed off", "PLAN_ACCEPTED") is False
    assert "Opening hours" in call["metrics"]["QA"]["values"]


def test_a_call_that_breaks_off_says_where(clinic: Clinic) -> None:
    assert clinic.value("abandoned", "OUTCOME") == "abandoned"
    assert clinic.value("abandoned", "LEFT_AT") == "Booking: Offer times"
    assert clinic.value("abandoned", "BOOKING_CONFIRMED") is None


def test_end_function_writes_what_the_model_read_in_the_transcript(clinic: Clinic) -> None:
    assert {name: clinic.value(name, "CALLER_SENTIMENT") for name in clinic.calls} == {
        "booked": "positive",
        "cancelled": "neutral",
        "moved": "neutral",
        "handed off": "neutral",
        "abandoned": "neutral",
    }
    assert clinic.value("booked", "RESOLVED") is True
    assert clinic.value("abandoned", "RESOLVED") is False
    assert clinic.calls["booked"]["metrics"]["CALLER_SENTIMENT"]["source"] == "end_function"


def test_the_questions_after_the_call_are_answered_beside_the_metrics(clinic: Clinic) -> None:
    answers = {
        name: {answer["identifier"]: answer["value"] for answer in call["extraction"]["answers"]}
        for name, call in clinic.calls.items()
    }
    assert {name: each["call_reason"] for name, each in answers.items()} == {
        "booked": "book_appointment",
        "cancelled": "cancel",
        "moved": "reschedule",
        "handed off": "general_information",
        "abandoned": "book_appointment",
    }
    assert answers["booked"]["appointment_booked"] is True
    assert answers["handed off"]["asked_for_human"] is True
    assert answers["handed off"]["insurance_provider"] == "Humana"


def test_nothing_that_the_agent_wrote_is_undeclared_or_a_misfit(clinic: Clinic) -> None:
    with clinic.server.client() as http:
        listed = http.get(f"/agents/{AGENT}/metrics").json()
    assert listed["undeclared"] in ([], ["QA"])
    assert not [
        (name, metric)
        for call in clinic.calls.values()
        for name, metric in call["metrics"].items()
        if metric.get("flagged")
    ]


@pytest.mark.parametrize(
    "metric",
    [
        "OUTCOME",
        "INTENT",
        "SERVICE",
        "PATIENT_TYPE",
        "CALLER_SENTIMENT",
        "RESOLVED",
        "BOOKING_CONFIRMED",
        "call_reason",
    ],
)
def test_a_query_counts_what_the_calls_say(clinic: Clinic, metric: str) -> None:
    expected: dict[Any, int] = {}
    for call in clinic.calls.values():
        written = call["metrics"].get(metric, {}).get("values")
        answered = [each["value"] for each in call["extraction"]["answers"] if each["identifier"] == metric]
        for value in set(written or answered):
            expected[value] = expected.get(value, 0) + 1

    def counted() -> dict[Any, int]:
        result = clinic.ask({"measures": [{"measure": "conversations"}], "group_by": [f"metric.{metric}"]})
        return {group: count for group, count in result["rows"] if group is not None}

    assert wait_until(lambda: counted() == expected, what=lambda: (counted(), expected))


def test_overview_shows_the_same_numbers_as_a_query(clinic: Clinic) -> None:
    query = {
        "measures": [{"measure": "conversations"}, {"measure": "rate", "of": "metric.CONTAINED", "as": "contained"}],
    }
    [[conversations, contained]] = clinic.ask(query)["rows"]
    assert (conversations, contained) == (5, pytest.approx(0.8))
    reasons = clinic.ask({"measures": [{"measure": "conversations"}], "group_by": ["metric.call_reason"]})["rows"]
    page = httpx.get(
        f"{clinic.server.address}/overview.json",
        params={"agent": AGENT},
        timeout=30,
        verify=False,
        follow_redirects=True,
    )
    tiles = {tile["id"]: tile for tile in page.json()["tiles"]}

    def shown(tile: str) -> Any:
        return tiles[tile]["rows"][0]["values"][0]["value"]

    assert shown("conversations") == conversations
    assert shown("containment") == pytest.approx(contained)
    top = {row["group"][0]: row["values"][0]["value"] for row in tiles["top-values"]["rows"]}
    assert top == {reason: count for reason, count in reasons if reason is not None}
