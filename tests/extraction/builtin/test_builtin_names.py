"""Names of callers and others."""

from __future__ import annotations

import pytest
from tests.extraction.builtin.talk import answer, talk

from postcall.domain.answers import AnswerStatus
from postcall.extraction.builtin.names import answered, introduced

ASKED = "What is the caller's name?"


@pytest.mark.parametrize(
    "said",
    [
        "My name is Daniel Okafor.",
        "This is Daniel Okafor calling about a bill",
        "Hi, I'm Daniel Okafor",
        "Daniel Okafor here.",
    ],
)
def test_callers_who_introduce_themselves_are_named(said: str) -> None:
    name = introduced(said)
    assert name is not None
    assert name.value == "Daniel Okafor"


@pytest.mark.parametrize(
    "said", ["I'm calling about my bill", "I am so angry", "This is ridiculous", "It's broken", "I'm Not Happy"]
)
def test_feelings_and_deeds_are_no_names(said: str) -> None:
    assert introduced(said) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ben. and another thing", "Ben"),
        ("Sure, it's Ana Kowalska", "Ana Kowalska"),
        ("Petrov, P-E-T-R-O-V", "Petrov"),
        ("Louis May", "Louis May"),
    ],
)
def test_the_answer_to_your_name_is_one(said: str, name: str) -> None:
    found = answered(said)
    assert found is not None
    assert found.value == name


@pytest.mark.parametrize("said", ["no, that is private", "why do you ask", "I don't remember", ""])
def test_a_refusal_gives_no_name(said: str) -> None:
    assert answered(said) is None


def test_first_and_last_name_asked_for_apart_are_joined() -> None:
    call = talk("A: Your first name?", "U: Ana", "A: And your last name?", "U: Kowalska")
    assert answer(call, "What is the caller's full name?").value == "Ana Kowalska"


def test_someone_who_says_it_is_they_is_named_as_they_were_addressed() -> None:
    call = talk("A: Hello, is this Laura Chen?", "U: Yes, speaking.")
    assert answer(call, ASKED).value == "Laura Chen"


def test_the_name_of_a_pet_is_not_the_callers() -> None:
    call = talk("A: What is the name of your pet?", "U: Rex")
    assert answer(call, ASKED).status is AnswerStatus.UNKNOWN


def test_the_agents_name_is_the_agents() -> None:
    call = talk("A: This is Nora from Brightwave.", "U: Hi, I'm Daniel.")
    assert answer(call, "What is the agent's name?").value == "Nora"
    assert answer(call, ASKED).value == "Daniel"


def test_a_name_that_is_only_spelled_is_put_together() -> None:
    call = talk("A: Your name, please?", "U: That's D-A-N-A")
    assert answer(call, ASKED).value == "Dana"
