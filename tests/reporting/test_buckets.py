"""Hours, days, weeks and months by the clock on the wall, also on the days when it changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.queries import Bucket
from postcall.errors import BadInput
from postcall.reporting.buckets import (
    bucket_bounds,
    bucket_label,
    buckets_between,
    offsets,
    period_before,
)
from postcall.reporting.periods import read_zone

LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/Sao_Paulo",
        "America/Havana",
        "Pacific/Apia",
        "Antarctica/Troll",
        "Africa/Casablanca",
    )
]
moments = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(ZONES)
buckets = st.sampled_from(Bucket)


def local_day(zone: ZoneInfo, *day: int) -> tuple[datetime, datetime]:
    begin = datetime(*day, tzinfo=zone)  # type: ignore[arg-type,misc]
    return begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)


def hours(zone: ZoneInfo, *day: int) -> list[str]:
    return list(buckets_between(Bucket.HOUR, *local_day(zone, *day), zone))


def lengths(zone: ZoneInfo, labels: list[str]) -> list[timedelta]:
    bounds = [bucket_bounds(Bucket.HOUR, label, zone) for label in labels]
    return [until - since for since, until in bounds]


def test_the_hour_that_is_skipped_in_spring_is_no_bucket() -> None:
    named = hours(LONDON, 2026, 3, 29)
    assert len(named) == 23
    assert named[:3] == ["2026-03-29T00:00+00:00", "2026-03-29T02:00+01:00", "2026-03-29T03:00+01:00"]


def test_the_hour_that_comes_twice_in_autumn_is_two_buckets() -> None:
    named = hours(LONDON, 2026, 10, 25)
    assert len(named) == len(set(named)) == 25
    assert named[1:3] == ["2026-10-25T01:00+01:00", "2026-10-25T01:00+00:00"]
    assert set(lengths(LONDON, named)) == {timedelta(hours=1)}


@pytest.mark.parametrize(
    ("day", "length"),
    [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 3, 28), 24)],
)
def test_a_day_is_as_long_as_it_was(day: tuple[int, ...], length: int) -> None:
    label = datetime(*day).date().isoformat()  # type: ignore[arg-type]
    since, until = bucket_bounds(Bucket.DAY, label, LONDON)
    assert until - since == timedelta(hours=length)


def test_weeks_and_months_with_a_change_are_an_hour_off() -> None:
    since, until = bucket_bounds(Bucket.WEEK, "2026-03-23", LONDON)
    assert until - since == timedelta(days=7, hours=-1)
    since, until = bucket_bounds(Bucket.MONTH, "2026-10-01", LONDON)
    assert until - since == timedelta(days=31, hours=1)
    assert bucket_bounds(Bucket.MONTH, "2026-12-01", LONDON)[1] == datetime(2027, 1, 1, tzinfo=UTC)


def test_half_an_hour_comes_twice_on_lord_howe_island() -> None:
    named = hours(LORD_HOWE, 2026, 4, 5)
    assert named[1:4] == ["2026-04-05T01:00+11:00", "2026-04-05T01:00+10:30", "2026-04-05T02:00+10:30"]
    assert lengths(LORD_HOWE, named)[1:4] == [timedelta(hours=1), timedelta(minutes=30), timedelta(hours=1)]
    assert sum(lengths(LORD_HOWE, named), timedelta()) == timedelta(hours=24.5)


def test_half_an_hour_is_skipped_on_lord_howe_island() -> None:
    named = hours(LORD_HOWE, 2026, 10, 4)
    assert named[1:4] == ["2026-10-04T01:00+10:30", "2026-10-04T02:00+11:00", "2026-10-04T03:00+11:00"]
    assert lengths(LORD_HOWE, named)[1:4] == [timedelta(hours=1), timedelta(minutes=30), timedelta(hours=1)]
    assert sum(lengths(LORD_HOWE, named), timedelta()) == timedelta(hours=23.5)


def test_hours_in_kathmandu_begin_a_quarter_before_those_elsewhere() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert bucket_label(Bucket.HOUR, noon, KATHMANDU) == "2026-03-02T17:00+05:45"
    assert bucket_bounds(Bucket.HOUR, "2026-03-02T17:00+05:45", KATHMANDU) == (
        datetime(2026, 3, 2, 11, 15, tzinfo=UTC),
        datetime(2026, 3, 2, 12, 15, tzinfo=UTC),
    )


def test_a_day_begins_after_the_gap_where_midnight_is_skipped() -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    since, until = bucket_bounds(Bucket.DAY, "2018-11-04", zone)
    assert since == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert until - since == timedelta(hours=23)
    assert bucket_bounds(Bucket.DAY, "2018-11-03", zone)[1] == since


@given(buckets, moments, zones)
def test_every_moment_lies_in_the_bucket_that_it_names(bucket: Bucket, moment: datetime, zone: ZoneInfo) -> None:
    since, until = bucket_bounds(bucket, bucket_label(bucket, moment, zone), zone)
    assert since <= moment < until


@given(buckets, moments, st.integers(1, 400), zones)
def test_buckets_follow_each_other_without_a_gap(bucket: Bucket, since: datetime, hours_: int, zone: ZoneInfo) -> None:
    until = since + timedelta(hours=hours_)
    named = buckets_between(bucket, since, until, zone)
    bounds = [bucket_bounds(bucket, label, zone) for label in named]
    assert len(set(named)) == len(named)
    assert bounds[0][0] <= since < bounds[0][1]
    assert bounds[-1][0] < until <= bounds[-1][1]
    assert all(ends == begins for (_, ends), (begins, _) in pairwise(bounds))
    assert all(begins < ends for begins, ends in bounds)


@given(moments, st.integers(1, 3_000), zones)
def test_offsets_are_those_of_the_zone_at_every_moment(since: datetime, days: int, zone: ZoneInfo) -> None:
    found = offsets(zone, since, since + timedelta(days=days))
    changes = [moment for moment, _ in found if moment is not None]
    for moment in [since, *changes, *(change - timedelta(seconds=1) for change in changes)]:
        in_force = [offset for begins, offset in found if begins is None or begins <= moment][-1]
        assert timedelta(seconds=in_force) == moment.astimezone(zone).utcoffset()


def test_too_many_buckets_are_refused_with_a_way_out() -> None:
    with pytest.raises(BadInput, match="longer stretches"):
        buckets_between(Bucket.HOUR, datetime(2000, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), LONDON)


def test_no_time_is_no_bucket() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert buckets_between(Bucket.DAY, noon, noon, LONDON) == ()


@pytest.mark.parametrize(("asked", "meant"), [("Europe/Londn", "Europe/London"), ("asia/katmandu", "Asia/Katmandu")])
def test_a_misspelled_time_zone_is_told_with_the_nearest(asked: str, meant: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_zone(asked)
    assert meant.lower() in str(caught.value).lower()
    assert caught.value.field == "time_zone"


@pytest.mark.parametrize("asked", ["", ".", "..", "../etc/passwd", "/etc/passwd", "a\0b", "Europe", "x" * 5_000])
def test_what_is_no_time_zone_is_refused(asked: str) -> None:
    with pytest.raises(BadInput):
        read_zone(asked)


def test_the_day_before_a_change_of_the_clock_is_a_whole_day() -> None:
    since, until = local_day(LONDON, 2026, 3, 30)
    assert period_before(since, until, LONDON) == local_day(LONDON, 2026, 3, 29)
    assert since - period_before(since, until, LONDON)[0] == timedelta(hours=23)


@given(moments, st.integers(1, 60), zones)
def test_the_period_before_ends_where_this_one_begins(since: datetime, days: int, zone: ZoneInfo) -> None:
    until = since + timedelta(days=days)
    begin, end = period_before(since, until, zone)
    assert end == since
    assert abs((end - begin) - (until - since)) <= timedelta(hours=30)  # a whole day was skipped in Apia
    assert begin < end


def test_a_period_of_most_of_the_calendar_is_compared_with_what_there_is_before() -> None:
    first, last = datetime(2020, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

    assert period_before(first, last, LONDON) == (datetime.min.replace(tzinfo=UTC), first)
