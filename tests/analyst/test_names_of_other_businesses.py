"""However an agent names things, people's words for them are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.analyst.evaluation import PLAIN, QUESTIONS, evaluate, open_data
from tests.analyst.question_data import read_questions

from postcall.analyst.names.mentions import find_mentions
from postcall.domain.analysis import KnownTerm, NameKind

LEAST = 0.8


def metric(name: str, type_: str, *values: str, says: str = "") -> KnownTerm:
    return KnownTerm(f"metric.{name}", NameKind.METRIC, type_, values, says)


HANDOFF = KnownTerm("field.handoff", NameKind.FIELD, "boolean")
BANK = (
    HANDOFF,
    KnownTerm("field.agent", NameKind.FIELD, "text", ("frontline",)),
    metric("queueWaitSec", "number"),
    metric("identificationMethod", "text", "PIN", "voice print", "security questions"),
    metric("branchCity", "text", "München", "Köln", "Frankfurt am Main"),
    metric("escalatedToSupervisor", "boolean"),
    metric("reason_for_call", "text", "transfer", "lost card", "bank_fraud_report"),
    metric("lastCard", "text", "main card"),
)
PARCELS = (
    KnownTerm("field.agent", NameKind.FIELD, "text", ("parcels", "returns")),
    metric("dlv-status", "text", "out for delivery", "delivered"),
    metric("dlv-attempts", "number"),
    metric("pkg-size", "text", "S", "XL"),
    metric("pkg-express", "boolean"),
    metric("pkg-weight-kg", "number"),
    metric("cust-type", "text", "shop", "private person"),
    metric("contact_reason", "text", "where is my parcel", "hotel_book", "hotel_search"),
    metric("ended_well", "boolean", says="Did it run to a natural stop (true), or was it abandoned part-way (false)?"),
    metric("voicemailLeft", "boolean"),
)
CASES = {
    "without-the-unit": (BANK, "average queue wait", "queueWaitSec", None),
    "with-words-between": (BANK, "average wait in the queue", "queueWaitSec", None),
    "written-as-one": (BANK, "p95 of queuewaitsec", "queueWaitSec", None),
    "in-camel-case": (BANK, "p95 of queueWaitSec", "queueWaitSec", None),
    "a-value-as-one-word": (BANK, "callers known by voiceprint", "identificationMethod", "voice print"),
    "with-its-umlaut": (BANK, "calls from Köln", "branchCity", "Köln"),
    "an-umlaut-spelled-out": (BANK, "calls from Koeln", "branchCity", "Köln"),
    "without-its-umlaut": (BANK, "calls from Munchen", "branchCity", "München"),
    "part-of-a-place": (BANK, "calls from Frankfurt", "branchCity", "Frankfurt am Main"),
    "some-words-of-a-value": (BANK, "how many fraud reports", "reason_for_call", "bank_fraud_report"),
    "the-very-word": (BANK, "how many calls were escalated", "escalatedToSupervisor", True),
    "a-form-of-that": (BANK, "number of escalations", "escalatedToSupervisor", True),
    "a-value-and-no-synonym": (BANK, "how many transfers", "reason_for_call", "transfer"),
    "a-short-form-spelled-out": (PARCELS, "most frequent delivery statuses", "dlv-status", None),
    "one-of-two-words": (PARCELS, "average number of delivery attempts", "dlv-attempts", None),
    "a-short-form-of-empty-words": (PARCELS, "customer types by number of calls", "cust-type", None),
    "two-letters": (PARCELS, "number of XL boxes", "pkg-size", "XL"),
    "a-sentence-turned": (PARCELS, "calls about where the parcel is", "contact_reason", "where is my parcel"),
    "what-is-true-by-definition": (PARCELS, "calls that ran to their natural stop", "ended_well", True),
    "what-is-false-by-definition": (PARCELS, "how many were abandoned", "ended_well", False),
    "two-words-that-are-one": (PARCELS, "in how many was a voice mail left", "voicemailLeft", True),
}


@pytest.mark.parametrize("case", CASES)
def test_people_need_not_know_how_a_name_is_written(case: str) -> None:
    terms, question, name, value = CASES[case]
    (mention,) = find_mentions(question, terms)
    assert (mention.name, mention.value if mention.has_value else None) == (f"metric.{name}", value)


def test_a_handoff_is_one_where_nothing_is_named_so() -> None:
    (mention,) = find_mentions("how many calls were escalated", (HANDOFF,))
    assert mention.name == "field.handoff"


def test_two_values_side_by_side_are_told_apart() -> None:
    found = [each.value for each in find_mentions("hotel bookings and hotel searches", PARCELS)]
    assert found == ["hotel_book", "hotel_search"]


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        pytest.param("how many calls to the frontline", BANK, id="the-only-agent"),
        pytest.param("main reasons", BANK, id="main-is-no-place"),
        pytest.param("how many s", PARCELS, id="a-letter"),
    ],
)
def test_a_word_that_every_call_has_names_no_value(question: str, terms: tuple[KnownTerm, ...]) -> None:
    assert not [each for each in find_mentions(question, terms) if each.has_value]


def test_what_all_names_begin_with_names_none_of_them() -> None:
    assert "metric.pkg-express" not in {each.name for each in find_mentions("how many packages were lost", PARCELS)}


def test_the_word_that_groups_is_no_part_of_the_name() -> None:
    (mention,) = find_mentions("calls per agent", PARCELS)
    assert (mention.name, mention.start) == ("field.agent", len("calls per "))


def test_what_stands_between_the_words_of_a_name_is_named_itself() -> None:
    names = [each.name for each in find_mentions("reasons for abandoned contact", PARCELS)]
    assert "metric.ended_well" in names


SPOKEN = ("Zoë “the” O’Neil", "İstanbul", "50% off", "Robert'); DROP TABLE calls;--")
NASTY = (*SPOKEN, "🙂 great", "a|b\\c [x]", "(?:", "")


@pytest.mark.parametrize("value", NASTY, ids=range(len(NASTY)))
def test_values_of_any_letters_are_found_or_left(value: str) -> None:
    terms = (metric("note", "text", value, "plain"), metric(value or "unnamed", "boolean", says=f"{value}: x (false)?"))
    for question in (f"how many calls with {value}", value, f"calls where note is {value} or plain"):
        found = find_mentions(question, terms)
        assert all(0 <= each.start < each.end <= len(question) for each in found)


@pytest.mark.parametrize("value", SPOKEN, ids=range(len(SPOKEN)))
def test_a_value_is_found_whatever_it_is_written_with(value: str) -> None:
    found = find_mentions(f"how many calls with {value}", (metric("note", "text", value, "plain"),))
    assert {each.value for each in found} == {value}


def test_among_hundreds_of_names_the_one_that_is_meant_is_found() -> None:
    many = [metric(f"counterOf{chr(97 + at % 26)}x{at}", "number", says=f"Number {at}.") for at in range(300)]
    values = tuple(f"customer {at} limited" for at in range(2_000))
    (mention,) = find_mentions("average queue wait", (*many, metric("company", "text", *values), *BANK))
    assert mention.name == "metric.queueWaitSec"


@pytest.mark.parametrize("name", ["bank", "parcel", "rental", "claims"])
def test_most_questions_about_a_business_of_which_nothing_was_known_are_read(
    name: str, tmp_path: Path, shared: Path
) -> None:
    files = (QUESTIONS / "later_other.jsonl", QUESTIONS / "later_more.jsonl")
    entries = [each for file in files for each in read_questions(file) if each["data"] == name]
    with open_data(name, tmp_path, shared) as data:
        judged = evaluate(entries, data)
    plain = [is_right for entry, _, is_right in judged if entry["kind"] in PLAIN]
    assert sum(plain) >= LEAST * len(plain)
