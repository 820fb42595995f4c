"""What a function reads of its conversation: who, where, what was said, what is remembered."""

# ruff: noqa: ARG005 - functions take conv

from __future__ import annotations

from typing import Any

from tests.runtime.conv.stage import Stage, value_of

from postcall.runtime.protocol import CollectedEntity, Spoken


def test_identity() -> None:
    read = value_of(
        lambda conv: (conv.id, conv.account_id, conv.project_id, conv.env, conv.channel_type, conv.language),
        env="sandbox",
    )
    assert read == ("CALL-1", "account", "clinic", "sandbox", "sip.polyai", "en-US")


def test_nothing_is_missing_in_a_chat() -> None:
    read = value_of(
        lambda conv: (
            conv.caller_number,
            conv.sip_headers,
            conv.integration_attributes,
            conv.real_time_config.get("hours", {}).get("monday"),
            conv.memory.get("name"),
            "name" in conv.memory,
            len(conv.memory),
            conv.memory.line_memory.get("x"),
            conv.current_flow,
            conv.metric_events,
            conv.history,
            conv.verified_context.get("x"),
            conv._analytics_events,
        ),
        channel_type="chat.polyai",
    )
    assert read == (None, {}, None, None, None, False, 0, None, None, [], [], None, [])


def test_history_tells_the_two_sides_apart() -> None:
    said = (Spoken("agent", "Hello"), Spoken("user", ""), Spoken("user", "Hi"))

    def reads(conv: Any) -> list[Any]:
        return [(type(one).__name__, one.role, one.text, one.to_dict()) for one in conv.history]

    assert value_of(reads, history=said) == [
        ("AgentResponse", "agent", "Hello", {"role": "agent", "text": "Hello"}),
        ("UserInput", "user", "", {"role": "user", "text": ""}),
        ("UserInput", "user", "Hi", {"role": "user", "text": "Hi"}),
    ]
    assert value_of(lambda conv: conv.history[2].to_string(), history=said) == "user: Hi"


def test_settings_and_memory_are_read_only() -> None:
    changes = (
        lambda conv: conv.real_time_config.update(a=1),
        lambda conv: conv.real_time_config.__setitem__("a", 1),
        lambda conv: conv.real_time_config.setdefault("a", 1),
        lambda conv: conv.memory.__setitem__("a", 1),
        lambda conv: setattr(conv.memory, "a", 1),
        lambda conv: setattr(conv, "id", "other"),
    )
    for change in changes:
        assert Stage().run(change, real_time_config={"b": 2}, memory={"b": 2}).failed is not None
    read = value_of(
        lambda conv: (conv.real_time_config["b"], conv.memory["b"], conv.memory.fields()),
        real_time_config={"b": 2},
        memory={"b": 2},
    )
    assert read == (2, 2, {"b": 2})


def test_settings_can_be_kept_in_the_state() -> None:
    def keeps(conv: Any) -> None:
        conv.state.config = conv.real_time_config

    stage = Stage()
    kept = stage.run(keeps, real_time_config={"b": 2})
    assert stage.run(lambda conv: str(conv.state.config), state=kept.state).returned.text == "{'b': 2}"
    assert list(stage.lines) == []


def test_entities_are_none_until_they_are_collected() -> None:
    phone = CollectedEntity("e-1", "phone", True, "+1555", "phone_number")
    name = CollectedEntity("e-2", "name", False, "x", "name_config", error="no name")

    def reads(conv: Any) -> list[Any]:
        one = conv.entities.phone
        return [conv.entities.date, "date" in conv.entities, one.value, one.valid, one.type, conv.entities.name.error]

    assert value_of(reads, entities={"phone": phone, "name": name}) == [
        None,
        False,
        "+1555",
        True,
        "phone_number",
        "no name",
    ]
    assert Stage().run(lambda conv: None, entities={"phone": phone, "name": name}).effects.entities is None


def test_entities_that_a_function_changes_are_told() -> None:
    phone = CollectedEntity("e-1", "phone", True, "+1555", "phone_number")

    def forgets(conv: Any) -> None:
        del conv.entities["phone"]

    def corrects(conv: Any) -> None:
        conv.entities.phone.value = "+1777"
        conv.entities.note = "quiet room"

    assert Stage().run(forgets, entities={"phone": phone}).effects.entities == {}
    changed = Stage().run(corrects, entities={"phone": phone}).effects.entities
    assert changed == {
        "phone": CollectedEntity("e-1", "phone", True, "+1777", "phone_number"),
        "note": CollectedEntity("note", "note", True, "quiet room", "free_text"),
    }
