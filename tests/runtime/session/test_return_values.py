"""What a function returns, and what the user and the model notice of it: a test for each rule."""

from __future__ import annotations

from typing import Any

import pytest
from tests.runtime.session.scene import Call, Heard, Reply, Scene, flow, project, spec

from postcall.domain.calls import DisconnectionReason, Handoff
from postcall.domain.conversations import EventKind, OutboxKind
from postcall.runtime.projects.model import HandoffTarget
from postcall.runtime.session.outputs import Listening


def calls(returns: Any, *replies: Reply, **more: Any) -> tuple[Scene, Heard]:
    """A conversation in which the model calls `act`, which returns this; then the model says the other replies."""
    scene = Scene(project("act", **more), {"act": lambda _: returns}, [Call("act"), *replies])
    return scene, scene.hear("Please act.")


@pytest.mark.parametrize("nothing", [None, {}])
def test_a_function_that_returns_nothing_lets_the_model_go_on(nothing: object) -> None:
    scene, heard = calls(nothing, "It is done.")
    assert heard.said == ["It is done."]
    assert scene.asked[1].messages[-1].role == "tool"


@pytest.mark.parametrize("returned", ["The table is free.", {"content": "The table is free."}])
def test_a_returned_text_is_told_to_the_model_in_the_same_turn_and_stays_in_its_history(returned: object) -> None:
    scene, heard = calls(returned, "You can have it.", "Anything else?")
    assert heard.said == ["You can have it."]
    assert scene.asked[1].last.content == "The table is free."
    scene.hear("Thanks.")
    assert "The table is free." in scene.asked[2].text


def test_an_utterance_is_spoken_as_it_is_and_ends_the_turn_without_the_model() -> None:
    scene, heard = calls({"utterance": "Booked, for $today."})
    assert heard.said == ["Booked, for $today."]
    assert isinstance(heard[-1], Listening)
    assert len(scene.asked) == 1
    assert scene.history == [("user", "Please act."), ("agent", "Booked, for $today.")]
    assert scene.now.messages[-1].content == "Booked, for $today."


def test_content_beside_an_utterance_is_an_instruction_for_the_next_turn_only() -> None:
    scene, heard = calls({"utterance": "Which day?", "content": "Only weekdays."}, "Monday it is.", "Bye.")
    assert heard.said == ["Which day?"]
    assert scene.now.instruction == "Only weekdays."
    scene.hear("Monday")
    assert scene.asked[1].last.content == "Only weekdays."
    scene.hear("Thanks")
    assert "Only weekdays." not in scene.asked[2].text


def test_functions_named_by_an_instruction_are_on_offer_in_the_next_turn() -> None:
    returned = {"utterance": "Sure?", "content": "When they agree, call {{fn:confirm}}."}
    made = project("act", "confirm", rules="{{fn:act}}")
    code = {"act": lambda _: returned, "confirm": lambda _: "ok"}
    scene = Scene(made, code, [Call("act"), Call("confirm"), "x"])
    scene.hear("Please act.")
    scene.hear("Yes")
    assert scene.asked[1].tools == ("act", "confirm")
    assert "call confirm." in scene.asked[1].text
    assert scene.asked[2].last.content == "ok"


def test_an_utterance_that_does_not_end_the_turn_is_spoken_before_the_model_goes_on() -> None:
    scene, heard = calls({"utterance": "One moment.", "end_turn": False, "content": "Found two."}, "There are two.")
    assert heard.said == ["One moment.", "There are two."]
    assert scene.asked[1].messages[-2].content == "Found two."
    assert scene.history[-1] == ("agent", "One moment. There are two.")


def test_an_utterance_that_does_not_end_the_turn_may_come_with_a_step() -> None:
    def act(conv: Any) -> dict[str, Any]:
        return {"utterance": "One moment.", "end_turn": False, "transition": {"goto_flow": "Book"}}

    scene = Scene(
        project("act", flows=[flow("Book", {"Day": "Ask for the day."})]), {"act": act}, [Call("act"), "Which day?"]
    )
    assert scene.hear("Please act.").said == ["One moment.", "Which day?"]
    assert scene.asked[1].last.content.startswith("Ask for the day.")


def test_an_empty_utterance_is_silence_and_ends_the_turn() -> None:
    scene, heard = calls({"utterance": ""})
    assert heard.said == []
    assert isinstance(heard[-1], Listening)
    assert scene.history == [("user", "Please act.")]


def test_hanging_up_ends_the_conversation_after_the_utterance() -> None:
    scene, heard = calls({"utterance": "Goodbye.", "hangup": True})
    assert heard.said == ["Goodbye."]
    assert heard.ended.reason is DisconnectionReason.AGENT_HANGUP
    assert scene.now.ended
    assert scene.host.of(EventKind.ENDED) == [{"reason": "agent_hangup", "by": "agent", "flow": None, "step": None}]


def test_hanging_up_wins_over_a_turn_that_is_to_go_on() -> None:
    _, heard = calls({"utterance": "Goodbye.", "end_turn": False, "hangup": True})
    assert heard.ended.reason is DisconnectionReason.AGENT_HANGUP


def test_a_handoff_goes_to_the_default_entry_after_the_utterance() -> None:
    def act(conv: Any) -> dict[str, Any]:
        conv.state.why = "billing"
        return {"utterance": "One moment.", "handoff": True}

    desk = HandoffTarget("Desk", "", True, {"method": "refer", "phone_number": "+441"}, {"X-Reason": "$why"})
    scene = Scene(
        project("act", handoffs=[desk]),
        {"act": act},
        [Call("act")],
    )
    heard = scene.hear("Please act.")
    assert heard.said == ["One moment."]
    assert heard.ended.reason is DisconnectionReason.HANDOFF
    assert heard.ended.handoff == Handoff("Desk", "Desk")
    [outgoing] = scene.host.outgoing
    assert (outgoing.kind, outgoing.to) == (OutboxKind.HANDOFF, "Desk")
    assert outgoing.content["route"] == "+441"
    assert outgoing.content["sip_headers"] == {"X-Reason": "billing"}
    assert scene.now.handoff_destination == "Desk"


def test_a_handoff_dictionary_says_where_and_why() -> None:
    scene, heard = calls({"handoff": {"type": "refer", "reason": "angry", "refer": {"phone_number": "+449"}}})
    assert heard.ended.reason is DisconnectionReason.HANDOFF
    assert heard.ended.handoff is not None
    assert heard.ended.handoff.reason == "angry"
    assert scene.host.outgoing[0].content["route"] == "+449"


def test_a_goodbye_in_the_shape_of_a_handoff_counts_as_an_ended_call() -> None:
    scene, heard = calls({"utterance": "Bye.", "handoff": {"bye": {"sip_headers": {"X-Done": "1"}}}})
    assert heard.ended.reason is DisconnectionReason.AGENT_HANGUP
    assert heard.ended.handoff is None
    assert scene.host.outgoing == []


def test_a_variant_is_switched() -> None:
    variants: dict[str, dict[str, str]] = {"south": {}, "north": {"city": "Leeds"}}
    scene, _ = calls({"variant": "north", "utterance": "ok"}, "x", variants=variants, default_variant="south")
    assert scene.now.variant == "north"
    assert scene.host.of(EventKind.SETTING) == [{"setting": "variant", "value": "north"}]
    scene.hear("Where are you?")
    assert scene.ran.calls[0].context.variant == "south"


def test_an_unknown_variant_is_noted_and_the_old_one_stays() -> None:
    scene, _ = calls({"variant": "east", "utterance": "ok"}, variants={"south": {}}, default_variant="south")
    assert scene.now.variant == "south"
    assert any("east" in warning for warning in scene.host.warnings)


def test_listening_settings_reach_the_channel_once() -> None:
    listen = {"asr": {"timeout": 4}, "dtmf": {"num_digits": 6}}
    scene, heard = calls({"utterance": "Your number?", "listen": listen}, "Thanks.")
    assert heard.listening.silence_s == 4
    assert heard.listening.settings["dtmf"] == {"num_digits": 6}
    assert scene.hear("123456", dtmf=True).listening.settings == {}


def test_digits_can_be_sent_instead_of_speech() -> None:
    _, heard = calls({"utterance": "42", "utterance_channel": "DTMF"})
    assert heard.listening.settings["utterance_channel"] == "DTMF"


def test_say_ends_the_turn_and_a_text_returned_besides_is_for_the_next_one() -> None:
    def act(conv: Any) -> str:
        conv.say("How many of you?")
        return "The terrace is closed."

    scene = Scene(project("act"), {"act": act}, [Call("act"), "Fine."])
    assert scene.hear("Please act.").said == ["How many of you?"]
    assert scene.now.instruction == "The terrace is closed."


def test_what_was_given_to_say_wins_over_a_returned_utterance() -> None:
    def act(conv: Any) -> dict[str, str]:
        conv.say("First.")
        return {"utterance": "Second."}

    assert Scene(project("act"), {"act": act}, [Call("act")]).hear("Please act.").said == ["First."]


def test_unknown_keys_mean_nothing() -> None:
    scene, heard = calls({"content": "ok", "colour": "blue"}, "Done.")
    assert heard.said == ["Done."]
    assert scene.asked[1].last.content == "ok"


def test_a_nested_functions_dictionary_counts_only_when_it_is_returned_on() -> None:
    def act(conv: Any) -> str:
        inner(conv)
        return "outer"

    def inner(conv: Any) -> dict[str, Any]:
        conv.state.inner_ran = True
        return {"utterance": "Never said.", "hangup": True}

    scene = Scene(project("act"), {"act": act}, [Call("act"), "Well."])
    assert scene.hear("Please act.").said == ["Well."]
    assert scene.now.projection["inner_ran"] is True


def test_a_functions_text_may_name_functions_which_are_offered_while_it_is_the_newest() -> None:
    made = project("look", "hold", rules="{{fn:look}}")
    scene = Scene(
        made,
        {"look": lambda _: "Free. Call {{fn:hold}}('now').", "hold": lambda _: "held"},
        [Call("look"), Call("hold"), "Held.", "Bye."],
    )
    scene.hear("Look.")
    assert [request.tools for request in scene.asked] == [("look",), ("look", "hold"), ("look",)]
    assert scene.asked[1].last.content == "Free. Call hold('now')."


def test_several_calls_run_in_order_and_the_first_that_ends_the_turn_wins() -> None:
    ran: list[str] = []

    def one(conv: Any) -> None:
        ran.append("one")

    def two(conv: Any) -> dict[str, str]:
        ran.append("two")
        return {"utterance": "Two."}

    def three(conv: Any) -> dict[str, str]:
        ran.append("three")
        return {"utterance": "Three."}

    code = {"one": one, "two": two, "three": three}
    scene = Scene(project(*code), code, [[Call("one"), Call("two"), Call("three")], "Well."])
    assert scene.hear("Go.").said == ["Two."]
    assert ran == ["one", "two"]
    scene.hear("And?")
    roles = [message.role for message in scene.asked[1].messages[2:7]]
    assert roles == ["assistant", "tool", "tool", "tool", "assistant"]


def test_text_before_a_call_is_spoken_before_the_function_runs() -> None:
    scene = Scene(project("act"), {"act": lambda _: {"utterance": "Done."}}, [["Let me see. ", Call("act")]])
    assert scene.hear("Go.").said == ["Let me see.", "Done."]
    assert scene.ran.calls[0].context.history[-1].text == "Let me see."


def test_arguments_reach_the_function_in_its_types() -> None:
    given: list[object] = []

    def book(conv: Any, people: int, name: str) -> str:
        given.append((people, name))
        return "ok"

    made = project(spec("book", "people:integer", "name"))
    scene = Scene(
        made,
        {"book": book},
        [Call("book", '{"people": "4", "name": "Ann", "extra": 1}'), "Fine."],
    )
    scene.hear("Book.")
    assert given == [(4, "Ann")]


def test_broken_arguments_are_told_to_the_model_which_may_try_again() -> None:
    made = project(spec("book", "people:integer"))
    scene = Scene(
        made,
        {"book": lambda _, people: f"for {people}"},
        [Call("book", '{"people": "many"}'), Call("book", '{"people": 4}'), "Fine."],
    )
    assert scene.hear("Book.").said == ["Fine."]
    assert "people" in scene.asked[1].last.content
    assert scene.asked[2].last.content == "for 4"


def test_a_function_that_is_not_offered_is_refused_in_the_projects_words() -> None:
    words = {"prompts": {"function_not_found": "No such thing."}}
    made = project("act", "secret", rules="{{fn:act}}", experimental=words)
    scene = Scene(made, {"secret": lambda _: "leaked"}, [Call("secret"), "Sorry."])
    assert scene.hear("Go.").said == ["Sorry."]
    assert scene.asked[1].last.content == "No such thing."
    assert scene.ran.calls == []
