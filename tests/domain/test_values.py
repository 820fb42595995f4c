"""Honest coercion: a value is read where it is clearly meant, and refused otherwise."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postcall.domain.questions import QuestionType
from postcall.domain.values import MAX_INTEGER, Coerced, Fit, coerce

WEDNESDAY = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)
CHOICES = ("new_patient", "Returning patient", "follow-up", "unknown reason", "Tier 1", "Tier 2")


def coerced(raw: object, kind: QuestionType, choices: tuple[str, ...] = ()) -> Coerced:
    return coerce(raw, kind, choices, reference=WEDNESDAY)


def is_value(result: Coerced, value: object) -> bool:
    return result.fit is Fit.VALUE and result.value == value and type(result.value) is type(value)


@pytest.mark.parametrize("raw", [True, "yes", "Yes.", "YES", "true", "True", 1, 1.0, "1", "y", "sí", "Si", "verdadero"])
def test_a_yes_in_any_dress_is_true(raw: object) -> None:
    assert is_value(coerced(raw, QuestionType.BOOLEAN), True)


@pytest.mark.parametrize("raw", [False, "no", "No!", "false", "FALSE", 0, 0.0, "0", "falso"])
def test_a_no_in_any_dress_is_false(raw: object) -> None:
    assert is_value(coerced(raw, QuestionType.BOOLEAN), False)


@pytest.mark.parametrize(
    "raw", ["ja?", "maybe", "yes and no", "yes?", 2, -1, 0.5, "-1", [True], {"value": True}, "oui"]
)
def test_a_boolean_is_not_guessed(raw: object) -> None:
    result = coerced(raw, QuestionType.BOOLEAN)
    assert result.fit is Fit.MISFIT
    assert result.reason


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (5, 5),
        ("5", 5),
        (" 5. ", 5),
        ("five", 5),
        ("Five?", 5),
        (5.0, 5),
        ("5.0", 5),
        ("cinco", 5),
        ("twenty-one", 21),
        ("one hundred and five", 105),
        ("treinta y dos", 32),
        ("1,500", 1500),
        ("-3", -3),
        ("minus three", -3),
        (0, 0),
        ("zero", 0),
        ("third", 3),
    ],
)
def test_a_whole_number_in_digits_or_words_is_an_integer(raw: object, number: int) -> None:
    assert is_value(coerced(raw, QuestionType.INTEGER), number)


@pytest.mark.parametrize(
    "raw",
    [
        True,
        False,
        5.5,
        "5.5",
        "5 or 6",
        "5-6",
        "about five",
        "five or six",
        "five six",
        "no one",
        "1,50",
        float("nan"),
        float("inf"),
        "NaN",
        "1e3",
        10**30,
        "9" * 5000,
        2.0**60,
        [5],
        {"n": 5},
        "5%",
    ],
)
def test_an_integer_is_not_guessed(raw: object) -> None:
    assert coerced(raw, QuestionType.INTEGER).fit is Fit.MISFIT


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ("new_patient", "new_patient"),
        ("New Patient", "new_patient"),
        ("NEW-PATIENT.", "new_patient"),
        ('"new patient"', "new_patient"),
        ("returning_patient", "Returning patient"),
        ("follow up", "follow-up"),
        ("folow-up", "follow-up"),
        ("returnig patient", "Returning patient"),
        ("unknown reason", "unknown reason"),
        ("tier 2", "Tier 2"),
    ],
)
def test_a_choice_is_known_by_case_punctuation_and_close_spelling(raw: str, choice: str) -> None:
    assert is_value(coerced(raw, QuestionType.ENUM, CHOICES), choice)


@pytest.mark.parametrize("raw", ["patient", "tier 3", "Tier", "other", 7, True, ["new_patient"], "no follow-up", "new"])
def test_another_word_is_no_choice(raw: object) -> None:
    assert coerced(raw, QuestionType.ENUM, CHOICES).fit is Fit.MISFIT


def test_a_choice_that_could_be_two_is_a_misfit() -> None:
    result = coerced("a b", QuestionType.ENUM, ("A-B", "a_b"))
    assert result.fit is Fit.MISFIT
    assert "A-B" in result.reason
    assert is_value(coerced("a_b", QuestionType.ENUM, ("A-B", "a_b")), "a_b")
    assert coerced("cancelles", QuestionType.ENUM, ("cancelled", "cancelley")).fit is Fit.MISFIT


@pytest.mark.parametrize(
    ("raw", "choices"),
    [
        ("unresolved", ("resolved", "open")),
        ("inactive", ("active", "closed")),
        ("not booked", ("booked", "now booked")),
        ("female", ("male", "other")),
        ("plan 12", ("plan 13", "plan 14")),
    ],
)
def test_close_spelling_never_turns_a_meaning_round(raw: str, choices: tuple[str, ...]) -> None:
    assert coerced(raw, QuestionType.ENUM, choices).fit is Fit.MISFIT


def test_yes_no_and_numbers_may_be_choices() -> None:
    assert is_value(coerced(True, QuestionType.ENUM, ("Yes", "No")), "Yes")
    assert is_value(coerced(False, QuestionType.ENUM, ("true", "false")), "false")
    assert is_value(coerced(5, QuestionType.ENUM, ("1", "5")), "5")


@pytest.mark.parametrize("kind", list(QuestionType))
@pytest.mark.parametrize(
    "raw", [None, "", "  ", "unknown", "Unknown.", "n/a", "N/A", "not mentioned", "null", "-", "?"]
)
def test_saying_nothing_is_not_a_value(raw: object, kind: QuestionType) -> None:
    assert coerced(raw, kind, ("a", "b") if kind is QuestionType.ENUM else ()).fit is Fit.NOTHING


def test_unknown_is_a_value_where_it_is_a_choice() -> None:
    assert is_value(coerced("Unknown", QuestionType.ENUM, ("billing", "unknown")), "unknown")
    assert is_value(coerced("n/a", QuestionType.ENUM, ("N/A", "billing")), "N/A")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  Ana  ", "Ana"),
        (5, "5"),
        (5.0, "5"),
        (5.5, "5.5"),
        (True, "true"),
        ("👍", "👍"),
        ("a\x00b", "ab"),
        ("a\ud800", "a�"),
    ],
)
def test_any_scalar_is_text(raw: object, text: str) -> None:
    assert is_value(coerced(raw, QuestionType.STRING), text)


@pytest.mark.parametrize("raw", [["Ana"], {"name": "Ana"}, float("nan"), float("-inf"), []])
def test_lists_objects_and_no_numbers_are_no_text(raw: object) -> None:
    assert coerced(raw, QuestionType.STRING).fit is Fit.MISFIT


def test_a_misfit_says_what_was_wrong_in_few_words() -> None:
    assert "'maybe'" in coerced("maybe", QuestionType.BOOLEAN).reason
    assert len(coerced("x" * 10_000, QuestionType.BOOLEAN).reason) < 200
    assert len(coerced("x " * 10_000, QuestionType.DATETIME).reason) < 300


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["yes", "Yes.", "five", "5.0", "next Tuesday", "tomorrow at 3 pm", "03/04/2026", "soon", "mañana"]
    )
    | st.dates().map(str)
    | st.datetimes().map(str)
    | st.from_regex(r"[0-9]{1,4}[-/. :][0-9]{1,2}[-/. :][0-9]{1,4}( [0-9]{1,2}:[0-9]{2}( ?[ap]m)?)?", fullmatch=True)
)
JSON_VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
CHOICE_SETS = st.lists(st.text(min_size=1, max_size=12), max_size=5, unique=True).map(tuple)


@given(raw=JSON_VALUES, kind=st.sampled_from(QuestionType), choices=CHOICE_SETS)
@example(raw="\U0001d7d8", kind=QuestionType.INTEGER, choices=())
@example(raw="²", kind=QuestionType.INTEGER, choices=())
@example(raw="٣", kind=QuestionType.INTEGER, choices=())
def test_whatever_comes_the_result_fits_the_type_and_is_stable(
    raw: object, kind: QuestionType, choices: tuple[str, ...]
) -> None:
    result = coerced(raw, kind, choices)
    if result.fit is not Fit.VALUE:
        assert result.value is None
        assert (result.fit is Fit.MISFIT) == bool(result.reason)
        return
    assert fits(result.value, kind, choices)
    json.dumps(result.value, allow_nan=False).encode()
    if raw != "" and kind is not QuestionType.ENUM:
        assert coerced(result.value, kind, choices) == result
    if kind is QuestionType.ENUM:
        assert coerced(result.value, kind, choices).value == result.value


def fits(value: object, kind: QuestionType, choices: tuple[str, ...]) -> bool:
    match kind:
        case QuestionType.STRING:
            return isinstance(value, str) and bool(value.strip())
        case QuestionType.BOOLEAN:
            return isinstance(value, bool)
        case QuestionType.INTEGER:
            return type(value) is int and abs(value) <= MAX_INTEGER
        case QuestionType.ENUM:
            return value in choices
        case QuestionType.DATETIME:
            assert isinstance(value, str)
            return str(date.fromisoformat(value[:10])) == value[:10] and bool(datetime.fromisoformat(value))
