"""What a head says of a call: a value, how sure it is, and the turn that weighs most."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import some_turns
from tests.extraction.learning.workshop import REASON, SETTLED, WorkshopCall, learn_about, workshop_calls

from postcall.domain.answers import AnswerStatus
from postcall.domain.calls import Role, Transcript, Turn
from postcall.domain.questions import DispositionMetric
from postcall.extraction.learning.answering import Opinion, ask_head, not_sure
from postcall.extraction.learning.features import read_features
from postcall.extraction.learning.head import Head


@cache
def head_of(question: DispositionMetric) -> Head:
    head = learn_about(question, workshop_calls(160)).head
    assert head is not None
    return head


def ask(question: DispositionMetric, transcript: Transcript, *, least: float = 0.5) -> Opinion | None:
    return ask_head(head_of(question), question, transcript, read_features(transcript), min_confidence=least)


def fresh() -> list[WorkshopCall]:
    return workshop_calls(40, seed=8)


def test_the_answer_names_the_turn_and_words_that_weigh_most() -> None:
    for call in fresh():
        opinion = ask(REASON, call.transcript)
        assert opinion is not None
        [evidence] = opinion.answer.evidence
        assert evidence.quote in call.transcript[evidence.turn].text
        assert opinion.answer.reasoning.startswith("Learned from 160 labelled calls: the word")
        assert evidence.turn == 1, "where the wish is said"


def test_the_answer_says_that_it_was_learned_and_is_calibrated() -> None:
    opinion = ask(SETTLED, fresh()[0].transcript)
    assert opinion is not None
    answer = opinion.answer
    assert (answer.by, answer.calibrated, answer.status) == ("learned", True, AnswerStatus.OK)
    assert answer.value is fresh()[0].settled
    assert answer.confidence is not None
    assert 0.5 <= answer.confidence < 1


def test_who_is_not_sure_enough_says_so() -> None:
    opinion = ask(SETTLED, fresh()[0].transcript, least=0.9999)
    assert opinion is not None
    assert not opinion.sure
    answer = not_sure(opinion, min_confidence=0.9999)
    assert (answer.status, answer.value, answer.by) == (AnswerStatus.UNKNOWN, None, "learned")
    assert answer.confidence == opinion.answer.confidence
    assert "Likeliest is " in answer.reasoning


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("user: ",),
        ("user: ¿Tienen habitaciones libres para mañana?", "agent: Claro, ¿cuántas noches serían?"),
        ("user: Ich möchte meine Versicherung kündigen, bitte schicken Sie mir eine Bestätigung.",),
        ("user: 你好,我想预订一张桌子。",),
        ("user: 🙂🙂🙂",),
    ],
)
def test_a_call_unlike_those_learned_from_is_left_alone(lines: tuple[str, ...]) -> None:
    assert ask(REASON, some_turns(*lines)) is None


def test_of_a_long_turn_the_part_around_the_words_is_quoted() -> None:
    filler = "and I ride to work, it is rather old, I live around the corner, " * 20
    call = some_turns("agent: Pedal and Chain?", f"user: Hello, {filler} the brake squeals, my brakes hardly grip.")
    opinion = ask(REASON, call)
    assert opinion is not None
    [evidence] = opinion.answer.evidence
    assert len(evidence.quote) <= 240
    assert evidence.quote in call[evidence.turn].text


@settings(max_examples=50)
@given(st.lists(st.builds(Turn, st.sampled_from(Role), st.text(max_size=60)), max_size=8), st.integers(0, 39))
def test_whatever_is_said_around_it_the_quote_stands_in_its_turn(noise: list[Turn], which: int) -> None:
    transcript = (*noise, *fresh()[which].transcript)
    opinion = ask(REASON, transcript)
    if opinion is not None:
        assert all(each.quote and each.quote in transcript[each.turn].text for each in opinion.answer.evidence)
