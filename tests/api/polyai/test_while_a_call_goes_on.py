"""What others are told of a conversation's state, and what they may send to it while it goes on."""

from __future__ import annotations

import json
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import jsonschema
import pytest
from tests.api.front import CREATE, RESPOND, Front, a_function, run_front
from tests.builders import a_body
from tests.conftest import SHARED
from tests.runtime.hosting.stage import AGENT

from postcall.domain.keys import Scope
from postcall.domain.visibility import HandoffApi
from postcall.storage.agents import find_agent_row, lock_agent
from postcall.storage.api_settings import read_api_settings, write_api_settings
from postcall.storage.keys import create_key

STATE = f"/v1/default/{AGENT}/handoff_state"
SEND = "/v1/external-events/webhook"
CONFIG = {
    "handoff_api": {
        "state_keys": ["stage", "orders", "never"],
        "aliases": {"orders": "order_count"},
        "shared_id_state_key": "ticket",
    }
}
FILES: dict[str, str | bytes | None] = dict(
    [
        a_function(
            "transfer",
            "conv.state.stage = 'initiated'",
            "conv.state.ticket = conv.integration_attributes['ticket']",
            "return {'utterance': 'One moment.'}",
        ),
        a_function("waits", "return {'utterance': conv.generate_external_event(send_to_llm=False)}"),
        a_function("waits_with_model", "return {'utterance': conv.generate_external_event(send_to_llm=True)}"),
        a_function("seen", "return {'utterance': repr(conv.generic_external_events)}"),
    ]
)
FILES["agent_settings/experimental_config.json"] = json.dumps(CONFIG)
NAMES = ("order", "person", "transfer", "waits", "waits_with_model", "seen")
FILES["agent_settings/rules.txt"] = "".join(f"Offer {{{{fn:{name}}}}}.\n" for name in NAMES)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("state")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, files=FILES, worker=False) as running:
        yield running


@dataclass
class Chat:
    """A chat that goes on."""

    front: Front
    id: str

    def say(self, message: str) -> str:
        with self.front.client(Scope.WRITE) as client:
            reply = client.post(RESPOND, json={"conversation_id": self.id, "message": message})
            assert reply.status_code == 200, reply.text
            said: str = reply.json()["response"]
            return said


def begin(front: Front, ticket: object = "T-1") -> Chat:
    with front.client(Scope.WRITE) as client:
        reply = client.post(CREATE, json={"integration_attributes": {"ticket": ticket}})
        return Chat(front, reply.json()["conversation_id"])


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with front.client(Scope.HANDOFF, Scope.EXTERNAL_EVENTS) as made:
        yield made


def fits_the_published_schema(reply: httpx.Response) -> None:
    with (SHARED / "contracts/polyai-handoff.openapi.json").open() as file:
        published = json.load(file)
    answers = published["paths"]["/v1/{account_id}/{project_id}/handoff_state"]["get"]["responses"]
    assert str(reply.status_code) in answers
    schema = answers[str(reply.status_code)]["content"]["application/json"]["schema"]
    jsonschema.validate(reply.json(), {**schema, "components": published["components"]})


@pytest.mark.shared
def test_whoever_takes_over_reads_the_chosen_state_of_a_live_conversation(front: Front, client: httpx.Client) -> None:
    chat = begin(front, "T-live")
    chat.say("transfer")
    chat.say("order")
    told = {"stage": "initiated", "order_count": 1, "never": None}
    for query in ({"id": chat.id}, {"shared_id": "T-live"}, {"shared_id": "T-live", "id": "no such call"}):
        reply = client.get(STATE, params=query)
        assert (reply.status_code, reply.json()) == (200, {"id": chat.id, "shared_id": "T-live", "data": told})
        fits_the_published_schema(reply)
    chat.say("order")
    assert client.get(STATE, params={"id": chat.id}).json()["data"]["order_count"] == 2
    chat.say("person")
    assert client.get(STATE, params={"shared_id": "T-live"}).json()["data"]["order_count"] == 2


def test_a_number_is_a_shared_id_too(front: Front, client: httpx.Client) -> None:
    chat = begin(front, 4711)
    assert "shared_id" not in client.get(STATE, params={"id": chat.id}).json()
    chat.say("transfer")
    assert client.get(STATE, params={"shared_id": "4711"}).json()["id"] == chat.id


def test_what_is_set_by_hand_holds_from_the_next_request_on(front: Front, client: httpx.Client) -> None:
    chat = begin(front, "T-hand")
    chat.say("transfer")
    record, account_pk = front.server.services.record, front.server.desk.pk

    def change(handoff: HandoffApi) -> None:
        def work(connection: Any) -> None:
            pk = lock_agent(connection, account_pk, AGENT).pk
            settings = replace(read_api_settings(connection, pk), handoff=handoff)
            write_api_settings(connection, pk, settings, by="Ada", now=front.server.services.clock())

        record.write(work)

    before = record.read(lambda c: read_api_settings(c, find_agent_row(c, account_pk, AGENT).pk)).handoff
    change(HandoffApi(("ticket",), {}, "stage"))
    shown = client.get(STATE, params={"shared_id": "initiated"}).json()
    assert shown == {"id": chat.id, "shared_id": "initiated", "data": {"ticket": "T-hand"}}
    assert client.get(STATE, params={"shared_id": "T-hand"}).status_code == 404
    change(before)
    assert client.get(STATE, params={"shared_id": "T-hand"}).json()["id"] == chat.id


@pytest.mark.shared
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"id": ""}, 400),
        ({"id": "nobody"}, 404),
        ({"id": "a b/c"}, 404),
        ({"shared_id": "nobody"}, 404),
        ({"shared_id": "x" * 50_000}, 404),
        ({"id": "from-elsewhere"}, 404),
    ],
    ids=["nothing", "empty", "unknown", "no id", "unknown shared", "endless", "handed in"],
)
def test_there_is_no_state_of_what_nobody_knows(
    front: Front, client: httpx.Client, query: dict[str, str], status: int
) -> None:
    assert front.server.post(a_body("from-elsewhere") | {"agent": AGENT}).status_code in {200, 201, 202}
    reply = client.get(STATE, params=query)
    assert reply.status_code == status, reply.text
    assert reply.json()["error_message"]
    fits_the_published_schema(reply)


def holder(front: Front, scope: Scope, *agents: str) -> httpx.Client:
    """A client whose key is for these agents alone."""
    now = front.server.desk.clock()
    made = front.server.services.record.write(
        lambda c: create_key(
            c, "default", name="narrow", scopes=frozenset({scope}), expires_at=None, now=now, agents=agents
        )
    )
    return front.with_key(made.secret)


def test_only_a_key_for_the_project_with_the_scope_sees_its_state(front: Front) -> None:
    chat = begin(front)
    front.server.post(a_body("other") | {"agent": "clinic"})
    ask = {"id": chat.id}
    everybody = {
        "admin": (front.client(Scope.ADMIN), 200),
        "read": (front.client(Scope.READ), 403),
        "conversations": (front.client(Scope.CONVERSATIONS), 403),
        "this project": (holder(front, Scope.HANDOFF, AGENT), 200),
        "another project": (holder(front, Scope.HANDOFF, "clinic"), 404),
        "another account": (front.client(Scope.HANDOFF, account="elsewhere"), 404),
        "nobody": (front.with_key("wrong"), 401),
    }
    found = {}
    for name, (asking, _) in everybody.items():
        with asking:
            found[name] = asking.get(STATE, params=ask).status_code
    assert found == {name: status for name, (_, status) in everybody.items()}
    with holder(front, Scope.HANDOFF, "clinic") as clinics:
        reply = clinics.get("/v1/default/clinic/handoff_state", params=ask)
        assert reply.status_code == 404, "a call of another project"


def test_what_is_sent_reaches_the_functions_with_the_next_turn(front: Front, client: httpx.Client) -> None:
    chat = begin(front)
    event_id = chat.say("waits")
    assert chat.say("seen") == "[]"
    query = {"event_id_location": "payload", "event_id_path": "data.ids.0", "account_id": "ws-default"}
    body = {"data": {"ids": [event_id], "paid": True}}
    for _ in range(2):  # whoever got no answer sends it again
        reply = client.post(SEND, params={**query, "project_id": AGENT}, json=body)
        assert (reply.status_code, reply.json()) == (201, {"success": True, "ext_event_id": event_id})
    [seen] = literal_eval(chat.say("seen"))
    assert (seen["ext_event_id"], seen["send_to_llm"]) == (event_id, False)
    assert (json.loads(seen["data"]), seen["content_type"]) == (body, "application/json")
    assert len(literal_eval(chat.say("seen"))) == 1
    assert "has come already" in refused(client, {**query, "project_id": AGENT}, 409, json={**body, "more": 1})


def refused(client: httpx.Client, query: dict[str, str], status: int, **more: Any) -> str:
    reply = client.post(SEND, params=query, **more)
    assert reply.status_code == status, reply.text
    message: str = reply.json()["error_message"]
    return message


def test_the_model_reads_what_was_asked_for_it(front: Front, client: httpx.Client) -> None:
    chat = begin(front)
    quiet, loud = chat.say("waits"), chat.say("waits_with_model")
    for event_id, text in ((quiet, "for functions"), (loud, "The parcel has left.")):
        query = {"event_id_location": "headers", "event_id_path": "X-Event", "project_id": AGENT}
        reply = client.post(SEND, params=query, content=text, headers={"x-event": event_id})
        assert reply.status_code == 201, reply.text
    chat.say("Any news?")
    read = "\n".join(str(message) for message in front.model.requests[-1].messages)
    assert "The parcel has left." in read
    assert "for functions" not in read


def test_the_id_may_be_in_the_address_or_in_a_form(front: Front, client: httpx.Client) -> None:
    chat = begin(front)
    one, other = chat.say("waits"), chat.say("waits")
    query = {"event_id_location": "querystring", "event_id_path": "event", "project_id": AGENT}
    assert client.post(SEND, params={**query, "event": one}, content="").status_code == 201
    query = {"event_id_location": "payload", "event_id_path": "event", "project_id": AGENT}
    assert client.post(SEND, params=query, data={"event": other, "paid": "yes"}).status_code == 201
    seen = [each["ext_event_id"] for each in literal_eval(chat.say("seen"))]
    assert sorted(seen) == sorted([one, other]), "the clock stands, so either may be the first"


def test_what_cannot_be_taken_is_refused_with_a_reason(front: Front, client: httpx.Client) -> None:
    chat = begin(front)
    event_id = chat.say("waits")
    good = {"event_id_location": "payload", "event_id_path": "id", "project_id": AGENT}
    body = {"id": event_id}
    assert "project_id" in refused(client, {}, 400)
    assert "headers" in refused(client, {**good, "event_id_location": "body"}, 400, json=body)
    assert "event_id_path" in refused(client, {**good, "event_id_path": ""}, 400, json=body)
    assert "no id" in refused(client, {**good, "event_id_path": "a.b.9.c"}, 400, json=body)
    assert "no JSON" in refused(client, good, 400, content=b"{")
    assert "no id" in refused(client, good, 400, json={"id": "\0"})
    assert "no id" in refused(client, good, 400, data={"id": "\0"})
    assert "no id" in refused(client, {**good, "event_id_location": "headers", "event_id_path": "é€"}, 400, json=body)
    in_address = {**good, "event_id_location": "querystring", "id": event_id}
    assert "UTF-8" in refused(client, in_address, 400, content=b"\xff")
    assert "limit" in refused(client, good, 400, json={**body, "x": "y" * 40_000})
    assert "waits for" in refused(client, good, 404, json={"id": "f" * 32})
    refused(client, {**good, "account_id": "elsewhere"}, 404, json=body)
    refused(client, {**good, "project_id": "nowhere"}, 404, json=body)
    with front.client(Scope.WRITE, Scope.READ, Scope.HANDOFF) as others:
        refused(others, good, 403, json=body)
    with front.client(Scope.EXTERNAL_EVENTS, account="elsewhere") as strangers:
        refused(strangers, good, 404, json=body)
    chat.say("person")
    assert "ended" in refused(client, good, 410, json=body)
