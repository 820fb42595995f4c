"""What goes wrong at an endpoint: which error it becomes, whether to try again, and what a person reads."""

from __future__ import annotations

import asyncio
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.llm.asking import KEY, ask, ask_once, settings_for, with_client

from postcall.errors import (
    ContextTooLong,
    ModelError,
    ModelRateLimited,
    ModelRefused,
    ModelRefusedKey,
    ModelRejectedRequest,
    ModelReplyUnusable,
    ModelTimeout,
    ModelUnavailable,
)
from postcall.llm import ModelClient
from postcall.testing import BrokenConnection, Delayed, Fail, Filtered, RawBody, Refusal, Says, ScriptedModel
from postcall.testing.replies import ScriptedReply


def failure(reply: ScriptedReply, **settings: object) -> ModelError:
    """The error that a reply becomes."""
    with ScriptedModel(default=reply) as model, pytest.raises(ModelError) as caught:
        ask_once(model, **settings)
    return caught.value


@pytest.mark.parametrize("status", [500, 502, 503, 529, 409])
def test_a_server_that_fails_is_worth_another_try(status: int) -> None:
    error = failure(Fail(status, "overloaded"))
    assert type(error) is ModelUnavailable
    assert error.retry
    assert f"({status}): overloaded" in error.message


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_an_endpoint_asks_for_is_known(status: int) -> None:
    assert failure(Fail(status, retry_after=7)).retry_after_s == 7
    assert failure(Fail(status, headers={"retry-after-ms": "1500"}, retry_after=9)).retry_after_s == 1.5
    assert failure(Fail(status)).retry_after_s is None
    for nonsense in ("soon", "-5", "1e99", "nan"):
        assert failure(Fail(status, retry_after=nonsense)).retry_after_s is None


def test_the_wait_may_be_given_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    wait = failure(Fail(429, retry_after=soon)).retry_after_s
    assert wait is not None
    assert 25 < wait <= 30
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    assert failure(Fail(429, retry_after=past)).retry_after_s == 0


def test_too_many_requests_pass_but_an_empty_account_does_not() -> None:
    limited = failure(Fail(429, "Rate limit reached for requests", code="rate_limit_exceeded"))
    assert type(limited) is ModelRateLimited
    assert limited.retry
    empty = failure(Fail(429, "You exceeded your current quota", code="insufficient_quota", retry_after=1))
    assert type(empty) is ModelRateLimited
    assert not empty.retry
    assert "quota" in empty.message
    assert not failure(Fail(402, "Insufficient credits")).retry


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_not_tried_again_and_never_shown(status: int) -> None:
    error = failure(Fail(status, f"Incorrect API key provided: {KEY}. See sk-proj-abc***xyz9."))
    assert type(error) is ModelRefusedKey
    assert not error.retry
    assert "POSTCALL_LLM_API_KEY" in error.message
    whole = "".join(traceback.format_exception(error))
    assert KEY not in whole
    assert "sk-" not in whole


def test_a_key_that_the_endpoint_repeats_stays_out_of_every_error() -> None:
    replies: list[ScriptedReply] = [
        Fail(500, f"upstream said Bearer {KEY}"),
        Fail(400, f"headers: {KEY}"),
        Fail(429, KEY),
        RawBody(f"nginx: {KEY}", status=502),
        RawBody(f'{{"error": {{"code": 503, "message": "{KEY}"}}}}'),
        Refusal(f"I won't use {KEY}"),
    ]
    for reply in replies:
        assert KEY not in "".join(traceback.format_exception(failure(reply))), reply


def test_the_scripted_model_itself_refuses_a_wrong_key() -> None:
    with ScriptedModel(default="{}", api_key="another") as model, pytest.raises(ModelRefusedKey) as caught:
        ask_once(model)
    assert KEY not in caught.value.message


def test_an_unknown_model_is_named() -> None:
    with ScriptedModel(default="{}", models={"large"}) as model, pytest.raises(ModelRejectedRequest) as caught:
        ask_once(model)
    assert not caught.value.retry
    assert "'small'" in caught.value.message


def test_a_prompt_past_the_window_is_too_long() -> None:
    with ScriptedModel(default="{}", context_tokens=5) as model, pytest.raises(ContextTooLong) as caught:
        ask_once(model)
    assert not caught.value.retry
    assert "5 tokens" in caught.value.message


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Fail(400, "too many", code="context_length_exceeded"), id="by code"),
        pytest.param(Fail(400, "This model's maximum context length is 4096 tokens."), id="vLLM"),
        pytest.param(
            Fail(400, "The decoder prompt (length 9000) is longer than the maximum model length of 4096."),
            id="vLLM, later",
        ),
        pytest.param(
            RawBody(
                '{"error": {"code": 400, "message": "request (4390 tokens) exceeds the available context size (4096 '
                'tokens), try increasing it", "type": "exceed_context_size_error"}}',
                status=400,
            ),
            id="llama.cpp",
        ),
        pytest.param(Fail(500, "Context size has been exceeded."), id="llama.cpp, as 500"),
        pytest.param(
            RawBody('{"error": {"code": 400, "message": "x", "type": "exceed_context_size_error"}}'), id="with 200"
        ),
        pytest.param(Fail(400, "the input length exceeds the context length"), id="Ollama"),
        pytest.param(Fail(400, "prompt is too long: 210000 tokens > 200000 maximum"), id="Anthropic"),
        pytest.param(
            Fail(400, "The input token count (2000000) exceeds the maximum number of tokens allowed"), id="Gemini"
        ),
        pytest.param(Fail(413, "Request too large"), id="413"),
    ],
)
def test_every_servers_words_for_a_full_window_are_known(reply: ScriptedReply) -> None:
    error = failure(reply)
    assert type(error) is ContextTooLong
    assert not error.retry


def test_a_busy_endpoint_that_speaks_of_tokens_is_still_only_busy() -> None:
    error = failure(Fail(429, "Request too large for the limit on tokens per minute; reduce the length", retry_after=2))
    assert type(error) is ModelRateLimited
    assert error.retry


def test_refusals_and_filters_are_told_apart_from_faults() -> None:
    for reply in (
        Refusal("I can't discuss that."),
        Filtered(),
        Filtered('{"summary": "half'),
        Fail(400, "The response was filtered", code="content_filter"),
    ):
        error = failure(reply)
        assert type(error) is ModelRefused, reply
        assert not error.retry
    assert "I can't discuss that." in failure(Refusal("I can't discuss that.")).message


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (RawBody(""), "empty body"),
        (RawBody("   \n"), "empty body"),
        (RawBody("<html><body>Sign in</body></html>", content_type="text/html"), "web page"),
        (RawBody('{"choices": ['), "no chat-completions reply"),
        (RawBody("[" * 100_000), "no chat-completions reply"),
        (RawBody('{"choices": []}'), "without choices"),
        (RawBody('{"hello": "world"}'), "without choices"),
        (RawBody("null"), "no chat-completions reply"),
        (RawBody(b"\xff\xfe\x00"), "no chat-completions reply"),
        (RawBody('{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}'), "reply is empty"),
        (RawBody('{"choices": [{}]}'), "reply is empty"),
        (Says("  \n"), "reply is empty"),
    ],
)
def test_a_body_that_is_no_reply_is_worth_another_try(reply: ScriptedReply, words: str) -> None:
    error = failure(reply)
    assert type(error) is ModelReplyUnusable
    assert error.retry
    assert words in error.message


def test_an_html_error_page_is_not_repeated() -> None:
    error = failure(RawBody("<html><h1>502 Bad Gateway</h1></html>", status=502, content_type="text/html"))
    assert type(error) is ModelUnavailable
    assert "html" not in error.message


def test_a_gateway_that_fails_after_it_promised_200_is_a_failing_server() -> None:
    error = failure(RawBody('{"error": {"code": 503, "message": "the provider is down"}}'))
    assert type(error) is ModelUnavailable
    assert "the provider is down" in error.message
    assert type(failure(RawBody('{"error": {"message": "?"}, "choices": null}'))) is ModelUnavailable


def test_a_connection_that_breaks_is_worth_another_try() -> None:
    for reply in (BrokenConnection(), BrokenConnection({"summary": "x"}, after=0), BrokenConnection("{}", after=30)):
        error = failure(reply)
        assert type(error) is ModelUnavailable, reply
        assert error.retry
        assert "broke" in error.message


def test_a_silent_endpoint_is_given_up_in_time() -> None:
    error = failure(Delayed("{}", seconds=30), timeout_s=0.3)
    assert type(error) is ModelTimeout
    assert error.retry
    assert "0.3 s" in error.message
    assert "127.0.0.1" in error.message


def test_an_endpoint_that_is_not_there_is_named() -> None:
    with ScriptedModel() as model:
        settings = settings_for(model, base_url=model.url.replace("http://", "http://user:pa55word@"))
    with pytest.raises(ModelTimeout) as caught:
        with_client(settings, ask)
    assert caught.value.retry
    assert "no connection to http://127.0.0.1" in caught.value.message
    assert "pa55word" not in "".join(traceback.format_exception(caught.value))


def test_a_long_complaint_is_shortened() -> None:
    error = failure(Fail(400, "no good " * 1000))
    assert len(error.message) < 500
    assert error.message.endswith("…")


def test_the_next_request_is_answered_whatever_befell_the_one_before() -> None:
    async def ask_on(client: ModelClient) -> str:
        for _ in range(5):
            with pytest.raises(ModelError):
                await ask(client)
        return (await asyncio.wait_for(ask(client), 2)).text

    with ScriptedModel(default='{"summary":"fine"}') as model:
        model.reply(BrokenConnection(), Fail(500), RawBody(""), Refusal(), BrokenConnection("{}", after=10))
        text = with_client(settings_for(model, concurrency=1), ask_on)
    assert text == '{"summary":"fine"}'
