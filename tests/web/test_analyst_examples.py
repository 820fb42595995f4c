"""The questions to begin with: made of an account's own names, and each one that can be answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import KnownTerm, NameKind, Question, Understood
from postcall.domain.queries import Query
from postcall.reporting.fields import FIELDS
from postcall.reporting.filter_words import filters_in_words
from postcall.reporting.reports import KnownName
from postcall.web.analyst_examples import make_examples, spoken

NOW = datetime(2026, 6, 17, 12, tzinfo=UTC)
FIELD_TERMS = tuple(
    KnownTerm(f"field.{each.name}", NameKind.FIELD, each.kind.value, each.values, each.says) for each in FIELDS.values()
)


def named(name: str, kind: str, *, built_in: bool = False) -> KnownName:
    return KnownName(name, "desk", written=not built_in, asked=False, built_in=built_in, kind=kind)


CLINIC = [
    named("AFTER_HOURS", "boolean"),
    named("BOOKING_CONFIRMED", "boolean"),
    named("CALL_DURATION", "number", built_in=True),
    named("CONTACT_REASON", "text"),
    named("QUOTED_PRICE", "number"),
]
CENTRE = [
    named("handoff_reason", "text", built_in=True),
    named("booked", "boolean"),
    named("IDENTITY_VERIFIED", "boolean"),
    named("topic", "text"),
]
BANK = [named("cardBlocked", "boolean"), named("dispute-amount", "number"), named("topic", "text")]


def names_in(query: Query) -> str:
    measured = " ".join(str(each.of) for each in query.measures)
    return f"{measured} {' '.join(query.group_by)} {filters_in_words(query.filters)}"


@pytest.mark.parametrize("names", [CLINIC, CENTRE, BANK, []], ids=["clinic", "call centre", "bank", "no names"])
def test_every_example_is_understood(names: list[KnownName]) -> None:
    terms = (*FIELD_TERMS, *(KnownTerm(f"metric.{each.name}", NameKind.METRIC, each.kind) for each in names))
    examples = make_examples(names, ["desk", "night-desk"])
    assert len(examples) >= 4 and len(set(examples)) == len(examples)
    for text in examples:
        understood = read_question(Question(text, NOW), terms)
        assert isinstance(understood, Understood), text
        assert not understood.left, text
        said = " ".join(names_in(each) for each in (*understood.queries, *filter(None, [understood.calls])))
        for each in names:
            if spoken(each.name) in text:
                assert each.name in said, text


def test_the_accounts_own_telling_names_are_asked_for_and_built_in_ones_are_not() -> None:
    said = " ".join(make_examples(CLINIC, ["desk"]))
    assert "booking confirmed" in said and "contact reason" in said and "quoted price" in said
    assert "after hours" not in said and "call duration" not in said


def test_what_most_people_ask_first_comes_first_where_there_are_names_for_it() -> None:
    examples = make_examples(CENTRE, ["desk"])
    assert examples[0] == "What are the top handoff reasons this week?"
    assert "What share of calls were booked last week?" in examples
    assert "Why is identity not verified?" in examples
    assert "What are the top 5 topics this month?" in examples


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("BOOKING_CONFIRMED", "booking confirmed"),
        ("cardBlocked", "card blocked"),
        ("<b>", ""),
        ("x" * 80, ""),
    ],
    ids=["upper", "camel", "markup", "endless"],
)
def test_a_name_is_said_as_people_say_it_or_not_at_all(name: str, said: str) -> None:
    assert spoken(name) == said
