"""When an answer counts as the same as the gold one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_question

from postcall.domain.answers import AnswerValue
from postcall.domain.questions import QuestionType
from postcall.errors import BadInput
from postcall.evaluation.comparing import Comparison, Rule, compare, overlap, read_answer, read_rule

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def same(how: str, one: AnswerValue, other: AnswerValue, kind: str = "STRING") -> bool:
    return compare(Comparison(how), one, other, type=QuestionType(kind), reference=MONDAY)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("exact", Rule(Comparison.EXACT)),
        ("Exact match", Rule(Comparison.EXACT)),
        ("case-insensitive", Rule(Comparison.CASE_INSENSITIVE)),
        ("case-insensitive; also report surname only", Rule(Comparison.CASE_INSENSITIVE, (Comparison.SURNAME,))),
        ("alphanumeric only, upper case", Rule(Comparison.CASE_INSENSITIVE)),
        ("digits", Rule(Comparison.DIGITS)),
        ("digits only", Rule(Comparison.DIGITS)),
        ("date", Rule(Comparison.DATE)),
        ("surname", Rule(Comparison.SURNAME)),
        ("judge or token overlap", Rule(Comparison.OVERLAP)),
        ("judge, ROUGE, or recall of highlights", Rule(Comparison.OVERLAP)),
        ("date; also exact; also report digits", Rule(Comparison.DATE, (Comparison.EXACT, Comparison.DIGITS))),
        ("exact; also exact", Rule(Comparison.EXACT)),
    ],
)
def test_what_a_scoring_file_says_in_words_becomes_one_of_the_known_comparisons(said: str, rule: Rule) -> None:
    assert read_rule(said) == rule


@pytest.mark.parametrize("comparison", Comparison)
def test_every_comparison_can_be_named_by_its_own_name(comparison: Comparison) -> None:
    assert read_rule(comparison.value) == Rule(comparison)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("fuzzy", "'fuzzy' is none of exact, case-insensitive, digits, date, surname, overlap"),
        ("exact; also fuzzy", "'also fuzzy' is none of"),
        ("", "names no comparison"),
        ("also report surname", "names no comparison"),
        ("exact; digits", "names 2 comparisons"),
        ("not exact", "'not exact' is none of"),
        ("update", "'update' is none of"),
    ],
)
def test_a_comparison_that_nobody_knows_is_refused_with_its_field(said: str, complaint: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_rule(said, field="caller_name.compare")
    assert complaint in refused.value.message
    assert refused.value.message.startswith("caller_name.compare: ")
    assert refused.value.field == "caller_name.compare"


@pytest.mark.parametrize(
    ("how", "one", "other", "expected"),
    [
        ("exact", "19:00", "19:00", True),
        ("exact", " Ana  Ruiz", "Ana Ruiz", True),
        ("exact", "Ana", "ana", False),
        ("case-insensitive", "Ana Ruiz", "ANA RUÍZ", True),
        ("case-insensitive", "Dr. Morgan", "dr morgan", True),
        ("case-insensitive", "87-060", "87060", True),
        ("case-insensitive", "AL6N 0TW", "al6n0tw", True),
        ("case-insensitive", "(977) 625-2661", "977-625-2661", True),
        ("case-insensitive", "1.5", "15", False),
        ("case-insensitive", "-5", "5", False),
        ("case-insensitive", "a.lee@mail.example", "A.Lee@mail.example", True),
        ("case-insensitive", "a_lee@mail.example", "alee@mail.example", False),
        ("case-insensitive", "Ana", "Anna", False),
        ("digits", "99 3194-39", "99319439", True),
        ("digits", "account 993", "993", True),
        ("digits", "993", "9933", False),
        ("digits", "none given", "993", False),
        ("digits", "N/A!", "n/a", True),
        ("date", "2026-03-05", "5 March 2026", True),
        ("date", "2026-03-05T15:00", "2026-03-05", True),
        ("date", "next Tuesday", "2026-03-03", True),
        ("date", "2026-03-05", "2026-05-03", False),
        ("date", "soon", "2026-03-05", False),
        ("surname", "Ana Ruiz", "Anna RUIZ", True),
        ("surname", "Ruiz, Ana", "Ana Ruiz", True),
        ("surname", "Tom Hale Jr.", "Thomas Hale", True),
        ("surname", "Tom Hale, Jr.", "Hale", True),
        ("surname", "Ana Ruiz", "Ruiz Ana", False),
        ("overlap", "a sore throat since Monday", "sore throat since last Monday", True),
        ("overlap", "a sore throat", "a broken arm", False),
    ],
)
def test_texts_are_compared_as_the_rule_says(how: str, one: str, other: str, expected: bool) -> None:
    assert same(how, one, other) is expected
    assert same(how, other, one) is expected


def test_values_that_are_no_text_are_equal_or_not_whatever_the_rule() -> None:
    for how in Comparison:
        assert same(how, 5, 5, "INTEGER")
        assert not same(how, -5, 5, "INTEGER")
        assert same(how, True, True, "BOOLEAN")
        assert not same(how, True, 1, "BOOLEAN")
        assert not same(how, "hotel_book", "hotel_books", "ENUM")


def test_a_moment_is_the_same_in_two_zones() -> None:
    assert same("exact", "2026-03-05T15:00:00+01:00", "2026-03-05T14:00:00+00:00", "DATETIME")
    assert not same("exact", "2026-03-05T15:00:00+01:00", "2026-03-05T15:00:00", "DATETIME")
    assert not same("exact", "2026-03-05", "2026-03-05T00:00:00", "DATETIME")
    assert same("date", "2026-03-05", "2026-03-05T15:00:00", "DATETIME")


def test_an_answer_that_only_says_there_is_nothing_gives_no_value() -> None:
    name = a_question("name", "Who? Say 'unknown' if not said.", "STRING")
    assert read_answer("unknown", name, reference=MONDAY) is None
    assert read_answer("Una Nown", name, reference=MONDAY) == "Una Nown"
    tone = a_question("tone", "Which tone?", "ENUM", choices=["calm", "unknown"])
    assert read_answer("unknown", tone, reference=MONDAY) == "unknown", "there it is a choice"


texts = st.text(max_size=40)
values: st.SearchStrategy[tuple[QuestionType, AnswerValue, AnswerValue]] = st.one_of(
    st.tuples(st.just(QuestionType.STRING), texts, texts),
    st.tuples(st.just(QuestionType.ENUM), texts, texts),
    st.tuples(st.just(QuestionType.INTEGER), st.integers(), st.integers()),
    st.tuples(st.just(QuestionType.BOOLEAN), st.booleans(), st.booleans()),
    st.tuples(st.just(QuestionType.DATETIME), st.dates().map(str), st.dates().map(str)),
)


@given(values, st.sampled_from(Comparison))
def test_a_value_is_the_same_as_itself_and_order_does_not_matter(
    pair: tuple[QuestionType, AnswerValue, AnswerValue], comparison: Comparison
) -> None:
    kind, one, other = pair
    assert same(comparison, one, one, kind)
    assert same(comparison, one, other, kind) is same(comparison, other, one, kind)


@given(texts)
def test_what_is_exactly_the_same_is_the_same_by_every_laxer_rule(text: str) -> None:
    spaced = f"  {text} "
    for comparison in Comparison:
        assert same(comparison, text, spaced), comparison


@given(texts, texts)
def test_overlap_is_a_share_and_symmetric(one: str, other: str) -> None:
    assert 0.0 <= overlap(one, other) <= 1.0
    assert overlap(one, other) == overlap(other, one)


def test_overlap_counts_a_word_as_often_as_it_stands_in_both() -> None:
    assert overlap("a b b", "b b c c") == pytest.approx(2 * 2 / 7)
    assert overlap("", "") == 0.0


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)), st.integers(min_value=1, max_value=400))
def test_days_apart_are_never_the_same_date(day: date, apart: int) -> None:
    assert not same("date", day.isoformat(), (day + timedelta(days=apart)).isoformat())
