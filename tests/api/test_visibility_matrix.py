"""What each key is shown of each project: every kind of key × every setting × every route of conversations."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest
from tests.api.conversing import BY_ID, LIST, WINDOW, client_of, refused
from tests.builders import StepClock, a_body, an_answer
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope
from postcall.domain.visibility import ApiSettings
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import write_api_settings
from postcall.storage.keys import revoke_key

WORDS = "a check-up for Tuesday"
SUMMARY = "A check-up was booked."
WAV = b"RIFF0123456789"

KINDS: dict[str, tuple[Scope, ...]] = {
    "nothing": (Scope.HANDOFF,),
    "read": (Scope.READ,),
    "write": (Scope.WRITE,),
    "read and write": (Scope.READ, Scope.WRITE),
    "external events": (Scope.EXTERNAL_EVENTS,),
    "pii alone": (Scope.PII,),
    "conversations": (Scope.CONVERSATIONS,),
    "conversations and pii": (Scope.CONVERSATIONS, Scope.PII),
    "conversations and write": (Scope.CONVERSATIONS, Scope.WRITE),
    "all of these": (Scope.CONVERSATIONS, Scope.WRITE, Scope.PII),
    "admin": (Scope.ADMIN,),
}
SETTINGS: dict[str, ApiSettings] = {
    f"{words} and {named}": ApiSettings(show_transcripts=shows, response_metrics=metrics)
    for (words, shows), (named, metrics) in itertools.product(
        (("transcripts", True), ("no transcripts", False)),
        (
            ("all metrics", None),
            ("a chosen metric", frozenset({"TOPIC", "CALL_COMPLETED", "NEVER"})),
            ("a chosen answer", frozenset({"booked"})),
            ("no metrics", frozenset()),
        ),
    )
}
ALL_METRICS = {"TOPIC": "refund", "booked": "true", "CALL_COMPLETED": "true", "CONTAINED": "true"}


@dataclass(frozen=True)
class Route:
    """A way to ask."""

    name: str
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any] | None = None


ANNOTATION = {"annotations": [{"turnId": 0, "role": "agent", "annotationType": "wrong_info"}]}
ROUTES = [
    *(Route(f"list {v}", "GET", LIST.replace("v3", v), {}) for v in ("v1", "v2", "v3")),
    Route("words", "GET", LIST, {**WINDOW, "query_type": "transcript", "query": "check-up"}),
    Route("meaning", "GET", LIST, {**WINDOW, "query_type": "semantic", "query": "check-up"}),
    Route("sample", "GET", LIST, {**WINDOW, "sample": "random"}),
    Route("latency", "GET", LIST, {"include_latency": "true"}),
    Route("agents", "GET", BY_ID, {}),
    Route("detail", "GET", f"{BY_ID}/seen", {}),
    Route("audio", "GET", f"{BY_ID}/seen/audio", {}),
    Route("annotation", "POST", f"{BY_ID}/seen/annotation", {}, ANNOTATION),
    Route("note", "POST", f"{BY_ID}/seen/note", {}, {"note": "A note."}),
]
IDS = [route.name for route in ROUTES]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("matrix")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        body = a_body("seen", metrics={"TOPIC": "refund"})
        body["turns"][0]["latency_s"] = 0.5
        assert server.post(body).status_code == 202
        server.desk.extract(an_answer("booked"))
        assert server.post(a_body("elsewhere", agent="bistro")).status_code == 202
        server.http.put("/calls/seen/recording", content=WAV, headers={"content-type": "audio/wav"})
        yield server


@pytest.fixture(scope="module")
def keys(shop: LiveServer) -> Iterator[dict[str, httpx.Client]]:
    clients = {name: client_of(shop, *scopes) for name, scopes in KINDS.items()}
    clients["of this agent"] = client_of(shop, Scope.CONVERSATIONS, Scope.WRITE, Scope.PII, agents=["clinic", "bistro"])
    yield clients
    for client in clients.values():
        client.close()


def put(shop: LiveServer, settings: ApiSettings) -> None:
    desk = shop.desk
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, "clinic").pk)
    desk.record.write(partial(write_api_settings, agent_pk=agent_pk, settings=settings, by=None, now=desk.clock()))


def ask(client: httpx.Client, route: Route) -> httpx.Response:
    return client.request(route.method, route.path, params=route.query, json=route.body)


def scopes_of(kind: str) -> set[Scope]:
    if kind == "of this agent":
        return {Scope.CONVERSATIONS, Scope.WRITE, Scope.PII}
    scopes = set(KINDS[kind])
    return set(Scope) if Scope.ADMIN in scopes else scopes


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_a_reply_holds_what_both_the_key_and_the_project_allow(
    shop: LiveServer, keys: dict[str, httpx.Client], route: Route, setting: str
) -> None:
    settings = SETTINGS[setting]
    put(shop, settings)
    for kind, client in keys.items():
        reply = ask(client, route)
        scopes = scopes_of(kind)
        if Scope.CONVERSATIONS not in scopes or (route.method == "POST" and Scope.WRITE not in scopes):
            refused(reply, 403, "USER_ACCESS_FORBIDDEN")
            assert "seen" not in reply.text
        elif route.name in {"words", "meaning"} and not settings.show_transcripts:
            refused(reply, 403, "USER_ACCESS_FORBIDDEN")
        elif route.name == "audio":
            check_audio(reply, heard=settings.show_transcripts and Scope.PII in scopes)
        elif route.method == "POST":
            assert reply.status_code == 201, reply.text
        else:
            assert reply.status_code == 200, reply.text
            check_shown(reply, route, settings)


def check_audio(reply: httpx.Response, *, heard: bool) -> None:
    if heard:
        assert (reply.status_code, reply.content) == (200, WAV)
    else:
        refused(reply, 404, "CONVERSATIONS_RECORDING_NOT_FOUND")


def check_shown(reply: httpx.Response, route: Route, settings: ApiSettings) -> None:
    body = reply.json()
    assert "elsewhere" not in reply.text
    if not settings.show_transcripts:
        assert WORDS not in reply.text
        assert SUMMARY not in reply.text
    if route.name == "meaning":  # whether anything was alike is not asked here
        return
    shown = body["conversations"][0] if "conversations" in body else body
    if route.name == "agents":
        assert not {"turns", "metrics"} & set(shown)
        return
    allowed = settings.response_metrics
    assert shown["metrics"] == {n: v for n, v in ALL_METRICS.items() if allowed is None or n in allowed}
    assert bool(shown["turns"]) == settings.show_transcripts
    if "num_turns" in shown:
        assert shown["num_turns"] == 2
        latencies = [turn["latency"] for turn in shown["turns"] if "latency" in turn]
        assert latencies == ([0.5] if route.name == "latency" and settings.show_transcripts else [])


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_a_key_for_another_agent_cannot_tell_that_there_is_this_one(shop: LiveServer, route: Route) -> None:
    put(shop, ApiSettings())
    with client_of(shop, Scope.CONVERSATIONS, Scope.WRITE, Scope.PII, agents=["bistro"]) as other:
        refused(ask(other, route), 404, "PROJECT_NOT_FOUND")
        nowhere = Route("nowhere", route.method, route.path.replace("clinic", "nobody"), route.query, route.body)
        told, missing = (refused(ask(other, each), 404, "PROJECT_NOT_FOUND") for each in (route, nowhere))
        assert told == missing.replace("nobody", "clinic")


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_another_accounts_key_opens_nothing(shop: LiveServer, route: Route) -> None:
    put(shop, ApiSettings())
    with client_of(shop, Scope.ADMIN, account="other") as stranger:
        code = "ACCOUNT_NOT_FOUND" if "/default/" in route.path else "PROJECT_NOT_FOUND"
        refused(ask(stranger, route), 404, code)
        own = Route("own", route.method, route.path.replace("/default/", "/other/"), route.query, route.body)
        refused(ask(stranger, own), 404, "PROJECT_NOT_FOUND")
    with httpx.Client(base_url=shop.address) as nobody:
        refused(ask(nobody, route), 401, "AUTH_USER_UNAUTHORISED")


def test_a_setting_holds_from_the_next_request_on(shop: LiveServer, keys: dict[str, httpx.Client]) -> None:
    client = keys["conversations"]
    for shows in (True, False, True):
        put(shop, ApiSettings(show_transcripts=shows))
        assert bool(client.get(LIST).json()["conversations"][0]["turns"]) == shows


def test_a_key_of_before_is_refused_once_it_is_revoked(shop: LiveServer) -> None:
    put(shop, ApiSettings())
    key = shop.desk.key(Scope.CONVERSATIONS)
    with httpx.Client(base_url=shop.address, headers={"x-api-key": key.secret}) as client:
        assert client.get(LIST).status_code == 200
        shop.desk.record.write(lambda c: revoke_key(c, "default", key.key.id, now=shop.desk.clock()))
        refused(client.get(LIST), 401, "AUTH_USER_UNAUTHORISED")
