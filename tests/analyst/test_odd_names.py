"""Names that nobody would say, choices that say there is nothing, and words that only seem to mean something."""

from __future__ import annotations

import pytest

from postcall.analyst.names.mentions import find_mentions
from postcall.analyst.names.value_phrases import says_none
from postcall.domain.analysis import KnownTerm, NameKind

STATIONS = ("Munich Airport", "Munich Central", "Hamburg Airport")


def metric(name: str, type_: str, *values: str, says: str = "") -> KnownTerm:
    return KnownTerm(f"metric.{name}", NameKind.METRIC, type_, values, says)


CHANNEL = KnownTerm("field.channel", NameKind.FIELD, "text", ("voice", "sms"))
RENTAL = (
    CHANNEL,
    metric("PU_STATION", "text", *STATIONS, says="Station at which the car is picked up."),
    metric("VEH_CLASS", "text", "SUV", "minivan", says="The class of the vehicle."),
    metric("TXT_SENT_CNT", "number", says="How many text messages were sent during the call."),
    metric("LATE_RETURN", "boolean", says="The car comes back late."),
    metric("CALLER_ABUSIVE", "boolean", says="The caller insulted the agent."),
    metric("WRONG_NUMBER", "boolean", says="The caller wanted another company."),
    metric("car_issue", "text", "flat tyre", "keys lost", "no issue", says="What was wrong with the car?"),
    metric("issue_resolved", "boolean", says="Was the issue resolved on the call?"),
)
CLAIMS = (
    metric("Schadenhoehe", "number", says="Estimated damage in euros."),
    metric("Schadenart", "text", "Wasserschaden", "Autounfall", says="Kind of damage."),
    metric("claim.state", "text", "open", "approved", "paid out", says="Where the claim stands."),
    metric("Gutachter_bestellt", "boolean", says="An adjuster was ordered."),
    metric("isTotalLoss", "boolean", says="The car is a total loss."),
    metric("what_went_wrong", "text", "long wait", "nothing", says="What went wrong in the call, if anything?"),
    metric("next_step", "text", "send photos", "wait for adjuster", "nothing", says="What is to be done next?"),
)
CASES = {
    "a-short-form": (RENTAL, "upgrades by vehicle class", "VEH_CLASS", None),
    "a-plural-of-two-letters": (RENTAL, "most popular vehicle classes", "VEH_CLASS", None),
    "texts-that-are-counted": (RENTAL, "texts sent", "TXT_SENT_CNT", None),
    "messages-that-are-counted": (RENTAL, "how many text messages were sent", "TXT_SENT_CNT", None),
    "insults": (RENTAL, "callers who insulted us", "CALLER_ABUSIVE", True),
    "the-end-of-a-noun": (CLAIMS, "approval rate", "claim.state", "approved"),
    "a-loss-of-many": (CLAIMS, "how many total losses", "isTotalLoss", True),
    "a-german-plural": (CLAIMS, "how many Autounfälle", "Schadenart", "Autounfall"),
    "what-is-measured": (CLAIMS, "average damage", "Schadenhoehe", None),
    "what-is-measured-in-full": (CLAIMS, "average estimated damage", "Schadenhoehe", None),
    "small-words-between": (CLAIMS, "an adjuster was ordered", "Gutachter_bestellt", True),
    "nothing-beside-its-name": (CLAIMS, "did nothing go wrong", "what_went_wrong", "nothing"),
    "another-form-of-a-deed": (RENTAL, "resolution rate", "issue_resolved", True),
}


@pytest.mark.parametrize("case", CASES)
def test_an_odd_name_is_known_by_what_people_say_for_it(case: str) -> None:
    terms, question, name, value = CASES[case]
    (mention,) = find_mentions(question, terms)
    assert (mention.name, mention.value if mention.has_value else None) == (f"metric.{name}", value)
    assert not mention.negated


def test_nothing_negates_what_follows() -> None:
    (mention,) = find_mentions("in how many calls was nothing resolved", RENTAL)
    assert (mention.name, mention.value, mention.negated) == ("metric.issue_resolved", True, True)


def test_a_place_with_several_stations_is_all_of_them() -> None:
    (mention,) = find_mentions("calls from Munich", RENTAL)
    assert set(mention.values) == {"Munich Airport", "Munich Central"}


def test_what_several_names_of_places_are_called_names_none_of_them() -> None:
    assert not [each for each in find_mentions("calls from the airport", RENTAL) if each.has_value]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("how many calls with an issue", id="an-issue-is-not-no-issue"),
        pytest.param("how many cars came back", id="a-common-word-of-a-definition"),
        pytest.param("how many calls went wrong", id="wrong-is-no-wrong-number"),
        pytest.param("how many issues were there", id="an-issue-need-not-be-resolved"),
    ],
)
def test_a_word_that_only_seems_to_say_so_is_no_filter(question: str) -> None:
    assert not [each for each in find_mentions(question, RENTAL) if each.has_value]


@pytest.mark.parametrize("value", ["nothing", "none", "no issue", "No Car Issues", "n/a", "keine"])
def test_a_choice_that_says_there_is_nothing_is_known(value: str) -> None:
    assert says_none(value)


@pytest.mark.parametrize("value", ["notice", "nobody came", "nothing but praise", "other", 0, True])
def test_other_choices_say_something(value: str | int) -> None:
    assert not says_none(value)
