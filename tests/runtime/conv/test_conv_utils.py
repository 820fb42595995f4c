"""`conv.utils` and `conv.api`: what is asked of the session, and the exceptions that functions know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from tests.runtime.conv.stage import Stage, value_of

from postcall.runtime.conv.errors import documented
from postcall.runtime.conv.modules import star_names
from postcall.runtime.protocol import FunctionDone

GEN: dict[str, Any] = star_names()


def failing(function: Any, **answers: Any) -> str:
    done = Stage(answers=answers).run(function)
    assert done.failed is not None
    return done.failed.message


def test_a_prompt_is_asked_with_all_that_was_said() -> None:
    stage = Stage(answers={"prompt_llm": "blue"})
    done = stage.run(lambda conv: conv.utils.prompt_llm("Which?", show_history=True, model="gpt-4.1"))
    assert done.returned.text == "blue"
    asked = {"prompt": "Which?", "show_history": True, "return_json": False, "model": "gpt-4.1"}
    assert list(stage.asked) == [("prompt_llm", asked)]


@pytest.mark.parametrize("answer", [{"room": "blue"}, '{"room": "blue"}'])
def test_a_prompt_for_json_gives_a_dictionary(answer: Any) -> None:
    stage = Stage(answers={"prompt_llm": answer})
    assert stage.run(lambda conv: conv.utils.prompt_llm("?", return_json=True)["room"]).returned.text == "blue"


@pytest.mark.parametrize("answer", ["blue", "[1]", ["blue"]])
def test_an_answer_that_is_no_object_is_a_documented_error(answer: Any) -> None:
    message = failing(lambda conv: conv.utils.prompt_llm("?", return_json=True), prompt_llm=answer)
    assert message.startswith("ChatCompletionError")


def test_without_a_model_a_prompt_is_not_implemented() -> None:
    stage = Stage()
    done = stage.run(lambda conv: conv.utils.prompt_llm("?"), has_model=False)
    assert done.failed is not None
    assert done.failed.message.startswith("NotImplementedError")
    assert not stage.asked


def test_prompts_may_be_asked_from_several_threads() -> None:
    def asks(conv: Any) -> str:
        with ThreadPoolExecutor(4) as threads:
            return " ".join(threads.map(conv.utils.prompt_llm, [str(number) for number in range(20)]))

    stage = Stage(answers={"prompt_llm": "ok"})
    done = stage.run(asks)
    assert (done.returned.text, len(stage.asked), done.threads_left) == (" ".join(["ok"] * 20), 20, 0)


def test_secrets_are_texts_or_dictionaries() -> None:
    asks = Stage(answers={"get_secret": {"key": "k"}})
    assert asks.run(lambda conv: conv.utils.get_secret("crm")["key"]).returned.text == "k"
    assert list(asks.asked) == [("get_secret", {"name": "crm"})]
    assert Stage(answers={"get_secret": "s"}).run(lambda conv: conv.utils.get_secret("crm")).returned.text == "s"


@pytest.mark.parametrize("name", ["", "  ", None, 5])
def test_what_cannot_be_a_secrets_name_is_invalid(name: Any) -> None:
    assert failing(lambda conv: conv.utils.get_secret(name)).startswith("InvalidInput")


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("SecretNotFound", ("crm",), GEN["SecretNotFound"]),
        ("MissingAccess", ("clinic", "crm"), GEN["MissingAccess"]),
        ("InvalidInput", ("only one",), GEN["InvalidInput"]),
        ("ChatCompletionError", ("no answer",), GEN["ChatCompletionError"]),
        ("PromptLLMCallLimitError", (), GEN["PromptLLMCallLimitError"]),
        ("NotImplementedError", ("no model",), NotImplementedError),
        ("ConnectionError", ("refused",), requests.exceptions.ConnectionError),
        ("Timeout", ("late",), requests.exceptions.Timeout),
        ("AttributeError", ("no such",), AttributeError),
        ("Unheard", ("of",), RuntimeError),
        ("SystemExit", ("1",), RuntimeError),
        ("print", ("1",), RuntimeError),
    ],
)
def test_errors_come_back_under_the_names_that_functions_know(
    name: str, arguments: tuple[str, ...], kind: type[Exception]
) -> None:
    error = documented(name, arguments)
    assert type(error) is kind
    assert all(argument in f"{error} {error.args}" for argument in arguments)


def test_a_function_can_catch_what_it_asked_for() -> None:
    def careful(conv: Any) -> str:
        try:
            return str(conv.utils.get_secret("crm"))
        except GEN["SecretNotFound"]:
            return "none"

    stage = Stage(answers={"get_secret": documented("SecretNotFound", ("crm",))})
    assert stage.run(careful).returned.text == "none"


def test_addresses_are_not_enabled() -> None:
    assert failing(lambda conv: conv.utils.extract_address()).startswith("ExtractionError")
    assert failing(lambda conv: conv.utils.extract_city(["Hove"])).startswith("ExtractionError")


ANSWER = {
    "status": 404,
    "headers": {"content-type": "application/json; charset=utf-8", "x-a": "b"},
    "body": '{"name": "Zoë"}'.encode(),
    "url": "http://127.0.0.1/people/7/contacts/a%20b",
    "seconds": 0.25,
}


def calling(function: Any, answer: Any = ANSWER) -> tuple[FunctionDone, Stage]:
    stage = Stage(answers={"api_request": answer})
    return stage.run(function), stage


def test_an_operation_is_asked_for_by_name_and_gives_a_response_of_requests() -> None:
    def calls(conv: Any) -> str:
        response = conv.api.crm.contact(7, "a b", params={"q": "x"}, headers={"X-B": "c"}, timeout=(1, 5))
        assert isinstance(response, requests.Response)
        assert (response.ok, response.reason, response.headers["X-A"]) == (False, "Not Found", "b")
        with pytest.raises(requests.HTTPError):
            response.raise_for_status()
        assert response.text == '{"name": "Zoë"}'
        return f"{response.status_code} {response.json()['name']} {response.elapsed.total_seconds()} {response.url}"

    done, stage = calling(calls)
    assert done.failed is None, done.failed
    assert done.returned.text == "404 Zoë 0.25 http://127.0.0.1/people/7/contacts/a%20b"
    ((what, arguments),) = stage.asked
    assert what == "api_request"
    assert arguments == {
        "integration": "crm",
        "operation": "contact",
        "path": ["7", "a b"],
        "params": {"q": "x"},
        "json": None,
        "data": None,
        "headers": {"X-B": "c"},
        "timeout": 5,
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda conv: conv.api.crm.contact(person=7, contact=8),
        lambda conv: conv.api.crm.contact(7, contact=8),
        lambda conv: conv.api.crm.contact(7, params={"contact": 8}),
    ],
)
def test_values_of_the_path_may_be_named(call: Any) -> None:
    done, stage = calling(lambda conv: str(call(conv)))
    assert done.failed is None, done.failed
    assert stage.asked[0][1]["path"] == ["7", "8"]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda conv: conv.api.crm.contact(7), "TypeError"),
        (lambda conv: conv.api.crm.contact(7, 8, 9), "TypeError"),
        (lambda conv: conv.api.crm.contact(7, 8, colour="red"), "TypeError"),
        (lambda conv: conv.api.crm.nothing(), "AttributeError"),
        (lambda conv: conv.api.nothing.contact(), "AttributeError"),
    ],
)
def test_a_wrong_call_is_the_functions_own_error(call: Any, error: str) -> None:
    done, stage = calling(call)
    assert done.failed is not None
    assert done.failed.message.startswith(error)
    assert not stage.asked


def test_a_server_that_cannot_be_reached_is_an_exception_of_requests() -> None:
    def careful(conv: Any) -> str:
        try:
            conv.api.crm.contact(7, 8)
        except requests.RequestException as error:
            return f"no: {error}"
        return "yes"

    done, _ = calling(careful, documented("ConnectionError", ("refused",)))
    assert done.returned.text == "no: refused"


def test_a_response_of_the_functions_own_can_be_counted_without_its_query() -> None:
    def counts(conv: Any) -> None:
        response = conv.api.crm.contact(7, 8)
        response.url = "http://user:secret@127.0.0.1/x?key=secret#y"
        conv.log_api_response(response)
        conv.log_api_response(object(), override_url="http://127.0.0.1/y")

    done, _ = calling(counts)
    first, second = done.effects.api_responses
    assert first == {"url": "http://127.0.0.1/x", "method": "", "status": 404, "seconds": 0.25}
    assert second == {"url": "http://127.0.0.1/y", "method": "", "status": None, "seconds": None}


def test_configurations_hang_on_utils() -> None:
    def checks(conv: Any) -> str:
        response = conv.utils.validate_entity("5", conv.utils.NumericConfig(max_inclusive=4))
        return f"{response.is_valid} {response.message}"

    assert value_of(checks) == "False 5 is above 4"
    assert value_of(lambda conv: hasattr(conv.utils, "nothing")) is False
