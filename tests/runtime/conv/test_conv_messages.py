"""Messages that a function sends: kept as they read at that moment."""

# ruff: noqa: ARG005 - functions take conv

from __future__ import annotations

from typing import Any

import pytest
from tests.runtime.conv.stage import Stage, value_of

from postcall.runtime.conv.modules import star_names
from postcall.runtime.conv.sms_texts import fill_in
from postcall.runtime.protocol import Effects, Message

GEN: dict[str, Any] = star_names()


def effects(function: Any, **context: Any) -> Effects:
    done = Stage().run(function, **context)
    assert done.failed is None, done.failed
    return done.effects


def test_a_template_is_filled_in_when_it_is_sent() -> None:
    def sends(conv: Any) -> None:
        conv.state.name = "Ada"
        conv.send_sms_template("+1555", "booked", retry_count=2)
        conv.state.name = "Bob"

    (message,) = effects(sends, variant="south", language="fr-FR").messages
    content = {
        "from_number": "+15550001",
        "content": "Hi Ada, see you in Hove for $8.99. Au revoir ",
        "template": "booked",
    }
    assert message == Message("sms", "+1555", content, 2)


@pytest.mark.parametrize(
    ("env", "number"),
    [("live", "+15550001"), ("pre-release", "+15550002"), ("sandbox", "+15550003"), ("draft", "+15550003")],
)
def test_each_environment_sends_from_its_own_number(env: str, number: str) -> None:
    (message,) = effects(lambda conv: conv.send_sms_template("+1555", "booked"), env=env).messages
    assert message.content["from_number"] == number
    assert value_of(lambda conv: conv.sms_templates["booked"].phone_number, env=env) == number


def test_a_template_can_be_read_as_it_is_written() -> None:
    assert value_of(lambda conv: conv.sms_templates["booked"].content).startswith("Hi $name, see you")


def test_an_unknown_template_is_refused() -> None:
    def careful(conv: Any) -> str:
        try:
            conv.send_sms_template("+1555", "nothing")
        except GEN["MissingTemplate"] as error:
            return f"no {error}"
        return "sent"

    assert Stage().run(careful).returned.text == "no nothing"


def test_every_kind_of_message_is_recorded_in_order() -> None:
    def sends(conv: Any) -> None:
        conv.send_sms("+1", "+2", "hello")
        conv.send_whatsapp("+1", "+2", "HX1")
        conv.send_content_template("MG1", "+1", "HX2", content_variables={"1": "Ada"})
        conv.send_content_template("MG1", "+1", "HX2", whatsapp=True)
        conv.send_email("ada@example.org", "Body", subject="Booked")

    assert effects(sends).messages == (
        Message("sms", "+1", {"from_number": "+2", "content": "hello"}),
        Message("whatsapp", "+1", {"from_number": "+2", "content_id": "HX1"}),
        Message("sms", "+1", {"messaging_service_id": "MG1", "content_id": "HX2", "content_variables": {"1": "Ada"}}),
        Message("whatsapp", "+1", {"messaging_service_id": "MG1", "content_id": "HX2"}),
        Message("email", "ada@example.org", {"subject": "Booked", "body": "Body"}),
    )


def test_the_queue_shows_what_this_function_has_sent() -> None:
    def sends(conv: Any) -> Any:
        conv.send_sms("+1", "+2", "hello")
        conv.send_sms_template("+1", "booked")
        conv.send_email("ada@example.org", "Body")
        return conv.sms_queue

    assert value_of(sends) == [GEN["OutgoingSMS"]("+1", "+2", "hello"), GEN["OutgoingSMSTemplate"]("+1", "booked")]


@pytest.mark.parametrize("to", [None, "", "  "])
def test_a_message_to_nobody_is_noted_and_not_sent(to: Any) -> None:
    asked = effects(lambda conv: conv.send_sms_template(to, "booked"))
    assert (asked.messages, len(asked.notes)) == ((), 1)


def test_messages_are_kept_when_the_function_fails_afterwards() -> None:
    def sends(conv: Any) -> None:
        conv.send_sms("+1", "+2", "hello")
        raise ValueError("no")

    assert len(Stage().run(sends).effects.messages) == 1


def test_a_carrier_is_not_for_functions_to_call() -> None:
    client = GEN["TwilioSMSClient"](GEN["SMSCredentials"]("sid", "secret-token"))
    with pytest.raises(GEN["SMSClientFailure"]):
        client.send_sms(GEN["OutgoingSMS"]("+1", "+2", "hello"))
    assert "secret-token" not in repr(GEN["SMSCredentials"]("sid", "secret-token"))


def test_what_a_web_chat_shows() -> None:
    def shows(conv: Any) -> None:
        conv.add_attachments([GEN["Attachment"]("/map.png", "image", title="Map")])
        conv.set_response_suggestions(["Yes", "No"])
        conv.webchat.set_chat_call_actions([GEN["ChatCallAction"]("+1555", "Call us")])
        assert [one.title for one in conv.attachments] == ["Map"]
        assert conv.response_suggestions == ["Yes", "No"]
        assert conv.webchat.chat_call_actions[0].contact_number == "+1555"

    asked = effects(shows, channel_type="webchat.polyai")
    assert asked.attachments[0]["content_url"] == "/map.png"
    assert asked.response_suggestions == ("Yes", "No")
    assert asked.chat_call_actions == ({"contact_number": "+1555", "title": "Call us"},)
    assert effects(lambda conv: None).chat_call_actions is None


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$a_b and $a", "AB and A"),
        ("${a}b $a.b", "Ab A.b"),
        ("$8.99 $unknown ${unknown}", "$8.99 $unknown ${unknown}"),
        ("$none|{{vrbl:none}}|{{vrbl:unknown}}", "$none||"),
        ("${variant_town} {{attr:town}}", "Hove Hove"),
        ("{{tn:bye}} {{fn:book}}", "Au revoir {{fn:book}}"),
        ("$nested", "Au revoir"),
        ("$", "$"),
    ],
)
def test_filling_in(text: str, filled: str) -> None:
    state = {"a": "A", "a_b": "AB", "none": None, "nested": "{{tn:bye}}"}
    translations = {"bye": {"fr-FR": "Au revoir"}}
    assert (
        fill_in(text, state=state, variant={"town": "Hove"}, translations=translations, languages=("fr-CA", "en-US"))
        == filled
    )
