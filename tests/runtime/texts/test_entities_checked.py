"""Values that a step collects are asked of the model and checked by us."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.calls import Json
from postcall.runtime.projects.model import Entity, EntityType
from postcall.runtime.protocol import CollectedEntity
from postcall.runtime.texts.entities import (
    check,
    error_text,
    extraction_messages,
    read_extraction,
    typed,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""A Wednesday."""
US: dict[str, Json] = {"enabled": True, "country_codes": ["US"]}
SERVED: dict[str, Json] = {"enabled": True, "start_time": "12:00", "end_time": "22:00"}


def an_entity(kind: EntityType, config: dict[str, Json] | None = None, *, description: str = "") -> Entity:
    return Entity("it", description, kind, config or {})


def checked(
    kind: EntityType,
    value: str,
    config: dict[str, Json] | None = None,
    *,
    language: str = "en-US",
    description: str = "",
) -> CollectedEntity:
    return check(an_entity(kind, config, description=description), value, now=NOW, language=language)


GOOD: list[tuple[EntityType, dict[str, Json], str, str]] = [
    (EntityType.NUMERIC, {}, "5", "5"),
    (EntityType.NUMERIC, {}, "twenty five", "25"),
    (EntityType.NUMERIC, {}, "about 5 people", "5"),
    (EntityType.NUMERIC, {}, "one two three four", "1234"),
    (EntityType.NUMERIC, {}, "0045", "0045"),
    (EntityType.NUMERIC, {}, "1,500", "1500"),
    (EntityType.NUMERIC, {}, "minus twelve", "-12"),
    (EntityType.NUMERIC, {"has_decimal": True}, "three point two five", "3.25"),
    (EntityType.NUMERIC, {"has_decimal": True}, "$1,500.50", "1500.5"),
    (EntityType.NUMERIC, {"has_range": True, "min": 1, "max": 12}, "12", "12"),
    (EntityType.ALPHANUMERIC, {}, "A B one two", "AB12"),
    (EntityType.ALPHANUMERIC, {"validation_type": "us_zip_code"}, "nine four one oh five", "94105"),
    (EntityType.ALPHANUMERIC, {"validation_type": "uk_postal_code"}, "sw1a 1aa", "SW1A 1AA"),
    (EntityType.ALPHANUMERIC, {"regular_expression": r"[A-Z]{2}\d{3}"}, "a b one two three", "AB123"),
    (EntityType.ENUM, {"options": ["Morning", "Afternoon"]}, "mornin", "Morning"),
    (EntityType.ENUM, {"options": ["Morning", "Afternoon"]}, "in the morning please", "Morning"),
    (EntityType.DATE, {}, "tomorrow", "2026-03-05"),
    (EntityType.DATE, {}, "March 15, 1990", "1990-03-15"),
    (EntityType.DATE, {}, "030575", "1975-03-05"),
    (EntityType.DATE, {}, "one two two five nineteen seventy three", "1973-12-25"),
    (EntityType.PHONE_NUMBER, US, "(415) 555-2671", "4155552671"),
    (EntityType.PHONE_NUMBER, US, "415.555.2671", "4155552671"),
    (EntityType.PHONE_NUMBER, US, "four one five five five five two six seven one", "4155552671"),
    (EntityType.PHONE_NUMBER, US, "+1 415 555 2671", "+14155552671"),
    (EntityType.TIME, SERVED, "half past seven", "19:30"),
    (EntityType.TIME, SERVED, "3", "15:00"),
    (EntityType.TIME, {}, "9:15 am", "09:15"),
    (EntityType.NAME, {}, "Mary  Jane.", "Mary Jane"),
    (EntityType.ADDRESS, {}, "12 Main Street", "12 Main Street"),
    (EntityType.FREE_TEXT, {}, " anything ", "anything"),
]
BAD: list[tuple[EntityType, dict[str, Json], str]] = [
    (EntityType.NUMERIC, {}, "12.5"),
    (EntityType.NUMERIC, {}, "between 5 and 6"),
    (EntityType.NUMERIC, {}, "a few"),
    (EntityType.NUMERIC, {"has_range": True, "min": 1, "max": 12}, "13"),
    (EntityType.ALPHANUMERIC, {"validation_type": "us_zip_code"}, "9410"),
    (EntityType.ALPHANUMERIC, {"validation_type": "uk_postal_code"}, "94105"),
    (EntityType.ALPHANUMERIC, {"regular_expression": r"[A-Z]{2}\d{3}"}, "hello"),
    (EntityType.ALPHANUMERIC, {}, "?!"),
    (EntityType.ENUM, {"options": ["Morning", "Afternoon"]}, "night"),
    (EntityType.ENUM, {"options": ["Morning", "Afternoon"]}, "not the morning"),
    (EntityType.DATE, {}, "sometime"),
    (EntityType.DATE, {}, "02/30/1990"),
    (EntityType.PHONE_NUMBER, US, "12345"),
    (EntityType.PHONE_NUMBER, US, "+44 20 7946 0958"),
    (EntityType.PHONE_NUMBER, US, "no idea"),
    (EntityType.TIME, SERVED, "eleven pm"),
    (EntityType.TIME, {}, "3"),
    (EntityType.TIME, {}, "later"),
    (EntityType.NAME, {}, "123"),
    (EntityType.NAME, {}, "unknown"),
    (EntityType.ADDRESS, {}, "?"),
    (EntityType.FREE_TEXT, {}, "  "),
    (EntityType.FREE_TEXT, {}, "x" * 2_000),
]


@pytest.mark.parametrize(("kind", "config", "said", "kept"), GOOD)
def test_a_good_value_is_kept_in_its_own_form(kind: EntityType, config: dict[str, Json], said: str, kept: str) -> None:
    collected = checked(kind, said, config)
    assert (collected.valid, collected.value, collected.error) == (True, kept, None)
    assert collected.type == kind.value


@pytest.mark.parametrize(("kind", "config", "said"), BAD)
def test_a_bad_value_is_refused_with_a_reason(kind: EntityType, config: dict[str, Json], said: str) -> None:
    collected = checked(kind, said, config)
    assert not collected.valid
    assert collected.error


def test_a_number_is_read_as_its_language_writes_it() -> None:
    assert checked(EntityType.NUMERIC, "1.500", language="de-DE").value == "1500"
    assert checked(EntityType.NUMERIC, "1.500,25", {"has_decimal": True}, language="de-DE").value == "1500.25"


def test_a_date_in_figures_is_read_as_its_country_writes_it() -> None:
    assert checked(EntityType.DATE, "03/05/1990").value == "1990-03-05"
    assert checked(EntityType.DATE, "03/05/1990", language="en-GB").value == "1990-05-03"


def test_a_date_keeps_the_form_that_its_description_asks_for() -> None:
    collected = checked(EntityType.DATE, "03/05/1990", description="Store it as MM/DD/YYYY.")
    assert collected.value == "03/05/1990"
    assert collected.details["date"] == "1990-03-05"


def test_a_telephone_number_tells_its_country() -> None:
    details = checked(EntityType.PHONE_NUMBER, "020 7946 0958", {"country_codes": ["US", "GB"]}).details
    assert (details["country"], details["e164"]) == ("GB", "+442079460958")
    assert checked(EntityType.PHONE_NUMBER, "555 123 4567", US).details["assigned"] is False


def test_a_broken_expression_of_the_project_still_collects() -> None:
    assert checked(EntityType.ALPHANUMERIC, "AB1", {"regular_expression": "(["}).valid


@pytest.mark.parametrize(
    ("config", "said", "value"),
    [({}, "25", 25), ({"has_decimal": True}, "2.5", 2.5), ({"has_decimal": True}, "2", 2.0)],
)
def test_the_state_gets_numbers_as_numbers(config: dict[str, Json], said: str, value: float) -> None:
    got = typed(an_entity(EntityType.NUMERIC, config), checked(EntityType.NUMERIC, said, config))
    assert got == value
    assert type(got) is type(value)


def test_the_state_gets_everything_else_as_text() -> None:
    assert typed(an_entity(EntityType.DATE), checked(EntityType.DATE, "tomorrow")) == "2026-03-05"
    odd = CollectedEntity("it", "it", True, "many", "numeric")
    assert typed(an_entity(EntityType.NUMERIC), odd) == "many"


PAIR = (
    Entity("day", "The day of the visit.", EntityType.DATE, {}),
    Entity("part", "", EntityType.ENUM, {"options": ["Morning", "Afternoon"]}),
)


def test_the_model_is_asked_with_all_it_needs_and_the_user_as_data() -> None:
    system, said = extraction_messages(PAIR, 'Friday "}', asked="Which day?", now=NOW, language="en-US")
    for part in ("day", "The day of the visit.", "Morning", "2026-03-04", "Wednesday"):
        assert part in system.content
    assert "Friday" not in system.content
    assert json.loads(said.content) == {"agent": "Which day?", "user": 'Friday "}'}


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ('{"day": "Friday", "part": null}', {"day": "Friday"}),
        ('```json\n{"day": " Friday ", "other": "x"}\n```', {"day": "Friday"}),
        ('{"day": 5, "part": ["Morning"]}', {"day": "5"}),
        ('{"day": ""}', {}),
        ("I could not find any.", {}),
        ('{"day": "Fri', {}),
        ("[1]", {}),
    ],
)
def test_only_values_are_taken_from_a_reply(reply: str, found: dict[str, str]) -> None:
    assert read_extraction(reply, PAIR) == found


def test_refused_values_are_told_to_the_model() -> None:
    refused = checked(EntityType.DATE, "sometime")
    assert error_text({"day": refused, "ok": checked(EntityType.DATE, "tomorrow")}) is not None
    assert "sometime" in (error_text({"day": refused}) or "")
    assert error_text({"ok": checked(EntityType.DATE, "tomorrow")}) is None


CONFIG = st.dictionaries(
    st.sampled_from(
        ["has_decimal", "has_range", "min", "max", "validation_type", "regular_expression", "options", "country_codes",
         "start_time", "end_time", "enabled"]
    ),
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.lists(st.text(max_size=3), max_size=2),
)  # fmt: skip
SAID = st.text(max_size=30) | st.lists(
    st.sampled_from(["five", "point", "3", "1,5", "plus", "+44", "half", "past", "may", "2026", "am", "tomorrow", "."])
).map(" ".join)


@given(kind=st.sampled_from(EntityType), config=CONFIG, said=SAID)
def test_no_value_and_no_config_crashes_a_check(kind: EntityType, config: dict[str, Json], said: str) -> None:
    entity = an_entity(kind, config)
    collected = check(entity, said, now=NOW, language="en-US")
    assert collected.valid == (collected.error is None)
    assert isinstance(typed(entity, collected), (str, int, float))
