"""The user speaks while the agent does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.runtime.session.scene import Call, Heard, Scene, project

from postcall.runtime.session.interrupting import cut_texts
from postcall.runtime.session.outputs import Listening, Said


def test_the_model_is_cut_off_and_the_history_keeps_what_was_heard() -> None:
    scene = Scene(project(), replies=[["We open at nine", " and close", 10.0, " at five."], "Nine."])

    def watch(output: Any) -> None:
        if getattr(output, "text", "") == " and close":
            scene.session.interrupt("We open at")

    heard = scene.play(lambda: scene.session.hear("When?"), watch=watch)
    assert isinstance(heard[-1], Listening)
    assert scene.history == [("user", "When?"), ("agent", "We open at")]
    assert scene.now.messages[-1].content == "We open at"
    assert scene.hear("Sorry, when?").said == ["Nine."]


def test_an_agent_of_whom_nothing_was_heard_has_said_nothing() -> None:
    scene = Scene(project(), replies=[["We open", 10.0]])
    scene.play(lambda: scene.session.hear("When?"), watch=lambda _: scene.session.interrupt(""))
    assert scene.history == [("user", "When?")]


def test_a_function_that_runs_is_left_to_finish_and_its_answer_is_not_spoken() -> None:
    scene = Scene(project("book"), {}, [["Booking.", Call("book")], "As I said."])

    def book(conv: Any) -> dict[str, str]:
        conv.state.booked = True
        scene.session.interrupt("Booking.")
        return {"utterance": "Booked!"}

    scene.code = {"book": book}
    scene.ran._code = scene.code
    assert scene.hear("Book.").said == ["Booking."]
    assert scene.now.projection["booked"] is True
    assert scene.now.messages[-1].role == "tool"
    assert scene.hear("Wait").said == ["As I said."]


def test_an_interruption_after_the_turn_changes_what_is_kept_of_it() -> None:
    scene = Scene(project("act"), {"act": lambda _: {"utterance": "First this. Then that."}}, [Call("act"), "ok"])
    scene.hear("Go.")
    scene.session.interrupt("first this")
    assert scene.history[-1] == ("agent", "First this.")
    assert scene.now.messages[-1].content == "First this."
    scene.hear("What?")
    assert "Then that" not in scene.asked[1].text


def test_what_the_user_says_after_an_interruption_waits_for_the_turn_to_stop() -> None:
    scene = Scene(project(), replies=[["Let me", 10.0, " see"], "Yes?"])

    async def both() -> tuple[list[Any], list[Any]]:
        first, second = Heard(), Heard()

        async def talk() -> None:
            async for output in scene.session.hear("One"):
                first.append(output)

        talking = asyncio.create_task(talk())
        while not first:
            await asyncio.sleep(0.001)
        scene.session.interrupt("Let me")
        async for output in scene.session.hear("Two"):
            second.append(output)
        await talking
        return first, second

    first, second = scene.do(both())
    assert [each.text for each in first if isinstance(each, Said)] == ["Let me"]
    assert [each.text for each in second if isinstance(each, Said)] == ["Yes?"]
    assert scene.history == [("user", "One"), ("agent", "Let me"), ("user", "Two"), ("agent", "Yes?")]


def test_a_turn_that_nobody_listens_to_any_more_leaves_the_conversation_as_it_was() -> None:
    scene = Scene(project(), replies=[["One", 10.0], "Two."])
    scene.start()
    before = scene.now

    async def leave() -> None:
        outputs = scene.session.hear("Go.")
        async for _ in outputs:
            break
        await outputs.aclose()

    scene.do(leave())
    assert scene.now == before
    assert scene.hear("Go.").said == ["Two."]


def test_what_was_heard_first_counts_when_the_user_interrupts_and_hangs_up() -> None:
    scene = Scene(project(), replies=[["We open at nine", 10.0, "."]])
    scene.start()

    async def interrupt_twice() -> None:
        async for _ in scene.session.hear("When?"):
            scene.session.interrupt("We open")
            scene.session.stop()
            scene.session.interrupt("We open at")

    scene.do(interrupt_twice())
    assert scene.history[-1][1] == "We open"


def test_an_unexpected_error_leaves_the_conversation_as_it_was() -> None:
    scene = Scene(project(), replies=[RuntimeError("a fault of ours"), "Two."])
    scene.start()
    before = scene.now
    with pytest.raises(RuntimeError):
        scene.hear("Go.")
    assert scene.now == before
    assert scene.hear("Go.").said == ["Two."]


@pytest.mark.parametrize(
    ("texts", "heard", "kept"),
    [
        (["One moment.", "It is nine o'clock."], "One moment. it is nine", ["One moment.", "It is nine"]),
        (["One moment.", "It is nine."], "one moment it is nine", ["One moment.", "It is nine."]),
        (["It costs £5."], "it costs five pounds", ["it costs five pounds"]),
        (["Hello.", "Hi."], "", ["", ""]),
        ([], "something", []),
    ],
)
def test_texts_are_kept_as_far_as_they_were_heard(texts: list[str], heard: str, kept: list[str]) -> None:
    assert cut_texts(texts, heard) == kept
