"""Who has said that they do not want to be called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.calls import Role, Turn
from postcall.domain.refusals import find_refusal

ASK = [
    "Don't call me again.",
    "Please do not call me anymore",
    "Don’t ever call me again!",
    "Look, I'm busy. Do not contact us any more.",
    "I told you to STOP CALLING THIS NUMBER",
    "I asked you not to call me",
    "Never call here again",
    "I don't want to be called.",
    "I do not want you to call me again, thank you",
    "I don't want any more calls from you",
    "No more calls, please.",
    "Take me off your list.",
    "Could you remove my number from your database please",
    "Put me on your do-not-call list",
    "Rufen Sie mich bitte nicht mehr an.",
    "Ich möchte nicht mehr angerufen werden",
    "Streichen Sie mich bitte aus Ihrer Liste",
    "Ne m'appelez plus.",
    "Je ne veux plus être appelée",
    "Retirez-moi de votre liste",
    "No me llamen más",
    "Dejen de llamarme por favor",
    "No quiero que me llamen",
]
DO_NOT_ASK = [
    "",
    "Don't call me before noon.",
    "I don't want to be called before noon",
    "Call me again tomorrow",
    "If you don't call me, I'll come by.",
    "Why don't you call me tomorrow?",
    "Please don't call me Sir Henry",
    "Don't hesitate to call me",
    "Never mind, call me back",
    "Put me on the list",
    "Remove the second item from my list",
    "Is this the do not call list?",
    "I don't want tea",
    "Rufen Sie mich nicht vor zehn an",
    "Ne m'appelez pas avant midi",
    "Llámame mañana, no quiero té",
]


@pytest.mark.parametrize("said", ASK)
def test_somebody_who_asks_not_to_be_called_is_heard(said: str) -> None:
    turns = (Turn(Role.AGENT, "Hello!"), Turn(Role.USER, "Yes?"), Turn(Role.USER, said), Turn(Role.USER, "Bye."))
    assert find_refusal(turns) == said


@pytest.mark.parametrize("said", DO_NOT_ASK)
def test_somebody_who_says_something_else_is_not(said: str) -> None:
    assert find_refusal((Turn(Role.USER, said),)) is None


def test_an_agent_cannot_ask_for_somebody() -> None:
    assert find_refusal((Turn(Role.AGENT, "Shall I see to it? Do not call me again."),)) is None


@given(st.text(max_size=2_000))
def test_whatever_is_said_is_read(said: str) -> None:
    assert find_refusal((Turn(Role.USER, said),)) in {None, said}
