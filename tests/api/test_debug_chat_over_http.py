"""Debug chat and the chat of the vendor's command line: replies that show what happened behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.front import Front, run_front
from tests.api.test_chat_over_http import ENVELOPE, FIELDS, JSON, refused
from tests.runtime.hosting.stage import AGENT

from postcall.domain.keys import Scope

DEBUG = f"/v1/agents/{AGENT}/debug-chat"
CLI = f"/adk/v1/accounts/default/projects/{AGENT}"
METADATA = {
    "state",
    "currentNode",
    "nodeTrace",
    "metrics",
    "functionEvents",
    "handoffDestination",
    "retrievedTopics",
    "retrievedSources",
    "citedTopic",
    "inFlow",
    "inStep",
    "llmRequests",
    "asrLangCode",
    "ttsLangCode",
}
TURN = {"conversationId", "userInput", "response", "metadata", "conversationEnded", "delayedResponse"}
SANDBOX = {"clientEnv": "sandbox"}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("debug-chat")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, worker=False) as running:
        yield running


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with front.client(Scope.WRITE) as made:
        yield made


def begin(client: httpx.Client, **more: Any) -> dict[str, Any]:
    reply = client.post(DEBUG, json={**SANDBOX, **more})
    assert reply.status_code == 201, reply.text
    assert reply.headers["x-polyai-correlation-id"]
    return shown(reply)


def say(client: httpx.Client, chat: str, message: str, **more: Any) -> dict[str, Any]:
    reply = client.post(f"{DEBUG}/{chat}", json={**SANDBOX, "message": message, **more})
    assert reply.status_code == 200, reply.text
    return shown(reply)


def shown(reply: httpx.Response) -> dict[str, Any]:
    turn: dict[str, Any] = reply.json()
    assert set(turn) == TURN
    assert set(turn["metadata"]) == METADATA
    return turn


def test_a_turn_shows_what_it_did(client: httpx.Client) -> None:
    begun = begin(client)
    assert (begun["userInput"], begun["conversationEnded"], begun["delayedResponse"]) == ("", False, False)
    assert begun["metadata"]["functionEvents"][0]["name"] == "start_function"
    assert begun["metadata"]["state"]["caller_name"] == "friend"
    turn = say(client, begun["conversationId"], "order")
    assert (turn["userInput"], turn["response"]) == ("order", "Order 1.")
    metadata = turn["metadata"]
    assert (metadata["metrics"], metadata["state"]["orders"]) == ({"ORDERS": 1}, 1)
    assert len(metadata["llmRequests"]) == 1
    (function,) = metadata["functionEvents"]
    assert (function["name"], function["utterance"], function["hangup"]) == ("order", "Order 1.", False)
    assert function["state_changes"] == {"added": {"orders": 1}, "updated": {}, "removed": []}
    assert [line["content"] for line in function["logs"]["conversation_logger"]] == ["an order"]
    again = say(client, begun["conversationId"], "order")["metadata"]
    assert again["metrics"] == {"ORDERS": 2}, "only what this turn wrote"
    assert again["functionEvents"][0]["state_changes"]["updated"] == {"orders": [1, 2]}
    assert say(client, begun["conversationId"], "twice")["metadata"]["metrics"] == {"N": [1, 2]}


def test_a_turn_shows_where_the_conversation_stands(client: httpx.Client) -> None:
    chat = begin(client)["conversationId"]
    metadata = say(client, chat, "moves")["metadata"]
    assert (metadata["inFlow"], metadata["inStep"]) == ("Order", "Ask what")
    assert (metadata["currentNode"], metadata["nodeTrace"]) == ("Ask what", ["Ask what"])


def test_an_end_shows_where_to(client: httpx.Client) -> None:
    turn = say(client, begin(client)["conversationId"], "person")
    assert turn["conversationEnded"] is True
    assert turn["metadata"]["handoffDestination"] == "Front desk"
    refused(client.post(f"{DEBUG}/{turn['conversationId']}", json=SANDBOX), 410, "ChatConversationEnded")


def test_a_chat_may_have_an_id_of_its_callers(front: Front, client: httpx.Client) -> None:
    assert begin(client, conversationId="run-7", channel="webchat.polyai")["conversationId"] == "run-7"
    call = front.server.call("run-7")
    assert (call["environment"], call["channel"]) == ("sandbox", "webchat")
    again = client.post(DEBUG, json={**SANDBOX, "conversationId": "run-7"})
    assert "run-7" in refused(again, 400, "CONVERSATIONS_VALIDATION_FAILED")
    for bad in ("", "a b", "a/b", "x" * 201, "a\x00"):
        reply = client.post(DEBUG, json={**SANDBOX, "conversationId": bad})
        refused(reply, 400, "CONVERSATIONS_VALIDATION_FAILED")


def test_there_is_no_draft_to_chat_with(client: httpx.Client) -> None:
    refused(client.post(DEBUG, json={"clientEnv": "draft"}), 400, "CHAT_DRAFT_NOT_EXIST")
    refused(client.post(f"{DEBUG}/x", json={"clientEnv": "draft"}), 400, "CHAT_DRAFT_NOT_EXIST")
    for body in ({}, {"clientEnv": "moon"}, {"clientEnv": None}):
        refused(client.post(DEBUG, json=body), 400, "CONVERSATIONS_VALIDATION_FAILED")


def test_a_chat_is_found_only_in_its_environment_and_project(client: httpx.Client) -> None:
    chat = begin(client)["conversationId"]
    for environment in ("live", "pre-release"):
        reply = client.post(f"{DEBUG}/{chat}", json={"clientEnv": environment, "message": "order"})
        refused(reply, 404, "CONVERSATIONS_NOT_FOUND")
    refused(client.post(f"{DEBUG}/nobody", json=SANDBOX), 404, "CONVERSATIONS_NOT_FOUND")
    refused(client.post("/v1/agents/nobody/debug-chat", json=SANDBOX), 404, "PROJECT_NOT_FOUND")
    assert say(client, chat, "order")["response"] == "Order 1."


def test_attributes_variant_and_language_reach_the_functions(client: httpx.Client) -> None:
    chat = begin(client, integrationAttributes={"a": 1}, variantId="south", asrLangCode="fr-FR")["conversationId"]
    assert say(client, chat, "attributes")["response"] == "{'a': 1}"
    assert say(client, chat, "place")["response"] == "sandbox chat.polyai south"
    turn = say(client, chat, "language", ttsLangCode="de-DE")
    assert turn["response"] == turn["metadata"]["ttsLangCode"] == turn["metadata"]["asrLangCode"] == "de-DE"


def test_personal_data_in_logs_is_shown_only_to_those_who_may_see_it(front: Front) -> None:
    def lines(*scopes: Scope) -> str:
        with front.client(*scopes) as client:
            chat = begin(client)["conversationId"]
            (function,) = say(client, chat, "private")["metadata"]["functionEvents"]
            return json.dumps(function["logs"])

    assert "4111" not in lines(Scope.WRITE)
    assert "4111" in lines(Scope.WRITE, Scope.PII)


def test_who_may_not_chat_is_told_so(front: Front) -> None:
    for address, body in ((DEBUG, SANDBOX), (f"{CLI}/chat", {})):
        with httpx.Client(base_url=front.server.address) as nobody:
            refused(nobody.post(address, json=body), 401, "AUTH_USER_UNAUTHORISED")
        with front.client(Scope.READ) as reader:
            refused(reader.post(address, json=body), 403, "USER_ACCESS_FORBIDDEN")
    with front.client(Scope.ADMIN, account="other") as stranger:
        refused(stranger.post(DEBUG, json=SANDBOX), 404, "PROJECT_NOT_FOUND")
        refused(stranger.post(f"{CLI}/chat"), 404, "ACCOUNT_NOT_FOUND")


def test_the_command_line_chats(front: Front, client: httpx.Client) -> None:
    opening = {"client_env": "sandbox", "channel": "webchat.polyai", "variant_id": "south", "sip_headers": {"X-A": "1"}}
    begun = client.post(f"{CLI}/chat", json=opening).json()
    assert set(begun) == {"conversation_id", "response", "conversation_ended", "metadata"}
    chat = f"{CLI}/chat/{begun['conversation_id']}"
    turn = client.post(chat, json={"message": "moves", "client_env": "sandbox", "tts_lang_code": "de-DE"}).json()
    metadata = turn["metadata"]
    assert (metadata["in_flow"], metadata["in_step"], metadata["tts_lang_code"]) == ("Order", "Ask what", "de-DE")
    assert metadata["function_events"][0]["name"] == "moves"
    assert turn["conversation_ended"] is False
    for _ in range(2):
        ended = client.post(f"{chat}/end", json={"client_env": "sandbox"})
        assert (ended.status_code, ended.json()["conversation_ended"]) == (200, True)
    refused(client.post(chat, json={"message": "order"}), 410, "ChatConversationEnded")
    assert front.server.call(begun["conversation_id"])["disconnection_reason"] == "user_hangup"


def test_the_command_line_is_told_that_there_are_no_drafts(client: httpx.Client) -> None:
    body = {"artifact_version": "1", "lambda_deployment_version": "1", "channel": "chat.polyai"}
    refused(client.post(f"{CLI}/draft/chat", json=body), 400, "CHAT_DRAFT_NOT_EXIST")
    refused(client.post(f"{CLI}/draft/chat/x", json={"message": "hi"}), 400, "CHAT_DRAFT_NOT_EXIST")
    refused(client.post(f"{CLI}/draft/chat/x/end", json={}), 400, "CHAT_DRAFT_NOT_EXIST")
    refused(client.post(f"{CLI}/chat", json={"client_env": "draft"}), 400, "CHAT_DRAFT_NOT_EXIST")


@pytest.mark.parametrize("address", [DEBUG, f"{DEBUG}/x", f"{CLI}/chat", f"{CLI}/chat/x", f"{CLI}/chat/x/end"])
def test_another_method_is_a_405(client: httpx.Client, address: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        reply = client.request(method, address)
        refused(reply, 405, "METHOD_NOT_ALLOWED")
        assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize("address", [f"{DEBUG}/x/y", f"{DEBUG}/x/end", f"{CLI}/chat/x/y", f"{CLI}/chat/x/end/z"])
def test_an_address_that_leads_nowhere_has_the_envelope_too(client: httpx.Client, address: str) -> None:
    refused(client.post(address, json=SANDBOX), 404, "NOT_FOUND")
    refused(client.get(address), 404, "NOT_FOUND")


CAMEL = ["clientEnv", "conversationId", "variantId", "asrLangCode", "ttsLangCode", "integrationAttributes"]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    address=st.sampled_from([DEBUG, f"{DEBUG}/x", f"{CLI}/chat", f"{CLI}/chat/x", f"{CLI}/chat/x/end"]),
    fields=st.dictionaries(st.sampled_from([*CAMEL, *FIELDS, "client_env", "sip_headers"]), JSON, max_size=5),
    sandbox=st.booleans(),
)
def test_whatever_is_sent_the_answer_is_one_that_clients_know(
    client: httpx.Client, address: str, fields: dict[str, Any], sandbox: bool
) -> None:
    reply = client.post(address, content=json.dumps(fields | (SANDBOX if sandbox else {})).encode())
    assert reply.status_code in {200, 201, 400, 404}, (fields, reply.text)
    assert reply.status_code < 300 or sorted(reply.json()) == ENVELOPE
