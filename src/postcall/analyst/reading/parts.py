"""A question that asks two things: `how many complaints did we get, and how many of them were handed off?`"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from postcall.analyst.reading.sentences import say
from postcall.analyst.telling.query_words import period_in_words
from postcall.domain.analysis import Understood
from postcall.domain.queries import Query

_ASKS = (
    r"(?:how many|how often|how much|number of|what (?:share|percentage|percent|proportion|part|fraction)|which share)"
)
_SECOND = re.compile(rf"(?i)(?:[,;]? and|[,;?.]) (?={_ASKS}\b)")
_FIRST = re.compile(rf"(?i)\b{_ASKS}\b")
_OF_THEM = re.compile(r"(?i)\b(?:of (?:them|those|these|the same)|they|them|those)\b")


def split_parts(text: str) -> tuple[str, str, int] | None:
    """Both parts, and where the second begins; None where one thing is asked."""
    found = _SECOND.search(text)
    if found is None or _FIRST.search(text[: found.start()]) is None:
        return None
    return text[: found.start()], text[found.end() :], found.end()


def says_of_them(text: str) -> bool:
    """Whether the second part is about the calls of the first."""
    return _OF_THEM.search(text) is not None


def share_period(one: Understood, other: Understood, *, now: datetime) -> tuple[Understood, Understood]:
    """Both of the time that only one of them names, as `how many calls and how many bookings last week`."""
    first, second = one.queries[0], other.queries[0]
    if first.since is None and first.until is None:
        return _within(one, second, now), other
    if second.since is None and second.until is None:
        return one, _within(other, first, now)
    return one, other


def join_parts(one: Understood, other: Understood, *, at: int) -> Understood:
    """One reading with the queries of both; `at` is where the second part begins in the question."""
    taken = tuple((start + at, end + at, means) for start, end, means in other.taken)
    says = f"{one.says.removesuffix('.')}; and {other.says[0].lower()}{other.says[1:]}"
    return replace(
        one,
        queries=(*one.queries, *other.queries),
        calls=None,
        says=says,
        taken=(*one.taken, *taken),
        left=(*one.left, *other.left),
    )


def _within(read: Understood, other: Query, now: datetime) -> Understood:
    queries = tuple(replace(each, since=other.since, until=other.until) for each in read.queries)
    return replace(read, queries=queries, says=say(read.kind, queries, None, periods=period_in_words(queries[0], now)))
