"""The Chat API, as a client of the vendor's would use it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.front import CHAT, CLOSE, CREATE, RESPOND, Front, run_front
from tests.runtime.hosting.stage import AGENT

from postcall.domain.keys import Scope
from postcall.storage.agents import find_agent
from postcall.storage.keys import revoke_key

ENVELOPE = ["data", "error", "error_code", "error_id", "error_message", "success"]


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("chat")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, worker=False) as running:
        yield running


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with front.client(Scope.WRITE) as made:
        yield made


def begin(client: httpx.Client, **body: Any) -> str:
    reply = client.post(CREATE, json=body)
    assert reply.status_code == 200, reply.text
    found: str = reply.json()["conversation_id"]
    return found


def say(client: httpx.Client, chat: str, message: str, **more: Any) -> dict[str, Any]:
    reply = client.post(RESPOND, json={"conversation_id": chat, "message": message, **more})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def refused(reply: httpx.Response, status: int, code: str) -> str:
    """What an error says, once it is sure that it is one."""
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert sorted(body) == ENVELOPE
    assert body["success"] is False
    assert body["data"] is None
    assert body["error_id"] == reply.headers["x-polyai-correlation-id"]
    assert body["error_code"] == code
    assert body["error_message"]
    return str(body["error_message"])


def test_a_chat_begins_goes_on_and_is_closed(front: Front, client: httpx.Client) -> None:
    begun = client.post(CREATE)
    assert begun.status_code == 200
    assert begun.json() == {
        "conversation_id": begun.json()["conversation_id"],
        "response": "Welcome to the bakery's chat.",
    }
    assert begun.headers["x-polyai-correlation-id"]
    chat = begun.json()["conversation_id"]
    assert say(client, chat, "order") == {
        "conversation_id": chat,
        "response": "Order 1.",
        "end_conversation": False,
    }
    for _ in range(2):
        closed = client.put(CLOSE, json={"conversation_id": chat})
        assert (closed.status_code, closed.json()) == (200, {"success": True})
    call = front.server.call(chat)
    assert (call["status"], call["disconnection_reason"], call["environment"]) == ("completed", "user_hangup", "live")
    assert call["metrics"]["ORDERS"]["values"] == [1]


def test_nothing_can_be_said_once_it_is_over(client: httpx.Client) -> None:
    chat = begin(client)
    assert say(client, chat, "goodbye") == {"conversation_id": chat, "response": "Bye.", "end_conversation": True}
    refused(client.post(RESPOND, json={"conversation_id": chat, "message": "order"}), 410, "ChatConversationEnded")


def test_a_handoff_says_where_to_and_ends_the_chat(client: httpx.Client) -> None:
    chat = begin(client)
    assert say(client, chat, "person") == {
        "conversation_id": chat,
        "response": "One moment.",
        "end_conversation": True,
        "handoff": {"destination": "Front desk", "reason": "wants a person"},
    }
    refused(client.post(RESPOND, json={"conversation_id": chat}), 410, "ChatConversationEnded")


def test_attributes_stay_until_a_message_brings_others(client: httpx.Client) -> None:
    chat = begin(client, integration_attributes={"plan": "gold", "n": [1, {"x": None}]})
    assert say(client, chat, "attributes")["response"] == "{'plan': 'gold', 'n': [1, {'x': None}]}"
    assert say(client, chat, "attributes", integration_attributes={"plan": "tin"})["response"] == "{'plan': 'tin'}"
    assert say(client, chat, "attributes")["response"] == "{'plan': 'tin'}"
    assert say(client, begin(client), "attributes")["response"] == "None"


def test_metadata_of_a_message_is_kept_with_the_call(front: Front, client: httpx.Client) -> None:
    chat = begin(client)
    say(client, chat, "order", metadata={"page": "/basket"})
    events = front.server.http.get(f"/calls/{chat}/events").json()["events"]
    assert {"setting": "metadata", "value": {"page": "/basket"}} in [event["content"] for event in events]


def test_the_language_is_that_of_the_codes(client: httpx.Client) -> None:
    assert say(client, begin(client), "language")["response"] == "en-US"
    chat = begin(client, asr_lang_code="fr-FR")
    assert say(client, chat, "language")["response"] == "fr-FR"
    assert say(client, chat, "language", asr_lang_code="fr-FR", tts_lang_code="de-DE")["response"] == "de-DE"
    assert say(client, chat, "language")["response"] == "de-DE"
    assert say(client, chat, "language", asr_lang_code="ja-JP")["response"] == "de-DE", "the project has no Japanese"


@pytest.mark.parametrize(
    ("channel", "seen"),
    [("webchat", "webchat.polyai"), ("api", "webchat.polyai"), ("sms", "sms.polyai"), ("whatsapp", "whatsapp.polyai")],
)
def test_functions_see_the_channel_and_the_variant(client: httpx.Client, channel: str, seen: str) -> None:
    chat = begin(client, channel=channel, variant_id="south")
    assert say(client, chat, "place")["response"] == f"live {seen} south"


def test_what_is_not_known_of_is_ignored(client: httpx.Client) -> None:
    chat = begin(client, streaming=True, user={"id": 1})
    assert say(client, chat, "order", attachments=[])["response"] == "Order 1."


def test_an_empty_message_is_silence(front: Front, client: httpx.Client) -> None:
    chat = begin(client)
    assert client.post(RESPOND, json={"conversation_id": chat}).json()["response"] == "Pardon?"
    assert [turn["role"] for turn in front.server.call(chat)["turns"]] == ["agent", "agent"]


def test_messages_at_once_are_answered_one_after_the_other(client: httpx.Client) -> None:
    chat, heard = begin(client), []

    def send() -> None:
        heard.append(say(client, chat, "order")["response"])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == ["Order 1.", "Order 2.", "Order 3.", "Order 4."]


def test_a_function_that_fails_costs_no_500(client: httpx.Client) -> None:
    chat = begin(client)
    say(client, chat, "raises")
    assert say(client, chat, "order")["response"] == "Order 1."


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
@pytest.mark.parametrize("account", ["default", "ws-default"])
def test_every_spelling_of_the_address_is_understood(
    front: Front, client: httpx.Client, version: str, account: str
) -> None:
    account_pk = front.stage.desk.pk
    agent_id = front.stage.record.read(lambda c: find_agent(c, account_pk, AGENT)).id
    for project in (AGENT, agent_id):
        assert client.post(f"/{version}/{account}/{project}/chat/create").status_code == 200


@pytest.mark.parametrize("header", ["X-API-KEY", "x-api-key", "X-Api-Key", "X-TOKEN", "x-token"])
def test_the_key_may_come_in_either_header(front: Front, header: str) -> None:
    secret = front.stage.desk.key(Scope.WRITE).secret
    with front.with_key(secret, header) as client:
        assert client.post(CREATE).status_code == 200


def test_a_token_beside_a_key_does_not_count(front: Front) -> None:
    good, bad = front.stage.desk.key(Scope.WRITE).secret, "pc_wrong"
    with front.with_key(good) as client:
        assert client.post(CREATE, headers={"X-TOKEN": bad}).status_code == 200
    with front.with_key(bad) as client:
        refused(client.post(CREATE, headers={"X-TOKEN": good}), 401, "AUTH_USER_UNAUTHORISED")


def test_a_token_opens_nothing_but_chats(front: Front) -> None:
    secret = front.stage.desk.key(Scope.ADMIN).secret
    with front.with_key(secret, "X-TOKEN") as client:
        assert client.get("/postcall/v1/calls").status_code == 401


def test_who_may_not_chat_is_told_so(front: Front) -> None:
    with httpx.Client(base_url=front.server.address) as nobody:
        refused(nobody.post(CREATE), 401, "AUTH_USER_UNAUTHORISED")
    for scope in (Scope.READ, Scope.CONVERSATIONS, Scope.PII):
        with front.client(scope) as client:
            refused(client.post(CREATE), 403, "USER_ACCESS_FORBIDDEN")
    with front.client(Scope.WRITE, account="other") as stranger:
        refused(stranger.post(CREATE), 404, "ACCOUNT_NOT_FOUND")
        refused(stranger.post(CREATE.replace("default", "other")), 404, "PROJECT_NOT_FOUND")


def test_a_key_that_is_over_opens_no_chat(front: Front) -> None:
    desk, now = front.stage.desk, front.server.services.clock()
    expired = desk.key(Scope.WRITE, expires_at=now - timedelta(seconds=1))
    revoked = desk.key(Scope.WRITE)
    front.stage.record.write(lambda c: revoke_key(c, "default", revoked.key.id, now=now))
    for key in (expired, revoked):
        with front.with_key(key.secret) as client:
            refused(client.post(CREATE), 401, "AUTH_USER_UNAUTHORISED")


def test_a_chat_belongs_to_its_project(front: Front, client: httpx.Client) -> None:
    front.server.http.post("/agents", json={"slug": "butcher"})
    chat = begin(client)
    for method, address, said in (("POST", RESPOND, "order"), ("PUT", CLOSE, None)):
        body = {"conversation_id": chat, "message": said}
        other = address.replace(AGENT, "butcher")
        refused(client.request(method, other, json=body), 404, "CONVERSATIONS_NOT_FOUND")
        refused(client.request(method, address, json={"conversation_id": "x" * 300}), 404, "CONVERSATIONS_NOT_FOUND")
    refused(client.post(CREATE.replace(AGENT, "butcher")), 404, "DEPLOYMENT_NOT_FOUND")
    refused(client.post(CREATE.replace(AGENT, "nobody")), 404, "PROJECT_NOT_FOUND")
    assert say(client, chat, "order")["response"] == "Order 1."


def test_a_call_that_is_not_hosted_is_no_chat(front: Front, client: httpx.Client) -> None:
    front.server.post({"agent": AGENT, "id": "from-elsewhere", "status": "in_progress", "turns": []})
    body = {"conversation_id": "from-elsewhere", "message": "order"}
    refused(client.post(RESPOND, json=body), 404, "CONVERSATIONS_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"nonsense",
        b'"x"',
        b"\xff\xfe",
        b'{"conversation_id": 5}',
        b'{"conversation_id": null}',
        b'{"message": "order"}',
        b'{"conversation_id": "a", "message": {}}',
        b'{"conversation_id": "a", "integration_attributes": []}',
        b'{"conversation_id": "a", "asr_lang_code": "en GB"}',
        b'{"conversation_id": "a", "message": "\\ud800"}',
        b'{"conversation_id": "a", "metadata": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}",
        b'{"conversation_id": "a", "metadata": ' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}",
        b'{"conversation_id": "a", "metadata": {"n": 1e999}}',
        b"",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_that_cannot_be_read_is_a_400(client: httpx.Client, body: bytes) -> None:
    refused(client.post(RESPOND, content=body), 400, "CONVERSATIONS_VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "voice"}, "channel"),
        ({"variant_id": "west"}, "variant"),
        ({"variant_id": 7}, "variant_id"),
        ({"tts_lang_code": "x" * 36}, "tts_lang_code"),
        ({"integration_attributes": "gold"}, "integration_attributes"),
    ],
)
def test_what_is_wrong_with_a_beginning_is_named(client: httpx.Client, body: dict[str, Any], names: str) -> None:
    assert names in refused(client.post(CREATE, json=body), 400, "CONVERSATIONS_VALIDATION_FAILED")


def test_a_body_that_is_too_large_is_refused_unread(front: Front, client: httpx.Client) -> None:
    limit = front.server.services.settings.max_body_bytes
    large = json.dumps({"conversation_id": "a", "message": "x" * limit}).encode()
    assert "bytes" in refused(client.post(RESPOND, content=large), 400, "CONVERSATIONS_VALIDATION_FAILED")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_a_405(client: httpx.Client, method: str) -> None:
    reply = client.request(method, CREATE)
    refused(reply, 405, "METHOD_NOT_ALLOWED")
    assert reply.headers["allow"] == "POST"
    assert client.post(CLOSE, json={}).headers["allow"] == "PUT"


@pytest.mark.parametrize("address", ["", "/", "/list", "/create/", "/create/more", "/%0A", "/create%00"])
def test_an_address_that_leads_nowhere_has_the_envelope_too(client: httpx.Client, address: str) -> None:
    reply = client.post(CHAT + address)
    null = "%00" in address
    refused(reply, 400 if null else 404, "CONVERSATIONS_VALIDATION_FAILED" if null else "NOT_FOUND")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["integration_attributes", "variant_id", "channel", "asr_lang_code", "tts_lang_code", "metadata", "message"]
ROUTES = [("POST", CREATE), ("POST", RESPOND), ("PUT", CLOSE)]


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    route=st.sampled_from(ROUTES),
    fields=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
    chat=st.booleans() | JSON,
)
def test_whatever_is_sent_the_answer_is_one_that_clients_know(
    front: Front, client: httpx.Client, route: tuple[str, str], fields: dict[str, Any], chat: Any
) -> None:
    known = begin(client) if chat is True else chat
    body = fields if chat is False else {**fields, "conversation_id": known}
    reply = client.request(*route, content=json.dumps(body).encode())
    assert reply.status_code in {200, 400, 404, 410}, (body, reply.text)
    assert reply.headers["x-polyai-correlation-id"]
    if reply.status_code != 200:
        assert sorted(reply.json()) == ENVELOPE


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=st.sampled_from(ROUTES), body=st.binary(max_size=40))
def test_any_bytes_are_answered(client: httpx.Client, route: tuple[str, str], body: bytes) -> None:
    reply = client.request(*route, content=body)
    assert reply.status_code in {200, 400, 404}
    assert reply.status_code == 200 or sorted(reply.json()) == ENVELOPE


@pytest.mark.shared
def test_every_reply_fits_the_published_description(client: httpx.Client, shared: Path) -> None:
    described = json.loads((shared / "contracts" / "polyai-chat.openapi.json").read_text())
    schemas = json.loads(json.dumps(described["components"]["schemas"]).replace('"nullable": true', '"type": "null"'))

    def check(reply: httpx.Response, method: str, path: str) -> None:
        answers = described["paths"][f"/{{version}}/{{account_id}}/{{project_id}}/chat/{path}"][method]["responses"]
        named = answers[str(reply.status_code)]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        jsonschema.validate(reply.json(), schemas[named])

    begun = client.post(CREATE, json={"channel": "api"})
    check(begun, "post", "create")
    chat = {"conversation_id": begun.json()["conversation_id"]}
    for message in ("order", "person"):
        check(client.post(RESPOND, json={**chat, "message": message}), "post", "respond")
    check(client.put(CLOSE, json=chat), "put", "close")
    check(client.post(CREATE, json={"channel": 1}), "post", "create")
    check(client.post(RESPOND, json={"conversation_id": "?"}), "post", "respond")
    check(client.put(CLOSE, content=b"{"), "put", "close")
    check(httpx.post(str(client.base_url.join(CREATE))), "post", "create")
