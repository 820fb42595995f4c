"""Conversing with a model over HTTP, when all is well."""

from __future__ import annotations

import asyncio
import json
import math
import time
from contextlib import aclosing

import pytest
from tests.llm.asking import settings_for
from tests.llm.chatting import BOOK, MESSAGES, calls_in, finished, hear, hear_once, text_in, with_chat

from postcall.domain.answers import Usage
from postcall.llm import ChatClient, ask_text
from postcall.llm.chat_shapes import ChatMessage, ChatPiece, Finished, TextDelta, Tool, ToolCall
from postcall.testing import Calls, CutOff, Delayed, Paced, RawBody, RawStream, Says, ScriptedModel

LONG = "A table for four on Friday, at eight in the evening, with an é and a 😀."


def wait_until_idle(model: ScriptedModel) -> None:
    """Until the scripted model has noticed that nobody listens any more."""
    deadline = time.monotonic() + 5
    while model.in_flight and time.monotonic() < deadline:
        time.sleep(0.01)
    assert model.in_flight == 0


def test_words_come_as_they_are_said() -> None:
    async def time_pieces(chat: ChatClient) -> list[float]:
        return [time.monotonic() async for piece in chat.converse(MESSAGES) if isinstance(piece, TextDelta)]

    with ScriptedModel(default=LONG, pace=0.05, piece=10) as model:
        times = with_chat(settings_for(model), time_pieces)
    assert len(times) == 8
    assert times[-1] - times[0] > 0.3


@pytest.mark.parametrize("pace", [0.0, 0.001])
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_nothing_is_lost_between_the_pieces(pace: float, piece: int) -> None:
    with ScriptedModel(default=LONG, pace=pace, piece=piece) as model:
        pieces = hear_once(model)
    assert text_in(pieces) == LONG
    assert [type(each) for each in pieces[-1:]] == [Finished]
    assert (finished(pieces).finish_reason, finished(pieces).model) == ("stop", "small")


def test_calls_come_whole_and_after_the_words_before_them() -> None:
    reply = Calls("book", {"day": "Friday, the day after tomorrow"}, text="One moment, please.").also("hang_up")
    with ScriptedModel(default=reply, pace=0.001, piece=5) as model:
        pieces = hear_once(model)
    assert text_in(pieces) == "One moment, please."
    assert calls_in(pieces) == [("book", '{"day":"Friday, the day after tomorrow"}'), ("hang_up", "{}")]
    assert [type(each) for each in pieces[-3:]] == [ToolCall, ToolCall, Finished]
    assert finished(pieces).finish_reason == "tool_calls"


def test_the_model_sees_the_conversation_with_its_calls_and_their_results() -> None:
    messages = (
        *MESSAGES,
        ChatMessage("assistant", "", (ToolCall("c1", "book", '{"day": "Friday"}'), ToolCall("c2", "book", '{"day'))),
        ChatMessage("tool", "booked", tool_call_id="c1"),
        ChatMessage("tool", "no such day", tool_call_id="c2"),
        ChatMessage("system", "Say goodbye."),
    )
    with ScriptedModel(default="Bye.") as model:
        with_chat(settings_for(model), lambda chat: hear(chat, messages, tools=[BOOK]))
    [request] = model.requests
    assert [message.role for message in request.messages] == [message.role for message in messages]
    assert [(result.name, result.content) for result in request.tool_results] == [
        ("book", "booked"),
        ("book", "no such day"),
    ]
    assert request.messages[2].tool_calls[0].arguments == '{"day": "Friday"}'
    assert request.messages[2].tool_calls[1].arguments == "{}", "many servers refuse what is no JSON"
    assert request.tools == ({"name": "book", "description": BOOK.description, "parameters": BOOK.parameters},)


def test_nothing_is_sent_that_was_not_asked_for() -> None:
    with ScriptedModel(default="Hello.") as model:
        hear_once(model, tools=())
        hear_once(model)
    plain, offering = (set(request.body) for request in model.requests)
    assert plain == {"model", "messages", "stream", "stream_options"}
    assert offering == plain | {"tools", "parallel_tool_calls"}


def test_tokens_are_counted_and_priced() -> None:
    with ScriptedModel(default=Says("Hi.", prompt_tokens=2_000, cached_tokens=1_024, completion_tokens=500)) as model:
        usage = finished(hear_once(model, price_prompt=0.5, price_completion=2.0)).usage
    assert (usage.requests, usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (1, 2000, 1024, 500)
    assert usage.cost is not None
    assert math.isclose(usage.cost, 0.002)


def test_a_server_that_counts_nothing_costs_no_answer() -> None:
    with ScriptedModel(default=Says("Hi.", usage=False)) as model:
        assert finished(hear_once(model)).usage == Usage(requests=1)


def test_the_times_are_those_of_the_model() -> None:
    with ScriptedModel(default=LONG, latency=0.2, pace=0.02, piece=10) as model:
        last = finished(hear_once(model))
    assert 0.2 <= last.first_s < last.total_s
    assert 0.34 <= last.total_s < 2
    assert 0.34 <= model.think_s <= last.total_s


def test_a_reply_cut_off_at_the_token_limit_says_so() -> None:
    with ScriptedModel(default=LONG) as model:
        pieces = with_chat(settings_for(model), lambda chat: hear(chat, max_tokens=3))
        assert (text_in(pieces), finished(pieces).finish_reason) == (LONG[:12], "length")
        model.always(CutOff(LONG, at=0))
        assert finished(hear_once(model)).finish_reason == "length"


def test_another_model_can_be_asked() -> None:
    async def ask_other(chat: ChatClient) -> str:
        return await ask_text(chat, MESSAGES, model="large")

    with ScriptedModel(default="Hello.") as model:
        assert with_chat(settings_for(model), ask_other) == "Hello."
    assert model.requests[0].model == "large"


def test_a_text_for_a_function_is_joined_and_may_be_json() -> None:
    async def ask_both(chat: ChatClient) -> tuple[str, str]:
        return await ask_text(chat, MESSAGES), await ask_text(chat, MESSAGES, json_object=True)

    with ScriptedModel(pace=0.001) as model:
        model.reply(LONG, {"booked": True})
        assert with_chat(settings_for(model), ask_both) == (LONG, '{"booked":true}')
    plain, wanted = model.requests
    assert (plain.response_format, wanted.response_format) == ("text", "json_object")
    assert "json" in wanted.text.lower(), "endpoints refuse JSON mode where no message speaks of JSON"


def test_servers_that_do_not_stream_are_understood() -> None:
    reply = Calls("book", {"day": "Friday"}, text="One moment.").also("book", {"day": "Monday"})
    with ScriptedModel(default=reply, streams=False) as model:
        pieces = hear_once(model)
    assert text_in(pieces) == "One moment."
    assert calls_in(pieces) == [("book", '{"day":"Friday"}'), ("book", '{"day":"Monday"}')]
    assert finished(pieces).finish_reason == "tool_calls"
    assert finished(pieces).usage.prompt_tokens > 0


def event(**delta: object) -> str:
    """A piece of a stream."""
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': None}]})}\n\n"


HI = event(content="Hi Bob")
END = 'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = "data: [DONE]\n\n"


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([event(content="Hi ") + event(content="Bob"), END], id="no DONE"),
        pytest.param([HI, DONE], id="no finish reason"),
        pytest.param([(HI + END + DONE).replace("\n", "\r\n").rstrip()], id="Windows lines, and none at the end"),
        pytest.param([(HI + END + DONE).replace("\n\n", "\n")], id="no empty lines"),
        pytest.param([": thinking\n\n", (HI + END).replace("data: ", "data:")], id="comments, no spaces"),
        pytest.param(["event: chunk\nid: 1\n" + event(content=[{"type": "text", "text": "Hi Bob"}]), END], id="parts"),
        pytest.param(['data: {"choices": []}\n\n', event(role="assistant", content=None), HI, END, DONE], id="Azure"),
        pytest.param([HI, END, DONE, "something after the end\n\n"], id="more than all"),
        pytest.param([event(reasoning_content="Bob?"), HI, END], id="thoughts beside the words"),
        pytest.param(
            [event(content="<think>He wants"), event(content=" Bob.</th"), event(content="ink>\n"), HI, END],
            id="thoughts before the words",
        ),
    ],
)
def test_every_kind_of_stream_is_understood(pieces: list[str]) -> None:
    with ScriptedModel(default=RawStream(pieces)) as model:
        heard = hear_once(model)
    assert text_in(heard) == "Hi Bob"
    assert finished(heard).finish_reason == "stop"


def test_a_stream_that_says_it_is_json_is_still_a_stream() -> None:
    with ScriptedModel(default=RawBody(HI + END)) as model:
        assert text_in(hear_once(model)) == "Hi Bob"


def test_what_only_begins_like_a_thought_is_said() -> None:
    with ScriptedModel(piece=2) as model:
        model.reply("<thin ice>", " <", "5 < 6")
        assert [text_in(hear_once(model)) for _ in range(3)] == ["<thin ice>", " <", "5 < 6"]


def test_who_stops_listening_ends_the_request_and_frees_the_slot() -> None:
    async def interrupt_then_ask(chat: ChatClient) -> list[ChatPiece]:
        async with aclosing(chat.converse(MESSAGES)) as pieces:
            async for piece in pieces:
                assert isinstance(piece, TextDelta)
                break
        await asyncio.to_thread(wait_until_idle, model)
        return await asyncio.wait_for(hear(chat), 2)

    with ScriptedModel(default="Fine.") as model:
        model.reply(Paced("word " * 200, pace=0.05, piece=5))
        assert text_in(with_chat(settings_for(model, concurrency=1), interrupt_then_ask)) == "Fine."


def test_who_is_cancelled_while_the_model_thinks_ends_the_request() -> None:
    async def cancel_then_ask(chat: ChatClient) -> list[ChatPiece]:
        waiting = asyncio.create_task(hear(chat))
        await asyncio.to_thread(model.wait_for, 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.to_thread(wait_until_idle, model)
        return await asyncio.wait_for(hear(chat), 2)

    with ScriptedModel(default="Fine.") as model:
        model.reply(Delayed("never", seconds=3600))
        assert text_in(with_chat(settings_for(model, concurrency=1), cancel_then_ask)) == "Fine."


def test_no_more_replies_are_under_way_than_the_setting_allows() -> None:
    async def ask_twelve(chat: ChatClient) -> list[str]:
        return await asyncio.gather(*(ask_text(chat, MESSAGES) for _ in range(12)))

    with ScriptedModel(default=LONG, pace=0.005) as model:
        assert with_chat(settings_for(model, concurrency=3), ask_twelve) == [LONG] * 12
    assert model.most_in_flight == 3


def test_who_waits_for_a_slot_or_takes_time_between_pieces_does_not_use_up_the_time() -> None:
    async def listen_slowly(chat: ChatClient) -> int:
        count = 0
        async for _ in chat.converse(MESSAGES):
            count += 1
            await asyncio.sleep(0.1)
        return count

    async def two_slow_listeners(chat: ChatClient) -> list[int]:
        return list(await asyncio.gather(listen_slowly(chat), listen_slowly(chat)))

    with ScriptedModel(default=LONG, piece=10, pace=0.001) as model:
        settings = settings_for(model, concurrency=1, timeout_s=0.5)
        assert with_chat(settings, two_slow_listeners, silence_s=0.05) == [9, 9]


def test_one_connection_serves_one_reply_after_the_other() -> None:
    async def ask_five(chat: ChatClient) -> None:
        for _ in range(5):
            assert text_in(await hear(chat)) == LONG

    with ScriptedModel(default=LONG, pace=0.001) as model:
        with_chat(settings_for(model), ask_five)
        assert model.connections_made == 1


def test_half_an_emoji_costs_neither_the_request_nor_the_reply() -> None:
    async def say_half(chat: ChatClient) -> list[ChatPiece]:
        tool = Tool("book", "\udc00", {"type": "object"})
        return await hear(chat, [ChatMessage("user", "caf\u00e9 \ud83d")], tools=[tool])

    with ScriptedModel(default="fine \ud83d") as model:
        assert text_in(with_chat(settings_for(model), say_half)) == "fine ?"
    assert model.requests[0].text == "caf\u00e9 ?"


def test_calls_come_after_all_words_whatever_the_servers_order() -> None:
    calls = [{"index": 0, "id": "a", "function": {"name": "book", "arguments": "{}"}}]
    with ScriptedModel(default=RawStream([event(tool_calls=calls), HI, END])) as model:
        heard = hear_once(model)
    assert [type(each) for each in heard] == [TextDelta, ToolCall, Finished]
