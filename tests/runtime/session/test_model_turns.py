"""What the model is asked in a turn, and what its failures cost."""

from __future__ import annotations

from typing import Any

import pytest
from tests.runtime.session.scene import Call, Scene, flow, project

from postcall.domain.conversations import EventKind
from postcall.errors import ContextTooLong, ModelTimeout, ModelUnavailable
from postcall.runtime.projects.model import Correction, Topic
from postcall.runtime.session import SessionLimits
from postcall.runtime.session.outputs import Listening

PARKING = Topic("Parking", "There is a garage behind the house.", "Offer {{fn:send_map}}.", ("Where can I park?",))
HOURS = Topic("Opening hours", "Open from nine to five.", "", ("When do you open?",))


def test_words_are_spoken_as_they_come_and_joined_in_the_history() -> None:
    scene = Scene(project(), replies=[[" We open", " at nine", ". "]])
    heard = scene.hear("When?")
    assert heard.pieces == ["We open", " at nine", "."]
    assert heard.said == ["We open at nine."]
    assert scene.history[-1] == ("agent", "We open at nine.")


def test_what_the_user_said_is_corrected_before_the_agent_hears_it() -> None:
    scene = Scene(project(corrections=(Correction(r"gee pee", "GP", "partial"),)), replies=["Sure.", "Sure."])
    scene.hear("My gee pee please", alternatives=["My jeep please"])
    assert scene.history[0] == ("user", "My GP please")
    assert scene.asked[0].last.content == "My GP please"
    scene.hear("gee pee", dtmf=True)
    assert scene.history[2] == ("user", "gee pee")


def test_functions_see_the_alternatives_of_what_was_heard() -> None:
    scene = Scene(project("act"), {"act": lambda _: {"utterance": "ok"}}, [Call("act")])
    scene.hear("for tea", alternatives=["forty", "for tea"])
    assert scene.ran.calls[0].context.transcript_alternatives == ("for tea", "forty")


def test_topics_are_found_shown_with_their_functions_and_counted() -> None:
    made = project("send_map", rules="Be kind.", topics=(PARKING, HOURS))
    scene = Scene(made, replies=["Behind the house."])
    scene.hear("Where can I park?")
    assert "garage behind the house" in scene.asked[0].text
    assert scene.asked[0].tools == ("send_map",)
    assert scene.host.metrics == [("QA", "Parking")]
    assert scene.now.metrics == (("QA", "Parking"),)
    assert scene.host.of(EventKind.TOPICS)[0]["qa"] == ["Parking"]


def test_a_topic_found_earlier_stays_visible_for_a_while() -> None:
    made = project(topics=(PARKING, HOURS), experimental={"ragdoll": {"history_len": 2}})
    scene = Scene(made, replies=["Behind.", "Yes.", "Well."])
    scene.hear("Where can I park?")
    scene.hear("xyzzy")
    scene.hear("plugh")
    assert ["garage" in request.text for request in scene.asked] == [True, True, False]
    assert scene.host.metrics == [("QA", "Parking")]


def test_a_topic_that_a_function_disabled_is_found_no_more() -> None:
    def act(conv: Any) -> dict[str, str]:
        conv.disable_kb_topics(["Parking"])
        return {"utterance": "ok"}

    scene = Scene(project("act", topics=(PARKING,)), {"act": act}, [Call("act"), "No idea."])
    scene.hear("Go.")
    assert scene.now.disabled_topics == ("Parking",)
    scene.hear("Where can I park?")
    assert "garage" not in scene.asked[1].text


def test_silence_finds_no_topics() -> None:
    scene = Scene(project(topics=(PARKING,)), replies=["Hello?"])
    scene.silence()
    assert scene.host.metrics == []


def test_tools_follow_the_variables_within_a_turn() -> None:
    def unlock(conv: Any) -> str:
        conv.state.more = "Then call {{fn:pay}}."
        return "Unlocked."

    made = project("unlock", "pay", rules="{{fn:unlock}} $more")
    scene = Scene(made, {"unlock": unlock}, [Call("unlock"), "Now you can pay."])
    scene.hear("Unlock.")
    assert [request.tools for request in scene.asked] == [("unlock",), ("unlock", "pay")]


def test_the_language_a_function_sets_holds_for_later_prompts() -> None:
    def act(conv: Any) -> str:
        conv.set_language("fr-FR")
        return "{{tn:hello}}"

    made = project(
        "act",
        additional_languages=("fr-FR",),
        translations={"hello": {"en-US": "Hello", "fr-FR": "Bonjour"}},
    )
    scene = Scene(made, {"act": act}, [Call("act"), "Bonjour!", ModelTimeout("slow", retry=True)])
    scene.hear("French?")
    assert scene.asked[1].last.content == "Bonjour"
    assert scene.now.language == "fr-FR"
    assert scene.hear("Oui").said[0].startswith("Je suis désolé")


def test_secrets_do_not_reach_the_model() -> None:
    made = project("act", rules="{{fn:act}} The password is hunter2.")
    scene = Scene(made, {"act": lambda _: "It is hunter2."}, [Call("act", '{"x": "hunter2"}'), "Fine."])
    scene.hear("Tell me hunter2.")
    for request in scene.asked:
        assert "hunter2" not in request.text
        assert not any("hunter2" in call.arguments for message in request.messages for call in message.tool_calls)


@pytest.mark.parametrize("error", [ModelTimeout("slow", retry=True), ModelUnavailable("down", retry=True)])
def test_a_model_that_fails_costs_the_turn_not_the_conversation(error: Exception) -> None:
    again = [] if isinstance(error, ModelTimeout) else [error]  # whoever is down is asked once more
    scene = Scene(project(), replies=[error, *again, "We open at nine."])
    heard = scene.hear("When do you open?")
    assert heard.said == ["I'm sorry, something went wrong on my side. Could you say that again, please?"]
    assert isinstance(heard[-1], Listening)
    assert scene.host.of(EventKind.WARNING)[0]["about"] == "model"
    assert scene.hear("When do you open?").said == ["We open at nine."]


def test_a_model_that_fails_in_passing_costs_nothing() -> None:
    scene = Scene(project(), replies=[ModelUnavailable("busy", retry=True), "We open at nine."])
    assert scene.hear("When do you open?").said == ["We open at nine."]
    assert "once more" in scene.host.of(EventKind.WARNING)[0]["message"]


def test_what_was_spoken_before_the_model_failed_stays_in_the_history() -> None:
    scene = Scene(project(), replies=[["We open ", "at", ModelUnavailable("gone", retry=True)]])
    heard = scene.hear("When?")
    assert heard.said[0] == "We open at"
    assert scene.history[-1][1].startswith("We open at I'm sorry")


def test_without_a_model_greeting_and_function_steps_work_and_the_rest_is_answered_with_the_fallback() -> None:
    made = flow("Menu", function_steps=["press"])
    scene = Scene(project(flows=[made]), {"press": lambda *_: {"utterance": "Press one."}}, has_model=False)
    assert scene.hear("Hello").said[0].startswith("I'm sorry")
    assert scene.host.warnings == ["no model is configured"]


def test_an_empty_reply_is_a_failure_unless_something_was_said() -> None:
    quiet = {"utterance": "One moment.", "end_turn": False}
    scene = Scene(project("act"), {"act": lambda _: quiet}, [[" "], Call("act"), [""]])
    assert scene.hear("Go.").said[0].startswith("I'm sorry")
    assert scene.hear("Go.").said == ["One moment."]


def test_a_conversation_that_has_grown_too_long_for_the_model_goes_on_without_its_beginning() -> None:
    full = ContextTooLong("8193 of 8192 tokens", retry=False)
    scene = Scene(project(), replies=["One.", "Two.", "Three.", full, "Four.", "Five."])
    for number in ("1", "2", "3"):
        scene.hear(number)
    assert scene.hear("4").said == ["Four."]
    assert [message.content for message in scene.asked[-1].messages[1:]] == ["3", "Three.", "4"]
    assert [text for _, text in scene.history][:2] == ["1", "One."]
    scene.model.replies = [full] * 3
    assert scene.hear("5").said[0].startswith("I'm sorry")


def test_a_model_that_calls_for_ever_is_stopped() -> None:
    scene = Scene(
        project("act"), {"act": lambda _: "again"}, [Call("act")] * 4 + ["Sorry."], limits=SessionLimits(rounds=4)
    )
    heard = scene.hear("Go.")
    assert heard.said[0].startswith("I'm sorry")
    assert scene.host.warnings == ["the model was asked 4 times in one turn"]
    assert scene.hear("And now?").said == ["Sorry."]


def test_the_model_is_told_about_with_its_times_tools_and_calls() -> None:
    scene = Scene(project("act"), {"act": lambda _: "ok"}, [Call("act"), "Done."])
    scene.hear("Go.")
    first, second = scene.host.of(EventKind.MODEL)
    assert (first["round"], first["tools"], first["called"]) == (1, ["act"], [{"name": "act", "arguments": "{}"}])
    assert (second["text"], second["prompt_tokens"], second["seconds"]) == ("Done.", 10, 0.002)


def test_calls_with_the_same_id_are_told_apart() -> None:
    scene = Scene(project("act"), {"act": lambda _: "ok"}, [[Call("act"), Call("act")], "Done."])
    scene.hear("Go.")
    ids = [message.tool_call_id for message in scene.asked[1].messages if message.role == "tool"]
    assert len(set(ids)) == 2
