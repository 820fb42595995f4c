"""Moving between flows and steps: when it takes effect, and what a wrong name costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.runtime.session.scene import Call, Scene, flow, project

from postcall.domain.conversations import EventKind
from postcall.runtime.projects.model import Flow
from postcall.runtime.session import SessionLimits

BOOK = flow("Book", {"Day": "Ask for the day. {{ft:save_day}}", "Name": "Ask for the name. {{ft:save_name}}"})
BOOK = Flow(
    BOOK.name,
    BOOK.folder,
    "",
    "Day",
    BOOK.steps,
    {},
    flow("Book", {"x": ""}, functions=["save_day", "save_name"]).functions,
)


def go(act: Callable[..., Any], *replies: Any, flows: Any = (BOOK,), **more: Any) -> Scene:
    """A conversation in which the model calls `act` outside of flows."""
    scene = Scene(project("act", flows=flows, **more), {"act": act}, [Call("act"), *replies])
    scene.hear("Please.")
    return scene


def enter(conv: Any) -> str:
    conv.goto_flow("Book")
    return "A new booking."


def test_a_transition_with_a_text_continues_in_the_new_step_in_the_same_turn() -> None:
    scene = go(enter, "Which day?")
    first, second = scene.asked
    assert first.tools == ("act",)
    assert second.last.content.startswith("Ask for the day.")
    assert "save_day" in second.tools
    assert any(message.content == "A new booking." for message in second.messages)
    assert (scene.now.flow, scene.now.step) == ("Book", "Day")


def test_a_transition_with_an_utterance_waits_for_the_user_before_the_new_step() -> None:
    def act(conv: Any) -> dict[str, str]:
        conv.goto_flow("Book")
        return {"utterance": "Which day?"}

    scene = go(act, "Monday.")
    assert len(scene.asked) == 1
    scene.hear("Monday")
    assert scene.asked[1].last.content.startswith("Ask for the day.")


def test_a_transition_without_a_result_asks_the_model_again_in_the_new_step() -> None:
    scene = go(lambda conv: conv.goto_flow("Book"), "Which day?")
    assert scene.asked[1].last.content.startswith("Ask for the day.")


def test_a_step_of_another_flow_can_be_entered_by_a_returned_transition() -> None:
    scene = go(lambda _: {"transition": {"goto_flow": "Book", "goto_step": "Name"}}, "Your name?")
    assert scene.asked[1].last.content.startswith("Ask for the name.")


def test_a_flow_function_moves_on_within_its_flow() -> None:
    def save_day(conv: Any, flow: Any) -> str:
        flow.goto_step("Name", "day known")
        return "Saved."

    scene = Scene(
        project("act", flows=[BOOK]),
        {"act": enter, "save_day": save_day},
        [Call("act"), Call("save_day"), "Your name?"],
    )
    scene.hear("Please.")
    assert scene.asked[2].last.content.startswith("Ask for the name.")
    assert "save_name" in scene.asked[2].tools
    assert "save_day" not in scene.asked[2].tools
    assert scene.host.of(EventKind.STEP) == [
        {"flow": "Book", "step": "Day", "from_flow": None, "from_step": None},
        {"flow": "Book", "step": "Name", "from_flow": "Book", "from_step": "Day", "label": "day known"},
    ]


def test_the_last_of_several_transitions_wins_and_code_after_them_still_runs() -> None:
    def act(conv: Any) -> str:
        conv.goto_flow("Elsewhere")
        conv.exit_flow()
        conv.goto_flow("Book")
        conv.state.after = True
        return "ok"

    scene = go(act, "Which day?")
    assert scene.now.flow == "Book"
    assert scene.now.projection["after"] is True


@pytest.mark.parametrize(
    ("act", "warning"),
    [
        (lambda conv: conv.goto_flow("Nowhere"), "Nowhere"),
        (lambda _: {"transition": {"goto_flow": "Book", "goto_step": "day"}}, "'day'"),
        (lambda _: {"transition": {"goto_step": "Day"}}, "outside of a flow"),
    ],
    ids=["unknown flow", "step in the wrong case", "a step outside of flows"],
)
def test_a_transition_that_leads_nowhere_changes_nothing_and_is_shown_to_the_author(
    act: Callable[..., Any], warning: str
) -> None:
    scene = go(act, "Well.")
    assert (scene.now.flow, scene.now.step) == (None, None)
    assert [warning in each for each in scene.host.warnings] == [True]


def test_leaving_a_flow_brings_the_rules_back_in_the_same_turn() -> None:
    def save_day(conv: Any, flow: Any) -> str:
        conv.exit_flow()
        return "All done."

    scene = Scene(
        project("act", flows=[BOOK]),
        {"act": enter, "save_day": save_day},
        [Call("act"), Call("save_day"), "Anything else?"],
    )
    scene.hear("Please.")
    assert (scene.now.flow, scene.now.step) == (None, None)
    assert scene.asked[2].tools == ("act",)
    assert "Ask for" not in scene.asked[2].text


def test_leaving_outside_of_a_flow_is_no_mistake() -> None:
    scene = go(lambda conv: conv.exit_flow(), "Fine.")
    assert scene.host.warnings == []
    assert scene.host.of(EventKind.STEP) == []


def test_a_flow_entered_from_a_flow_replaces_it() -> None:
    other = flow("Cancel", {"Why": "Ask why."})

    def save_day(conv: Any, flow: Any) -> None:
        conv.goto_flow("Cancel")

    scene = Scene(
        project("act", flows=[BOOK, other]),
        {"act": enter, "save_day": save_day},
        [Call("act"), Call("save_day"), "Why?"],
    )
    scene.hear("Please.")
    assert (scene.now.flow, scene.now.step) == ("Cancel", "Why")


@pytest.mark.parametrize("attributes", [{"inactive_flows": ["Book"]}, {"active_flows": "Cancel, Move"}])
def test_a_variant_can_forbid_a_flow(attributes: dict[str, Any]) -> None:
    scene = go(enter, "Well.", variants={"south": attributes}, default_variant="south")
    assert scene.now.flow is None
    assert "does not allow" in scene.host.warnings[0]


def test_a_function_step_runs_at_once_without_the_model() -> None:
    made = flow("Check", {"Ask": "Ask for the number."}, function_steps=["look_up"], start="look_up")

    def look_up(conv: Any, flow: Any) -> None:
        conv.state.known = False
        flow.goto_step("Ask")

    scene = Scene(
        project("act", flows=[made]),
        {"act": lambda conv: conv.goto_flow("Check"), "look_up": look_up},
        [Call("act"), "Your number?"],
    )
    assert scene.hear("Please.").said == ["Your number?"]
    assert scene.asked[1].last.content.startswith("Ask for the number.")
    assert scene.ran.calls[1].context.current_step == "look_up"


def chain(*steps: tuple[str, Callable[..., Any]], replies: Any = ()) -> Scene:
    """A conversation in a flow of function steps, entered by `act`."""
    made = flow("Chain", {"Talk": "Talk."}, function_steps=[name for name, _ in steps], start=steps[0][0])
    code = {"act": lambda conv: conv.goto_flow("Chain"), **dict(steps)}
    return Scene(project("act", flows=[made]), code, [Call("act"), *replies], limits=SessionLimits(function_steps=5))


def test_function_steps_follow_each_other_in_one_turn() -> None:
    scene = chain(
        ("one", lambda _, flow: flow.goto_step("two")),
        ("two", lambda _, flow: flow.goto_step("three")),
        ("three", lambda conv, _: conv.exit_flow()),
        replies=["Done."],
    )
    assert scene.hear("Please.").said == ["Done."]
    assert [call.spec.name for call in scene.ran.calls] == ["act", "one", "two", "three"]


def test_function_steps_that_go_round_for_ever_cost_their_turn_only() -> None:
    scene = chain(
        ("one", lambda _, flow: flow.goto_step("two")), ("two", lambda _, flow: flow.goto_step("one")), replies=[]
    )
    heard = scene.hear("Please.")
    assert heard.said[0].startswith("I'm sorry")
    assert heard.listening
    assert "more than 5 function steps" in scene.host.warnings[0]


def test_what_a_function_step_returns_is_context_for_the_model() -> None:
    def one(conv: Any, flow: Any) -> str:
        flow.goto_step("Talk")
        return "The caller is known."

    scene = chain(("one", one), replies=["Hello again."])
    scene.hear("Please.")
    assert any(m.role == "system" and m.content == "The caller is known." for m in scene.asked[1].messages)


def test_an_utterance_of_a_function_step_ends_the_turn() -> None:
    scene = chain(("one", lambda _, flow: flow.goto_step("Talk") or {"utterance": "Which day?"}), replies=["Monday."])
    assert scene.hear("Please.").said == ["Which day?"]
    scene.hear("Monday")
    assert scene.asked[1].last.content.startswith("Talk.")


def test_a_function_step_without_a_transition_runs_again_with_the_next_turn() -> None:
    scene = chain(("one", lambda *_: {"utterance": "Enter your number."}))
    scene.hear("Please.")
    assert scene.hear("12").said == ["Enter your number."]
    assert [call.spec.name for call in scene.ran.calls] == ["act", "one", "one"]
    assert scene.ran.calls[2].context.history[-1].text == "12"
