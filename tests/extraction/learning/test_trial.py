"""A head is published only where it wins, and its card says what it is worth."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from tests.builders import a_question, some_turns
from tests.extraction.learning.workshop import (
    NOW,
    REASON,
    SETTLED,
    WISHES,
    learn_about,
    lessons_about,
    workshop_calls,
)

from postcall.extraction.learning.card import chance_of_luck, make_score
from postcall.extraction.learning.features import read_features
from postcall.extraction.learning.head import dump_head, predict
from postcall.extraction.learning.lessons import Lesson, prepare_lessons, refuse
from postcall.extraction.learning.trial import refused, try_head

CALLS = workshop_calls(160)


def test_what_the_words_say_is_learned() -> None:
    trial = learn_about(REASON, CALLS)
    card = trial.card
    assert card.published
    assert trial.head is not None
    assert card.head is not None
    assert card.head.accuracy > 0.95
    assert card.head.low < card.head.accuracy <= card.head.high
    assert card.learned_from == len(CALLS)
    assert sum(each.calls for each in card.values) == len(CALLS)
    fresh = workshop_calls(60, seed=2)
    predictions = [predict(trial.head, read_features(call.transcript)) for call in fresh]
    right = [each is not None and each.value == call.reason for each, call in zip(predictions, fresh, strict=True)]
    assert sum(right) >= 57


def test_the_card_shows_at_what_the_head_looks() -> None:
    card = learn_about(REASON, CALLS).card
    words = {looks.value: " ".join(looks.words) for looks in card.looks_at}
    assert set(words) == set(WISHES)
    assert "brake" in words["brakes"]
    assert "bike" in words["rental"]
    assert "user: " in words["rental"], "with who says it"


def test_confidence_means_what_it_says() -> None:
    trial = learn_about(SETTLED, CALLS)
    assert trial.card.calibration_error is not None
    assert trial.card.calibration_error <= 0.1
    assert sum(each.calls for each in trial.card.calibration) == len(CALLS)
    assert trial.head is not None
    sure = [predict(trial.head, read_features(call.transcript)) for call in CALLS]
    assert all(each is not None and each.confidence < 1 for each in sure), "nothing is certain after 160 calls"


@pytest.mark.parametrize("seed", range(6))
def test_labels_that_nothing_in_the_calls_explains_are_not_published(seed: int) -> None:
    random = Random(seed)
    calls = [replace(call, settled=random.random() < 0.5) for call in workshop_calls(80, seed=seed)]
    trial = learn_about(SETTLED, calls)
    assert not trial.card.published
    assert trial.head is None
    assert trial.card.verdict.startswith("not published: ")


def test_a_question_that_the_rules_answer_as_well_stays_with_the_rules() -> None:
    trial = learn_about(REASON, CALLS, rules={call.id: call.reason for call in CALLS})
    assert trial.head is None
    assert "the rules 100.0%" in trial.card.verdict
    assert trial.card.rules is not None
    assert trial.card.rules.right == len(CALLS)


def test_the_rules_are_beaten_on_the_same_calls() -> None:
    half = {call.id: call.reason for call in CALLS[::2]}
    card = learn_about(REASON, CALLS, rules=half).card
    assert card.published
    assert card.rules is not None
    assert card.rules.accuracy == 0.5
    assert card.verdict.startswith("published: ")


def test_the_same_lessons_give_the_same_head_in_whatever_order() -> None:
    one, other = learn_about(REASON, CALLS), learn_about(REASON, CALLS[::-1])
    assert one.card == other.card
    assert one.head is not None
    assert other.head is not None
    assert dump_head(one.head) == dump_head(other.head)


def test_too_few_labels_are_counted_and_not_learned_from() -> None:
    lessons = lessons_about(REASON, CALLS[:39])
    assert refuse(REASON, lessons, min_labels=40) == "39 different calls have a known answer, and 40 are needed"
    assert refuse(REASON, lessons, min_labels=39) is None
    card = refused(REASON, lessons, "too few", now=NOW).card
    assert (card.published, card.learned_from, card.head) == (False, 39, None)


def test_copies_of_a_conversation_count_once() -> None:
    copies = [replace(CALLS[number % 7], id=f"copy-{number}") for number in range(100)]
    assert len(lessons_about(REASON, copies)) == 7


def test_labels_that_all_say_the_same_teach_nothing() -> None:
    same = [replace(call, settled=True) for call in CALLS]
    assert refuse(SETTLED, lessons_about(SETTLED, same), min_labels=40) == "every one of the 160 known answers is yes"
    nearly = [replace(call, settled=number > 1) for number, call in enumerate(CALLS)]
    assert "nearly every known answer is yes" in str(refuse(SETTLED, lessons_about(SETTLED, nearly), min_labels=40))


@pytest.mark.parametrize("kind", ["STRING", "INTEGER", "DATETIME"])
def test_open_questions_are_not_learned_and_the_reason_is_given(kind: str) -> None:
    question = a_question("name", "What is the name?", kind)
    assert f"{kind} questions are not learned" in str(refuse(question, (), min_labels=40))


def test_calls_in_which_nothing_is_said_are_left_out() -> None:
    empty = [Lesson(str(number), read_features(spoken), True, "label") for number, spoken in enumerate(
        ((), some_turns("user: ", "agent: …"), some_turns("user: \N{ZERO WIDTH SPACE}"))
    )]  # fmt: skip
    assert prepare_lessons(empty) == ()


def test_a_value_seen_twice_is_never_answered() -> None:
    odd = [replace(call, reason="rental") for call in workshop_calls(2, seed=9, reasons=("sale",))]
    calls = [*workshop_calls(120, reasons=("puncture", "brakes", "sale")), *odd]
    trial = learn_about(REASON, calls)
    assert trial.card.seldom == ("rental",)
    assert trial.head is not None
    assert "rental" not in trial.head.values
    assert {looks.value for looks in trial.card.looks_at} == {"puncture", "brakes", "sale"}
    answers = [predict(trial.head, read_features(call.transcript)) for call in odd]
    assert all(each is None or each.is_rest or each.value == "sale" for each in answers)


def test_calls_with_a_choice_that_has_no_labels_are_left_alone() -> None:
    trial = learn_about(REASON, workshop_calls(150, reasons=("puncture", "brakes", "sale")))
    assert trial.card.unlabelled == ("rental",)
    assert trial.head is not None
    strange = workshop_calls(60, seed=5, reasons=("rental",))
    predictions = [predict(trial.head, read_features(call.transcript)) for call in strange]
    sure = [each for each in predictions if each is not None and each.confidence >= 0.8]
    assert len(sure) <= 12, "four in five are not answered as if they were something else"
    familiar = workshop_calls(60, seed=6, reasons=("puncture", "brakes", "sale"))
    known = [predict(trial.head, read_features(call.transcript)) for call in familiar]
    assert sum(each is not None and each.value == call.reason for each, call in zip(known, familiar, strict=True)) >= 50


def test_that_there_is_no_value_is_learned_too() -> None:
    lessons = [
        replace(lesson, value=None if lesson.value == "sale" else lesson.value)
        for lesson in lessons_about(REASON, CALLS)
    ]
    trial = try_head(REASON, prepare_lessons(lessons), {}, now=NOW)
    assert trial.head is not None
    assert None in trial.head.values
    wants = next(call for call in CALLS if call.reason == "sale")
    prediction = predict(trial.head, read_features(wants.transcript))
    assert prediction is not None
    assert (prediction.value, prediction.is_rest) == (None, False)


def test_the_interval_of_a_share_is_wilsons() -> None:
    score = make_score(45, 50)
    assert (score.accuracy, score.low, score.high) == (0.9, 0.7864, 0.9565)  # by hand, from Wilson's formula
    assert make_score(50, 50).low < 1.0
    assert make_score(0, 50).high > 0.0


def test_luck_is_measured_by_the_calls_on_which_two_differ() -> None:
    assert chance_of_luck(1, 0) == 0.5
    assert chance_of_luck(5, 0) == 1 / 32
    assert chance_of_luck(8, 2) == (45 + 10 + 1) / 1024
    assert chance_of_luck(0, 0) == 1.0
