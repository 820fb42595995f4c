"""A scripted model that holds a conversation by rules."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from postcall.testing import Calls, Says, ScriptedModel, load_script
from postcall.testing.conversation import filled_in
from postcall.testing.loading import NoScript

Message = dict[str, object]


def user(text: str) -> Message:
    """The user says something."""
    return {"role": "user", "content": text}


def step(text: str) -> Message:
    """The prompt of a step."""
    return {"role": "system", "content": text}


def returned(name: str, content: str) -> list[Message]:
    """A function was called and returned something."""
    call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": content},
    ]


def ask(url: str, *messages: Message, tools: Sequence[str] = (), **more: object) -> str | dict[str, object]:
    """What the model says, or the function that it calls with its arguments."""
    offered = [{"type": "function", "function": {"name": name}} for name in tools]
    body = {"model": "any", "messages": messages, **({"tools": offered} if offered else {}), **more}
    with urlopen(Request(url + "/chat/completions", json.dumps(body).encode()), timeout=5) as reply:
        message = json.load(reply)["choices"][0]["message"]
    calls = {
        call["function"]["name"]: json.loads(call["function"]["arguments"]) for call in message.get("tool_calls", [])
    }
    return calls or message["content"]


def test_what_the_user_says_leads_to_a_call_only_where_it_is_offered() -> None:
    with ScriptedModel() as model:
        model.when_user(r"book|appointment", offered="start_booking").reply(Calls("start_booking"))
        model.otherwise("How can I help?")
        assert ask(model.url, user("I want to BOOK."), tools=["start_booking", "other"]) == {"start_booking": {}}
        assert ask(model.url, user("I want to book."), tools=["other"]) == "How can I help?"
        assert ask(model.url, user("Hello."), tools=["start_booking"]) == "How can I help?"


def test_the_step_decides_what_the_same_words_mean() -> None:
    with ScriptedModel() as model:
        model.when_user("yes", step="confirm the booking").reply(Calls("confirm"))
        model.when_user("yes", step="cancel").reply(Calls("cancel"))
        model.otherwise("Sorry?")
        first = step("You are kind. Confirm the booking.")
        assert ask(model.url, first, user("Yes.")) == {"confirm": {}}
        assert ask(model.url, first, user("Yes."), step("Cancel it.")) == {"cancel": {}}, "the last step counts"
        assert ask(model.url, user("Yes.")) == "Sorry?"


def test_a_rule_for_the_user_waits_until_results_are_answered() -> None:
    with ScriptedModel() as model:
        model.when_user("book").reply(Calls("find_slots"))
        model.when_result("no slots", of="find_slots").reply("We are full.")
        model.when_result(of="find_slots").reply("Friday is free.")
        model.when_result().reply("Done.")
        begun = user("I want to book.")
        assert ask(model.url, begun) == {"find_slots": {}}
        assert ask(model.url, begun, *returned("find_slots", "friday")) == "Friday is free."
        assert ask(model.url, begun, *returned("find_slots", "NO SLOTS"), step("Ask.")) == "We are full."
        assert ask(model.url, begun, *returned("other", "x")) == "Done."
        assert ask(model.url, begun, *returned("find_slots", "friday"), user("Then book it.")) == {"find_slots": {}}


def test_what_was_captured_becomes_arguments_and_words() -> None:
    with ScriptedModel() as model:
        model.when_user(r"table for (?P<guests>\w+) on (\w+)(?: at (?P<time>\w+))?", step=r"greet (?P<name>\w+)").reply(
            Calls("book", {"guests": "{guests}", "when": {"day": "{2}", "time": "{time}"}}, text="One moment, {name}."),
            Says("{guests} on {2}: {unknown} {}"),
        )
        said = (step("Greet Bob."), user("A table for four on Friday, please."))
        assert ask(model.url, *said) == {"book": {"guests": "four", "when": {"day": "Friday", "time": ""}}}
        assert ask(model.url, *said) == "four on Friday: {unknown} {}"


def test_what_a_function_asks_by_itself_has_rules_too() -> None:
    with ScriptedModel() as model:
        model.when_prompt("summarise the call", user="").reply({"reason": "refund"})
        model.otherwise()
        assert ask(model.url, step("Summarise the call."), user("x")) == '{"reason":"refund"}'


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("Friday at eight is free.", "Friday at eight is free."),
        ('{"content": "It is booked.", "id": 5}', "It is booked."),
        ('"quoted"', "quoted"),
        ('{"id": 5}', "Could you tell me more about that?"),
        ("", "Could you tell me more about that?"),
    ],
)
def test_without_a_rule_a_result_is_repeated_in_words(result: str, said: str) -> None:
    with ScriptedModel() as model:
        model.otherwise()
        assert ask(model.url, user("Hello"), *returned("look_up", result)) == said


def test_without_a_rule_a_schema_is_filled_in() -> None:
    schema = {"type": "object", "properties": {"booked": {"type": "boolean"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    with ScriptedModel() as model:
        model.otherwise()
        assert ask(model.url, user("Hello"), response_format=wanted) == '{"booked":false}'
        assert ask(model.url, user("Hello"), response_format={"type": "json_object"}) == "{}"


def test_a_rule_can_be_limited() -> None:
    with ScriptedModel() as model:
        model.when_user("hello", times=1).reply("Good morning, {unknown}.")
        model.when_user("hello").reply("Yes?")
        assert [ask(model.url, user("hello")) for _ in range(3)] == ["Good morning, {unknown}.", "Yes?", "Yes?"]


def test_braces_that_name_no_group_stay() -> None:
    assert filled_in('{"a": {day}, "b": "{time}"}', {"day": "5"}) == '{"a": 5, "b": "{time}"}'


SCRIPT = """
from postcall.testing import Calls, ScriptedModel


def script(model: ScriptedModel) -> None:
    model.when_user("book", offered="book").reply(Calls("book"))
    model.otherwise("Hello from the file.")
"""


def test_a_script_can_live_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "clinic.py"
    file.write_text(SCRIPT)
    with ScriptedModel() as model:
        load_script(file)(model)
        assert ask(model.url, user("book"), tools=["book"]) == {"book": {}}


def test_a_script_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "clinic.py"
    file.write_text(SCRIPT)
    command = [sys.executable, "-m", "postcall.testing", "--script", str(file), "--pace", "0.001", "--until-input-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        url = process.stdout.readline().strip()
        assert ask(url, user("hi")) == "Hello from the file."
        process.stdin.close()


@pytest.mark.parametrize(("content", "reason"), [(None, "there is no file"), ("x = 1", "no function script(model)")])
def test_a_file_without_a_script_is_refused_in_words(tmp_path: Path, content: str | None, reason: str) -> None:
    file = tmp_path / "clinic.py"
    if content is not None:
        file.write_text(content)
    with pytest.raises(NoScript, match=reason.replace("(", r"\(").replace(")", r"\)")):
        load_script(file)
    done = subprocess.run(
        [sys.executable, "-m", "postcall.testing", "--script", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
