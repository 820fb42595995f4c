"""Named stretches of time, over both clock changes and in zones with odd hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.errors import BadInput
from postcall.reporting.periods import PERIODS, period, read_moment, read_zone

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("name", "now", "since", "until"),
    [
        ("today", "2026-03-02T12:00:30Z", "2026-03-02T00:00+01:00", "2026-03-02T12:01Z"),
        ("yesterday", "2026-03-02T12:00Z", "2026-03-01T00:00+01:00", "2026-03-02T00:00+01:00"),
        ("last_7_days", "2026-03-02T12:00Z", "2026-02-24T00:00+01:00", "2026-03-02T12:01Z"),
        ("last_week", "2026-03-04T12:00Z", "2026-02-23T00:00+01:00", "2026-03-02T00:00+01:00"),
        ("this_month", "2026-03-31T22:30Z", "2026-04-01T00:00+02:00", "2026-03-31T22:31Z"),
        ("last_month", "2026-01-15T12:00Z", "2025-12-01T00:00+01:00", "2026-01-01T00:00+01:00"),
        # The clocks go forward on 29 March 2026 and back on 25 October.
        ("yesterday", "2026-03-30T10:00Z", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("yesterday", "2026-10-26T10:00Z", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("last_30_days", "2026-04-02T10:00Z", "2026-03-04T00:00+01:00", "2026-04-02T10:01Z"),
        ("this_week", "2026-10-25T23:30Z", "2026-10-26T00:00+01:00", "2026-10-25T23:31Z"),
    ],
)
def test_a_period_begins_and_ends_with_the_days_of_its_zone(name: str, now: str, since: str, until: str) -> None:
    assert period(name, at(now), BERLIN) == (at(since), at(until))


def test_the_days_of_the_clock_changes_have_23_and_25_hours() -> None:
    for now, hours in (("2026-03-30T10:00Z", 23), ("2026-10-26T10:00Z", 25)):
        since, until = period("yesterday", at(now), BERLIN)
        assert since is not None and until is not None
        assert until - since == timedelta(hours=hours)


def test_where_clocks_skip_midnight_the_day_begins_when_they_change() -> None:
    # Cairo, 24 April 2026: from 00:00 at once to 01:00.
    since, _ = period("today", at("2026-04-24T10:00+03:00"), "Africa/Cairo")
    assert since == at("2026-04-23T22:00Z")


def test_all_time_has_no_ends_and_an_unknown_period_is_named_with_its_like() -> None:
    assert period("all", at("2026-03-02T12:00Z"), "UTC") == (None, None)
    with pytest.raises(BadInput, match="did you mean last_7_days"):
        period("last_7_day", at("2026-03-02T12:00Z"), "UTC")


@given(
    st.sampled_from([name for name in PERIODS if name != "all"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["UTC", BERLIN, "America/St_Johns", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_a_period_has_a_beginning_and_an_end_and_holds_now_unless_it_is_over(
    name: str, now: datetime, zone: str
) -> None:
    since, until = period(name, now, zone)
    assert since is not None and until is not None
    assert since < until <= now + timedelta(minutes=1)
    over = name in {"yesterday", "last_week", "last_month"}
    assert (until <= now) if over else (since <= now < until)


def test_a_moment_without_an_offset_is_in_the_zone() -> None:
    zone = ZoneInfo(BERLIN)
    assert read_moment("2026-03-01", zone, field="since") == at("2026-03-01T00:00+01:00")
    assert read_moment("2026-07-01T09:30", zone, field="since") == at("2026-07-01T09:30+02:00")
    assert read_moment("2026-07-01T09:30Z", zone, field="since") == at("2026-07-01T09:30+00:00")
    assert read_moment("2026-07-01T09:30:00 05:30", zone, field="since") == at("2026-07-01T04:00Z")


def test_a_local_time_that_comes_twice_is_the_first_and_one_that_is_skipped_is_later() -> None:
    zone = ZoneInfo(BERLIN)
    assert read_moment("2026-10-25T02:30", zone, field="since") == at("2026-10-25T00:30Z")
    assert read_moment("2026-03-29T02:30", zone, field="since") == at("2026-03-29T01:30Z")


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-02-30", "0001-01-01T00:00+10:00", "9" * 300])
def test_a_text_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_moment(text, ZoneInfo("UTC"), field="since")
    assert caught.value.field == "since"


def test_a_zone_is_known_by_its_name() -> None:
    assert read_zone("Asia/Kathmandu").key == "Asia/Kathmandu"
    with pytest.raises(BadInput, match="America/New_York"):
        read_zone("America/NewYork")
