"""Functions that raise, hang or return nonsense cost their own turn at most."""

from __future__ import annotations

from typing import Any

import pytest
from tests.runtime.session.scene import Call, Scene, flow, project, spec

from postcall.domain.conversations import EventKind
from postcall.runtime.functions.running import FunctionCall, Listener
from postcall.runtime.projects.model import DelayResponse, LatencyControl
from postcall.runtime.protocol import Effects, Failed, FunctionDone, Moved
from postcall.runtime.session import SessionLimits


class Failing:
    """Functions of which every one ends like this."""

    def __init__(self, kind: str, *, effects: Effects | None = None) -> None:
        self.calls: list[FunctionCall] = []
        self._done = FunctionDone(
            1, b"", {}, {}, failed=Failed(kind, "it went wrong", "line 1"), effects=effects or Effects()
        )

    async def run(self, call: FunctionCall, listener: Listener) -> FunctionDone:  # noqa: ARG002
        self.calls.append(call)
        return self._done


def test_an_exception_is_told_to_the_model_which_may_try_again() -> None:
    tries: list[int] = []

    def act(conv: Any) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("no such day")
        return "booked"

    scene = Scene(project("act"), {"act": act}, [Call("act"), Call("act"), Call("act"), "Done."])
    assert scene.hear("Go.").said == ["Done."]
    assert "no such day" in scene.asked[1].last.content
    assert "Traceback" not in scene.asked[1].text
    events = [event for event in scene.host.events if event.kind is EventKind.FUNCTION]
    assert [event.failed for event in events] == [True, True, False]
    assert "ValueError" in str(events[0].content["error"])


def test_after_three_errors_in_a_turn_the_fallback_is_spoken() -> None:
    scene = Scene(project("act"), {"act": lambda _: 1 / 0}, [Call("act")] * 4 + ["Hello."])
    heard = scene.hear("Go.")
    assert heard.said[0].startswith("I'm sorry")
    assert len(scene.ran.calls) == 4
    assert scene.hear("Hello?").said == ["Hello."]


@pytest.mark.parametrize("kind", ["timeout", "died"])
def test_a_function_that_was_stopped_is_not_tried_again(kind: str) -> None:
    functions = Failing(kind)
    scene = Scene(project("act"), functions=functions, replies=[Call("act")])
    assert scene.hear("Go.").said[0].startswith("I'm sorry")
    assert len(functions.calls) == 1
    assert scene.now.messages[-2].role == "tool"


def test_a_return_value_that_no_function_may_return_is_an_error_for_the_model() -> None:
    scene = Scene(project("act"), {"act": lambda _: 5}, [Call("act"), "Sorry."])
    assert scene.hear("Go.").said == ["Sorry."]
    assert "int" in scene.asked[1].last.content


def test_what_a_failed_function_had_set_is_kept_and_where_it_wanted_to_go_is_not() -> None:
    def act(conv: Any) -> None:
        conv.state.half = "done"
        conv.goto_flow("Book")
        conv.say("Booked!")
        raise ValueError("after all not")

    scene = Scene(project("act", flows=[flow("Book", {"Day": "Ask."})]), {"act": act}, [Call("act"), "Sorry."])
    assert scene.hear("Go.").said == ["Sorry."]
    assert scene.now.projection["half"] == "done"
    assert scene.now.flow is None


def test_a_stopped_function_costs_no_state() -> None:
    scene = Scene(project("act"), {"act": lambda conv: setattr(conv.state, "name", "Ann")}, [Call("act"), "ok"])
    scene.hear("Go.")
    before = scene.now
    scene.functions = Failing("timeout", effects=Effects(moved=Moved(goto_flow="x")))
    scene.functions._done = FunctionDone(1, before.state, {}, {}, failed=Failed("timeout", "too slow"))
    scene.resume()
    scene.model.replies = [Call("act")]
    scene.hear("Again.")
    assert (scene.now.state, scene.now.projection, scene.now.texts) == (before.state, before.projection, before.texts)


def test_a_function_step_that_raises_is_told_to_the_model_and_runs_again_with_the_next_turn() -> None:
    made = flow("Check", function_steps=["look_up"])
    scene = Scene(
        project("act", flows=[made]),
        {"act": lambda conv: conv.goto_flow("Check"), "look_up": lambda *_: 1 / 0},
        [Call("act"), "I cannot see it right now.", "Still not."],
    )
    assert scene.hear("Go.").said == ["I cannot see it right now."]
    assert "division by zero" in scene.asked[1].last.content
    scene.hear("And now?")
    assert [call.spec.name for call in scene.ran.calls] == ["act", "look_up", "look_up"]


def test_functions_get_their_limit_and_those_with_delay_responses_a_longer_one() -> None:
    slow = spec("slow", latency=LatencyControl(delay_responses=(DelayResponse("Wait.", 1.0),)))
    functions = Failing("raised")
    scene = Scene(
        project("act", slow),
        functions=functions,
        replies=[[Call("act"), Call("slow")], "Sorry."],
        limits=SessionLimits(function_s=3.0, slow_function_s=30.0),
    )
    scene.hear("Go.")
    assert [call.limit_s for call in functions.calls] == [3.0, 30.0]


def test_a_function_may_ask_the_model_only_so_often_in_a_conversation() -> None:
    def act(conv: Any) -> str:
        return str(conv.utils.prompt_llm("Summarise.", show_history=True))

    scene = Scene(project("act"), {"act": act}, [Call("act"), "Fine.", Call("act"), "Sorry."])
    scene.hear("Go.")
    [(ask, history)] = scene.host.asks
    assert ask.what == "prompt_llm"
    assert history == [{"role": "user", "content": "Go."}]
    assert scene.now.prompts_left == 49


def test_metrics_and_logs_reach_the_host_with_their_turn() -> None:
    def act(conv: Any) -> str:
        conv.write_metric("BOOKED", 2)
        conv.log.info("born 1990", is_pii=True)
        return "ok"

    scene = Scene(project("act"), {"act": act}, [Call("act"), "Fine."])
    scene.start()
    scene.hear("Go.")
    assert scene.host.metrics == [("BOOKED", 2)]
    assert ("BOOKED", 2) in scene.now.metrics
    [line] = [event for event in scene.host.events if event.kind is EventKind.LOG]
    assert (line.is_pii, line.content["content"], line.turn) == (True, "born 1990", 1)


def test_a_run_is_told_with_all_that_it_changed() -> None:
    def act(conv: Any, day: str) -> dict[str, Any]:
        conv.state.day = day
        conv.goto_flow("Nowhere")
        return {"content": "ok"}

    scene = Scene(project(spec("act", "day")), {"act": act}, [Call("act", '{"day": "monday"}'), "Fine."])
    scene.hear("Go.")
    [event] = scene.host.of(EventKind.FUNCTION)
    assert event["name"] == "act"
    assert event["arguments"] == {"day": "monday"}
    assert event["returned"] == {"content": "ok"}
    assert event["state"]["added"]["day"] == "monday"
    assert event["transition"]["goto_flow"] == "Nowhere"
