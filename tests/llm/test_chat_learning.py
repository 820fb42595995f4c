"""Endpoints that take less than others: learned from what they refuse, once for each model."""

from __future__ import annotations

import pytest
from tests.llm.asking import settings_for
from tests.llm.chatting import BOOK, MESSAGES, calls_in, hear, text_in, with_chat

from postcall.errors import ModelRejectedRequest
from postcall.llm import ChatClient
from postcall.llm.chat_shapes import ChatMessage, ChatPiece, ToolCall
from postcall.testing import Calls, Fail, ModelRequest, RawBody, ScriptedModel


async def _twice(chat: ChatClient) -> list[ChatPiece]:
    await hear(chat, tools=[BOOK], max_tokens=50)
    return await hear(chat, tools=[BOOK], max_tokens=50)


@pytest.mark.parametrize(
    ("parameter", "instead"),
    [
        ("stream_options", None),
        ("parallel_tool_calls", None),
        ("max_tokens", "max_completion_tokens"),
        ("stream", None),
    ],
)
def test_a_parameter_that_is_refused_is_left_out_from_then_on(parameter: str, instead: str | None) -> None:
    with ScriptedModel(default=Calls("book", {"day": "Friday"}), rejects={parameter}) as model:
        pieces = with_chat(settings_for(model), _twice)
    assert calls_in(pieces) == [("book", '{"day":"Friday"}')]
    assert [parameter in request.body for request in model.requests] == [True, False, False]
    assert instead is None or instead in model.requests[-1].body


def test_an_endpoint_that_refuses_everything_still_converses() -> None:
    refused = {"stream", "stream_options", "parallel_tool_calls", "max_tokens", "max_completion_tokens", "tools"}
    with ScriptedModel(default="Hello.", rejects=refused) as model:
        assert text_in(with_chat(settings_for(model), _twice)) == "Hello."
    assert set(model.requests[-1].body) == {"model", "messages"}


def test_json_mode_is_asked_for_in_words_where_there_is_none() -> None:
    with ScriptedModel(default={"booked": True}, rejects={"json_object"}) as model:
        pieces = with_chat(settings_for(model), lambda chat: hear(chat, json_object=True))
    assert text_in(pieces) == '{"booked":true}'
    assert [request.response_format for request in model.requests] == ["json_object", "text"]
    assert "JSON object" in model.requests[-1].last_user


@pytest.mark.parametrize(
    "refusal",
    [
        Fail(400, "Unsupported parameter: 'tools' is not supported with this model.", param="tools"),
        Fail(400, "registry.ollama.ai/library/small:latest does not support tools"),
        Fail(404, "No endpoints found that support tool use."),
        Fail(500, "tools param requires --jinja flag"),
        Fail(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        Fail(400, "This model does not support function calling"),
        RawBody('{"detail": [{"loc": ["body", "tools"], "msg": "Extra inputs are not permitted"}]}', status=422),
    ],
)
def test_without_tools_they_are_offered_and_called_in_words(refusal: Fail | RawBody) -> None:
    with ScriptedModel(default='{"call": "book", "arguments": {"day": "Friday"}}', pace=0.001, piece=5) as model:
        model.when(lambda request: bool(request.tools)).reply(refusal)
        pieces = with_chat(settings_for(model), _twice)
    assert calls_in(pieces) == [("book", '{"day":"Friday"}')]
    assert text_in(pieces) == "", "nobody hears the JSON"
    assert [bool(request.tools) for request in model.requests] == [True, False, False]
    assert "Books a table." in model.requests[-1].system


def test_calls_in_words_are_remembered_in_words() -> None:
    messages = (
        *MESSAGES,
        ChatMessage("assistant", "", (ToolCall("c1", "book", '{"day":"Friday"}'),)),
        ChatMessage("tool", "booked", tool_call_id="c1"),
    )
    with ScriptedModel(default="It is booked.", rejects={"tools"}) as model:
        pieces = with_chat(settings_for(model), lambda chat: hear(chat, messages, tools=[BOOK]))
    assert text_in(pieces) == "It is booked."
    told = model.requests[-1].messages
    assert [message.role for message in told] == ["system", "system", "user", "assistant", "user"]
    assert '"call": "book"' in told[3].content
    assert "booked" in told[4].content


def test_words_that_only_look_like_a_call_are_said() -> None:
    with ScriptedModel(rejects={"tools"}, piece=3, pace=0.001) as model:
        for text in ("{curly} words", "`code`", '{"no": "call"}', "Plain words."):
            model.always(text)
            pieces = with_chat(settings_for(model), lambda chat: hear(chat, tools=[BOOK]))
            assert (text_in(pieces), calls_in(pieces)) == (text, [])


@pytest.mark.parametrize(
    "refusal",
    [
        Fail(400, "Conversation roles must alternate user/assistant/user/assistant/..."),
        Fail(500, "System message must be at the beginning."),
        Fail(400, "only one system message is supported, at the start"),
    ],
)
def test_chat_templates_that_want_their_roles_in_order_get_them(refusal: Fail) -> None:
    def out_of_order(request: ModelRequest) -> bool:
        return "system" in [message.role for message in request.messages][1:]

    messages = (*MESSAGES, ChatMessage("user", "For four."), ChatMessage("system", "Ask for the time."))
    with ScriptedModel(default="When?") as model:
        model.when(out_of_order).reply(refusal)
        pieces = with_chat(settings_for(model), lambda chat: hear(chat, messages))
    assert text_in(pieces) == "When?"
    system, user = model.requests[-1].messages
    assert system.content == "You answer the phone.\n\nAsk for the time."
    assert user.content == "A table for Friday.\n\nFor four."


@pytest.mark.parametrize(
    "refusal",
    [
        Fail(400, "Invalid schema for function 'book'", param="tools[0].function", code="invalid_function_parameters"),
        Fail(400, "An assistant message with 'tool_calls' must be followed by tool messages", param="messages"),
        Fail(400, "Invalid 'tools': empty array", param="tools", code="invalid_type"),
        Fail(400, "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."),
        Fail(400, "Something is wrong with this request."),
        Fail(500, "Something is wrong with this server's stream of tools."),
    ],
)
def test_a_refusal_for_another_reason_is_not_taken_for_lack_of_support(refusal: Fail) -> None:
    with ScriptedModel(default=refusal) as model:
        with pytest.raises(Exception, match=r"wrong|Invalid|must be") as caught:
            with_chat(settings_for(model), lambda chat: hear(chat, tools=[BOOK]))
        assert model.count == 1
    assert refusal.status == 500 or isinstance(caught.value, ModelRejectedRequest)


def test_each_model_of_an_endpoint_is_learned_by_itself() -> None:
    async def ask_both(chat: ChatClient) -> None:
        for name in ("plain", "able", "plain"):
            async for _ in chat.converse(MESSAGES, model=name):
                pass

    refusal = Fail(400, "Unsupported parameter", param="stream_options")
    with ScriptedModel(default="Hello.") as model:
        model.when(lambda request: request.model == "plain" and "stream_options" in request.body).reply(refusal)
        with_chat(settings_for(model), ask_both)
    assert [(request.model, "stream_options" in request.body) for request in model.requests] == [
        ("plain", True),
        ("plain", False),
        ("able", True),
        ("plain", False),
    ]
