"""Stretches of time in a time zone: where hours, days, weeks and months begin, also when the clocks change.

A day, week or month is named by its first day, as in `2026-03-29`. An hour is named by its local time and the offset
from UTC, as in `2026-10-25T01:00+01:00`, since in autumn an hour comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from postcall.domain.queries import Bucket
from postcall.errors import BadInput

_HOUR = timedelta(hours=1)
_MOST = 20_000
"""Buckets in one report at most: two years of hours."""
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Changes of the clock outside of these are not looked for."""


@lru_cache(maxsize=256)
def offsets(zone: tzinfo, since: datetime, until: datetime) -> tuple[tuple[datetime | None, int], ...]:
    """The offsets from UTC in force, in seconds: each with the moment from which it holds, the first with None."""
    at, end = max(since, _FIRST), min(until, _LAST)
    found: list[tuple[datetime | None, int]] = [(None, _offset(zone, at))]
    while at < end:
        following = min(at + timedelta(days=1), end)
        if _offset(zone, following) != found[-1][1]:
            change = _bisect(zone, at, following)
            found.append((change, _offset(zone, change)))
            following = change
        at = following
    return tuple(found)


def _offset(zone: tzinfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _bisect(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The second between the two from which the offset is another than at `low`."""
    before = _offset(zone, low)
    first, last = int(low.timestamp()), int(high.timestamp()) + 1
    while last - first > 1:
        middle = (first + last) // 2
        if _offset(zone, datetime.fromtimestamp(middle, UTC)) == before:
            first = middle
        else:
            last = middle
    return datetime.fromtimestamp(last, UTC)


def hour_label(local: datetime, offset_s: int) -> str:
    """The name of the hour that begins at this local time."""
    sign, minutes = ("+" if offset_s >= 0 else "-"), abs(offset_s) // 60
    return f"{local:%Y-%m-%dT%H:00}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def bucket_label(bucket: Bucket, moment: datetime, zone: tzinfo) -> str:
    """The name of the bucket that holds a moment."""
    local = moment.astimezone(zone)
    if bucket is Bucket.HOUR:
        return hour_label(local, _offset(zone, moment))
    return _first_day(bucket, local.date()).isoformat()


def bucket_bounds(bucket: Bucket, label: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the bucket of this name begins, and when the next does, in UTC. ValueError where it is no such name."""
    if bucket is Bucket.HOUR:
        return _hour_bounds(datetime.fromisoformat(label), zone)
    first = date.fromisoformat(label)
    return _midnight(first, zone), _midnight(_next_day(bucket, first), zone)


def _hour_bounds(begin: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """An hour is cut short where the clock changes within it, as it does by half an hour on Lord Howe Island."""
    start = begin.astimezone(UTC)
    offset = begin.utcoffset()
    own = 0 if offset is None else int(offset.total_seconds())
    end = start + _HOUR
    for moment, offset_s in offsets(zone, start - _HOUR, end):
        if moment is not None and start <= moment < end:
            return (moment, end) if offset_s == own else (start, moment)
    return start, end


def _midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day: where midnight is skipped, the moment after the gap."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _first_day(bucket: Bucket, day: date) -> date:
    if bucket is Bucket.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if bucket is Bucket.MONTH else day


def _next_day(bucket: Bucket, day: date) -> date:
    if bucket is Bucket.MONTH:
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if bucket is Bucket.WEEK else 1)


def buckets_between(bucket: Bucket, since: datetime, until: datetime, zone: tzinfo) -> tuple[str, ...]:
    """The names of all buckets that overlap [since, until), in order. BadInput where there are too many."""
    found = []
    for label in _labels(bucket, since, until, zone):
        found.append(label)
        if len(found) > _MOST:
            raise BadInput(f"there are more than {_MOST:,} {bucket}s in this time; take longer stretches")
    return tuple(found)


def _labels(bucket: Bucket, since: datetime, until: datetime, zone: tzinfo) -> Iterator[str]:
    at = since
    while at < until:
        label = bucket_label(bucket, at, zone)
        yield label
        at = max(bucket_bounds(bucket, label, zone)[1], at + timedelta(microseconds=1))


def period_before(since: datetime, until: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The period of the same length that ends where this one begins: as long by the clock on the wall.

    Of a period so long that this would lie before the first year, it begins with the calendar.
    """
    try:
        begin, end = since.astimezone(zone).replace(tzinfo=None), until.astimezone(zone).replace(tzinfo=None)
        earlier = begin - (end - begin)
        return earlier.replace(tzinfo=zone).astimezone(UTC), since
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC), since
