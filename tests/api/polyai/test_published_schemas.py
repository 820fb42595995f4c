"""Every operation that is served, with requests made from the published descriptions, fitting and not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from random import Random
from typing import Any, TypeAlias

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_dict
from tests.api.front import Front, run_front
from tests.api.polyai.described import Operation, body_faults, described, operations, statuses
from tests.builders import a_body
from tests.runtime.hosting.stage import AGENT

from postcall.domain.keys import Scope
from postcall.storage.keys import create_key

pytestmark = pytest.mark.shared
AnyCase: TypeAlias = "schemathesis.Case[Any]"

EXAMPLES = 10
"""Of each operation and of each kind."""
SERVED = ("chat", "conversations-v3", "handoff", "outbound", "webhooks")
_CHAT = "/{version}/{account_id}/{project_id}/chat"
CREATE: Operation = ("chat", "POST", f"{_CHAT}/create")
RESPOND: Operation = ("chat", "POST", f"{_CHAT}/respond")
CLOSE: Operation = ("chat", "PUT", f"{_CHAT}/close")
LIST: Operation = ("conversations-v3", "GET", "/v3/{account_id}/{project_id}/conversations")
DETAIL: Operation = ("conversations-v3", "GET", "/v1/agents/{agentId}/conversations/{conversationId}")
AUDIO: Operation = ("conversations-v3", "GET", "/v1/agents/{agentId}/conversations/{conversationId}/audio")
DEBUG: Operation = ("conversations-v3", "POST", "/v1/agents/{agentId}/debug-chat")
DEBUG_TURN: Operation = ("conversations-v3", "POST", "/v1/agents/{agentId}/debug-chat/{conversationId}")
HANDOFF: Operation = ("handoff", "GET", "/v1/{account_id}/{project_id}/handoff_state")
PLACE: Operation = ("outbound", "POST", "/v1/outbound-calling")
STATUS: Operation = ("outbound", "GET", "/v1/outbound-calling/{call_sid}/status")
_HOOKS = "/v1/webhook-endpoints"
HOOKS: Operation = ("webhooks", "GET", _HOOKS)
NEW_HOOK: Operation = ("webhooks", "POST", _HOOKS)
HOOK: Operation = ("webhooks", "GET", _HOOKS + "/{endpoint_id}")
CHANGE: Operation = ("webhooks", "PATCH", _HOOKS + "/{endpoint_id}")
DELETE: Operation = ("webhooks", "DELETE", _HOOKS + "/{endpoint_id}")
ROTATE: Operation = ("webhooks", "POST", _HOOKS + "/{endpoint_id}/rotate-secret")
OPERATIONS = (
    *(CREATE, RESPOND, CLOSE, LIST, DETAIL, AUDIO, DEBUG, DEBUG_TURN, HANDOFF, PLACE, STATUS),
    *(HOOKS, NEW_HOOK, HOOK, CHANGE, DELETE, ROTATE),
)
NONSENSE = ("nobody", "é", "a b", "%", "...", "x" * 2_000)
WINDOW = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2099-01-01T00:00:00Z"}
HOOK_BODY = {"name": "The CRM", "url": "https://crm.example/calls", "event_types": ["alerts.triggered"]}
FILES: dict[str, str | bytes | None] = {
    "agent_settings/experimental_config.json": '{"handoff_api": {"state_keys": ["caller_name", "floor"]}}'
}


@dataclass
class Account:
    """An account with a bit of everything, and a way to ask about it."""

    front: Front
    real: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What parameters and fields of these names may hold."""

    def __post_init__(self) -> None:
        server = self.front.server
        for call_id, kind in (("sung", "audio/wav"), ("squeezed", "audio/mpeg")):
            assert server.post(a_body(call_id, agent=AGENT, metrics={"N": [1, 2]})).status_code == 202
            headers = {"content-type": kind}
            assert server.http.put(f"/calls/{call_id}/recording", content=b"RIFF", headers=headers).status_code == 200
        kept = {"url": "https://audio.example/1.wav", "media_type": "audio/wav"}
        assert server.post(a_body("afar", agent=AGENT)).status_code == 202
        assert server.http.put("/calls/afar/recording", json=kept).status_code == 200
        assert server.post(a_body("live", agent=AGENT, status="in_progress")).status_code == 202
        chat, over = self.front.talk("order", "twice"), self.front.talk("goodbye")
        debugged = self.ask(DEBUG, json={"clientEnv": "sandbox"}).json()["conversationId"]
        placed = self.ask(PLACE, json={"to_number": "+14155550100"}).json()["call_sid"]
        self.real = {
            "version": ("v1", "v2", "v3"),
            "account_id": ("default", "ws-default"),
            "project_id": (AGENT,),
            "agentId": (AGENT,),
            "conversationId": (debugged, chat, over, "sung", "live"),
            "conversation_id": (chat, over),
            "id": (chat, over),
            "call_sid": (placed,),
            "to_number": ("+14155550100",),
            "variant_id": ("south",),
            "clientEnv": ("sandbox",),
            "url": ("https://crm.example/calls",),
        }

    @cached_property
    def secret(self) -> str:
        """A key for everything."""
        return self.front.server.desk.key(Scope.ADMIN).secret

    @cached_property
    def weak(self) -> str:
        """A key that may do nothing of this."""
        return self.front.server.desk.key(Scope.PII).secret

    def ask(self, operation: Operation, secret: str | None = None, **more: Any) -> requests.Response:
        """A request by hand; `path_*` are the parameters of the address."""
        named = {"version": "v1", "account_id": "default", "project_id": AGENT, "agentId": AGENT}
        for name in [each for each in more if each.startswith("path_")]:
            named[name.removeprefix("path_")] = more.pop(name)
        path = operation[2].format(**{"conversationId": "nobody", "call_sid": "OUT-1", "endpoint_id": "whe_1", **named})
        method = more.pop("method", operation[1])
        headers = {"x-api-key": secret or self.secret}
        address = self.front.server.address + path
        return requests.request(method, address, headers=headers, timeout=30, allow_redirects=False, **more)

    def a_hook(self, **more: Any) -> str:
        """The id of an endpoint, made where there is none."""
        found = self.ask(HOOKS).json()["data"]
        if found and not more:
            return str(found[-1]["id"])
        return str(self.ask(NEW_HOOK, json={**HOOK_BODY, **more}).json()["id"])

    def send(self, case: AnyCase) -> requests.Response | None:
        """None for what cannot be put into a request."""
        try:
            request = case.as_transport_kwargs(base_url=self.front.server.address)
            for name in [each for each in request["headers"] if each.lower() in {"x-api-key", "x-token"}]:
                del request["headers"][name]
            request["headers"]["authorization"] = f"Bearer {self.secret}"
            return requests.request(**request, timeout=30, allow_redirects=False)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return None


@dataclass(frozen=True)
class Deviation:
    """A status that is not described, and a request that gets it."""

    operation: Operation
    status: int
    why: str
    shown_by: Callable[[Account], requests.Response]


def _weakly(operation: Operation) -> Deviation:
    return Deviation(operation, 403, "the key lacks the scope", lambda account: account.ask(operation, account.weak))


def _over(account: Account) -> requests.Response:
    return account.ask(RESPOND, json={"conversation_id": account.real["conversation_id"][1]})


def _over_debug(account: Account) -> requests.Response:
    begun = account.ask(DEBUG, json={"clientEnv": "sandbox"}).json()["conversationId"]
    turn = partial(account.ask, DEBUG_TURN, path_conversationId=begun)
    assert turn(json={"clientEnv": "sandbox", "message": "goodbye"}).json()["conversationEnded"] is True
    return turn(json={"clientEnv": "sandbox"})


def _hooks_of_calls(account: Account) -> requests.Response:
    assert account.a_hook(event_types=["call.ended"])
    return account.ask(HOOKS)


STATUSES = (
    Deviation(RESPOND, 410, "the chat is over: told in the vendor's text", _over),
    Deviation(DEBUG_TURN, 410, "the chat is over, as in the Chat API", _over_debug),
    Deviation(
        DEBUG, 404, "no such agent", lambda a: a.ask(DEBUG, path_agentId="nobody", json={"clientEnv": "sandbox"})
    ),
    Deviation(
        AUDIO, 307, "the recording is kept elsewhere: there it is", lambda a: a.ask(AUDIO, path_conversationId="afar")
    ),
    *map(_weakly, (PLACE, STATUS, HOOKS, NEW_HOOK, HOOK, CHANGE, DELETE, ROTATE)),
)
"""Statuses that the descriptions do not name. Besides, everywhere: 405, and 429 for keys with a limit."""
BODIES: dict[Operation, tuple[str, Callable[[Account], requests.Response]]] = {
    AUDIO: ("'audio/mpeg', not audio/wav", lambda a: a.ask(AUDIO, path_conversationId="squeezed")),
    HOOKS: ("'call.ended' is not one of", _hooks_of_calls),
}
"""What bodies hold that is not described, and a request that gets such a one."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("published")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, files=FILES, worker=False) as front:
        yield Account(front)


def name_of(operation: object) -> str:
    return " ".join(operation[1:]) if isinstance(operation, tuple) else str(operation)


def test_these_are_all_that_are_published_but_for_the_alerts() -> None:
    assert len(OPERATIONS) == len(set(OPERATIONS))
    assert set(OPERATIONS) == operations(*SERVED)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_no_request_is_a_servers_fault_and_every_reply_is_as_described(
    account: Account, operation: Operation, mode: GenerationMode
) -> None:
    file, method, path = operation
    known = statuses(operation) | {each.status for each in STATUSES if each.operation == operation}
    real = {**account.real, "endpoint_id": (account.a_hook(),)} if file == "webhooks" else account.real
    got: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_dict(described(file))[path][method].as_strategy(generation_mode=mode), st.randoms())
    def ask(case: AnyCase, random: Random) -> None:
        put_in(case, real, random, operation)
        reply = account.send(case)
        if reply is None:
            return
        asked = f"{case.path_parameters} {case.query} {case.body!r}"[:1500]
        got.add(reply.status_code)
        assert reply.status_code < 500, f"{asked}: {reply.text}"
        assert reply.status_code in known, f"{asked}: {reply.status_code} {reply.text}"
        assert reply.headers.get("x-polyai-correlation-id"), asked
        if reply.status_code != 307:
            assert body_faults(operation, reply) == [], asked

    ask()
    assert got & {200, 201, 204} or mode is GenerationMode.NEGATIVE, got


def put_in(case: AnyCase, real: dict[str, tuple[str, ...]], random: Random, operation: Operation) -> None:
    """Give a request what exists, mostly, and what makes a mode of it complete: else hardly any gets far."""
    for name in case.path_parameters or {}:
        chosen = ("sung",) if operation == AUDIO and name == "conversationId" else real[name]
        case.path_parameters[name] = random.choice(chosen if random.random() < 0.9 else NONSENSE)
    for part in (case.query, case.body):
        if isinstance(part, dict):
            part.update(
                {name: random.choice(real[name]) for name in real.keys() & part.keys() if random.random() < 0.8}
            )
    if isinstance(case.body, dict) and "conversationId" in case.body and operation == DEBUG:
        case.body.pop("conversationId")  # it is there already
    if isinstance(case.query, dict) and random.random() < 0.7:
        case.query.pop("shared_id", None)  # which would win over the id
    if isinstance(case.query, dict) and operation == LIST and random.random() < 0.7:
        case.query.pop("cursor", None)
        case.query.pop("variant_name", None)
        case.query.update(WINDOW)
        case.query.pop("sample" if "query_type" in case.query else "query", None)
        if "query_type" in case.query:
            case.query["query"] = "check-up"


@pytest.mark.parametrize("deviation", STATUSES, ids=lambda each: f"{each.status} {name_of(each.operation)}")
def test_a_status_beyond_the_description_is_still_needed(account: Account, deviation: Deviation) -> None:
    assert deviation.why
    assert deviation.status not in statuses(deviation.operation)
    reply = deviation.shown_by(account)
    assert reply.status_code == deviation.status, reply.text
    assert reply.headers["x-polyai-correlation-id"]
    if reply.status_code >= 400:
        assert body_faults(deviation.operation, reply) == []


@pytest.mark.parametrize("operation", BODIES, ids=name_of)
def test_what_is_not_described_of_a_body_is_still_needed(account: Account, operation: Operation) -> None:
    what, shown_by = BODIES[operation]
    reply = shown_by(account)
    assert reply.status_code == 200, reply.text
    assert [fault for fault in body_faults(operation, reply) if what in fault]


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_another_method_no_key_and_too_many_requests_are_told_as_errors_are(
    account: Account, operation: Operation
) -> None:
    desk = account.front.server.desk
    once = desk.record.write(
        lambda c: create_key(
            c, "default", name="once", scopes=frozenset({Scope.ADMIN}), expires_at=None, now=desk.clock(), per_minute=1
        )
    ).secret
    account.ask(HOOKS, once)
    told = {
        401: account.ask(operation, "pk_nobody"),
        405: account.ask(operation, method="OPTIONS"),
        429: account.ask(operation, once),
    }
    for status, reply in told.items():
        assert reply.status_code == status, reply.text
        assert reply.headers["x-polyai-correlation-id"]
        assert body_faults(operation, reply) == []
    assert int(told[429].headers["retry-after"]) > 0
