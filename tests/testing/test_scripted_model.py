"""The scripted model, asked as any program asks a chat-completions server."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import openai
import pytest

from postcall.testing import (
    BrokenConnection,
    CutOff,
    Delayed,
    Fail,
    Filtered,
    ModelRequest,
    RawBody,
    Refusal,
    Says,
    ScriptedModel,
    ToolCalls,
)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """What the model said."""
        return json.loads(self.body)["choices"][0]["message"]["content"]


def ask(model: ScriptedModel, text: str = "hello", **more: object) -> Answer:
    """Ask by plain HTTP."""
    body = {"model": "any", "messages": [{"role": "user", "content": text}], **more}
    return _send(f"{model.url}/chat/completions", json.dumps(body).encode())


def _send(url: str, body: bytes | None = None) -> Answer:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return Answer(reply.status, dict(reply.headers), reply.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, dict(error.headers), error.read())


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """A scripted model without a script."""
    with ScriptedModel() as scripted:
        yield scripted


def client(model: ScriptedModel) -> openai.OpenAI:
    """The usual client library."""
    return openai.OpenAI(base_url=model.url, api_key="any", max_retries=0)


def test_replies_come_in_the_order_they_were_queued(model: ScriptedModel) -> None:
    model.reply("one", {"two": 2})
    assert [ask(model).content, ask(model).content] == ["one", '{"two":2}']


def test_where_the_script_ends_the_model_says_so_rather_than_invent(model: ScriptedModel) -> None:
    answer = ask(model)
    assert answer.status == 400
    assert b"nothing_scripted" in answer.body


def test_a_rule_comes_before_the_queue_and_the_default_after(model: ScriptedModel) -> None:
    model.always("default")
    model.reply("queued")
    model.when(lambda request: "refund" in request.text).reply("rule")
    assert [ask(model, text).content for text in ("a refund", "x", "a refund", "x")] == [
        "rule",
        "queued",
        "rule",
        "default",
    ]


def test_a_rule_repeats_its_last_reply_and_can_be_limited(model: ScriptedModel) -> None:
    model.always("default")
    model.when(lambda request: request.text == "a").reply("1", "2")
    model.when(lambda request: request.text == "b", times=1).reply("once")
    assert [ask(model, text).content for text in "aaabb"] == ["1", "2", "2", "once", "default"]


def test_a_reply_can_depend_on_the_request(model: ScriptedModel) -> None:
    async def slowly(request: ModelRequest) -> str:
        await asyncio.sleep(0.01)
        return request.text.title()

    model.reply(lambda request: request.text.upper(), slowly)
    assert [ask(model, "hello").content, ask(model, "hello").content] == ["HELLO", "Hello"]


def test_failures_have_the_status_the_words_and_the_headers_that_were_asked_for(model: ScriptedModel) -> None:
    model.fail(429, "slow down", code="rate_limit_exceeded", retry_after=1, headers={"x-request-id": "r1"}, times=2)
    first, second = ask(model), ask(model)
    assert first == second
    assert (first.status, first.headers["Retry-After"], first.headers["x-request-id"]) == (429, "1", "r1")
    assert json.loads(first.body)["error"]["message"] == "slow down"


def test_a_cut_off_reply_says_length(model: ScriptedModel) -> None:
    model.reply(CutOff({"summary": "long"}, at=9), CutOff("12345678"))
    first = json.loads(ask(model).body)["choices"][0]
    assert (first["message"]["content"], first["finish_reason"]) == ('{"summary', "length")
    assert ask(model).content == "1234"


def test_refusals_filters_and_raw_bodies(model: ScriptedModel) -> None:
    model.reply(Refusal("no"), Filtered("ha"), RawBody(""), RawBody("<html>", status=502, content_type="text/html"))
    refused, filtered = (json.loads(ask(model).body)["choices"][0] for _ in range(2))
    assert (refused["message"]["content"], refused["message"]["refusal"]) == (None, "no")
    assert (filtered["message"]["content"], filtered["finish_reason"]) == ("ha", "content_filter")
    assert ask(model).body == b""
    page = ask(model)
    assert (page.status, page.headers["content-type"], page.body) == (502, "text/html", b"<html>")


@pytest.mark.parametrize("after", [None, 0, 20])
def test_a_connection_can_break(model: ScriptedModel, after: int | None) -> None:
    model.reply(BrokenConnection({"summary": "x"}, after=after))
    with pytest.raises((HTTPException, OSError)):
        ask(model)


def test_a_reply_takes_as_long_as_it_was_told_to(model: ScriptedModel) -> None:
    model.reply("quick", Delayed("slow", seconds=0.2))
    model.latency = 0.1
    for least in (0.1, 0.3):
        started = time.monotonic()
        ask(model)
        assert time.monotonic() - started >= least


def test_formats_and_parameters_can_be_refused() -> None:
    with ScriptedModel(default="{}", rejects={"json_object", "temperature"}) as model:
        assert ask(model).status == 200
        assert ask(model, response_format={"type": "json_schema", "json_schema": {"name": "x"}}).status == 200
        refused = ask(model, response_format={"type": "json_object"})
        assert (refused.status, json.loads(refused.body)["error"]["param"]) == (400, "response_format")
        refused = ask(model, temperature=0)
        assert (refused.status, json.loads(refused.body)["error"]["param"]) == (400, "temperature")


def test_a_prompt_past_the_window_is_refused_as_real_servers_do() -> None:
    with ScriptedModel(default="{}", context_tokens=10) as model:
        assert ask(model, "x" * 40).status == 200
        answer = ask(model, "x" * 41)
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "context_length_exceeded")


OPEN = {"type": "object", "properties": {}}
CLOSED = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
OPTIONAL = CLOSED | {"properties": {"b": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (CLOSED, None),
        ({"type": "array", "items": CLOSED}, "type"),
        (OPEN, "additionalProperties"),
        (OPTIONAL, "Missing 'b'"),
        (CLOSED | {"properties": {"a": OPEN}, "required": ["a"]}, "properties, a"),
        (CLOSED | {"properties": {"a": {"type": "array", "items": OPEN}}, "required": ["a"]}, "properties, a, items"),
        (CLOSED | {"properties": {"a": {"anyOf": [{"type": "null"}, OPEN]}}, "required": ["a"]}, "anyOf, 1"),
        (CLOSED | {"$defs": {"d": OPTIONAL}}, "$defs, d"),
    ],
)
def test_a_strict_schema_that_openai_would_refuse_is_refused(
    model: ScriptedModel, schema: dict[str, object], fault: str | None
) -> None:
    model.always("{}")
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    answer = ask(model, response_format=wanted)
    assert answer.status == (400 if fault else 200)
    assert (fault or "") in answer.body.decode()
    wanted["json_schema"] = {"name": "x", "schema": schema}
    assert ask(model, response_format=wanted).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"model": "m"}',
        b'{"model": "m", "messages": []}',
        b'{"messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "m", "messages": [1]}',
        b'{"model": "m", "messages": [{"role": "user", "content": "x"}], "n": 2}',
    ],
)
def test_a_body_that_is_no_request_is_refused(model: ScriptedModel, body: bytes) -> None:
    model.always("{}")
    answer = _send(f"{model.url}/chat/completions", body)
    assert answer.status == 400
    assert json.loads(answer.body)["error"]["type"] == "invalid_request_error"


def test_what_was_asked_is_kept_and_counted(model: ScriptedModel) -> None:
    model.always("{}")
    ask(model, "12345")
    parts = [{"type": "text", "text": "123"}, {"type": "image_url", "image_url": {"url": "x"}}]
    body = {"model": "m", "messages": [{"role": "system", "content": "1"}, {"role": "user", "content": parts}]}
    _send(f"{model.url}/chat/completions", json.dumps(body).encode())
    assert (model.count, model.prompt_characters) == (2, 9)
    first, second = model.requests
    assert (first.number, first.text, first.response_format, first.schema) == (1, "12345", "text", None)
    assert (second.number, second.text, second.model) == (2, "1\n123", "m")


def test_only_the_latest_requests_are_kept() -> None:
    with ScriptedModel(default="{}", keep=2) as model:
        for text in "abc":
            ask(model, text)
        assert [request.text for request in model.requests] == ["b", "c"]
        assert model.count == 3


def test_how_many_are_asked_at_once_is_known(model: ScriptedModel) -> None:
    model.always("{}")
    with ThreadPoolExecutor(5) as pool:
        with model.holding():
            asked = [pool.submit(ask, model) for _ in range(5)]
            model.wait_for(5)
            assert model.in_flight == 5
            assert not any(each.done() for each in asked)
        assert {each.result().status for each in asked} == {200}
    assert (model.in_flight, model.most_in_flight) == (0, 5)


def test_waiting_for_requests_that_never_come_ends(model: ScriptedModel) -> None:
    with pytest.raises(TimeoutError, match="0 of 1"):
        model.wait_for(1, timeout=0.05)


def test_a_client_that_hangs_up_is_no_longer_in_flight(model: ScriptedModel) -> None:
    model.always(Delayed("{}", seconds=60))
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}]}).encode()
    with _connected(model) as connection:
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        model.wait_for(1)
        assert model.in_flight == 1
    deadline = time.monotonic() + 5
    while model.in_flight and time.monotonic() < deadline:
        time.sleep(0.01)
    assert model.in_flight == 0


def _connected(model: ScriptedModel) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(model.url.split(":")[2].split("/")[0])), timeout=5)


def test_bytes_that_are_no_http_cost_only_their_connection(model: ScriptedModel) -> None:
    model.always("{}")
    with _connected(model) as connection:
        connection.sendall(b"\x16\x03\x01\x00hello\r\n\r\n")
        assert _read_all(connection) == b""
    assert ask(model).status == 200


def test_requests_sent_ahead_are_answered_in_order(model: ScriptedModel) -> None:
    model.reply(Delayed("first", seconds=0.05), "second")
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}]}).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n" % len(body)
    with _connected(model) as connection:
        connection.sendall(head + b"\r\n" + body + head + b"connection: close\r\n\r\n" + body)
        answer = _read_all(connection)
    assert answer.index(b'"first"') < answer.index(b'"second"')


def test_a_client_that_waits_to_be_told_to_go_on_is_told(model: ScriptedModel) -> None:
    with _connected(model) as connection:
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")


def _read_all(connection: socket.socket) -> bytes:
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def test_after_it_stops_nobody_answers() -> None:
    with ScriptedModel(default="{}") as model:
        assert ask(model).status == 200
    with pytest.raises(OSError, match="refused"):
        ask(model)


def test_it_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    with ScriptedModel(default=Delayed("{}", seconds=60)) as model, _connected(model):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_a_port_that_is_taken_is_said(model: ScriptedModel) -> None:
    taken = int(model.url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="in use"), ScriptedModel(port=taken):
        pass


def test_the_usual_client_reads_a_reply(model: ScriptedModel) -> None:
    model.reply(Says("hello", prompt_tokens=7, cached_tokens=3, completion_tokens=2, reasoning="hm"))
    reply = client(model).chat.completions.create(model="any", messages=[{"role": "user", "content": "x"}])
    assert reply.choices[0].message.content == "hello"
    assert reply.usage is not None
    assert reply.usage.prompt_tokens_details is not None
    assert (reply.usage.total_tokens, reply.usage.prompt_tokens_details.cached_tokens) == (9, 3)


def test_the_usual_client_reads_a_stream(model: ScriptedModel) -> None:
    text = "a stream of words, with an é and an 😀, that is longer than one piece"
    model.reply(text)
    chunks = list(
        client(model).chat.completions.create(
            model="any",
            messages=[{"role": "user", "content": "x"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    said = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(said) == text
    assert sum(1 for piece in said if piece) > 2
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == -(-len(text) // 4)


def test_a_stream_ends_with_done_and_has_no_usage_unasked(model: ScriptedModel) -> None:
    model.reply("hello")
    answer = ask(model, stream=True)
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert b"usage" not in answer.body


def test_the_usual_client_reads_tool_calls(model: ScriptedModel) -> None:
    model.always(ToolCalls([("look_up", {"order": 5}), ("hang_up", {})]))
    question: Any = {
        "model": "any",
        "messages": [{"role": "user", "content": "x"}],
        "tools": [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}],
    }
    choice = client(model).chat.completions.create(**question).choices[0]
    assert choice.finish_reason == "tool_calls"
    calls = choice.message.tool_calls or []
    assert [(call.function.name, call.function.arguments) for call in calls if call.type == "function"] == [
        ("look_up", '{"order":5}'),
        ("hang_up", "{}"),
    ]
    pieces = [chunk.choices[0].delta for chunk in client(model).chat.completions.create(**question, stream=True)]
    assert [call.function.name for piece in pieces for call in piece.tool_calls or [] if call.function] == [
        "look_up",
        "hang_up",
    ]
    assert [tool["name"] for tool in model.requests[0].tools] == ["look_up"]


def test_the_models_are_listed() -> None:
    with ScriptedModel(models={"b", "a"}) as model:
        assert [each.id for each in client(model).models.list()] == ["a", "b"]


def test_other_addresses_do_not_exist(model: ScriptedModel) -> None:
    assert _send(model.url + "/embeddings", b"{}").status == 404


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text('{"summary": "from the file"}')
    command = [sys.executable, "-m", "postcall.testing", "--answers", str(answers), "--until-input-ends"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    url = process.stdout.readline().strip()
    schema = {"type": "object", "properties": {"summary": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = {"model": "any", "messages": [{"role": "user", "content": "hello"}], "response_format": wanted}
    answer = _send(f"{url}/chat/completions", json.dumps(body).encode())
    counts = json.loads(_send(url.removesuffix("/v1") + "/scripted").body)
    process.stdin.close()
    assert process.wait(timeout=10) == 0
    process.stdout.close()
    assert answer.content == '{"summary":"from the file"}'
    assert (counts["count"], counts["prompt_characters"]) == (1, 5)


def test_an_error_in_a_reply_function_is_answered_and_not_swallowed(model: ScriptedModel) -> None:
    def broken(request: ModelRequest) -> str:
        raise KeyError(request.text)

    model.reply(broken)
    model.always(Fail(418))
    answer = ask(model)
    assert answer.status == 500
    assert b"KeyError" in answer.body
    assert ask(model).status == 418
