"""What a query is about, in words: `calls of front-desk from 1 to 31 March 2026 where channel is webchat`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo

from postcall.domain.calls import JsonScalar
from postcall.domain.queries import Condition, Filter, GroupValue, Operator, Query
from postcall.reporting.filter_words import filters_in_words, value_in_words
from postcall.reporting.mentions import filters_on
from postcall.reporting.periods import read_zone

_LONGEST = 80
"""Characters of a value within a sentence."""
_MARK = re.compile(r"\[([qsc]\d+)\]")
_SECOND = timedelta(seconds=1)
_BUCKETS = {"hour", "day", "week", "month"}


def period_in_words(query: Query, now: datetime) -> str:
    """`from 1 to 31 March 2026`, `since 13 April 2026`; empty where the query is of all time."""
    zone = read_zone(query.time_zone)
    since = None if query.since is None else query.since.astimezone(zone)
    until = None if query.until is None else query.until.astimezone(zone)
    if until is not None and until.astimezone(UTC) >= now:
        until = None
    if since is None:
        return "" if until is None else f"before {_moment(until)}"
    if until is None:
        today = _is_midnight(since) and since.date() == now.astimezone(zone).date()
        return f"so far on {_day(since)}" if today else f"since {_moment(since)}"
    if not (_is_midnight(since) and _is_midnight(until)):
        if since.date() == until.date():
            return f"on {_day(since)} from {since:%H:%M} to {until:%H:%M}"
        return f"from {_first_moment(since, until)} to {_moment(until)}"
    last = until - _SECOND
    if last.date() <= since.date():
        return f"on {_day(since)}"
    return f"from {_first_day(since, last)} to {_day(last)}"


def scope_in_words(query: Query, now: datetime) -> str:
    """Which calls there are before any filter: `of front-desk from 1 to 31 March 2026`; may be empty."""
    parts = ["" if query.agent is None else f"of {query.agent}", period_in_words(query, now)]
    return " ".join(each for each in parts if each)


def filters_of(query: Query) -> str:
    """What filters them: `channel is webchat and “refund” is said`; empty where nothing does."""
    parts = [filters_in_words(query.filters)]
    if query.text is not None:
        parts.append(f"{quoted(query.text)} is said")
    return " and ".join(each for each in parts if each)


def query_in_words(query: Query, now: datetime) -> str:
    """Both, behind `calls`: ` from 1 to 31 March 2026 where channel is webchat`."""
    scope, filters = scope_in_words(query, now), filters_of(query)
    return (f" {scope}" if scope else "") + (f" where {filters}" if filters else "")


def goes_without_saying(part: Filter, others: Iterable[Filter]) -> bool:
    """That there is a value, where another filter says which."""
    if not isinstance(part, Condition) or part.op is not Operator.EXISTS:
        return False
    return any(each != part and filters_on(each, part.field) for each in others)


def quoted(text: str) -> str:
    """The words of a search in one pair of quotation marks."""
    return "“" + text.strip().strip('"') + "”"


def group_in_words(name: str, value: GroupValue, zone: tzinfo) -> str:
    """A group as a person calls it: `14 April 2026`, `week of 6 April 2026`, `09:00`, `billing`."""
    if value is None:
        return "no value"
    if name in _BUCKETS:
        return _bucket(name, str(value), zone)
    if name == "field.hour" and isinstance(value, int):
        return f"{value:02}:00 to {value:02}:59"
    return told(value)


def told(value: JsonScalar) -> str:
    """A value within a sentence: on one line, not endless, and never with what looks like the mark of a query."""
    words = " ".join(value_in_words(value).split())
    shown = words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"
    return _MARK.sub(r"(\1)", shown)


def _bucket(name: str, label: str, zone: tzinfo) -> str:
    begins = datetime.fromisoformat(label)
    if name == "hour":
        return _moment(begins.astimezone(zone))
    if name == "month":
        return f"{begins:%B %Y}"
    return f"week of {_day(begins)}" if name == "week" else _day(begins)


def _first_day(since: datetime, last: datetime) -> str:
    """Without what the last day says as well."""
    if since.year != last.year:
        return _day(since)
    return f"{since.day} {since:%B}" if since.month != last.month else str(since.day)


def _first_moment(since: datetime, until: datetime) -> str:
    """Without the year where the last moment has the same."""
    year = "" if since.year == until.year else f" {since.year}"
    day = f"{since.day} {since:%B}{year}"
    return day if _is_midnight(since) else f"{day}, {since:%H:%M}"


def _moment(at: datetime) -> str:
    return _day(at) if _is_midnight(at) else f"{_day(at)}, {at:%H:%M}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _is_midnight(at: datetime) -> bool:
    return at.time() == time()
