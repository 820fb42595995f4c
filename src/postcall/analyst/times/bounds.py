"""Times of which nothing can be known: those that are still to come, and those before the first call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from postcall.analyst.asking import Asking
from postcall.analyst.telling.query_words import period_in_words
from postcall.domain.analysis import Asked
from postcall.domain.queries import All, Bucket, Order, Query
from postcall.reporting.periods import read_zone

_DAY = timedelta(days=1)
_BUCKETS = frozenset(Bucket)


def said_of_future(queries: Sequence[Query]) -> str:
    """That a time has not come yet: no count of it is an answer."""
    # As if asked afterwards: a period that is to come would otherwise lose its end.
    when = [period_in_words(each, each.until + _DAY if each.until else each.since) for each in queries if each.since]
    said = f", {when[0].removeprefix('from ').removeprefix('on ')}," if when else ""
    return f"The time asked about{said} is still to come: there is nothing in it to be counted yet."


def is_ahead(queries: Sequence[Query], now: datetime) -> bool:
    """Whether all of them ask only about what is still to come."""
    return bool(queries) and all(each.since is not None and each.since >= now for each in queries)


async def find_first_call(asking: Asking, asked: Sequence[Asked]) -> datetime | None:
    """When the first call of the agents that they are about began; None where none did, or nothing hangs on it."""
    beyond = any(not each.result.calls or set(each.query.group_by) & _BUCKETS for each in asked)
    if not beyond or all(each.query.since is None for each in asked):
        return None
    query = await asking.keep(replace(asked[0].query, measures=(), group_by=(), having=(), order=(), limit=None))
    bare = replace(query, since=None, until=None, text=None, compare=False, filters=All())
    found = await asking.reports.calls(asking.account_pk, bare, order=(Order("field.started_at"),), limit=1)
    return found.newest


def first_call_sentence(asked: Sequence[Asked], first_call: datetime | None) -> str | None:
    """Since when there are calls, where all that is asked about lies before that; None where it does not."""
    if first_call is None or any(each.result.calls or each.query.until is None for each in asked):
        return None
    if first_call < max(each.query.until for each in asked if each.query.until is not None):
        return None
    day = first_call.astimezone(read_zone(asked[0].query.time_zone))
    return f"The first call that is known began on {day.day} {day:%B %Y}."
