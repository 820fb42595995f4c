"""A conversation from its start function to its end."""

from __future__ import annotations

from typing import Any

import pytest
from tests.runtime.session.scene import Call, InProcess, NotingHost, Scene, flow, project, spec, start_spec

from postcall.domain.calls import DisconnectionReason
from postcall.domain.conversations import EventKind, FunctionKind
from postcall.errors import CallNotLive
from postcall.runtime.projects.model import ChannelConfig, Disclaimer
from postcall.runtime.session import run_end_function

VOICE = ChannelConfig("Hello, {{vrbl:name}}Clinic here.", "en-US", "", (Disclaimer("This call is recorded.", None),))
FLOW = flow("Welcome", {"Hello": "Greet the caller."})


def starting(start: Any, *replies: Any, **more: Any) -> Scene:
    """A conversation of a project with this start function."""
    options: dict[str, Any] = {"flows": [FLOW], "voice": VOICE, "rules": ""} | more
    return Scene(project(start_spec(), **options), {"start_function": start}, replies)


def test_the_disclaimer_and_the_greeting_are_spoken_without_the_model() -> None:
    scene = Scene(project(voice=VOICE))
    assert scene.start().said == ["This call is recorded.", "Hello, Clinic here."]
    assert scene.history == [("agent", "This call is recorded. Hello, Clinic here.")]
    assert scene.asked == []
    assert scene.now.turn == 1


def test_the_greeting_shows_what_the_start_function_set() -> None:
    def start(conv: Any) -> None:
        conv.state.name = "Riverside "

    assert starting(start).start().said[-1] == "Hello, Riverside Clinic here."


def test_an_utterance_of_the_start_function_replaces_the_greeting() -> None:
    assert starting(lambda _: {"utterance": "Good evening."}).start().said == ["Good evening."]


def test_a_start_function_that_fails_does_not_cost_the_greeting() -> None:
    scene = starting(lambda _: 1 / 0)
    assert scene.start().said[-1] == "Hello, Clinic here."
    [event] = scene.host.of(EventKind.FUNCTION)
    assert "division by zero" in event["error"]["message"]
    assert event["error"]["trace"]


def test_a_chat_greets_in_its_own_words_and_without_the_voices_disclaimer() -> None:
    made = project(voice=VOICE, chat=ChannelConfig("Hi! Type away."))
    assert Scene(made, channel="webchat.polyai").start().said == ["Hi! Type away."]
    assert Scene(made, channel="sip.polyai").start().said[0] == "This call is recorded."


def test_a_channel_can_have_a_disclaimer_of_its_own() -> None:
    control = {
        "channel_overrides": {"sip.polyai": {"disclaimer_message": {"is_enabled": True, "message": "Recorded!"}}}
    }
    made = project(voice=VOICE, experimental={"conversation_control": control})
    assert Scene(made, channel="sip.polyai").start().said[0] == "Recorded!"


def silent_start(conv: Any) -> dict[str, Any]:
    conv.goto_flow("Welcome")
    return {"utterance": "", "listen": {"asr": {"timeout": 0.1}}}


def test_a_silent_start_that_entered_a_flow_goes_on_at_once() -> None:
    scene = starting(
        silent_start, "Hello, how can I help?", experimental={"prompts": {"silence": "The user is silent."}}
    )
    heard = scene.start()
    assert heard.said == ["Hello, how can I help?"]
    assert [type(each).__name__ for each in heard].count("Listening") == 1
    assert scene.history == [("user", ""), ("agent", "Hello, how can I help?")]
    assert scene.asked[0].messages[-2].content == "The user is silent."
    assert scene.asked[0].last.content.startswith("Greet the caller.")
    assert (scene.now.silences, scene.now.auto_turn, scene.now.turn) == (0, False, 2)


def test_a_start_that_hardly_listens_speaks_and_goes_on_at_once() -> None:
    def start(conv: Any) -> dict[str, Any]:
        conv.goto_flow("Welcome")
        return {"utterance": "We are closed.", "listen": {"asr": {"timeout": 0.1}}}

    assert starting(start, "Is it urgent?").start().said == ["We are closed.", "Is it urgent?"]


def test_a_start_that_entered_a_flow_and_spoke_waits_for_the_user() -> None:
    def start(conv: Any) -> dict[str, Any]:
        conv.goto_flow("Welcome")
        return {"utterance": "How can I help?"}

    scene = starting(start)
    assert scene.start().said == ["How can I help?"]
    assert scene.asked == []


def test_a_conversation_that_stopped_after_its_silent_start_takes_the_automatic_turn_when_resumed() -> None:
    scene = starting(silent_start, AssertionError("the process stops here"), "Hello.")
    with pytest.raises(AssertionError):
        scene.start()
    assert scene.now.auto_turn
    scene.resume()
    assert scene.start().said == ["Hello."]
    assert [call.spec.name for call in scene.ran.calls] == ["start_function"]


def test_a_conversation_that_has_begun_does_not_begin_again() -> None:
    scene = Scene(project(voice=VOICE))
    scene.start()
    assert scene.start().said == []


def test_a_start_function_can_hang_up() -> None:
    heard = starting(lambda _: {"utterance": "We are closed.", "hangup": True}).start()
    assert heard.said == ["We are closed."]
    assert heard.ended.reason is DisconnectionReason.AGENT_HANGUP


def test_silence_is_a_turn_with_the_silence_prompt() -> None:
    scene = Scene(project(experimental={"prompts": {"silence": "Nothing was said."}}), replies=["Are you there?"])
    assert scene.silence().said == ["Are you there?"]
    assert scene.asked[0].last.content == "Nothing was said."
    assert scene.history == [("user", ""), ("agent", "Are you there?")]


def test_after_so_many_silences_in_a_row_the_agent_says_goodbye_and_hangs_up() -> None:
    control = {"max_silence_count": 2, "hangup_utterance": {"en-US": "Goodbye then.", "de-DE": "Tschüss."}}
    scene = Scene(project(experimental={"conversation_control": control}), replies=["One?", "x", "Two?", "Three?"])
    scene.silence()
    scene.hear("Yes")
    scene.silence()
    scene.silence()
    heard = scene.silence()
    assert heard.said == ["Goodbye then."]
    assert heard.ended.reason is DisconnectionReason.TIMEOUT
    assert scene.host.of(EventKind.ENDED)[0]["by"] == "silence"


def test_the_channel_learns_how_long_to_wait() -> None:
    scene = Scene(project(experimental={"conversation_control": {"silence_timeout": 7}}))
    assert scene.start().listening.silence_s == 7


def test_a_start_that_was_never_finished_comes_before_the_users_words() -> None:
    begun = []

    def start_function(conv: Any) -> dict[str, Any]:
        begun.append(conv.id)
        return {"utterance": "Welcome."}

    scene = Scene(project(start_spec()), {"start_function": start_function}, ["We open at nine."])
    assert scene.hear("When do you open?").said == ["Welcome.", "We open at nine."]
    assert [text for _, text in scene.history] == ["Welcome.", "When do you open?", "We open at nine."]
    assert len(begun) == 1


def test_hanging_up_ends_the_conversation_and_nothing_comes_after_it() -> None:
    scene = Scene(project())
    assert scene.hang_up().ended.reason is DisconnectionReason.USER_HANGUP
    assert scene.host.of(EventKind.ENDED) == [{"reason": "user_hangup", "by": "user", "flow": None, "step": None}]
    with pytest.raises(CallNotLive):
        scene.hear("Hello?")


def test_a_user_who_hangs_up_in_the_middle_of_a_reply_ends_the_conversation_with_what_was_said() -> None:
    scene = Scene(project(), replies=[["Let me ", "think", 10.0, "about it."]])
    hung_up: list[Any] = []

    def watch(output: Any) -> None:
        if getattr(output, "text", "") == " think":
            hung_up.append(scene.session.hang_up())

    heard = scene.play(lambda: scene.session.hear("Well?"), watch=watch)
    assert heard.said == ["Let me think"]
    assert scene.history == [("user", "Well?"), ("agent", "Let me think")]
    assert scene.play(lambda: hung_up[0]).ended.reason is DisconnectionReason.USER_HANGUP


def test_the_end_function_sees_the_whole_conversation_and_its_failure_is_told_not_raised() -> None:
    seen: dict[str, Any] = {}

    def end(conv: Any) -> None:
        seen.update(name=conv.state.name, said=[each.role for each in conv.history], step=conv.current_step)
        conv.write_metric("ENDED", True)
        raise ValueError("too late")

    made = project("act", spec("end_function", kind=FunctionKind.END), flows=[FLOW], rules="{{fn:act}}")

    def act(conv: Any) -> dict[str, Any]:
        conv.state.name = "Ann"
        conv.goto_flow("Welcome")
        return {"utterance": "Bye.", "hangup": True}

    scene = Scene(made, {"act": act}, [Call("act")])
    scene.hear("Go.")
    host = NotingHost()
    done = scene.do(run_end_function(made, InProcess(made, {"end_function": end}), host, scene.now, limit_s=5.0))
    assert seen == {"name": "Ann", "said": ["user", "agent"], "step": "Hello"}
    assert done.failed.kind == "raised"
    assert host.metrics == [("ENDED", True)]
    [event] = host.of(EventKind.FUNCTION)
    assert (event["by"], event["error"]["message"]) == ("end", done.failed.message)


def test_a_project_without_an_end_function_has_nothing_to_run() -> None:
    scene = Scene(project())
    assert scene.do(run_end_function(scene.project, scene.ran, scene.host, scene.now, limit_s=5.0)) is None
