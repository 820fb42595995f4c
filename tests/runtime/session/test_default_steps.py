"""Steps that collect values: what is taken, what is refused, and which ways out are open."""

from __future__ import annotations

from typing import Any

import pytest
from tests.runtime.session.scene import Call, Scene, flow, project

from postcall.domain.conversations import EventKind
from postcall.errors import ModelUnavailable
from postcall.runtime.projects.model import Condition, Entity, EntityType, Flow, Step

GUESTS = Entity("guests", "How many people come.", EntityType.NUMERIC, {"has_range": True, "min": 1, "max": 8})
BOOKED = Condition("Number known", "The user said how many.", "Day", ("guests",))
GAVE_UP = Condition("Gave up", "The user does not want to book any more.", None)
COUNT = Step("Count", "Ask how many people come.", "count.yaml", True, ("guests",), (BOOKED, GAVE_UP))


def booking(*replies: Any, flows: tuple[Flow, ...] = (), code: Any = None, **more: Any) -> Scene:
    """A conversation that stands in the step `Count`, after the agent asked."""
    made = flow("Book", {"Count": COUNT, "Day": "Ask for the day."}, **more)
    acting = {"act": lambda _: {"utterance": "How many people?", "transition": {"goto_flow": "Book"}}, **(code or {})}
    entities = {"guests": GUESTS}
    scene = Scene(project("act", flows=[made, *flows], entities=entities), acting, [Call("act"), *replies])
    scene.hear("A table please.")
    return scene


def way(scene: Scene, request: int, word: str) -> list[str]:
    """The tools on offer whose description has this word."""
    return [tool.name for tool in scene.asked[request].offers if word in tool.description]


def test_a_valid_value_is_taken_before_the_model_decides_and_opens_the_way_that_needs_it() -> None:
    scene = booking('{"guests": "4"}', "For four, right?")
    assert scene.hear("Four of us.").said == ["For four, right?"]
    extraction, decision = scene.asked[1:]
    assert extraction.json_object
    assert "How many people?" in extraction.text
    assert "Four of us." in extraction.text
    assert way(scene, 2, "how many")
    assert scene.now.entities["guests"].value == "4"
    assert scene.now.projection["guests"] == 4
    assert scene.now.texts["guests"] == "4"
    assert not decision.json_object
    [event] = scene.host.of(EventKind.ENTITY)
    assert (event["name"], event["value"], event["valid"]) == ("guests", "4", True)


def test_without_the_value_its_way_is_closed_and_the_others_are_open() -> None:
    scene = booking('{"guests": null}', "How many?")
    scene.hear("Hm.")
    assert not way(scene, 2, "how many")
    assert way(scene, 2, "does not want")
    assert "act" not in scene.asked[2].tools


def test_a_refused_value_keeps_the_old_one_and_the_model_learns_why() -> None:
    scene = booking('{"guests": "4"}', "Four?", '{"guests": "90"}', "That is too many.")
    scene.hear("Four.")
    scene.hear("No, ninety.")
    assert "90" in scene.asked[4].last.content
    assert scene.now.entities["guests"].value == "4"
    assert [event["valid"] for event in scene.host.of(EventKind.ENTITY)] == [True, False]


def test_a_way_that_the_model_chooses_is_gone_in_the_same_turn() -> None:
    scene = booking('{"guests": "4"}', "placeholder", "Which day?")
    tool = tool_of(BOOKED)
    scene.model.replies[1] = Call(tool)
    assert scene.hear("Four of us.").said == ["Which day?"]
    assert (scene.now.flow, scene.now.step) == ("Book", "Day")
    assert scene.asked[3].last.content.startswith("Ask for the day.")
    assert scene.host.of(EventKind.STEP)[-1]["label"] == "Number known"


def test_a_way_out_leaves_the_flow() -> None:
    scene = booking("{}", Call(tool_of(GAVE_UP)), "Anything else?")
    assert scene.hear("Forget it.").said == ["Anything else?"]
    assert scene.now.flow is None
    assert scene.asked[3].tools == ("act",)


def tool_of(condition: Condition) -> str:
    """The name under which the model is offered a way out."""
    probe = booking('{"guests": "4"}', "ok")
    probe.hear("Four.")
    [name] = way(probe, 2, condition.description[:30])
    return name


def test_a_way_that_leads_to_a_step_that_is_missing_changes_nothing() -> None:
    lost = Condition("Lost", "The user is lost.", "Nowhere")
    step = Step("Count", "Ask.", "count.yaml", True, (), (lost,))
    made = flow("Book", {"Count": step})
    scene = Scene(
        project("act", flows=[made]), {"act": lambda conv: conv.goto_flow("Book")}, [Call("act"), "ok", "x", "Well."]
    )
    scene.hear("Go.")
    scene.model.replies[0] = Call(way(scene, 1, "lost")[0])
    scene.model.replies[1] = "Well."
    assert scene.hear("Where am I?").said == ["Well."]
    assert scene.now.step == "Count"
    assert "Nowhere" in scene.host.warnings[-1]


def test_a_value_given_before_the_step_was_entered_is_taken_in_the_same_turn() -> None:
    made = flow("Book", {"Count": COUNT, "Day": "Ask for the day."})
    scene = Scene(
        project("act", flows=[made], entities={"guests": GUESTS}),
        {"act": lambda conv: conv.goto_flow("Book")},
        [Call("act"), '{"guests": "4"}', "For four."],
    )
    scene.hear("A table for four.")
    assert scene.now.entities["guests"].value == "4"


def test_silence_takes_no_values() -> None:
    scene = booking("Are you there?")
    scene.silence()
    assert len(scene.asked) == 2


def test_a_model_that_cannot_take_values_leaves_them_as_they_were() -> None:
    scene = booking(ModelUnavailable("down", retry=True), "How many?")
    assert scene.hear("Four.").said == ["How many?"]
    assert scene.now.entities == {}
    assert scene.host.of(EventKind.WARNING)[0]["about"] == "model"


@pytest.mark.parametrize("stored", [False, True])
def test_functions_see_what_was_collected(stored: bool) -> None:
    seen: list[Any] = []

    def check(conv: Any, flow: Any) -> dict[str, str]:
        seen.append((conv.state.guests, conv.entities.guests.value, "guests" in conv.entities))
        return {"utterance": "Thanks."}

    leave = Condition("Known", "The user said how many.", "check", ("guests",))
    step = Step("Count", "Ask.", "count.yaml", True, ("guests",), (leave,))
    made = flow("Book", {"Count": step}, function_steps=["check"])
    scene = Scene(
        project("act", flows=[made], entities={"guests": GUESTS}),
        {"act": lambda conv: conv.goto_flow("Book"), "check": check},
        [Call("act"), '{"guests": "4"}', "Four?", "{}", "placeholder"],
    )
    scene.hear("A table for four.")
    scene.model.replies[-1] = Call(way(scene, 2, "how many")[0])
    if stored:
        scene.resume()
    assert scene.hear("Yes.").said == ["Thanks."]
    assert seen == [(4, "4", True)]
    assert scene.now.projection["guests"] == 4
