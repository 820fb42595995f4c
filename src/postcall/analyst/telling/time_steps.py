"""The days, weeks or months of a query that lie wholly in its period and are over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from postcall.analyst.times.calendar import plus_months
from postcall.domain.queries import Bucket, Query
from postcall.reporting.periods import read_zone

_MOST = 4_000
"""Of more steps than these none is filled in."""


def whole_steps(query: Query, labels: Sequence[str], now: datetime, first_call: datetime | None = None) -> list[str]:
    """Their labels in order, those without calls among them; hours as they come.

    Without a beginning of its own the query begins with its first call, so in the midst of its first week or month;
    where it begins before the `first_call` that there is, likewise.
    """
    bucket = Bucket(query.group_by[0])
    if bucket is Bucket.HOUR or not labels:
        return list(labels)
    zone = read_zone(query.time_zone)
    since = query.since
    if since is not None and first_call is not None and first_call > since:
        since = first_call
        if bucket is Bucket.DAY:
            since = datetime.combine(first_call.astimezone(zone).date(), time(), zone)
    starts = since.astimezone(zone) if since is not None else None
    ends = min(query.until or now, now).astimezone(zone)
    found = []
    for day in _steps(bucket, date.fromisoformat(min(labels)), date.fromisoformat(max(labels)), starts, ends):
        begins = datetime.combine(day, time(), zone)
        over = datetime.combine(_next(bucket, day), time(), zone)
        begun = begins >= starts if starts is not None else bucket is Bucket.DAY or day.isoformat() != min(labels)
        if begun and over <= ends:
            found.append(day.isoformat())
    return found


def cut_steps(query: Query, labels: Sequence[str], now: datetime) -> list[tuple[str, bool]]:
    """Of the first and the last of a query's stretches those that are not whole, and whether that is not over yet."""
    if query.group_by[0] == Bucket.HOUR or len(labels) < 2:
        return []
    whole = set(whole_steps(query, labels, now))
    zone = read_zone(query.time_zone)
    bucket = Bucket(query.group_by[0])
    cut = []
    for label in (min(labels), max(labels)):
        if label not in whole:
            over = datetime.combine(_next(bucket, date.fromisoformat(label)), time(), zone)
            cut.append((label, over > now))
    return cut


def _steps(bucket: Bucket, first: date, last: date, starts: datetime | None, ends: datetime) -> Iterator[date]:
    """From the beginning of the period to its end; where it has none, from the first step that is there."""
    day = first
    if starts is not None:
        while _before(bucket, day) >= starts.date() and (first - day).days < _MOST:
            day = _before(bucket, day)
    last = max(last, ends.date())
    for _ in range(_MOST):
        if day > last:
            return
        yield day
        day = _next(bucket, day)


def _next(bucket: Bucket, day: date) -> date:
    if bucket is Bucket.MONTH:
        return plus_months(day, 1)
    return day + timedelta(days=7 if bucket is Bucket.WEEK else 1)


def _before(bucket: Bucket, day: date) -> date:
    if bucket is Bucket.MONTH:
        return plus_months(day, -1)
    return day - timedelta(days=7 if bucket is Bucket.WEEK else 1)
