"""Endpoints that take less than the strongest: learned once, and never at the cost of an answer."""

from __future__ import annotations

import asyncio

import pytest
from tests.llm.asking import MESSAGES, SCHEMA, ask, ask_once, settings_for, with_client

from postcall.errors import ModelRejectedRequest, ModelUnavailable
from postcall.llm import Message, ModelClient, Reply, read_object
from postcall.testing import Delayed, Fail, RawBody, ScriptedModel, answers_from


async def _ask_twice(client: ModelClient) -> Reply:
    await ask(client)
    return await ask(client)


def _formats(model: ScriptedModel) -> list[str]:
    return [request.response_format for request in model.requests]


def test_without_json_schema_the_schema_goes_in_words_after_everything_else() -> None:
    with ScriptedModel(default=answers_from({"summary": "A refund."}), rejects={"json_schema"}) as model:
        reply = with_client(settings_for(model), _ask_twice)
    assert _formats(model) == ["json_schema", "json_object", "json_object"]
    last = model.requests[-1]
    assert last.text.startswith("\n".join(message.content for message in MESSAGES)), "prompt caches need the same start"
    assert last.schema == SCHEMA
    assert len(last.messages) == len(MESSAGES), "many chat templates refuse two messages of the user in a row"
    assert read_object(reply.text).content == {"summary": "A refund."}


def test_without_any_format_plain_prompting_still_gets_an_answer() -> None:
    with ScriptedModel(default=answers_from({"summary": "x"}), rejects={"json_schema", "json_object"}) as model:
        reply = with_client(settings_for(model), _ask_twice)
    assert _formats(model) == ["json_schema", "json_object", "text", "text"]
    assert read_object(reply.text).content == {"summary": "x"}


def test_where_the_last_word_is_the_agents_the_schema_comes_as_a_message_of_its_own() -> None:
    async def ask_after_assistant(client: ModelClient) -> Reply:
        return await client.ask_json(
            [Message("user", "hello"), Message("assistant", "hi")], schema=SCHEMA, schema_name="findings"
        )

    with ScriptedModel(default="{}", rejects={"json_schema"}) as model:
        with_client(settings_for(model), ask_after_assistant)
    assert [message.role for message in model.requests[-1].messages] == ["user", "assistant", "user"]


def test_many_first_requests_at_once_learn_by_one_failure() -> None:
    async def ask_many(client: ModelClient) -> list[Reply]:
        return await asyncio.gather(*(ask(client) for _ in range(40)))

    with ScriptedModel(default="{}", rejects={"json_schema", "json_object"}, latency=0.01) as model:
        replies = with_client(settings_for(model), ask_many)
    assert len(replies) == 40
    assert sorted(_formats(model)) == ["json_object", "json_schema"] + ["text"] * 40


def test_each_model_of_an_endpoint_is_learned_by_itself() -> None:
    async def ask_both(client: ModelClient) -> None:
        await ask(client, reasoning=True)
        await ask(client)

    unsupported = Fail(400, "Unsupported", param="response_format", type="invalid_request_error")
    with ScriptedModel(default="{}") as model:
        model.when(lambda request: request.model == "deep" and request.response_format == "json_schema").reply(
            unsupported
        )
        with_client(settings_for(model, reasoning_model="deep"), ask_both)
    assert _formats(model) == ["json_schema", "json_object", "json_schema"]


def test_a_slow_first_answer_does_not_hold_back_the_others_for_long() -> None:
    async def ask_three(client: ModelClient) -> list[Reply]:
        slow = asyncio.create_task(ask(client))
        await asyncio.sleep(0.1)
        others = await asyncio.gather(ask(client), ask(client))
        assert not slow.done(), "the others were answered while the first was still thinking"
        return [await slow, *others]

    with ScriptedModel(default="{}") as model:
        model.reply(Delayed("{}", seconds=3.0))
        assert len(with_client(settings_for(model, timeout_s=10.0), ask_three)) == 3


def test_a_first_request_that_fails_lets_the_others_go_at_once() -> None:
    async def ask_five(client: ModelClient) -> list[Reply | BaseException]:
        return await asyncio.gather(*(ask(client) for _ in range(5)), return_exceptions=True)

    with ScriptedModel(default="{}", latency=0.01) as model:
        model.fail(503)
        outcomes = with_client(settings_for(model), ask_five)
    assert [type(outcome) for outcome in outcomes] == [ModelUnavailable, Reply, Reply, Reply, Reply]


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Fail(400, "Unknown parameter: 'response_format'."), id="in the message"),
        pytest.param(Fail(404, "No endpoints found that support structured outputs."), id="a router's 404"),
        pytest.param(Fail(422, "body -> response_format: extra fields not permitted"), id="422"),
        pytest.param(Fail(400, "Invalid value", param="response_format.type"), id="named as the parameter"),
        pytest.param(RawBody("{\"error\": \"'response_format.type' must be 'text'\"}", status=400), id="a bare string"),
        pytest.param(
            RawBody('[{"error": {"code": 400, "message": "json_schema is not supported", "status": "X"}}]', status=400),
            id="a list of one",
        ),
        pytest.param(
            RawBody(
                '{"detail": [{"loc": ["body", "response_format", "type"], "msg": "unexpected", "input": "x"}]}',
                status=422,
            ),
            id="a validation error",
        ),
        pytest.param(
            RawBody('{"object": "error", "message": "guided decoding is off", "code": 400}', status=400),
            id="at the top level",
        ),
    ],
)
def test_every_way_to_say_that_a_format_is_unknown_is_understood(refusal: Fail | RawBody) -> None:
    with ScriptedModel(default="{}") as model:
        model.when(lambda request: request.response_format == "json_schema").reply(refusal)
        ask_once(model)
    assert _formats(model) == ["json_schema", "json_object"]


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Fail(400, "Invalid 'messages[1].content'", param="messages"), id="another parameter"),
        pytest.param(Fail(400, "Something is wrong with this request."), id="no reason"),
        pytest.param(Fail(404, "The model `small` does not exist.", code="model_not_found"), id="unknown model"),
        pytest.param(
            Fail(400, "Cannot take: " + "a word, " * 60 + "and the caller said response_format"), id="an echo"
        ),
        pytest.param(
            RawBody(
                '{"detail": [{"loc": ["body", "messages"], "msg": "bad", "input": "json_schema response_format"}]}',
                status=422,
            ),
            id="a repeated request",
        ),
    ],
)
def test_a_refusal_for_another_reason_is_not_taken_for_lack_of_support(refusal: Fail | RawBody) -> None:
    with ScriptedModel(default="{}") as model:
        model.reply(refusal)
        with pytest.raises(ModelRejectedRequest):
            with_client(settings_for(model), ask)
    assert _formats(model) == ["json_schema"]


def test_one_schema_that_strict_mode_refuses_does_not_cost_the_others() -> None:
    loose = {"type": "object", "properties": {"summary": {"type": "string"}}}

    async def ask_loose_strict_loose(client: ModelClient) -> None:
        for schema in (loose, SCHEMA, loose):
            await client.ask_json(MESSAGES, schema=schema, schema_name="findings")

    with ScriptedModel(default="{}") as model:
        with_client(settings_for(model), ask_loose_strict_loose)
    assert _formats(model) == ["json_schema", "json_object", "json_schema", "json_object"]


@pytest.mark.parametrize(
    ("rejects", "sent"),
    [
        ({"max_tokens"}, ["max_tokens", "max_completion_tokens", "max_completion_tokens"]),
        ({"max_completion_tokens"}, ["max_tokens", "max_tokens"]),
        ({"max_tokens", "max_completion_tokens"}, ["max_tokens", "max_completion_tokens", None, None]),
    ],
)
def test_the_name_of_the_token_limit_is_learned(rejects: set[str], sent: list[str | None]) -> None:
    async def ask_limited(client: ModelClient) -> None:
        await ask(client, max_tokens=500)
        await ask(client, max_tokens=500)

    with ScriptedModel(default="{}", rejects=rejects) as model:
        with_client(settings_for(model), ask_limited)
    assert [_token_limit(request.body.keys()) for request in model.requests] == sent


def _token_limit(names: object) -> str | None:
    assert isinstance(names, type({}.keys()))
    return next((name for name in ("max_tokens", "max_completion_tokens") if name in names), None)


def test_an_endpoint_that_refuses_everything_is_asked_a_few_times_only() -> None:
    with ScriptedModel(default=Fail(400, "response_format max_tokens json_schema")) as model:
        with pytest.raises(ModelRejectedRequest):
            with_client(settings_for(model), lambda client: ask(client, max_tokens=5))
        assert model.count == 5
