"""What a question says of time: periods, hours and weekdays, and whether it asks for a number in each of several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from postcall.analyst.times.calendar import DAY, Stretch, Unit, at, in_utc, says, stretch_of, today_in
from postcall.analyst.times.clocks import DAY_MINUTES, NamedClock, day_clocks, weekday_clocks
from postcall.analyst.times.dates import DATES
from postcall.analyst.times.groups import Grouping, groupings
from postcall.analyst.times.parts import PARTS_OF
from postcall.analyst.times.periods import Found, periods_in
from postcall.analyst.times.relative import RELATIVE
from postcall.analyst.times.rules import name_stretches
from postcall.analyst.times.words import Words, read_words
from postcall.domain.analysis import Clock, Period, TimeWords
from postcall.domain.queries import Bucket

_HOURS_OF = timedelta(days=2)
"""Up to so long a period, `by hour` means one hour after the other; of a longer one, the hours of the day."""


def find_times(
    text: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    before: tuple[datetime | None, datetime | None] | None = None,
) -> TimeWords:
    """What the words say of time, in the zone of whoever asks; moments are in UTC.

    A period that goes on ends with `now`. Of dates without a year the latest one past is meant. Spans index `text`;
    none overlap. What lies in the future is a period as well: nothing can be known of it. `before` is the period that
    was asked about before: `the week before` is the one before that.
    """
    words, today = read_words(text), today_in(now, zone)
    left = words.text
    grouped = groupings(left)
    left = _hidden(left, ((each.start, each.end) for each in grouped))
    of_week = weekday_clocks(left)
    left = _hidden(left, ((each.start, each.end) for each in of_week))
    spoken = None if before is None else stretch_of(*(each and _on_the_wall(each, zone) for each in before))
    periods = periods_in(left, name_stretches(left, today, (*PARTS_OF, *DATES, *RELATIVE)), today, before=spoken)
    left = _hidden(left, ((each.start, each.end) for each in periods))
    clocks = sorted((*of_week, *day_clocks(left)), key=lambda clock: clock.start)
    if any(each.by == "weekday" for each in grouped):
        # `Do weekends do better, by weekday?` is asked of all days.
        clocks = [clock for clock in clocks if not _is_bare_weekend(words, clock)]
    periods, clocks = _nights(periods, clocks)
    return _times(words, grouped, clocks, periods, now.astimezone(UTC), zone)


def _nights(periods: list[Found], clocks: list[NamedClock]) -> tuple[list[Found], list[NamedClock]]:
    """`Last night after 10 pm` goes on after midnight: it begins at ten, and is no condition on the time of day."""
    if len(periods) != 1 or len(clocks) != 1 or clocks[0].weekdays or clocks[0].last_minute != DAY_MINUTES - 1:
        return periods, clocks
    stretch, first = periods[0].stretch, clocks[0].first_minute
    if stretch.since is None or stretch.until is None or first is None or stretch.until - stretch.since >= DAY:
        return periods, clocks
    begins = at(stretch.since.date(), first)
    if stretch.until.date() == stretch.since.date() or not stretch.since <= begins < stretch.until:
        return periods, clocks
    start, end = min(periods[0].start, clocks[0].start), max(periods[0].end, clocks[0].end)
    return [replace(periods[0], start=start, end=end, stretch=replace(stretch, since=begins))], []


def _hidden(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with some of it out of sight, and the rest where it was."""
    for start, end in spans:
        text = text[:start] + "~" * (end - start) + text[end:]
    return text


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _is_bare_weekend(words: Words, clock: NamedClock) -> bool:
    return words.text[clock.start : clock.end] in ("weekends", "weekdays", "weekend")


def _times(
    words: Words, grouped: list[Grouping], clocks: list[NamedClock], found: list[Found], now: datetime, zone: ZoneInfo
) -> TimeWords:
    periods = tuple(_period(words, each, now, zone) for each in found)
    by = {each.by for each in grouped}
    if "hours" in by:
        by.add(Bucket.HOUR if not clocks and _is_short(found, now, zone) else "hour of day")
    spans = tuple(words.span(each.start, each.end) for each in grouped)
    bucket = next((Bucket(each) for each in by if each in set(Bucket)), None)
    return TimeWords(
        periods=periods,
        clocks=tuple(
            Clock(*words.span(each.start, each.end), each.weekdays, each.first_minute, each.last_minute)
            for each in clocks
        ),
        bucket=bucket,
        bucket_span=spans[0] if spans else None,
        by_hour_of_day="hour of day" in by,
        by_weekday="weekday" in by,
        group_spans=spans,
    )


def _period(words: Words, found: Found, now: datetime, zone: ZoneInfo) -> Period:
    since, until = _moments(found.stretch, now, zone)
    in_words = says(found.stretch.since, found.stretch.until, going_on=found.stretch.going_on)
    return Period(*words.span(found.start, found.end), since, until, in_words)


def _moments(stretch: Stretch, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """In UTC; never past `now` where it goes on."""
    since = None if stretch.since is None else in_utc(stretch.since, zone)
    until = None if stretch.until is None else in_utc(stretch.until, zone)
    if stretch.unit is Unit.HOUR and stretch.going_on and stretch.since and stretch.until:
        # Exact, also over a change of the clocks.
        return now - (stretch.until - stretch.since), now
    if stretch.going_on:
        until = now if since is None or since <= now else since
    return since, until


def _is_short(found: list[Found], now: datetime, zone: ZoneInfo) -> bool:
    """Whether one short period is asked about."""
    if len(found) != 1:
        return False
    since, until = _moments(found[0].stretch, now, zone)
    return since is not None and (until or now) - since <= _HOURS_OF
