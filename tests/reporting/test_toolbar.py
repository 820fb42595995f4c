"""The toolbar of a dashboard in an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOON

from postcall.errors import BadInput
from postcall.reporting.toolbar import PERIODS, read_toolbar, write_toolbar


def read(*given: tuple[str, str], **more: Any) -> Any:
    return read_toolbar(given, now=NOON, **more)


def test_by_itself_it_is_the_live_calls_of_the_last_seven_days() -> None:
    toolbar = read()
    assert (toolbar.period, toolbar.environments, toolbar.time_zone) == ("last_7_days", ("live",), "UTC")
    assert (toolbar.since, toolbar.until) == (
        datetime(2026, 2, 24, tzinfo=UTC),
        datetime(2026, 3, 2, 12, 1, tzinfo=UTC),
    )
    assert write_toolbar(toolbar) == []


def test_days_begin_at_midnight_of_the_time_zone() -> None:
    toolbar = read(("period", "yesterday"), ("time_zone", "America/New_York"))
    assert (toolbar.since, toolbar.until) == (
        datetime(2026, 3, 1, 5, tzinfo=UTC),
        datetime(2026, 3, 2, 5, tzinfo=UTC),
    )


def test_a_day_on_which_clocks_change_is_as_long_as_it_was() -> None:
    toolbar = read(("since", "2026-03-29"), ("until", "2026-03-30"), ("time_zone", "Europe/Berlin"))
    assert (toolbar.until - toolbar.since).total_seconds() == 23 * 3600
    assert ("since", "2026-03-29") in write_toolbar(toolbar)


def test_dates_without_a_period_are_dates_of_ones_own() -> None:
    assert read(("since", "2026-02-01")).period == "custom"
    assert read(("since", "2026-02-01"), ("period", "today")).period == "today"


def test_the_last_time_zone_holds_where_the_address_names_none() -> None:
    assert read(time_zone="Asia/Tokyo").time_zone == "Asia/Tokyo"
    assert read(("time_zone", "UTC"), time_zone="Asia/Tokyo").time_zone == "UTC"


def test_empty_fields_of_a_form_say_nothing() -> None:
    assert read(("agent", ""), ("since", " "), ("version", "")) == read()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("period", "fortnight"),
        ("time_zone", "Mars/Olympus"),
        ("since", "yesterday"),
        ("channel", "pigeon"),
        ("environment", "prod"),
        ("version", "two"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(BadInput) as caught:
        read((name, value))
    assert caught.value.field == name


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadInput, match="later than since"):
        read(("since", "2026-03-02"), ("until", "2026-03-01"))


@given(
    st.fixed_dictionaries(
        {
            "period": st.sampled_from(sorted(PERIODS)),
            "time_zone": st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]),
            "agent": st.sampled_from(["", "clinic"]),
            "channel": st.sampled_from(["", "voice"]),
            "environment": st.sampled_from(["", "all", "sandbox"]),
            "variant": st.sampled_from(["", "A, with a comma"]),
            "version": st.sampled_from(["", "7"]),
        }
    )
)
def test_an_address_that_was_written_is_read_back_as_it_was(given: dict[str, str]) -> None:
    toolbar = read(*given.items())
    assert read(*write_toolbar(toolbar)) == toolbar
