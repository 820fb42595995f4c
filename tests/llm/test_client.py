"""Asking a model, and what comes back when all is well."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import time

import pytest
from tests.aside import run_aside
from tests.llm.asking import KEY, MESSAGES, SCHEMA, ask, ask_once, settings_for, with_client

from postcall.domain.answers import Usage
from postcall.errors import ModelRejectedRequest, ModelTimeout, SettingsError
from postcall.llm import Message, ModelClient, Reply
from postcall.settings import ModelSettings
from postcall.testing import CutOff, Says, ScriptedModel


def test_the_model_gets_the_messages_and_a_strict_schema() -> None:
    with ScriptedModel(default={"summary": "A refund."}) as model:
        reply = ask_once(model)
    [request] = model.requests
    assert [(each.role, each.content) for each in request.messages] == [(m.role, m.content) for m in MESSAGES]
    assert request.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "findings", "strict": True, "schema": SCHEMA},
    }
    assert request.body["model"] == "small"
    assert reply.text == '{"summary":"A refund."}'
    assert (reply.finish_reason, reply.model) == ("stop", "small")


def test_nothing_is_sent_that_was_not_asked_for() -> None:
    with ScriptedModel(default="{}") as model:
        ask_once(model)
    assert model.requests[0].body.keys() == {"model", "messages", "response_format"}


def test_a_version_that_says_so_asks_the_reasoning_model() -> None:
    with ScriptedModel(default="{}") as model:
        settings = settings_for(model, reasoning_model="deep")
        reply = with_client(settings, lambda client: ask(client, reasoning=True))
    assert reply.model == "deep"


def test_without_a_reasoning_model_the_usual_one_answers() -> None:
    with ScriptedModel(default="{}") as model:
        reply = with_client(settings_for(model), lambda client: ask(client, reasoning=True))
    assert reply.model == "small"


def test_tokens_are_counted_and_priced() -> None:
    with ScriptedModel(default=Says("{}", prompt_tokens=2_000, cached_tokens=1_024, completion_tokens=500)) as model:
        reply = ask_once(model, price_prompt=0.5, price_completion=2.0)
    assert reply.usage == Usage(
        requests=1, prompt_tokens=2_000, cached_tokens=1_024, completion_tokens=500, cost=reply.usage.cost
    )
    assert reply.usage.cost is not None
    assert math.isclose(reply.usage.cost, 0.002)


def test_a_server_that_counts_nothing_costs_no_answer() -> None:
    with ScriptedModel(default=Says('{"summary":"x"}', usage=False)) as model:
        reply = ask_once(model)
    assert reply.usage == Usage(requests=1)


def test_a_reply_cut_off_at_the_token_limit_is_handed_over() -> None:
    with ScriptedModel(default=CutOff({"summary": "A refund was promised."}, at=20)) as model:
        reply = ask_once(model)
    assert (reply.text, reply.finish_reason) == ('{"summary":"A refund', "length")


def test_the_token_limit_is_kept() -> None:
    with ScriptedModel(default={"summary": "word " * 100}) as model:
        reply = with_client(settings_for(model), lambda client: ask(client, max_tokens=10))
    assert len(reply.text) == 40
    assert reply.finish_reason == "length"


def test_no_more_requests_are_in_flight_than_the_setting_allows() -> None:
    async def ask_twenty(client: ModelClient) -> list[Reply]:
        return await asyncio.gather(*(ask(client) for _ in range(20)))

    with ScriptedModel(default="{}", latency=0.05) as model:
        replies = with_client(settings_for(model, concurrency=4), ask_twenty)
    assert len(replies) == 20
    assert model.most_in_flight == 4


def test_who_waits_for_a_slot_does_not_use_up_its_time() -> None:
    async def ask_six(client: ModelClient) -> list[Reply]:
        return await asyncio.gather(*(ask(client) for _ in range(6)))

    with ScriptedModel(default="{}", latency=0.2) as model:
        replies = with_client(settings_for(model, concurrency=1, timeout_s=0.6), ask_six)
    assert len(replies) == 6


def test_one_silent_request_does_not_hold_up_the_others() -> None:
    async def ask_three(client: ModelClient) -> list[Reply | BaseException]:
        await ask(client)
        return await asyncio.gather(*(_say(client, name) for name in ("slow", "a", "b")), return_exceptions=True)

    with ScriptedModel(default="{}") as model:
        model.when(lambda request: "slow" in request.text).reply(lambda _: _never())
        slow, first, second = with_client(settings_for(model, timeout_s=1.0, concurrency=2), ask_three)
    assert isinstance(slow, ModelTimeout)
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)


async def _never() -> str:
    await asyncio.sleep(3600)
    return "{}"


async def _say(client: ModelClient, text: str) -> Reply:
    return await client.ask_json([Message("user", text)], schema=SCHEMA, schema_name="findings")


def test_a_request_that_is_given_up_frees_its_slot() -> None:
    async def give_up_then_ask(client: ModelClient) -> Reply:
        await ask(client)
        given_up = asyncio.create_task(_say(client, "slow"))
        await asyncio.sleep(0.1)
        given_up.cancel()
        return await ask(client)

    with ScriptedModel(default="{}") as model:
        model.when(lambda request: request.text == "slow").reply(lambda _: _never())
        assert with_client(settings_for(model, concurrency=1), give_up_then_ask).text == "{}"


def test_words_that_no_encoding_holds_reach_the_model_as_a_question_mark() -> None:
    async def ask_broken(client: ModelClient) -> Reply:
        return await client.ask_json(
            [Message("user", "caf\u00e9 \ud83d \u202b\u05e9\u05dc\u05d5\u05dd\x00 \U0001f600")],
            schema=SCHEMA | {"description": "\udc00"},
            schema_name="findings",
        )

    with ScriptedModel(default="{}") as model:
        with_client(settings_for(model), ask_broken)
    assert model.requests[0].text == "caf\u00e9 ? \u202b\u05e9\u05dc\u05d5\u05dd\x00 \U0001f600"


def test_a_key_that_no_header_can_carry_stops_the_start() -> None:
    with ScriptedModel() as model, pytest.raises(SettingsError, match="POSTCALL_LLM_API_KEY"):
        ModelClient(settings_for(model, api_key="schlüssel"))


def test_only_our_own_settings_decide_how_the_endpoint_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "somebody-elses")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer somebody-elses\nX-Gateway: yes")
    with ScriptedModel(default="{}", api_key=KEY) as model:
        ask_once(model)
    headers = model.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not [name for name in headers if name in {"openai-organization", "openai-project"}]


def test_half_an_emoji_does_not_cost_the_reply() -> None:
    with ScriptedModel(default='{"summary":"fine \ud83d"}') as model:
        assert ask_once(model).text == '{"summary":"fine ?"}'


def test_failures_are_not_retried_behind_the_callers_back() -> None:
    with ScriptedModel() as model:
        with pytest.raises(ModelRejectedRequest):
            ask_once(model)
        assert model.count == 1


def test_who_has_no_model_does_not_wait_for_the_openai_package() -> None:
    code = "import sys, postcall.llm; print('openai' in sys.modules, 'httpx2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_server_that_dribbles_does_not_pass_the_time_limit() -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b" ")
                await asyncio.sleep(0.05)
        finally:
            writer.close()

    async def run() -> float:
        server = await asyncio.start_server(dribble, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = ModelClient(_settings_at(port))
        started = time.monotonic()
        with pytest.raises(ModelTimeout, match=r"within 0\.5 s"):
            await ask(client)
        await client.close()
        server.close()
        return time.monotonic() - started

    assert run_aside(run()) < 3


def _settings_at(port: int) -> ModelSettings:
    return ModelSettings(base_url=f"http://127.0.0.1:{port}/v1", model="small", api_key="none", timeout_s=0.5)
