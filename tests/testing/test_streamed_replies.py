"""The scripted model's streams and calls, heard by the usual client and by plain HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

import openai
import pytest

from postcall.testing import (
    Broken,
    Calls,
    Delayed,
    ErrorInStream,
    Paced,
    RawStream,
    Says,
    ScriptedModel,
    Stalled,
    ToolCalls,
)

TOOL = {"type": "function", "function": {"name": "book", "parameters": {"type": "object"}}}
WORDS = "one two three four five six"


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """A scripted model with small and slow pieces."""
    with ScriptedModel(pace=0.001, piece=4) as scripted:
        yield scripted


def client(model: ScriptedModel) -> openai.OpenAI:
    """The usual client library."""
    return openai.OpenAI(base_url=model.url, api_key="any", max_retries=0, timeout=5)


def pieces_of(model: ScriptedModel, **more: Any) -> Iterator[Any]:
    """The choices of a stream, as the usual client gives them."""
    question: Any = {"model": "any", "messages": [{"role": "user", "content": "x"}], "tools": [TOOL], **more}
    for chunk in client(model).chat.completions.create(**question, stream=True):
        yield from chunk.choices


def post(model: ScriptedModel, **more: object) -> bytes:
    """The body that plain HTTP gets."""
    body = {"model": "any", "messages": [{"role": "user", "content": "x"}], **more}
    with urlopen(Request(model.url + "/chat/completions", json.dumps(body).encode()), timeout=5) as reply:
        content: bytes = reply.read()
    return content


def test_pieces_come_at_their_pace(model: ScriptedModel) -> None:
    model.reply(Delayed(Paced(WORDS, pace=0.05, piece=9), seconds=0.1))
    begun = time.monotonic()
    times = [time.monotonic() - begun for choice in pieces_of(model) if choice.delta.content]
    assert len(times) == 3
    assert times[0] >= 0.1
    assert times[2] - times[0] > 0.08


def test_words_and_calls_come_in_pieces(model: ScriptedModel) -> None:
    model.reply(Calls("book", {"day": "Friday"}, text="One moment.").also("hang_up"))
    choices = list(pieces_of(model))
    assert "".join(choice.delta.content or "" for choice in choices) == "One moment."
    fragments = [call for choice in choices for call in choice.delta.tool_calls or []]
    assert [(call.index, call.function.name) for call in fragments if call.function.name] == [
        (0, "book"),
        (1, "hang_up"),
    ]
    assert "".join(call.function.arguments for call in fragments if call.index == 0) == '{"day":"Friday"}'
    assert len(fragments) > 4
    assert choices[-1].finish_reason == "tool_calls"


def test_calls_come_unstreamed_as_well(model: ScriptedModel) -> None:
    model.reply(Calls("book", {"day": "Friday"}, text="One moment.").also("hang_up"), ToolCalls([("book", {})]))
    choice = json.loads(post(model, tools=[TOOL]))["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("One moment.", "tool_calls")
    assert [call["function"] for call in choice["message"]["tool_calls"]] == [
        {"name": "book", "arguments": '{"day":"Friday"}'},
        {"name": "hang_up", "arguments": "{}"},
    ]
    assert json.loads(post(model))["choices"][0]["message"]["content"] is None


def test_arguments_may_be_no_json(model: ScriptedModel) -> None:
    model.reply(Calls("book", '{"day": "Fri'))
    [call] = json.loads(post(model))["choices"][0]["message"]["tool_calls"]
    assert call["function"]["arguments"] == '{"day": "Fri'


def test_usage_comes_last_where_it_is_asked_for(model: ScriptedModel) -> None:
    model.always(Says(WORDS, prompt_tokens=5))
    question: Any = {"model": "any", "messages": [{"role": "user", "content": "x"}], "stream": True}
    asked = list(client(model).chat.completions.create(**question, stream_options={"include_usage": True}))
    assert asked[-1].usage is not None
    assert asked[-1].usage.prompt_tokens == 5
    assert not [chunk for chunk in client(model).chat.completions.create(**question) if chunk.usage]


@pytest.mark.parametrize(("after", "said"), [(0, ""), (2, "one two "), (100, WORDS)])
def test_a_stream_breaks_after_as_many_pieces_as_it_was_told(model: ScriptedModel, after: int, said: str) -> None:
    model.always(Broken(WORDS, after=after))
    heard = []
    with pytest.raises(openai.APIConnectionError):
        for choice in pieces_of(model):
            heard.append(choice.delta.content or "")
    assert "".join(heard) == said
    for stream in (True, False):
        with pytest.raises((HTTPException, OSError)):
            post(model, stream=stream)


def test_an_error_comes_in_the_middle_of_a_stream(model: ScriptedModel) -> None:
    model.always(ErrorInStream(WORDS, after=2, error={"message": "no memory", "code": 503}))
    heard = []
    with pytest.raises(openai.APIError, match="no memory"):
        for choice in pieces_of(model):
            heard.append(choice.delta.content)
    assert [each for each in heard if each] == ["one ", "two "]
    assert json.loads(post(model))["error"]["message"] == "no memory"


def test_a_stalled_stream_goes_on_for_those_who_wait(model: ScriptedModel) -> None:
    model.reply(Stalled(WORDS, after=2, seconds=0.2))
    begun = time.monotonic()
    assert "".join(choice.delta.content or "" for choice in pieces_of(model)) == WORDS
    assert time.monotonic() - begun >= 0.2
    model.reply(Stalled("late", seconds=0.1))
    assert json.loads(post(model))["choices"][0]["message"]["content"] == "late"


def test_a_stream_can_be_anything_at_all(model: ScriptedModel) -> None:
    model.reply(RawStream(["data: {}\n\n", b"\xff"]), RawStream(["data: {}\n\n"], whole=False))
    assert post(model, stream=True) == b"data: {}\n\n\xff"
    with pytest.raises(HTTPException):
        post(model, stream=True)


def test_a_client_that_stops_listening_is_noticed(model: ScriptedModel) -> None:
    model.always(Paced("word " * 1000, pace=0.05))
    question: Any = {"model": "any", "messages": [{"role": "user", "content": "x"}]}
    with client(model).chat.completions.create(**question, stream=True) as stream:
        next(iter(stream))
        assert model.in_flight == 1
    deadline = time.monotonic() + 5
    while model.in_flight and time.monotonic() < deadline:
        time.sleep(0.01)
    assert model.in_flight == 0


def test_a_server_may_not_stream_at_all() -> None:
    with ScriptedModel(default=WORDS, streams=False) as model:
        assert json.loads(post(model, stream=True))["choices"][0]["message"]["content"] == WORDS


def test_a_reply_says_how_long_it_took_on_purpose(model: ScriptedModel) -> None:
    model.latency = 0.05
    model.reply(WORDS, WORDS)
    whole = json.loads(post(model))["think_s"]
    events = [line.removeprefix(b"data: ") for line in post(model, stream=True).splitlines() if line]
    [streamed] = [event["think_s"] for event in map(json.loads, events[:-1]) if "think_s" in event]
    assert 0.05 <= whole < streamed < 1
    assert model.think_s == pytest.approx(whole + streamed, abs=0.001)


def test_the_same_script_gives_the_same_bytes_where_nothing_waits() -> None:
    streams = []
    for _ in range(2):
        with ScriptedModel(default=Calls("book", {"day": "Friday"}, text=WORDS), piece=4) as model:
            streams.append((post(model, stream=True), post(model)))
    assert streams[0] == streams[1]


def test_what_the_client_repeats_of_calls_and_results_is_read(model: ScriptedModel) -> None:
    model.always("Done.")
    called = {"id": "c1", "type": "function", "function": {"name": "book", "arguments": "{}"}}
    post(
        model,
        tools=[TOOL],
        messages=[
            {"role": "system", "content": "You answer the phone."},
            {"role": "user", "content": "A table, please."},
            {"role": "assistant", "content": None, "tool_calls": [called]},
            {"role": "tool", "tool_call_id": "c1", "content": "booked"},
            {"role": "system", "content": "Say goodbye."},
        ],
    )
    [request] = model.requests
    assert (request.last_user, request.tool_names, request.step) == ("A table, please.", ("book",), "Say goodbye.")
    assert request.system == "You answer the phone.\nSay goodbye."
    assert [(call.id, call.name, call.arguments) for call in request.messages[2].tool_calls] == [("c1", "book", "{}")]
    assert request.messages[3].tool_call_id == "c1"
    assert request.latest_result == request.tool_results[0]
    assert (request.tool_results[0].name, request.tool_results[0].content) == ("book", "booked")


def test_calls_that_are_none_are_refused(model: ScriptedModel) -> None:
    model.always("Done.")
    with pytest.raises(openai.BadRequestError, match="tool_calls"):
        list(pieces_of(model, messages=[{"role": "assistant", "tool_calls": [{"id": "c1"}]}]))
