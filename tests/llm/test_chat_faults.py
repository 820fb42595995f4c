"""What goes wrong while a model converses: which error it becomes, and what was heard before."""

from __future__ import annotations

import traceback

import pytest
from tests.llm.asking import KEY, settings_for
from tests.llm.chatting import BOOK, MESSAGES, hear, text_in, with_chat

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
from postcall.llm import ChatClient
from postcall.llm.chat_shapes import ChatPiece
from postcall.testing import (
    Broken,
    BrokenConnection,
    Calls,
    Delayed,
    ErrorInStream,
    Fail,
    Filtered,
    Paced,
    RawBody,
    RawStream,
    Refusal,
    Says,
    ScriptedModel,
    ScriptedReply,
    Stalled,
)

WORDS = "one two three four five six"
HI = 'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}\n\n'


def failure(
    reply: ScriptedReply, *, silence_s: float = 5.0, streams: bool = True, **settings: object
) -> tuple[ModelError, str]:
    """The error that a reply becomes, and the words that came before it."""
    heard: list[ChatPiece] = []
    with (
        ScriptedModel(default=reply, pace=0.001, piece=4, streams=streams) as model,
        pytest.raises(ModelError) as caught,
    ):
        with_chat(
            settings_for(model, **settings), lambda chat: hear(chat, tools=[BOOK], into=heard), silence_s=silence_s
        )
    return caught.value, text_in(heard)


@pytest.mark.parametrize(
    ("reply", "kind", "retry"),
    [
        (Fail(500), ModelUnavailable, True),
        (Fail(503, retry_after=3), ModelUnavailable, True),
        (Fail(429, retry_after=3), ModelRateLimited, True),
        (Fail(429, code="insufficient_quota"), ModelRateLimited, False),
        (Fail(401), ModelRefusedKey, False),
        (Fail(404, "The model `small` does not exist."), ModelRejectedRequest, False),
        (Fail(400, "Something else"), ModelRejectedRequest, False),
        (Fail(400, code="context_length_exceeded"), ContextTooLong, False),
        (Fail(504), ModelTimeout, True),
        (RawBody("<html>Bad Gateway</html>", status=502), ModelUnavailable, True),
        (BrokenConnection(), ModelUnavailable, True),
        (BrokenConnection(after=0), ModelUnavailable, True),
    ],
)
def test_a_request_that_is_not_taken_is_the_fault_that_extraction_knows(
    reply: ScriptedReply, kind: type[ModelError], retry: bool
) -> None:
    error, heard = failure(reply)
    assert (type(error), error.retry, heard) == (kind, retry, "")
    if isinstance(reply, Fail) and reply.retry_after is not None:
        assert error.retry_after_s == 3


def test_a_connection_that_breaks_in_the_middle_is_told_after_what_was_said() -> None:
    error, heard = failure(Broken(WORDS, after=3))
    assert type(error) is ModelUnavailable
    assert error.retry
    assert heard == "one two thre"
    assert "broke before the reply was whole" in error.message


def test_a_stream_that_just_ends_is_broken_too() -> None:
    error, heard = failure(RawStream([HI]))
    assert type(error) is ModelUnavailable
    assert (error.retry, heard) == (True, "Hi")


def test_half_a_call_is_never_handed_on() -> None:
    for reply in (
        Broken(Calls("book", {"day": "Friday"}), after=3),
        Stalled(Calls("book", {"day": "Friday"}), after=3),
    ):
        pieces: list[ChatPiece] = []
        with ScriptedModel(default=reply, piece=4, pace=0.001) as model, pytest.raises(ModelError):
            with_chat(settings_for(model), lambda chat: hear(chat, tools=[BOOK], into=pieces), silence_s=0.2)  # noqa: B023
        assert pieces == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "overloaded", "code": 503}, ModelUnavailable),
        ({"message": "slow down", "code": 429}, ModelRateLimited),
        ({"message": "slow down", "code": "429"}, ModelRateLimited),
        ({"message": "slow down", "type": "rate_limit_error"}, ModelRateLimited),
        ({"message": "too long", "code": "context_length_exceeded"}, ContextTooLong),
        ({"message": "out of memory", "type": "server_error", "code": None}, ModelUnavailable),
    ],
)
def test_an_error_in_the_middle_of_a_stream_is_read(error: dict[str, object], kind: type[ModelError]) -> None:
    found, heard = failure(ErrorInStream(WORDS, after=2, error=error))
    assert (type(found), heard) == (kind, "one two ")
    assert str(error["message"]) in found.message
    found, heard = failure(ErrorInStream(WORDS, error=error), streams=False)
    assert (type(found), heard) == (kind, "")


@pytest.mark.parametrize(
    "event",
    [
        'data: {"object": "error", "message": "no memory", "code": 503}\n\n',
        'event: error\ndata: {"message": "no memory", "code": 503}\n\n',
        'event: error\ndata: {"error": {"message": "no memory", "code": 503}}\n\n',
        'error: {"message": "no memory", "code": 503}\n\n',
        "event: error\ndata: no memory\n\n",
        'data: {"choices": [{"delta": {}, "finish_reason": "error"}], "error": {"message": "no memory"}}\n\n',
    ],
)
def test_every_way_to_put_an_error_into_a_stream_is_known(event: str) -> None:
    error, heard = failure(RawStream([HI, event]))
    assert (type(error), heard) == (ModelUnavailable, "Hi")
    assert "no memory" in error.message


def test_a_finish_that_says_error_and_no_more_is_a_failing_server() -> None:
    error, _ = failure(RawStream([HI, 'data: {"choices": [{"delta": {}, "finish_reason": "error"}]}\n\n']))
    assert type(error) is ModelUnavailable


@pytest.mark.parametrize(
    "reply",
    [
        RawStream([HI, "data: {broken\n\n"]),
        RawStream([HI, 'data: "text"\n\n']),
        RawStream([HI, "data: [[[[\n\n"]),
        RawStream([HI, b"data: \xff\xfe\n\n"]),
        RawStream([HI, 'data: {"choices": [{"delta": {"tool_calls": "no"}}]}\n\n']),
        RawStream([HI, "data: " + "[" * 100_000 + "\n\n"]),
        RawStream(["hello\n\n", "world\n\n"]),
        RawStream(["data: [DONE]\n\n"]),
        RawStream([]),
        RawBody(""),
        RawBody("<html>Sign in</html>", content_type="text/html"),
        RawBody('{"choices": []}'),
        RawBody("[]"),
        RawBody("null"),
        Says(""),
        Says(" \n "),
        "<think>Nothing but thoughts.</think>",
        "<think>Thoughts without an end",
    ],
)
def test_garbage_and_silence_are_worth_another_try(reply: ScriptedReply) -> None:
    error, _ = failure(reply)
    assert type(error) is ModelReplyUnusable, error.message
    assert error.retry


def test_an_empty_reply_of_a_server_that_does_not_stream_is_worth_another_try() -> None:
    error, _ = failure(Says(""), streams=False)
    assert (type(error), error.retry) == (ModelReplyUnusable, True)


@pytest.mark.parametrize("streams", [True, False])
def test_a_refusal_or_a_filter_is_told_apart_from_faults(*, streams: bool) -> None:
    error, _ = failure(Refusal("I would rather not say."), streams=streams)
    assert (type(error), error.retry) == (ModelRefused, False)
    assert "I would rather not say." in error.message
    error, _ = failure(Filtered("half a"), streams=streams)
    assert (type(error), error.retry) == (ModelRefused, False)


def test_a_stream_that_falls_silent_is_given_up() -> None:
    error, heard = failure(Stalled(WORDS, after=2), silence_s=0.2)
    assert type(error) is ModelTimeout
    assert (error.retry, heard) == (True, "one two ")
    assert "fell silent" in error.message
    assert "0.2 s" in error.message


def test_a_model_may_think_for_longer_than_it_may_pause() -> None:
    with ScriptedModel(default=WORDS, latency=0.4) as model:
        pieces = with_chat(settings_for(model), hear, silence_s=0.1)
    assert text_in(pieces) == WORDS


def test_a_reply_that_never_comes_to_an_end_is_given_up_in_time() -> None:
    error, heard = failure(Paced("word " * 1000, pace=0.05, piece=5), timeout_s=0.5)
    assert (type(error), error.retry) == (ModelTimeout, True)
    assert heard.startswith("word word ")
    assert "0.5 s" in error.message


def test_a_silent_endpoint_is_given_up_in_the_time_that_the_caller_gives_it() -> None:
    async def ask(chat: ChatClient) -> None:
        async for _ in chat.converse(MESSAGES, timeout_s=0.3):
            pass

    with (
        ScriptedModel(default=Delayed(WORDS, seconds=60)) as model,
        pytest.raises(ModelTimeout, match=r"within 0\.3 s"),
    ):
        with_chat(settings_for(model), ask)


def test_an_endpoint_that_is_not_there_is_named() -> None:
    with ScriptedModel() as model:
        settings = settings_for(model)
    with pytest.raises(ModelTimeout, match=r"no connection to http://127\.0\.0\.1") as caught:
        with_chat(settings, hear)
    assert caught.value.retry


def test_the_key_stays_out_of_every_error() -> None:
    replies: list[ScriptedReply] = [
        Fail(401, f"Incorrect API key provided: {KEY}"),
        Fail(500, KEY),
        ErrorInStream(WORDS, error={"message": f"upstream said {KEY}"}),
        RawStream([HI, f"event: error\ndata: {KEY}\n\n"]),
        Refusal(f"I saw {KEY}"),
    ]
    for reply in replies:
        error, _ = failure(reply)
        assert KEY not in "".join(traceback.format_exception(error)), reply


def test_the_next_reply_comes_whatever_befell_the_one_before() -> None:
    async def ask_on(chat: ChatClient) -> str:
        for _ in range(6):
            with pytest.raises(ModelError):
                await hear(chat)
        return text_in(await hear(chat))

    with ScriptedModel(default="Fine.", pace=0.001) as model:
        model.reply(Broken(WORDS), Stalled(WORDS), ErrorInStream(WORDS), Fail(500), RawBody(""), Refusal())
        assert with_chat(settings_for(model, concurrency=1), ask_on, silence_s=0.2) == "Fine."
