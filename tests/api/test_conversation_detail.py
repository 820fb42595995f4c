"""One conversation by its id, its audio, and what people say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.conversing import client_of, fits, listed, refused
from tests.api.conversing import detail as detail_of_clinic
from tests.api.front import Front, run_front
from tests.builders import NOON, StepClock, a_body, an_answer
from tests.live_server import LiveServer, run_server
from tests.runtime.hosting.stage import AGENT

from postcall.api.polyai.conversation_detail import functions_json
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.keys import Scope

BY_ID = "/v1/agents/clinic/conversations"
BAKERY = f"/v1/agents/{AGENT}/conversations"
INVALID = "CONVERSATIONS_VALIDATION_FAILED"
WAV = b"RIFF" + bytes(range(200))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("detail")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        finished = a_body("full", metrics={"poly_score": 4, "N": [1, 2]}) | {
            "ended_at": "2026-03-02T11:01:01.600Z",
            "language": "en",
            "direction": "outbound",
        }
        for body in (finished, a_body("mute"), a_body("test", environment="sandbox"), a_body("else", agent="bistro")):
            assert server.post(body).status_code == 202, body
        yield server


@pytest.fixture(scope="module")
def client(shop: LiveServer) -> Iterator[httpx.Client]:
    with client_of(shop, Scope.CONVERSATIONS, Scope.WRITE, Scope.PII) as made:
        yield made


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("hosted-detail")
    with run_front(f"sqlite:///{folder / 'postcall.db'}", folder, worker=False) as running:
        yield running


@pytest.mark.parametrize("query", ["channel=SMS", "start_time=x", "cursor=abc", "foo=1", "limit=1&limit=2"])
def test_a_filter_that_the_plain_list_does_not_have_is_refused_and_not_ignored(
    client: httpx.Client, query: str
) -> None:
    body = refused(client.get(f"{BY_ID}?{query}"), 400, INVALID)
    assert query.partition("=")[0] in str(body)


def hosted(front: Front, call_id: str, *scopes: Scope) -> dict[str, Any]:
    with front.client(Scope.CONVERSATIONS, *scopes) as client:
        reply = client.get(f"{BAKERY}/{call_id}")
        assert reply.status_code == 200, reply.text
        fits(reply, "ConversationDetailResponse")
        found: dict[str, Any] = reply.json()
        return found


def test_a_conversation_is_shown_whole(shop: LiveServer, client: httpx.Client) -> None:
    shown = detail_of_clinic(client, "full")
    version = shown.pop("deploymentId")
    assert version == shop.http.get("/agents/clinic/versions").json()["versions"][-1]["id"]
    assert shown == {
        "conversationId": "full",
        "accountId": "default",
        "projectId": "clinic",
        "createdAt": "2026-03-02T12:00:00Z",
        "startedAt": "2026-03-02T11:00:00Z",
        "finishedAt": "2026-03-02T11:01:01.600000Z",
        "channel": "VOICE-SIP",
        "fromNumber": "",
        "toNumber": "",
        "language": "en",
        "variantId": "",
        "clientEnv": "live",
        "totalDuration": 62,
        "polyaiDuration": 62,
        "duration": 62,
        "inProgress": False,
        "handoff": False,
        "handoffDestination": "",
        "handoffReason": "",
        "direction": "outbound",
        "tags": [],
        "polyScore": 4.0,
        "shortSummary": "",
        "note": "",
        "audioUrl": "",
        "turns": shown["turns"],
        "metrics": {
            "poly_score": "4",
            "N": ["1", "2"],
            "CALL_DURATION": "61.6",
            "CALL_COMPLETED": "true",
            "CONTAINED": "true",
        },
        "functionEvents": {},
    }
    assert [turn["user_input"] for turn in shown["turns"]] == ["", "I would like to book a check-up for Tuesday."]


def test_the_summary_and_the_answers_are_there_once_they_were_found(tmp_path: Any, sqlite_url: str) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        assert server.post(a_body()).status_code == 202
        server.desk.extract(an_answer("poly_score", "very good", type="STRING"), an_answer("count", 3, type="INTEGER"))
        shown = detail_of_clinic(client, "call-1")
        assert (shown["shortSummary"], shown["metrics"]["count"]) == ("A check-up was booked.", "3")
        assert "polyScore" not in shown, "it is no number"


def test_a_score_that_is_kept_out_of_interfaces_is_in_no_list_either(tmp_path: Any, sqlite_url: str) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        assert server.post(a_body(metrics={"poly_score": 4})).status_code == 202
        assert client.get(BY_ID).json()["conversations"][0]["polyScore"] == 4
        assert server.post({"name": "poly_score", "type": "integer", "api": False}, "/agents/clinic/metrics").is_success
        assert "polyScore" not in detail_of_clinic(client, "call-1")
        assert "polyScore" not in client.get(BY_ID).json()["conversations"][0]


def test_functions_are_shown_with_their_log_lines(front: Front) -> None:
    shown = hosted(front, front.talk("order", "order", "person"))
    order = shown["functionEvents"]["order"]
    assert [line["content"] for line in order["logs"]["conversation_logger"]] == ["an order", "an order"]
    assert [run["utterance"] for run in order["runs"]] == ["Order 1.", "Order 2."]
    assert [run["turn"] for run in order["runs"]] == [1, 2]
    assert order["runs"][1]["state_changes"]["updated"] == {"orders": [1, 2]}
    assert "start_function" in shown["functionEvents"]
    assert (shown["handoff"], shown["handoffDestination"], shown["handoffReason"]) == (
        True,
        "Front desk",
        "wants a person",
    )
    said = [(turn["user_input"], turn["agent_response"]) for turn in shown["turns"]]
    assert said[:2] == [("", "Welcome to the bakery's chat."), ("order", "Order 1.")]
    assert shown["metrics"]["ORDERS"] == ["1", "2"]


@pytest.mark.parametrize("words", [True, False])
def test_what_a_function_was_given_of_the_callers_words_goes_with_the_transcript(words: bool) -> None:
    content: dict[str, Any] = {"name": "book", "arguments": {"person": "Ada"}, "utterance": "For Ada, then."}
    event = CallEvent(EventKind.FUNCTION, NOON, 1, content)
    [run] = functions_json([event], words=words)["book"]["runs"]
    shown = (run["arguments"], run["utterance"])
    assert shown == (({"person": "Ada"}, "For Ada, then.") if words else ({}, None))


def test_a_live_conversation_shows_what_it_has_and_its_state(front: Front) -> None:
    call_id = front.talk("order")
    assert hosted(front, call_id)["inProgress"] is True
    with front.client(Scope.CONVERSATIONS) as client:
        [shown] = [
            each
            for each in listed(client, f"/v3/default/{AGENT}/conversations", in_progress="true")["conversations"]
            if each["id"] == call_id
        ]
    assert (shown["state"]["orders"], shown["num_turns"], shown["num_silences"]) == (1, 2, 0)


def test_silence_is_told_of_calls_that_we_host(front: Front) -> None:
    call_id = front.talk("order", "")
    turns = hosted(front, call_id)["turns"]
    assert [turn["is_silence"] for turn in turns] == [False, False, True]


def test_lines_with_personal_data_need_the_right_to_see_them(front: Front) -> None:
    call_id = front.talk("private")
    assert "4111" not in str(hosted(front, call_id)["functionEvents"])
    assert "4111" in str(hosted(front, call_id, Scope.PII)["functionEvents"])


def test_an_agents_conversations_are_listed_with_their_number(client: httpx.Client) -> None:
    whole = client.get(BY_ID).json()
    assert (whole["count"], whole["limit"], whole["offset"]) == (3, 50, 0)
    assert [each["conversationId"] for each in whole["conversations"]] == ["test", "mute", "full"], "every environment"
    assert not {"turns", "metrics", "functionEvents"} & set(whole["conversations"][0])
    shown = detail_of_clinic(client, "full")
    assert whole["conversations"][2] == {name: shown[name] for name in whole["conversations"][2]}
    second = client.get(BY_ID, params={"limit": 1, "offset": 1}).json()
    assert ([each["conversationId"] for each in second["conversations"]], second["count"]) == (["mute"], 3)
    for bad in ({"limit": 0}, {"limit": -1}, {"limit": "x"}, {"limit": 9**20}, {"offset": -1}, {"offset": ""}):
        refused(client.get(BY_ID, params=bad), 400, INVALID)


def test_a_conversation_that_is_not_this_agents_is_not_there(shop: LiveServer, client: httpx.Client) -> None:
    for path in ("else", "nobody", "x" * 500, "%ED%A0%80", "a%0Ab"):
        for rest in ("", "/audio"):
            refused(client.get(f"{BY_ID}/{path}{rest}"), 404, "CONVERSATIONS_NOT_FOUND")
        refused(client.post(f"{BY_ID}/{path}/note", json={"note": "x"}), 404, "CONVERSATIONS_NOT_FOUND")
    refused(client.get("/v1/agents/nobody/conversations/full"), 404, "PROJECT_NOT_FOUND")
    agent = shop.http.get("/agents/clinic").json()
    by_id = client.get(f"/v1/agents/{agent['id']}/conversations/full").json()
    assert by_id == detail_of_clinic(client, "full")


def test_a_recording_is_heard_by_who_may_hear_it(shop: LiveServer, client: httpx.Client) -> None:
    missing = "CONVERSATIONS_RECORDING_NOT_FOUND"
    assert "no recording" in refused(client.get(f"{BY_ID}/mute/audio"), 404, missing)
    kept = shop.http.put("/calls/full/recording", content=WAV, headers={"content-type": "audio/wav"})
    assert kept.status_code == 200, kept.text
    url = detail_of_clinic(client, "full")["audioUrl"]
    assert url == f"{shop.address}{BY_ID}/full/audio"
    for asked in ({}, {"direction": "combined"}, {"redacted": "false"}):
        reply = client.get(url, params=asked)
        assert (reply.status_code, reply.content, reply.headers["content-type"]) == (200, WAV, "audio/wav")
        assert reply.headers["x-polyai-correlation-id"]
    part = client.get(url, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, WAV[4:10])
    assert "user alone" in refused(client.get(url, params={"direction": "user"}), 404, missing)
    assert "redacted" in refused(client.get(url, params={"redacted": "true"}), 404, missing)
    refused(client.get(url, params={"direction": "up"}), 400, INVALID)
    refused(client.get(url, params={"redacted": "maybe"}), 400, INVALID)
    with client_of(shop, Scope.CONVERSATIONS) as without_pii:
        assert "'pii'" in refused(without_pii.get(url), 404, missing)
        assert detail_of_clinic(without_pii, "full")["audioUrl"] == ""


def annotate(client: httpx.Client, *annotations: object, call_id: str = "mute") -> httpx.Response:
    return client.post(f"{BY_ID}/{call_id}/annotation", json={"annotations": list(annotations)})


def test_annotations_become_remarks_on_the_right_turns(shop: LiveServer, client: httpx.Client) -> None:
    reply = annotate(
        client,
        {"turnId": 1, "role": "user", "annotationType": "wrong_transcript"},
        {"turnId": 1, "role": "user", "annotationType": "missing_topic"},
        {"turnId": 0, "role": "agent", "annotationType": "wrong_info"},
    )
    assert (reply.status_code, reply.json()) == (201, {"success": True})
    remarks = shop.http.get("/calls/mute/remarks").json()["remarks"]
    assert [(each["kind"], each["turn"], each["who"]) for each in remarks] == [
        ("wrong_transcription", 1, "test"),
        ("missing_topic", 1, "test"),
        ("wrong_information", 0, "test"),
    ]


GOOD = {"turnId": 1, "role": "user", "annotationType": "missing_topic"}


def test_annotations_that_do_not_fit_leave_nothing_behind(shop: LiveServer, client: httpx.Client) -> None:
    bad: list[dict[str, object]] = [
        GOOD | {"turnId": 2},
        GOOD | {"turnId": 0},
        GOOD | {"turnId": -1},
        GOOD | {"turnId": 2**70},
        GOOD | {"turnId": "1"},
        GOOD | {"role": "agent"},
        GOOD | {"role": "nobody"},
        GOOD | {"annotationType": "wrong_info"},
        GOOD | {"annotationType": "bad"},
        {"turnId": 1},
    ]
    for each in bad:
        message = refused(annotate(client, GOOD, each, call_id="test"), 400, INVALID)
        assert "annotat" in message or "turn" in message, each
    refused(annotate(client, call_id="test"), 400, INVALID)
    for body in (b"", b"{", b"[]", b'{"annotations": 1}', b"\xff"):
        refused(client.post(f"{BY_ID}/test/annotation", content=body), 400, INVALID)
    assert shop.http.get("/calls/test/remarks").json()["remarks"] == []


def test_a_note_takes_the_place_of_the_one_before_and_of_no_other(shop: LiveServer, client: httpx.Client) -> None:
    theirs = {"kind": "note", "text": "By somebody else.", "who": "Ana"}
    assert shop.http.post("/calls/test/remarks", json=theirs).status_code == 201
    for note in ("first", "second"):
        reply = client.post(f"{BY_ID}/test/note", json={"note": note})
        assert (reply.status_code, reply.json()) == (201, {"success": True})
        assert detail_of_clinic(client, "test")["note"] == note
    texts = [each["text"] for each in shop.http.get("/calls/test/remarks").json()["remarks"]]
    assert texts == ["By somebody else.", "second"]
    assert client.post(f"{BY_ID}/test/note", json={"note": " "}).status_code == 201
    assert detail_of_clinic(client, "test")["note"] == "By somebody else."
    bad: list[object] = [{}, {"note": 1}, {"note": None}, {"note": "x" * 5_001}, []]
    for body in bad:
        refused(client.post(f"{BY_ID}/test/note", json=body), 400, INVALID)
    assert client.post(f"{BY_ID}/test/note", json={"note": "a\x00b"}).status_code == 201


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["annotations", "note", "turnId", "role", "annotationType"]), inner)
        ),
        max_leaves=8,
    )
)
def test_no_body_is_a_servers_fault(client: httpx.Client, body: object) -> None:
    for rest in ("annotation", "note"):
        reply = client.post(f"{BY_ID}/mute/{rest}", json=body)
        assert reply.status_code in {201, 400}, reply.text
