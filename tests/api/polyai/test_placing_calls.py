"""Calls are placed, dialled by a worker, and told of in both forms of the interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from tests.api.front import Front, run_front
from tests.builders import NOON
from tests.conftest import SHARED
from tests.live_server import wait_until
from tests.runtime.hosting.stage import AGENT

from postcall.api.polyai.outbound_calls import Reached, Standing, standing_of
from postcall.domain.calls import CallStatus
from postcall.domain.keys import Scope
from postcall.domain.outbound import HANGS_UP, DialState, PlacedCall
from postcall.storage.keys import create_key

CALLS = f"/v1/agents/{AGENT}/telephony/outbound-calls"
OLD = "/v1/outbound-calling"
PHONE = "+14155550100"
GOOD: dict[str, Any] = {"toNumber": PHONE, "environment": "live"}
FILES: dict[str, str | bytes | None] = {
    "functions/start_function.py": (
        "from _gen import *\n\n\ndef start_function(conv: Conversation):\n"
        "    conv.write_metric('HEADERS', str(sorted(conv.sip_headers.items())))\n"
        "    conv.write_metric('WHO', f'{conv.caller_number} {conv.env} {conv.variant_name}')\n"
    )
}


@contextmanager
def placing(folder: Path) -> Iterator[Front]:
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, files=FILES) as front:
        front.model.when_callee().reply(f"Thank you, bye. {HANGS_UP}")
        yield front


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with placing(tmp_path_factory.mktemp("placing")) as running:
        yield running


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with front.client(Scope.WRITE) as made:
        yield made


def settled(client: httpx.Client, address: str) -> dict[str, Any]:
    """What is told once it does not change any more."""

    def look() -> Any:
        reply = client.get(address)
        assert reply.status_code == 200, reply.text
        return reply if reply.json()["status"].upper() in {"SUCCESS", "FAILURE"} else None

    found: dict[str, Any] = wait_until(look, what=lambda: client.get(address).text).json()
    return found


def test_a_call_is_placed_and_its_metadata_reaches_the_functions(front: Front, client: httpx.Client) -> None:
    body = {
        "toNumber": "(415) 555-0100",
        "countryCode": "us",
        "environment": "pre-release",
        "variantId": "south",
        "encryption": "tls_srtp",
        "metadata": {"X-Order": "77", "note": "two\nlines"},
        "unknown": 1,
    }
    reply = client.post(CALLS, json=body)
    assert reply.status_code == 200, reply.text
    sid = reply.json()["callSid"]
    assert reply.json() == {"callSid": sid, "status": "QUEUED"}
    assert sid.startswith("OUT-")
    told = settled(client, f"{CALLS}/{sid}/status?environment=pre-release")
    assert told == {"callSid": sid, "status": "SUCCESS", "reason": ""}
    call = wait_until(
        lambda: (shown := front.server.call(sid)) and shown["status"] == "completed" and shown,
        what=lambda: front.server.call(sid),
    )
    assert (call["direction"], call["to"], call["environment"]) == ("outbound", PHONE, "pre-release")
    assert call["metrics"]["HEADERS"]["values"] == ["[('X-Order', '77'), ('note', 'two\\nlines')]"]
    assert call["metrics"]["WHO"]["values"] == [f"{PHONE} pre-release south"]
    assert client.get(f"{CALLS}/{sid}/status?environment=live").status_code == 404


@pytest.mark.shared
def test_the_old_form_places_for_the_only_project_of_the_key(front: Front) -> None:
    with (SHARED / "contracts/polyai-outbound.openapi.json").open() as file:
        published = json.load(file)

    def fits(reply: httpx.Response, path: str, method: str) -> None:
        answer = published["paths"][path][method]["responses"][str(reply.status_code)]
        schema = answer["content"]["application/json"]["schema"]
        jsonschema.validate(reply.json(), {**schema, "components": published["components"]})

    with holder(front, AGENT) as client:
        body = {"to_number": PHONE, "metadata": {"a": "b"}, "encryption": "TLS/SRTP"}
        reply = client.post(OLD, json=body)
        assert reply.status_code == 200, reply.text
        fits(reply, OLD, "post")
        status = f"{OLD}/{reply.json()['call_sid']}/status"
        assert settled(client, status) == {"status": "success", "reason": ""}
        fits(client.get(status), f"{OLD}/{{call_sid}}/status", "get")
        for bad in (client.post(OLD, json={"to_number": "?"}), client.post(OLD, content=b"{")):
            assert bad.status_code == 400
            assert sorted(bad.json()) == ["code", "error"]
            fits(bad, OLD, "post")
        gone = client.get(f"{OLD}/OUT-nobody/status")
        assert (gone.status_code, gone.json()["code"]) == (404, "CONVERSATIONS_NOT_FOUND")
        fits(gone, f"{OLD}/{{call_sid}}/status", "get")
    with front.with_key("wrong", header="X-PolyAi-Auth-Token") as nobody:
        fits(nobody.post(OLD, json={"to_number": PHONE}), OLD, "post")


def holder(front: Front, *agents: str) -> httpx.Client:
    """A client with the old form's header, whose key is for these agents alone."""
    now = front.server.desk.clock()
    made = front.server.services.record.write(
        lambda c: create_key(
            c, "default", name="narrow", scopes=frozenset({Scope.WRITE}), expires_at=None, now=now, agents=agents
        )
    )
    return front.with_key(made.secret, header="X-PolyAi-Auth-Token")


def test_a_key_for_several_projects_cannot_use_the_old_form(front: Front) -> None:
    front.server.post({"slug": "second"}, "/agents")
    with front.client(Scope.WRITE) as client:
        reply = client.post(OLD, json={"to_number": PHONE})
    assert reply.status_code == 400
    assert "/telephony/outbound-calls" in reply.json()["error"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"toNumber": "12"}, "toNumber"),
        ({"toNumber": "4155550100"}, "countryCode"),
        ({"toNumber": 7}, "toNumber"),
        ({"toNumber": "+1" * 100}, "toNumber"),
        ({"environment": "test"}, "environment"),
        ({"environment": None}, "environment"),
        ({"countryCode": "XX"}, "countryCode"),
        ({"countryCode": "Germany\x00"}, "countryCode"),
        ({"encryption": "none"}, "encryption"),
        ({"variantId": "west"}, "there is north, south"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"metadata": {"a": "x" * 20_000}}, "fewer than 26,624"),
        ({"metadata": []}, "metadata"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict) else "",
)
def test_bad_input_places_no_call(client: httpx.Client, changes: dict[str, Any], says: str) -> None:
    reply = client.post(CALLS, json={**GOOD, **changes})
    assert reply.status_code == 400, reply.text
    assert says in reply.json()["error_message"]


def test_nobody_is_called_who_does_not_want_to_be(front: Front, client: httpx.Client) -> None:
    front.server.post({"phone": "+14155550177"}, "/do-not-call")
    reply = client.post(CALLS, json={**GOOD, "toNumber": "+14155550177"})
    assert (reply.status_code, reply.json()["error_message"]) == (400, "Phone number is on the do-not-call list")


def test_who_may_place_calls_and_ask_for_them(front: Front, client: httpx.Client) -> None:
    sid = client.post(CALLS, json=GOOD).json()["callSid"]
    chat = front.talk()
    front.server.post({"slug": "second"}, "/agents")
    with front.client(Scope.READ, Scope.CONVERSATIONS) as reader, front.client(Scope.WRITE, account="b") as stranger:
        assert reader.post(CALLS, json=GOOD).status_code == 403
        assert stranger.post(CALLS, json=GOOD).json()["error_code"] == "PROJECT_NOT_FOUND"
    addresses = (f"{CALLS}/{chat}/status", f"{CALLS}/OUT-1/status", CALLS.replace(AGENT, "second") + f"/{sid}/status")
    assert [client.get(each).status_code for each in addresses] == [404, 404, 404]
    refused = client.post(CALLS.replace(AGENT, "second"), json=GOOD)
    assert (refused.status_code, "push one" in refused.json()["error_message"]) == (400, True)
    wrong = client.delete(CALLS)
    assert (wrong.status_code, wrong.json()["error_code"]) == (405, "METHOD_NOT_ALLOWED")


def a_placed(state: DialState, *, answered: bool = False, failure: str | None = None) -> PlacedCall:
    return PlacedCall(None, None, None, 0, None, state, failure, None, False, NOON if answered else None)


@pytest.mark.parametrize(
    ("placed", "status", "reason", "told"),
    [
        (a_placed(DialState.QUEUED), CallStatus.PENDING, None, ("QUEUED", "")),
        (a_placed(DialState.DIALLING), CallStatus.PENDING, None, ("CALLING", "")),
        (a_placed(DialState.TALKING, answered=True), CallStatus.IN_PROGRESS, None, ("SUCCESS", "")),
        (a_placed(DialState.OVER, answered=True), CallStatus.COMPLETED, "user_hangup", ("SUCCESS", "")),
        (a_placed(DialState.OVER, answered=True, failure="x"), CallStatus.FAILED, "error", ("SUCCESS", "")),
        (a_placed(DialState.OVER), CallStatus.BUSY, "busy", ("FAILURE", "busy")),
        (a_placed(DialState.OVER), CallStatus.NO_ANSWER, "voicemail", ("FAILURE", "voicemail")),
        (a_placed(DialState.OVER, failure="no model"), CallStatus.FAILED, "error", ("FAILURE", "no model")),
        (a_placed(DialState.OVER), CallStatus.CANCELLED, None, ("FAILURE", "cancelled")),
    ],
    ids=["queued", "ringing", "talking", "over", "broke off", "busy", "voicemail", "failed", "cancelled"],
)
def test_a_call_that_was_answered_succeeded_and_stays_so(
    placed: PlacedCall, status: CallStatus, reason: str | None, told: tuple[str, str]
) -> None:
    assert standing_of(placed, status=status, reason=reason) == Standing(Reached(told[0]), told[1])
