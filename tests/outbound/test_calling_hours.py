"""People are called only by the clock where they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_number

from postcall.domain.outbound import CallingHours
from postcall.errors import BadInput
from postcall.outbound.hours import check_hours, is_within, next_allowed, zones_of

DAY = CallingHours("09:00", "20:00")
NEW_YORK, CALIFORNIA, DELHI, BERLIN = "+12125550123", "+14155550123", "+919876543210", "+4930901820"
RUSSIA, TOLL_FREE, NOWHERE = "+79161234567", "+18005550100", "+88312345678"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "now", "then"),
    [
        (NEW_YORK, "2026-03-02T15:00", "2026-03-02T15:00"),
        (NEW_YORK, "2026-03-02T13:59", "2026-03-02T14:00"),
        (NEW_YORK, "2026-03-03T01:00", "2026-03-03T14:00"),
        (DELHI, "2026-03-02T15:00", "2026-03-03T03:30"),
        (CALIFORNIA, "2026-03-02T15:00", "2026-03-02T17:00"),
        (NOWHERE, "2026-03-02T08:00", "2026-03-02T09:00"),
        ("garbage", "2026-03-02T08:00", "2026-03-02T09:00"),
    ],
)
def test_a_call_waits_for_the_morning_where_its_callee_is(phone: str, now: str, then: str) -> None:
    assert next_allowed(phone, DAY, at(now)) == at(then)


def test_without_hours_a_call_waits_for_nothing() -> None:
    assert next_allowed(NEW_YORK, None, at("2026-03-02T04:00")) == at("2026-03-02T04:00")


def test_only_on_the_days_that_are_named() -> None:
    weekdays = CallingHours("09:00", "17:00", (1, 2, 3, 4, 5))
    assert next_allowed(NEW_YORK, weekdays, at("2026-03-06T22:30")) == at("2026-03-09T13:00")


def test_the_clock_going_forward_moves_the_morning() -> None:
    saturday, sunday = at("2026-03-08T02:00"), at("2026-03-09T02:00")
    assert next_allowed(NEW_YORK, DAY, saturday) == at("2026-03-08T13:00")
    assert next_allowed(NEW_YORK, DAY, saturday - timedelta(days=1)) == at("2026-03-07T14:00")
    assert next_allowed(NEW_YORK, DAY, sunday) == at("2026-03-09T13:00")


def test_hours_that_a_clock_skips_are_those_of_the_next_week() -> None:
    night = CallingHours("02:00", "03:00", (7,))
    assert next_allowed(BERLIN, night, at("2026-03-28T12:00")) == at("2026-04-05T00:00")


def test_a_country_with_many_time_zones_is_called_when_nobody_there_sleeps() -> None:
    now = at("2026-03-02T12:30")
    moment = next_allowed(RUSSIA, CallingHours("08:00", "22:00"), now)
    assert len(zones_of(RUSSIA, now)) > 3
    assert all(is_within(CallingHours("08:00", "22:00"), moment, zone) for zone in zones_of(RUSSIA, now))


def test_hundreds_of_numbers_of_such_a_country_take_no_time() -> None:
    # One step of a campaign asks for as many, and nobody else writes meanwhile.
    begun = process_time()
    for number in range(200):
        assert next_allowed(f"+7916{number:07d}", DAY, at("2026-03-02T22:00")) > at("2026-03-02T22:00")
    assert process_time() - begun < 1.5


def test_where_no_moment_suits_everybody_it_suits_the_most() -> None:
    short, now = CallingHours("10:00", "12:00"), at("2026-03-02T00:00")
    zones = zones_of(TOLL_FREE, now)
    moment = next_allowed(TOLL_FREE, short, now)
    suited = [sum(is_within(short, now + timedelta(minutes=30 * step), zone) for zone in zones) for step in range(48)]
    assert sum(is_within(short, moment, zone) for zone in zones) == max(suited)


@pytest.mark.parametrize(
    "hours",
    [
        CallingHours("20:00", "09:00"),
        CallingHours("09:00", "09:00"),
        CallingHours("9:00", "20:00"),
        CallingHours("09:00", "25:00"),
        CallingHours("09:00", "20:00", ()),
        CallingHours("09:00", "20:00", (0,)),
    ],
    ids=["backwards", "empty", "one digit", "no such hour", "no day", "no such day"],
)
def test_hours_in_which_nobody_could_be_called_are_refused(hours: CallingHours) -> None:
    with pytest.raises(BadInput):
        check_hours(hours)


_MINUTES = st.integers(0, 24 * 60)
_PHONES = st.sampled_from([NEW_YORK, CALIFORNIA, DELHI, BERLIN, NOWHERE, "+61255501234", "+5511987654321"])


@st.composite
def some_hours(draw: st.DrawFn) -> CallingHours:
    start, end = sorted(draw(st.lists(_MINUTES, min_size=2, max_size=2, unique=True)))
    days = draw(st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True))
    return check_hours(CallingHours(_clock(start), _clock(end), tuple(days)))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@given(_PHONES, some_hours(), st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)))
def test_the_next_moment_is_within_the_hours_and_not_past(phone: str, hours: CallingHours, naive: datetime) -> None:
    now = naive.replace(tzinfo=UTC)
    moment = next_allowed(phone, hours, now)
    [zone] = zones_of(phone, now)
    assert moment >= now
    assert is_within(hours, moment, zone)
    before = [now + (moment - now) * share / 50 for share in range(50)]
    skipped = zone.utcoffset(now.replace(tzinfo=None)) != zone.utcoffset(moment.replace(tzinfo=None))
    assert skipped or not any(is_within(hours, each, zone) for each in before if each < moment)


def test_every_time_zone_of_a_number_is_one_that_python_knows() -> None:
    import phonenumbers

    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number(region)
        names = set(time_zones_for_number(example)) - {"Etc/Unknown"} if example else set()
        assert all(ZoneInfo(name) for name in names)
