"""Advice on questions: what is found, what is offered instead, and that well-written questions are left alone."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_question

from postcall.configure.question_lint import Finding, Rule, Severity, lint_question, lint_questions
from postcall.demo import CLINIC_QUESTIONS
from postcall.domain.questions import DispositionMetric, QuestionType


def rules(*questions: DispositionMetric) -> list[Rule]:
    """What is found, without the rest."""
    return [finding.rule for finding in lint_questions(questions)]


def only(rule: Rule, *questions: DispositionMetric) -> Finding:
    """The one finding of a rule."""
    [found] = [finding for finding in lint_questions(questions) if finding.rule is rule]
    return found


def plan(prompt: str, choices: Sequence[str] = ("basic", "premium", "other")) -> DispositionMetric:
    return a_question("plan", prompt, "ENUM", choices=choices)


ASKED = "Which plan does the customer have?"

# 1. Every value that a prompt can lead to is a choice.


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        (f"{ASKED} Return 'none' if they have no plan.", "none"),
        (f"{ASKED} If it is not mentioned, answer null.", "null"),
        (f"{ASKED} Answer unknown if it is not said.", "unknown"),
        (f"{ASKED} 'trial' if they say that they are trying it out.", "trial"),
        (f"{ASKED} Otherwise, answer neither.", "neither"),
        (f"{ASKED} Default to 'free'.", "free"),
        (f"{ASKED} basic: the cheap one. premium: the dear one. trial: a month for nothing. other: another.", "trial"),
    ],
)
def test_a_value_that_the_prompt_can_lead_to_has_to_be_a_choice(prompt: str, value: str) -> None:
    found = only(Rule.MISSING_CHOICE, plan(prompt))
    assert found.severity is Severity.WARNING and f"'{value}'" in found.message
    assert found.replacement is not None and found.replacement.choices[-1] == value
    assert Rule.MISSING_CHOICE not in rules(found.replacement), "the fix mends it"


@pytest.mark.parametrize(
    "prompt",
    [
        f"{ASKED} basic: the cheap one. premium: the dear one. other: another, or none.",
        f"{ASKED} Answer 'other' if they name none of these.",
        f"{ASKED} Choose the one that they pay for now. Note: a trial counts as other.",
        f"{ASKED} Answer Premium if they do not say but speak of the lounge.",
        f"{ASKED} No value if it is not said.",
        f"{ASKED} If they have several, choose the dearest.",
    ],
)
def test_values_that_are_choices_raise_no_alarm(prompt: str) -> None:
    assert rules(plan(prompt)) == []


# 2. No prompt asks to leave its question out.


@pytest.mark.parametrize(
    ("prompt", "mended"),
    [
        ("If no table was booked, skip this metric.", "If no table was booked, give no value."),
        ("Omit if no table was booked.", "Give no value if no table was booked."),
        ("Do not answer if no table was booked.", "Give no value if no table was booked."),
        ("If nothing was booked, leave it blank.", "If nothing was booked, give no value."),
        ("Please ignore this question if nothing was booked.", "Please give no value if nothing was booked."),
    ],
)
def test_a_prompt_must_not_ask_to_be_skipped(prompt: str, mended: str) -> None:
    asked = "For how many people is the table that was booked? "
    found = only(Rule.SKIPS, a_question("guests", asked + prompt, "INTEGER"))
    assert found.replacement is not None and found.replacement.prompt == asked + mended
    assert rules(found.replacement) == []


def test_an_enum_that_may_not_be_skipped_gets_a_value_for_it_among_its_choices() -> None:
    with_other = only(Rule.SKIPS, plan(f"{ASKED} If they have none, skip this question."))
    assert with_other.replacement is not None
    assert with_other.replacement.prompt == f"{ASKED} If they have none, answer 'other'."
    without = only(Rule.SKIPS, plan(f"{ASKED} If they have none, skip this question.", ("low", "high")))
    assert without.replacement is not None and without.replacement.choices == ("low", "high", "none")


@pytest.mark.parametrize(
    "prompt",
    [
        "Did the agent skip the security questions that come before any change of an address?",
        "How many of the agent's questions did the caller ignore or leave unanswered? Ignore greetings.",
        "Did the caller leave a message, and did the agent not answer it? Do not count small talk.",
        "Which item did the caller ask to drop from the order, or to leave out of the parcel?",
    ],
)
def test_skipping_within_the_call_is_another_matter(prompt: str) -> None:
    assert Rule.SKIPS not in rules(a_question("x", prompt, "STRING"))


# 3. The fallback has the type of the question.


@pytest.mark.parametrize(
    ("type_", "fallback"),
    [
        ("INTEGER", "Return 'unknown' if it is not said."),
        ("INTEGER", "Answer N/A if the caller does not say."),
        ("INTEGER", "Otherwise, return 'none'."),
        ("BOOLEAN", "Answer 'maybe' if it is unclear."),
        ("BOOLEAN", "If it is not mentioned, answer unknown."),
        ("DATETIME", "Return 'not scheduled' if no date was agreed on."),
    ],
)
def test_a_fallback_of_another_type_is_found(type_: str, fallback: str) -> None:
    found = only(Rule.FALLBACK_TYPE, a_question("x", f"What did they agree on about the delivery? {fallback}", type_))
    assert found.severity is Severity.WARNING
    assert found.replacement is not None and "no value" in found.replacement.prompt.casefold()
    assert rules(found.replacement) == []


@pytest.mark.parametrize(
    ("type_", "fallback"),
    [
        ("INTEGER", "0 if none."),
        ("INTEGER", "No value if it is not said."),
        ("INTEGER", "Return null if it is not said."),
        ("INTEGER", "Use whole minutes. If several are given, use the last."),
        ("BOOLEAN", "False if it is not mentioned. True also if the agent does not ask."),
        ("BOOLEAN", "Answer yes if nobody objects."),
        ("STRING", "Return 'unknown' if it is not said."),
        ("DATETIME", "Return null if no date was agreed on."),
    ],
)
def test_a_fallback_of_the_type_is_fine(type_: str, fallback: str) -> None:
    assert rules(a_question("x", f"What did they agree on about the delivery? {fallback}", type_)) == []


# 4. No question needs the answer to another.


@pytest.mark.parametrize(
    "prompt",
    [
        "For when is the appointment? Only if appointment_booked is true.",
        "If booked is true, on which day is the appointment that they agreed on?",
        "On which day is it, going by the previous question?",
        "On which day is the appointment, as answered above?",
        "If the answer to question 1 is yes, which day did they agree on?",
        "On which day is it? Use the value of booked.",
    ],
)
def test_a_question_must_not_need_the_answer_to_another(prompt: str) -> None:
    others = (
        a_question("booked", "Did the agent say that the table is reserved for the guest?"),
        a_question("appointment_booked", "Has somebody from the practice made an appointment for the patient?"),
    )
    found = only(Rule.DEPENDS, *others, a_question("day", prompt, "DATETIME"))
    assert found.identifier == "day" and found.severity is Severity.WARNING


@pytest.mark.parametrize(
    "prompt",
    [
        "On which day is the table booked? No value if nothing was booked.",
        "What was the outcome that the caller hoped for? In the caller's own words.",
        "Did the agent answer the previous question that the caller asked before it went on to another?",
    ],
)
def test_a_word_that_is_also_an_identifier_may_be_used_as_a_word(prompt: str) -> None:
    others = (
        a_question("booked", "Did the agent say that the table is reserved for the guest?"),
        a_question("outcome", "How many open points were left at the end? 0 if none.", "INTEGER"),
    )
    assert rules(*others, a_question("x", prompt, "STRING")) == []


def test_a_choice_may_have_the_name_of_another_question() -> None:
    reason = plan("Why did they call? follow_up: they were called. other: anything else.", ("follow_up", "other"))
    assert rules(a_question("follow_up", "Did the agent promise to call the customer back?"), reason) == []


# 5. A score of several parts says how they are put together.


@pytest.mark.parametrize(
    "prompt",
    [
        "Rate the agent's politeness, clarity and empathy from 1 to 10.",
        "Score the call from 0 to 100 based on greeting, verification and resolution.",
        "Give a score from 1 to 5, taking into account tone, speed and accuracy of the agent.",
        "Score the agent from 1 to 10 on:\n- greeting\n- listening\n- closing",
    ],
)
def test_a_score_of_several_parts_has_to_give_their_weights(prompt: str) -> None:
    found = only(Rule.WEIGHTS, a_question("score", prompt, "INTEGER"))
    assert found.replacement is not None and rules(found.replacement) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "Rate the agent's politeness and clarity from 1 to 10, as their simple average.",
        "Score from 0 to 100: 60 points for a solved problem, 40 points if the agent stayed polite and calm.",
        "Score the greeting (30%), the verification (30%) and the resolution (40%) from 0 to 100.",
        "How satisfied did the caller sound, from 1 (angry) to 5 (delighted)? No value if it cannot be told.",
        "How many points of the agenda did they speak about, such as price and delivery? 0 if none.",
    ],
)
def test_a_score_that_says_how_it_is_made_is_fine(prompt: str) -> None:
    assert rules(a_question("score", prompt, "INTEGER")) == []


# All together.


def test_the_clinics_questions_are_left_alone() -> None:
    assert lint_questions(CLINIC_QUESTIONS) == ()


def test_warnings_of_a_question_stand_before_its_hints_and_questions_keep_their_order() -> None:
    found = lint_questions(
        [
            a_question("b", "Good? Skip if not.", "STRING"),
            plan(f"{ASKED} Return 'trial' if they are trying it.", ("basic", "premium")),
        ]
    )
    assert [(each.identifier, each.severity.value) for each in found] == [
        ("b", "warning"),
        ("plan", "warning"),
        ("plan", "hint"),
    ]


def test_one_question_is_looked_at_beside_the_others() -> None:
    there = [a_question("booked", "Did the agent book an appointment?")]
    typed = a_question("x", "Did the agent book the appointments?")
    assert [finding.rule for finding in lint_question(typed, others=there)] == [Rule.OVERLAP]


ANY = st.builds(
    DispositionMetric,
    st.text(max_size=20),
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "if",
                "return 'x'",
                "skip this",
                "Options:",
                "a, b",
                "(a/b/c)",
                "\n- a\n- b",
                "score",
                "and",
                ".",
                "?",
                "otherwise",
            ]
        ),
        max_size=25,
    ).map(" ".join),
    st.sampled_from(QuestionType),
    st.lists(st.text(max_size=10), max_size=4).map(tuple),
)


@given(st.lists(ANY, max_size=5))
def test_no_text_is_too_odd_to_be_looked_at(questions: list[DispositionMetric]) -> None:
    names = {question.identifier for question in questions}
    for finding in lint_questions(questions):
        assert finding.identifier in names and finding.message


def test_a_very_long_prompt_does_not_hold_up_the_page() -> None:
    long = "Rate a, b and c if not said, skip; otherwise return 'x' (a/b/c) Options: a " * 2000
    begun = time.perf_counter()
    lint_questions([a_question(f"q{number}", long, "ENUM", choices=("a", "b")) for number in range(5)])
    assert time.perf_counter() - begun < 5.0, "seconds, on a busy machine; a pattern that backtracks takes minutes"


@pytest.mark.parametrize("blank", [" ", "\n", " \n", "\t"])
@pytest.mark.parametrize("begin", ["Options: a", "one of: a", "(a", "- a", "return 'a'", "default to", "from 1"])
def test_long_stretches_of_white_space_take_no_time(begin: str, blank: str) -> None:
    began = time.monotonic()
    lint_questions([a_question(prompt=begin + blank * (19_000 // len(blank)) + "b, c")])
    assert time.monotonic() - began < 2
