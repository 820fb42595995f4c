"""Explanations of choices, in the many ways in which people write them."""

from __future__ import annotations

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.extraction.builtin.talk import answer, question, talk

from postcall.extraction.builtin.choice_text import evidence_of, find_explanations
from postcall.extraction.builtin.prompt import read_question

VALUES = ("new_booking", "cancel", "other")
MEANINGS = {"new_booking": "a table is wanted", "cancel": "a table is called off", "other": "all else"}


def explained(prompt: str, *values: str) -> dict[str, str]:
    return {value: each.text for each in find_explanations(prompt, values) for value in each.values}


@pytest.mark.parametrize(
    "prompt",
    [
        "Why? new_booking: a table is wanted. cancel: a table is called off. other: all else.",
        "Why? new_booking: a table is wanted; cancel: a table is called off; other: all else",
        "Why? (new_booking: a table is wanted; cancel: a table is called off; other: all else)",
        "Why? new_booking (a table is wanted), cancel (a table is called off), other (all else).",
        "Why?\n- new_booking: a table is wanted\n- cancel: a table is called off\n- other: all else\nAnswer with one.",
        "Why?\n* `new_booking` - a table is wanted\n* `cancel` - a table is called off\n* `other` - all else",
        "Why?\n1. New booking – a table is wanted\n2. Cancel – a table is called off\n3. Other – all else",
        "Why?\n**new_booking** — a table is wanted\n**cancel** — a table is called off\n**other** — all else",
        "Why? new_booking = a table is wanted, cancel = a table is called off, other = all else",
        "Why? new-booking -> a table is wanted, cancel -> a table is called off, other -> all else",
        "Why? Answer 'new_booking' if a table is wanted, 'cancel' if a table is called off, and 'other' for all else.",
        'Why? Use "new booking" when a table is wanted, "cancel" when a table is called off, or "other" if all else.',
        "| new_booking | a table is wanted |\n| cancel | a table is called off |\n| other | all else |",
        "Why? 'new_booking' means a table is wanted. 'cancel' means a table is called off. 'other' means all else.",
        "Is it that a table is wanted (new_booking), a table is called off (cancel), or all else (other)?",
        "If a table is wanted, answer new_booking. If a table is called off, answer cancel. If all else, answer other.",
    ],
)
def test_every_choice_gets_its_own_explanation_however_it_is_written(prompt: str) -> None:
    found = explained(prompt, *VALUES)
    assert set(found) == set(VALUES)
    for value, text in found.items():
        assert MEANINGS[value] in text
        assert not any(other in text for key, other in MEANINGS.items() if key != value)


def test_an_instruction_at_the_end_explains_no_choice() -> None:
    prompt = "Why? cancel: it is called off. other: all else. Return only the label. If unsure, take the first."
    assert explained(prompt, "cancel", "other")["other"] == "all else"


def test_an_explanation_goes_on_over_several_sentences_and_wrapped_lines() -> None:
    prompt = "Why?\n- cancel: it is called off.\n  also by text message\n- other: all else"
    assert "text message" in explained(prompt, "cancel", "other")["cancel"]


def test_a_star_explains_all_choices_that_it_fits() -> None:
    found = explained(
        "Why? (*_search: only looking; hotel_book: a room is taken)", "hotel_book", "taxi_search", "x_search"
    )
    assert found == {"taxi_search": "only looking", "x_search": "only looking", "hotel_book": "a room is taken"}


def test_what_an_explanation_excludes_is_no_evidence() -> None:
    assert "move" not in evidence_of("a new visit, not a moved one")
    assert "old" not in evidence_of("the new plan, except for old customers")
    assert "not working" in evidence_of("the line is not working")


def test_the_question_is_read_without_the_explanations() -> None:
    prompt = "What did they want? book: a visit to the doctor is wanted. ask: anything else. Answer with one word."
    read = read_question(question(prompt, "ENUM", "book", "ask"))
    assert "doctor" not in read.text
    assert read.text.startswith("What did they want?")


def test_a_pronoun_is_no_value_to_fall_back_on() -> None:
    assert (
        read_question(question("Full name of the guest, as they give it. Null if they never say it.")).fallback is None
    )


_NAMES = st.lists(st.text(ascii_lowercase, min_size=4, max_size=9), min_size=2, max_size=6, unique=True).filter(
    lambda names: not any(one != other and one in other for one in names for other in names)
)
_WORDS = st.lists(
    st.sampled_from(["wants", "table", "bill", "visit", "broken", "late", "price"]), min_size=1, max_size=5
)


@st.composite
def _prompts(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    names = [f"{name}q" for name in draw(_NAMES)]
    meanings = {name: f"the {' '.join(draw(_WORDS))} of {name[::-1]}" for name in names}
    mark, end = draw(
        st.sampled_from(
            [
                (": ", ". "),
                (": ", "; "),
                (": ", "\n"),
                (" = ", ", "),
                (" – ", "\n"),
                (" - ", "\n"),
                (" -> ", "; "),
                (": ", ", "),
            ]
        )
    )
    left, right = draw(st.sampled_from([("", ""), ("'", "'"), ("`", "`"), ("**", "**"), ("- ", ""), ("• ", "")]))
    left = left if end == "\n" or left not in ("- ", "• ") else ""
    lead = draw(st.sampled_from(["Why did they call?\n", "Pick one.\n", "Reason for the call:\n"]))
    return lead + end.join(f"{left}{name}{right}{mark}{text}" for name, text in meanings.items()), meanings


@given(_prompts())
def test_no_explanation_swallows_another(case: tuple[str, dict[str, str]]) -> None:
    prompt, meanings = case
    assert explained(prompt, *meanings) == meanings


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6, unique=True))
def test_any_prompt_and_any_choices_can_be_read(prompt: str, values: list[str]) -> None:
    for each in find_explanations(prompt, values):
        assert set(each.values) <= set(values)
        assert 0 <= each.start <= each.end <= len(prompt)


def test_an_explanation_decides_between_choices_whose_names_say_nothing() -> None:
    call = talk("A: Hello.", "U: The heating in my flat stopped working this morning.", "A: We will look into it.")
    prompt = "Type? a1: the rent or a deposit. a2: something is broken and needs repair. a3: the neighbours are loud."
    assert answer(call, prompt, "ENUM", "a1", "a2", "a3").value == "a2"
