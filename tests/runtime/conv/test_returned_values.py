"""What a function returns, and what comes of it."""

# ruff: noqa: ARG005 - functions take conv

from __future__ import annotations

from typing import Any

import pytest
from tests.runtime.conv.stage import Stage

from postcall.runtime.protocol import AskedHandoff, Effects, FunctionDone, Moved, Returned


def returning(value: Any, **context: Any) -> FunctionDone:
    return Stage().run(lambda conv: value, **context)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Returned()),
        ({}, Returned(raw={})),
        ("booked", Returned(text="booked", raw="booked")),
        ("", Returned(text="", raw="")),
        ({"content": "booked"}, Returned(text="booked", raw={"content": "booked"})),
        ({"content": 5}, Returned(text="5", raw={"content": 5})),
        ({"utterance": "Hi"}, Returned(utterance="Hi", raw={"utterance": "Hi"})),
        ({"utterance": ""}, Returned(utterance="", raw={"utterance": ""})),
        ({"utterance": None}, Returned(raw={"utterance": None})),
        ({"hangup": True}, Returned(hangup=True, raw={"hangup": True})),
    ],
)
def test_texts_and_utterances(value: Any, expected: Returned) -> None:
    done = returning(value)
    assert (done.returned, done.failed, done.effects) == (expected, None, Effects())


def test_a_key_that_does_nothing_is_told_to_its_author() -> None:
    done = returning({"utternace": "Hi"})
    assert (done.returned, done.failed) == (Returned(raw={"utternace": "Hi"}), None)
    assert "utternace" in done.effects.notes[0]


def test_an_utterance_ends_the_turn_unless_the_dictionary_says_so() -> None:
    assert returning({"utterance": "Hi"}).returned.end_turn
    assert not returning({"utterance": "Hi", "content": "go on", "end_turn": False}).returned.end_turn
    assert returning({"content": "go on", "end_turn": False}).returned.end_turn


def test_keys_combine() -> None:
    listen = {"asr": {"timeout": 0.1}}
    done = returning(
        {"utterance": "1", "content": "then", "listen": listen, "utterance_channel": "DTMF", "variant": "south"}
    )
    assert done.returned.listen == listen
    assert (done.returned.utterance_channel, done.returned.text) == ("DTMF", "then")
    assert done.effects.variant == "south"


@pytest.mark.parametrize(
    ("transition", "moved"),
    [
        ({"goto_flow": "Booking"}, Moved(goto_flow="Booking")),
        ({"goto_step": "Pay"}, Moved(goto_step="Pay")),
        ({"goto_flow": "Booking", "goto_step": "Pay"}, Moved(goto_flow="Booking", goto_step="Pay")),
        ({"exit_flow": True}, Moved(exit_flow=True)),
        ({"exit_flow": False}, Moved()),
        ({}, Moved()),
        (None, Moved()),
    ],
)
def test_a_transition_moves_like_the_methods(transition: Any, moved: Moved) -> None:
    assert returning({"transition": transition}).effects.moved == moved


def test_a_returned_transition_comes_after_the_calls() -> None:
    def leaves(conv: Any) -> dict[str, Any]:
        conv.goto_flow("Booking")
        return {"transition": {"exit_flow": True}}

    def goes_deeper(conv: Any) -> dict[str, Any]:
        conv.goto_flow("Booking")
        return {"transition": {"goto_step": "Pay"}}

    def says_nothing_new(conv: Any) -> dict[str, Any]:
        conv.goto_flow("Booking")
        return {"content": "x", "transition": {}}

    assert Stage().run(leaves).effects.moved == Moved(exit_flow=True)
    assert Stage().run(goes_deeper).effects.moved == Moved(goto_flow="Booking", goto_step="Pay")
    assert Stage().run(says_nothing_new).effects.moved == Moved(goto_flow="Booking")


@pytest.mark.parametrize(
    ("handoff", "asked"),
    [
        (True, AskedHandoff()),
        (False, None),
        (
            {"type": "SALES", "reason": "wants to buy", "refer": {"phone_number": "+1555"}},
            AskedHandoff(destination="SALES", reason="wants to buy", method="refer", route="+1555"),
        ),
        (
            {"type": "SALES", "invite": {"outbound_endpoint": "desk", "sip_headers": {"X-A": 5}}},
            AskedHandoff(destination="SALES", method="invite", route="desk", sip_headers={"X-A": "5"}),
        ),
        (
            {"bye": {"sip_headers": {"X-Ticket": "7"}}},
            AskedHandoff(method="bye", sip_headers={"X-Ticket": "7"}, contained=True),
        ),
        (
            {"type": "END", "reason": "CONTAINED", "bye": {}},
            AskedHandoff(destination="END", reason="CONTAINED", method="bye", contained=True),
        ),
        ({"type": "DESK", "bye": {}}, AskedHandoff(destination="DESK", method="bye")),
        ({"type": "DESK", "cxone": {"contactId": 3}}, AskedHandoff(destination="DESK", method="cxone")),
        ("SALES", AskedHandoff(destination="SALES")),
    ],
)
def test_a_handoff_that_is_returned(handoff: Any, asked: AskedHandoff | None) -> None:
    assert returning({"utterance": "One moment.", "handoff": handoff}).effects.handoff == asked


@pytest.mark.parametrize(
    "value",
    [
        7,
        True,
        ["booked"],
        object(),
        {"utterance": ["Hi"]},
        {"transition": "Booking"},
        {"transition": {"goto_flow": 5}},
        {"listen": 3},
        {"handoff": 3},
    ],
)
def test_nonsense_is_a_failure_that_says_what_is_wrong(value: Any) -> None:
    done = returning(value)
    assert done.failed is not None
    assert (done.failed.kind, done.returned) == ("nonsense", Returned())
    assert done.failed.message.startswith("returned a ")


def test_a_coroutine_is_nonsense_too() -> None:
    async def waits(conv: Any) -> str:
        return "later"

    seen: list[Any] = []

    def call(conv: Any) -> Any:
        seen.append(waits(conv))
        return seen[0]

    done = Stage().run(call)
    seen[0].close()
    assert done.failed is not None
    assert "coroutine" in done.failed.message


def test_what_json_cannot_say_does_not_stop_an_answer() -> None:
    done = returning({"utterance": "Hi \ud800", "content": {1, 2}, "own": object()})
    assert (done.returned.utterance, done.returned.text) == ("Hi ?", "{1, 2}")
    assert done.returned.raw["own"].startswith("<object object")
