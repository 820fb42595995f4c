"""Names, counts, moods and named things as callers say them."""

from __future__ import annotations

import pytest
from tests.extraction.builtin.talk import answer, talk

NAME = "What is the name of the tenant on the line, first and last where both are given? No value if it is never said."
ASKED = "A: Your full name and date of birth, please?"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((ASKED, "U: Miriam Vaughn March 3rd 1990"), "Miriam Vaughn"),
        ((ASKED, "U: miriam vaughn, march third nineteen ninety"), "Miriam Vaughn"),
        ((ASKED, "U: June Carter, June 3rd 1990"), "June Carter"),
        (("A: And your name?", "U: Leon, Leon Oakley."), "Leon Oakley"),
        (("A: Hello?", "U: hi this is omar zamora i think my sink leaks", "A: All right, Omar."), "Omar Zamora"),
        (("A: Hello?", "U: Sink broken asap. Paul Vance", "A: Hi Paul, a plumber is coming."), "Paul Vance"),
        (("A: Hello, is this Zoe McAllen?", "U: Mm-hm, yes.", "A: Good."), "Zoe McAllen"),
        (("A: ¿Cómo se llama?", "U: Carlos Castañeda, 25 de enero de 1971."), "Carlos Castañeda"),
        (("A: Hello?", "U: Do you take PPO?", "A: We do.", "U: It's PPO. Good."), None),
        (("A: Hello?", "U: Is Terrence there?", "A: Nobody by that name."), None),
    ],
)
def test_a_name_is_the_name_alone(lines: tuple[str, ...], expected: str | None) -> None:
    assert answer(talk(*lines), NAME).value == expected


BEFORE = "How many times does the caller say they have already called about this, not counting this call?"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("This is the third time I'm calling about this.", 2),
        ("I called twice already.", 2),
        ("I've called you guys three times and nobody helps.", 3),
        ("This is my fourth call today.", 3),
        ("I called last Friday too.", 1),
        ("The heating broke for the third time this winter.", None),
        ("I'd like to book two rooms.", None),
    ],
)
def test_earlier_calls_are_counted_without_this_one(said: str, expected: int | None) -> None:
    assert answer(talk("A: Hello.", f"U: {said}", "A: I'm sorry."), BEFORE, "INTEGER").value == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("That's such a relief, thank you so much.", "positive"),
        ("Great. Just great. So I waited for nothing.", "negative"),
        ("You have got to be kidding me.", "negative"),
        ("Okay, Tuesday then. Bye.", "neutral"),
    ],
)
def test_a_mood_is_heard_in_the_last_words(said: str, expected: str) -> None:
    call = talk("A: Hello.", "U: I have a question about Tuesday.", "A: Yes?", f"U: {said}")
    assert answer(call, "Mood of the caller at the end", "ENUM", "positive", "neutral", "negative").value == expected


def test_a_mood_is_answered_in_the_choices_own_words() -> None:
    call = talk("A: Hello.", "U: This is the worst service ever. Unacceptable! I want my money back, idiots.")
    assert answer(call, "Tone of the caller", "ENUM", "friendly", "calm", "annoyed", "furious").value == "furious"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("A: Which insurance do you have?", "U: Blue Meadow, through my job."), "Blue Meadow"),
        (("A: Hello.", "U: Do you accept Northcare?", "A: Yes, we are in network with Northcare."), "Northcare"),
        (("A: Hello.", "U: i have northcare do you take that", "A: Yes, we take Northcare."), "Northcare"),
        (("A: Hello.", "U: How much is it without insurance?", "A: Fifty dollars. Dr. Wilkes can see you."), None),
        (("A: Hello, this is Anna.", "U: I'm Bob Miles, I need a visit.", "A: Sure, Bob."), None),
    ],
)
def test_an_insurer_is_named_only_where_one_is_said(lines: tuple[str, ...], expected: str | None) -> None:
    prompt = "Which insurance company does the caller have or ask about? No value if none is named."
    assert answer(talk(*lines), prompt).value == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("A: Which unit are you in?", "U: 12, second floor."), "12"),
        (("A: Hello.", "U: It's Tanya from 7A, my sink leaks."), "7A"),
        (("A: Hello.", "U: I called two times today."), "unknown"),
    ],
)
def test_a_unit_is_short_and_said_in_passing(lines: tuple[str, ...], expected: str) -> None:
    assert answer(talk(*lines), "Unit number of the flat. Return 'unknown' if it is not mentioned.").value == expected


def test_a_question_about_the_person_on_the_phone_is_no_question_for_a_phone_number() -> None:
    call = talk("A: Your name?", "U: Gus Fernandez.", "A: And the number?", "U: 555 017 2244")
    assert answer(call, "Name of the customer on the phone").value == "Gus Fernandez"
