"""What functions ask for through `conv` besides speaking."""

from __future__ import annotations

from typing import Any

from tests.runtime.session.scene import Call, Heard, Scene, project

from postcall.domain.calls import DisconnectionReason
from postcall.domain.conversations import EventKind, OutboxKind
from postcall.runtime.projects.model import SmsTemplate


def ask(act: Any, *replies: Any, channel: str = "chat.polyai", **more: Any) -> tuple[Scene, Heard]:
    scene = Scene(project("act", **more), {"act": act}, [Call("act"), *replies], channel=channel)
    return scene, scene.hear("Go.")


def test_messages_go_out_with_the_end_of_the_turn() -> None:
    def act(conv: Any) -> str:
        conv.state.name = "Ann"
        conv.send_sms("+441", "+442", "See you at nine.")
        conv.send_sms_template("+441", "reminder")
        return "sent"

    sent_before_the_end: list[int] = []
    template = SmsTemplate("reminder", "Dear {{vrbl:name}}", {"sandbox": "+443"})
    made = project("act", sms_templates={"reminder": template})
    scene = Scene(made, {"act": act}, [Call("act"), ["Sent", 0.1, "."]])
    scene.play(lambda: scene.session.hear("Go."), watch=lambda _: sent_before_the_end.append(len(scene.host.outgoing)))
    assert sent_before_the_end[0] == 0
    first, second = scene.host.outgoing
    assert (first.kind, first.to, first.content["content"]) == (OutboxKind.SMS, "+441", "See you at nine.")
    assert second.kind is OutboxKind.SMS
    assert [event["kind"] for event in scene.host.of(EventKind.OUTBOX)] == ["sms", "sms"]


def test_messages_of_a_function_that_failed_afterwards_still_go_out() -> None:
    def act(conv: Any) -> None:
        conv.send_sms("+441", "+442", "See you.")
        raise ValueError("late")

    scene, _ = ask(act, "Sorry.")
    assert len(scene.host.outgoing) == 1


def test_call_handoff_ends_the_conversation_after_its_utterance_even_where_the_project_has_no_such_entry() -> None:
    def act(conv: Any) -> Any:
        return conv.call_handoff("DEFAULT", reason="angry", utterance="One moment.")

    scene, heard = ask(act)
    assert heard.said == ["One moment."]
    assert heard.ended.reason is DisconnectionReason.HANDOFF
    assert heard.ended.handoff is not None
    assert heard.ended.handoff.reason == "angry"
    assert scene.host.outgoing[0].kind is OutboxKind.HANDOFF


def test_assigned_attributes_of_the_variant_are_shown_from_then_on() -> None:
    def act(conv: Any) -> str:
        conv.variant.city = "York"
        return "We are in {{attr:city}}."

    scene, _ = ask(act, "York.", "Still York.", variants={"south": {"city": "Hull"}}, default_variant="south")
    assert scene.asked[1].last.content == "We are in York."
    scene.resume()
    scene.hear("Where?")
    assert scene.now.variant_attributes["city"] == "York"


def test_voice_and_recognition_settings_persist_and_reach_the_channel() -> None:
    def act(conv: Any) -> dict[str, str]:
        conv.set_asr_biasing(["Aberystwyth"], {"Wrexham": 2.0})
        conv.discard_recording()
        return {"utterance": "ok"}

    scene, heard = ask(act, "Hm.")
    assert heard.listening.settings["asr_biasing"] == {
        "keywords": ["Aberystwyth"],
        "custom_biases": {"Wrexham": 2.0},
    }
    assert "asr_biasing" in scene.hear("x").listening.settings
    assert scene.now.discard_recording


def test_suggestions_for_a_web_chat_come_with_the_end_of_the_turn() -> None:
    def act(conv: Any) -> dict[str, str]:
        conv.set_response_suggestions(["Yes", "No"])
        return {"utterance": "Sure?"}

    _, heard = ask(act, channel="webchat.polyai")
    assert heard.listening.suggestions == ("Yes", "No")


def test_nothing_has_come_from_outside_while_an_id_is_only_given_out() -> None:
    def act(conv: Any) -> dict[str, str]:
        return {"utterance": f"{conv.generate_external_event()} {conv.generic_external_events}"}

    scene, heard = ask(act, Call("act"))
    event_id, seen = heard.said[0].split()
    assert seen == "[]"
    assert scene.hear("And now?").said[0].endswith(" []")
    told = [event.content["value"] for event in scene.host.events if event.content.get("setting") == "external_event"]
    assert event_id in str(told[0])


def test_real_time_settings_and_state_objects_survive_turns() -> None:
    from datetime import date

    def act(conv: Any) -> dict[str, str]:
        if conv.state.day is None:
            conv.state.day = date(2026, 3, 2)
        return {"utterance": f"{conv.state.day:%d.%m.} {conv.real_time_config.get('open')}"}

    scene, heard = ask(act, Call("act"))
    scene.host.config["open"] = "late"
    scene.resume()
    assert [*heard.said, *scene.hear("Again.").said] == ["02.03. None", "02.03. late"]
