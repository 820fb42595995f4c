"""Advice beyond the authoring rules: options in the prompt, a place for every call, vague prompts, overlap."""

from __future__ import annotations

import pytest
from tests.builders import a_question
from tests.configure.test_question_lint import ASKED, only, plan, rules

from postcall.configure.question_lint import Rule, Severity
from postcall.domain.questions import QuestionType, check_questions

# Choices that stand in the prompt only.


def test_options_in_a_prompt_are_offered_as_choices() -> None:
    found = only(Rule.OPTIONS, a_question("reason", "Why did they call? Options: billing, delivery, other", "STRING"))
    assert found.replacement is not None
    assert found.replacement.type is QuestionType.ENUM
    assert found.replacement.choices == ("billing", "delivery", "other")
    check_questions([found.replacement])
    assert rules(found.replacement) == []


def test_options_that_differ_from_the_choices_are_found() -> None:
    differing = plan(f"{ASKED} One of: basic, premium, trial, other.")
    found = only(Rule.OPTIONS, differing)
    assert found.replacement is not None and found.replacement.choices == ("basic", "premium", "trial", "other")
    assert rules(plan(f"{ASKED} One of: basic, premium, other.")) == []
    assert rules(plan(f"{ASKED} Options: Basic / Premium / Other")) == []


def test_an_enum_without_choices_yet_is_offered_those_of_its_prompt() -> None:
    assert only(Rule.OPTIONS, plan(f"{ASKED} (basic/premium/other)", ())).replacement == plan(
        f"{ASKED} (basic/premium/other)"
    )


def test_yes_and_no_are_no_options_for_a_boolean() -> None:
    assert rules(a_question("paid", "Did the customer pay the bill during the call? Options: yes, no")) == []
    assert rules(a_question("stars", "How many stars does the caller give? Options: 1, 2, 3, 4, 5", "INTEGER")) == []


# A place for every call.


def test_an_enum_without_a_way_out_gets_one() -> None:
    found = only(Rule.NO_OTHER, plan(ASKED, ("basic", "premium")))
    assert found.severity is Severity.HINT and found.replacement is not None
    assert found.replacement.choices == ("basic", "premium", "other")
    assert rules(found.replacement) == []


@pytest.mark.parametrize(
    "choices",
    [
        ("yes", "no"),
        ("solved", "unsolved"),
        ("approved", "not_approved"),
        ("positive", "neutral", "negative"),
        ("low", "medium", "high"),
        ("low", "high"),
        ("1", "2", "3"),
        ("a", "b", "not_mentioned"),
        ("rojo", "verde", "otro"),
        ("a", "b", "None of these"),
    ],
)
def test_choices_that_leave_nothing_out_need_no_other(choices: tuple[str, ...]) -> None:
    assert Rule.NO_OTHER not in rules(plan(ASKED, choices))


def test_no_value_is_a_way_out_as_well() -> None:
    assert rules(plan(f"{ASKED} No value if it is neither.", ("basic", "premium"))) == []


@pytest.mark.parametrize("choices", [("no_show", "late"), ("interested", "not_now", "sold"), ("a", "b")])
def test_choices_that_only_sound_like_a_way_out_are_none(choices: tuple[str, ...]) -> None:
    assert Rule.NO_OTHER in rules(plan(ASKED, choices))


# Prompts that do not say what counts.


@pytest.mark.parametrize(
    "prompt", ["Was it good?", "Booked?", "What was the reason?", "Was the agent professional?", "Caller satisfied?"]
)
def test_a_vague_prompt_is_found(prompt: str) -> None:
    assert rules(a_question("x", prompt)) == [Rule.VAGUE]


@pytest.mark.parametrize(
    "prompt",
    [
        "What is the caller's name?",
        "Did the agent confirm a booking?",
        "Was the agent polite: did it say please, and never interrupt the caller?",
        "Did the agent give the right price? The price list says 40.",
        "¿Se resolvió el problema del cliente?",
        "通話中に予約は確定しましたか？",
    ],
)
def test_a_plain_question_is_not_called_vague(prompt: str) -> None:
    assert rules(a_question("x", prompt)) == []


# Two that ask the same.


def test_two_questions_that_ask_nearly_the_same_are_found_once() -> None:
    found = only(
        Rule.OVERLAP,
        a_question("booked", "Did the agent book an appointment?"),
        a_question("appointment_booked", "Was an appointment booked by the agent?"),
    )
    assert found.identifier == "appointment_booked" and "'booked'" in found.message


def test_questions_about_one_thing_that_ask_for_different_parts_do_not_overlap() -> None:
    assert (
        rules(
            a_question("booked", "Did the agent book an appointment?"),
            a_question("appointment_time", "For when did the agent book the appointment?", "DATETIME"),
            a_question("caller_name", "What is the name of the caller?", "STRING"),
            a_question("patient_name", "What is the name of the patient, who may be another person?", "STRING"),
            a_question("phone", "Which telephone number did the customer give?", "STRING"),
            a_question("order", "Which order number did the customer give?", "STRING"),
            a_question("first_day", "On which day of the month does the hotel stay begin?", "INTEGER"),
            a_question("last_day", "On which day of the month does the hotel stay end?", "INTEGER"),
        )
        == []
    )
