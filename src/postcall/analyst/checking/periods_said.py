"""Whether the times that a sentence speaks of are those that its queries are about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from postcall.domain.analysis import Period, TimeWords
from postcall.domain.queries import Bucket, Query
from postcall.reporting.buckets import period_before

_SLACK = timedelta(seconds=1)
_CLOCKS = frozenset({"field.hour", "field.minute", "field.weekday"})


def period_spans(text: str, times: Callable[[str], TimeWords]) -> list[tuple[int, int]]:
    """Where the text speaks of time: its numbers are no measurements."""
    words = times(text)
    spans = [(each.start, each.end) for each in words.periods] + [(each.start, each.end) for each in words.clocks]
    return spans if words.bucket_span is None else [*spans, words.bucket_span]


def find_foreign_period(
    text: str, times: Callable[[str], TimeWords], queries: Sequence[Query], zone: ZoneInfo
) -> str | None:
    """Why a time in the text is not what the queries are about; None where all are."""
    words = times(text)
    for period in words.periods:
        if not any(_is_about(query, period, zone) for query in queries):
            return f"{text[period.start : period.end]!r} is not the period of a query that the sentence names"
    if words.clocks and not any(_has_clock(query) for query in queries):
        clock = words.clocks[0]
        return f"{text[clock.start : clock.end]!r}: no query that the sentence names asks for it"
    return None


def _is_about(query: Query, period: Period, zone: ZoneInfo) -> bool:
    """The same beginning and end as the query, or as what it is compared with; in a trend a stretch of it as well."""
    spans = [(query.since, query.until)]
    if query.compare and query.since is not None and query.until is not None:
        spans.append(period_before(query.since, query.until, zone))
    if any(_same(since, period.since) and _ends(until, period.until) for since, until in spans):
        return True
    return bool(set(query.group_by) & set(Bucket)) and _inside(query, period)


def _same(first: datetime | None, second: datetime | None) -> bool:
    if first is None or second is None:
        return first is second
    return abs(first - second) <= _SLACK


def _ends(until: datetime | None, said: datetime | None) -> bool:
    """A period that reaches up to now may be asked for without its end."""
    return _same(until, said) or until is None or said is None


def _inside(query: Query, period: Period) -> bool:
    begins = query.since is None or (period.since is not None and period.since >= query.since)
    ends = query.until is None or (period.until is not None and period.until <= query.until)
    return begins and ends


def _has_clock(query: Query) -> bool:
    return bool(_CLOCKS & {*query.group_by}) or any(name in repr(query.filters) for name in _CLOCKS)
