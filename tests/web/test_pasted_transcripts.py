"""Reading a transcript that somebody pasted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.calls import Role, Turn
from postcall.errors import BadInput
from postcall.web.paste import read_paste, role_of

AGENT, USER = Role.AGENT, Role.USER


def said(text: str) -> list[tuple[Role, str]]:
    """Role and words of each turn."""
    return [(turn.role, turn.text) for turn in read_paste(text)]


def complaint(text: str) -> str:
    """What is said of a paste that cannot be read."""
    with pytest.raises(BadInput) as raised:
        read_paste(text)
    assert raised.value.field == "transcript"
    return raised.value.message


def test_two_labelled_lines_are_two_turns() -> None:
    assert said("Agent: Hello.\nCaller: Hi there.") == [(AGENT, "Hello."), (USER, "Hi there.")]


@pytest.mark.parametrize("label", ["Agent", "AGENT", "agent", "Bot", "Assistant", "A", "AI", "Rep", "IVR", "Agente"])
def test_common_labels_of_the_agent_are_known(label: str) -> None:
    assert said(f"{label}: Hello.\nCaller: Hi.") == [(AGENT, "Hello."), (USER, "Hi.")]


@pytest.mark.parametrize("label", ["Caller", "CUSTOMER", "user", "Client", "C", "U", "Patient", "Guest", "Cliente"])
def test_common_labels_of_the_caller_are_known(label: str) -> None:
    assert said(f"Agent: Hello.\n{label}: Hi.") == [(AGENT, "Hello."), (USER, "Hi.")]


@pytest.mark.parametrize(
    ("line", "start_s"),
    [
        ("[00:12] Agent: Hello.", 12.0),
        ("(1:02:03) Agent: Hello.", 3723.0),
        ("00:12.5 Agent: Hello.", 12.5),
        ("00:12 - Agent: Hello.", 12.0),
        ("00:00:12,250 --> 00:00:14,000 Agent: Hello.", 12.25),
        ("[2026-03-01 10:00:05] Agent: Hello.", 36_005.0),
        ("Agent (00:12): Hello.", 12.0),
        ("Agent [00:12]: Hello.", 12.0),
        ("Agent 00:12: Hello.", 12.0),
        ("Agent: Hello.", None),
    ],
)
def test_a_time_beside_the_speaker_is_read_and_taken_off(line: str, start_s: float | None) -> None:
    assert read_paste(line) == (Turn(AGENT, "Hello.", start_s),)


@pytest.mark.parametrize("line", ["**Agent:** Hello.", "**Agent**: Hello.", "Agent 1: Hello.", "Agent (Maria): Hello.",
                                  "Maria (Agent): Hello.", "Agent： Hello.", "Agent : Hello."])  # fmt: skip
def test_decorated_labels_are_known(line: str) -> None:
    assert said(line) == [(AGENT, "Hello.")]


def test_a_line_without_a_speaker_goes_on_with_the_turn_before() -> None:
    text = "Agent: Your options are:\nmy favourite: the first.\n\nIt is cheap.\nCaller: Fine."
    assert said(text) == [(AGENT, "Your options are:\nmy favourite: the first.\nIt is cheap."), (USER, "Fine.")]


def test_words_may_stand_below_their_label() -> None:
    assert said("AGENT:\nHello.\n\nCALLER:\nHi.") == [(AGENT, "Hello."), (USER, "Hi.")]


def test_right_to_left_words_and_emoji_stay_as_they_are() -> None:
    assert said("Agent: שלום, במה אפשר לעזור?\nCaller: 👋🏽 مرحبا") == [
        (AGENT, "שלום, במה אפשר לעזור?"),
        (USER, "👋🏽 مرحبا"),
    ]


def test_a_json_array_of_turns_is_read() -> None:
    text = '[{"role": "agent", "text": "Hello: you."}, {"role": "user", "text": "Hi.", "start_s": 3}]'
    assert read_paste(text) == (Turn(AGENT, "Hello: you."), Turn(USER, "Hi.", 3.0))


def test_an_error_names_the_line_or_the_turn() -> None:
    assert "Line 1 names no speaker" in complaint("Hello there\nAgent: Hi")
    assert "Line 3: who is 'Maria'?" in complaint("Agent: Hi\n\nMaria: Hello")
    assert "Line 2: time runs backwards" in complaint("[00:10] Agent: Hi\n[00:05] Caller: Hello")
    assert "Line 2: nothing is said" in complaint("Agent: Hi\nCaller:\nAgent: Hello?")
    assert "Turn 1: text is missing" in complaint('[{"role": "user", "text": "a"}, {"role": "user"}]')
    assert "Turn 0: who is 'narrator'?" in complaint('[{"role": "narrator", "text": "a"}]')
    assert "not JSON" in complaint('[{"role": "user", "text": "a"')
    assert "first" in complaint(" \n ")


def test_a_json_text_that_no_page_can_send_is_refused() -> None:
    assert complaint('[{"role": "user", "text": "\\ud800"}]')


WORDS = st.text(st.characters(blacklist_categories=["C", "Z"], blacklist_characters=":："), min_size=1, max_size=12)
SAID = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
TURNS = st.lists(st.tuples(st.sampled_from(Role), SAID), min_size=1, max_size=12)
LABELS = {AGENT: ("Agent", "BOT", "assistant", "A"), USER: ("Caller", "CUSTOMER", "user", "C")}


@given(TURNS, st.data())
def test_whatever_is_said_comes_back_as_it_was_said(turns: list[tuple[Role, str]], data: st.DataObject) -> None:
    stamped = data.draw(st.booleans())
    lines = [
        f"{f'[{index // 60:02}:{index % 60:02}] ' if stamped else ''}{data.draw(st.sampled_from(LABELS[role]))}: {text}"
        for index, (role, text) in enumerate(turns)
    ]
    read = read_paste("\n".join(lines))
    assert [(turn.role, turn.text) for turn in read] == turns
    assert [turn.start_s for turn in read] == [float(index) if stamped else None for index in range(len(turns))]


@given(TURNS)
def test_whatever_is_said_comes_back_from_json(turns: list[tuple[Role, str]]) -> None:
    text = json.dumps([{"role": role, "text": text} for role, text in turns])
    assert said(text) == turns


@given(st.text(max_size=200) | st.text('[]{}":,Agent Caller\n0123:', max_size=200))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        turns = read_paste(text)
    except BadInput as error:
        assert error.field == "transcript" and error.message
    else:
        assert turns and all(turn.text.strip() for turn in turns)


@given(st.text(max_size=30))
def test_no_label_is_both_sides(label: str) -> None:
    assert role_of(label) == role_of(label.upper().lower())
