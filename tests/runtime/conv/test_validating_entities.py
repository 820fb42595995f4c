"""`validate_entity`: what is a value of its kind, and how it is kept."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from postcall.runtime.conv import entity_types as types
from postcall.runtime.conv.validation import validate

INTEGER, FLOAT = types.NumericType.INTEGER, types.NumericType.FLOAT
_ROWS: list[tuple[Any, str, Any]] = [
    (types.NumericConfig(), "5", 5),
    (types.NumericConfig(), "5.0", 5),
    (types.NumericConfig(), "5.5", None),
    (types.NumericConfig(), "1,200", 1200),
    (types.NumericConfig(), "1,20", None),
    (types.NumericConfig(), "five", None),
    (types.NumericConfig(), "1e3", None),
    (types.NumericConfig(), "nan", None),
    (types.NumericConfig(numeric_type=FLOAT), "-5.5", -5.5),
    (types.NumericConfig(min_inclusive=2, max_inclusive=4), "2", 2),
    (types.NumericConfig(min_inclusive=2, max_inclusive=4), "4", 4),
    (types.NumericConfig(min_inclusive=2, max_inclusive=4), "1", None),
    (types.NumericConfig(min_inclusive=2, max_inclusive=4), "5", None),
    (types.QuantityConfig(), "-1", None),
    (types.QuantityConfig(), "3", 3),
    (types.CurrencyConfig(), "$1,250.50", 1250.5),
    (types.CurrencyConfig(), "20 EUR", 20.0),
    (types.CurrencyConfig(), "twenty", None),
    (types.NameConfig(), " Zoë  O'Hara ", "Zoë O'Hara"),
    (types.NameConfig(), "R2D2", None),
    (types.NameConfig(), "—", None),
    (types.FreeTextConfig(), "anything 1", "anything 1"),
    (types.FreeTextConfig(), "  ", None),
    (types.AlphanumericConfig(custom_regex=r"[A-Z]{2}\d{3}"), "AB123", "AB123"),
    (types.AlphanumericConfig(custom_regex=r"[A-Z]{2}\d{3}"), "AB1234", None),
    (types.AlphanumericConfig(custom_regex=r"ID-(\d+)", capturing_group=1), "ID-77", "77"),
    (types.AlphanumericConfig(custom_regex=r"ID-(\d+)", capturing_group=2), "ID-77", None),
    (types.EmailConfig(), "ada@example.org", "ada@example.org"),
    (types.EmailConfig(), "ada@example", None),
    (types.EmailConfig(), "ada at example.org", None),
    (types.DateConfig(), "2026-03-01", "2026-03-01"),
    (types.DateConfig(), "03/04/2026", "2026-03-04"),
    (types.DateConfig(day_first=True), "03/04/2026", "2026-04-03"),
    (types.DateConfig(), "31/12/2026", "2026-12-31"),
    (types.DateConfig(), "March 1st, 2026", "2026-03-01"),
    (types.DateConfig(), "2026-02-30", None),
    (types.DateConfig(earliest_date_inclusive=date(2026, 1, 1)), "2025-12-31", None),
    (types.DateConfig(latest_date_inclusive=date(2026, 1, 1)), "2026-01-01", "2026-01-01"),
    (types.TimeConfig(), "17:30", "17:30"),
    (types.TimeConfig(), "5:30 pm", "17:30"),
    (types.TimeConfig(), "5 P.M.", "17:00"),
    (types.TimeConfig(), "12am", "00:00"),
    (types.TimeConfig(), "12 pm", "12:00"),
    (types.TimeConfig(), "13 pm", None),
    (types.TimeConfig(), "24:00", None),
    (types.TimeConfig(), "soon", None),
    (types.TimeConfig(time_pivot=7), "5", "17:00"),
    (types.TimeConfig(time_pivot=7), "8", "08:00"),
    (types.TimeConfig(time_pivot=7), "05:00", "05:00"),
    (types.TimeConfig(format="%I:%M %p"), "17:30", "05:30 PM"),
    (types.TimeConfig(earliest_time_inclusive=time(9), latest_time_inclusive=time(17)), "8:59", None),
    (types.TimeConfig(earliest_time_inclusive=time(9), latest_time_inclusive=time(17)), "17:00", "17:00"),
    (types.PhoneNumberConfig(regions={"us"}), "(212) 555", None),
    (types.PhoneNumberConfig(regions={"US"}), "212 736 5000", "+12127365000"),
    (types.PhoneNumberConfig(regions={"GB", "US"}), "020 7946 0958", "+442079460958"),
    (types.PhoneNumberConfig(regions={"US"}), "+44 20 7946 0958", None),
    (types.PhoneNumberConfig(), "+44 20 7946 0958", "+442079460958"),
    (types.PhoneNumberConfig(), "020 7946 0958", None),
    (types.EnumConfig(allowed_vals={"Blue ", "Red"}), "blue", "Blue"),
    (types.EnumConfig(allowed_vals={"Blue", "Red"}), "green", None),
]


@pytest.mark.parametrize(("config", "value", "kept"), _ROWS)
def test_a_value_is_kept_in_one_spelling_or_refused_with_a_reason(config: Any, value: str, kept: Any) -> None:
    response = validate(value, config)
    if kept is None:
        assert (response.is_valid, response.details) == (False, {})
        assert response.message
    else:
        assert (response.is_valid, response.message, response.details["value"]) == (True, "", kept)
        assert type(response.details["value"]) is type(kept)


def test_details_of_money_and_phone_numbers() -> None:
    assert validate("$5", types.CurrencyConfig()).details == {"value": 5.0, "currency": "$"}
    found = validate("212 736 5000", types.PhoneNumberConfig(regions={"US"})).details
    assert (found["region"], found["country_code"]) == ("US", 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: types.NumericConfig(min_inclusive=5, max_inclusive=4),
        lambda: types.QuantityConfig(max_inclusive=-1),
        lambda: types.AlphanumericConfig(custom_regex="("),
        lambda: types.AlphanumericConfig(capturing_group=-1),
        lambda: types.DateConfig(earliest_date_inclusive=date(2026, 1, 2), latest_date_inclusive=date(2026, 1, 1)),
        lambda: types.TimeConfig(earliest_time_inclusive=time(10), latest_time_inclusive=time(9)),
        lambda: types.TimeConfig(time_pivot=13),
        lambda: types.PhoneNumberConfig(regions={"ZZ"}),
    ],
)
def test_a_configuration_that_nothing_could_meet_is_refused(make: Any) -> None:
    with pytest.raises(ValidationError):
        make()


def test_bounds_may_be_texts() -> None:
    config = types.DateConfig.model_validate({"earliest_date_inclusive": "2026-01-02"})
    assert config.earliest_date_inclusive == date(2026, 1, 2)
    hours = types.TimeConfig.model_validate({"format": "%I:%M %p", "earliest_time_inclusive": "09:00 AM"})
    assert hours.earliest_time_inclusive == time(9)


def test_what_is_no_configuration_is_the_functions_mistake() -> None:
    with pytest.raises(TypeError):
        validate("5", {"entity_type": "numeric"})


@given(st.text() | st.integers() | st.none(), st.sampled_from([row[0] for row in _ROWS]))
def test_any_value_is_either_valid_or_not(value: Any, config: Any) -> None:
    response = validate(value, config)
    assert response.is_valid is ("value" in response.details)
