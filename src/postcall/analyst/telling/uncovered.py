"""What an answer does not rest on: values that are unknown, days without calls, calls that have not ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from postcall.analyst.asking import counting, unfiltered
from postcall.analyst.telling.number_words import Unit, mark, tell_value
from postcall.analyst.telling.query_words import group_in_words, period_in_words
from postcall.analyst.telling.time_steps import cut_steps
from postcall.domain.analysis import Asked, Understood
from postcall.domain.queries import All, Bucket, Condition, Coverage, Measure, MeasureKind, Operator, Query
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.mentions import only_live_environment
from postcall.reporting.periods import read_zone

_ENVIRONMENT = "field.environment"
LARGE = 0.1
"""From this share on, calls of which something is not known are named."""
_LATE = 5.0
"""Seconds; closer behind than this the numbers are as good as present."""
_DAYS = 400
"""Of a longer period, days without calls are not looked for."""
_SPELLED_OUT = 3


def days_query(query: Query, now: datetime) -> Query | None:
    """How many calls each day of the query's period has; None where its days are not to be looked at."""
    if query.since is None:
        return None
    ends = min(query.until or now, now)
    if not timedelta(days=1) < ends - query.since <= timedelta(days=_DAYS):
        return None
    return replace(unfiltered(query), until=ends, group_by=(Bucket.DAY.value,))


def known_query(query: Query) -> Query | None:
    """Of how many calls the groups of a query are known, where it asks for the known ones alone."""
    names = [name for name in query.group_by if "." in name and Condition(name, Operator.EXISTS) in query.filters.parts]
    if len(names) != 1:
        return None
    [name] = names
    filters = tuple(part for part in query.filters.parts if part != Condition(name, Operator.EXISTS))
    measure = Measure(MeasureKind.SHARE, of=name, name="known")
    return replace(
        query, measures=(measure,), filters=All(filters), group_by=(), having=(), order=(), limit=None, compare=False
    )


def elsewhere_query(query: Query) -> Query | None:
    """How many calls are left out since they are not of the live environment; None where none is for that."""
    if not only_live_environment(query):
        return None
    elsewhere = Condition(_ENVIRONMENT, Operator.NE, "live")
    return replace(counting(query), filters=All((*query.filters.parts, elsewhere)))


def said_of_elsewhere(asked: Asked) -> str | None:
    """`12 calls that are tests or simulations, and not of the live environment [q3]`."""
    count = asked.result.calls
    if not count:
        return None
    return f"{count:,} {'call' if count == 1 else 'calls'} of other environments than the live one {mark(asked)}"


def said_of_steps(asked: Asked, now: datetime) -> list[str]:
    """Which of a trend's days, weeks or months are not whole, and so not to be compared with the others."""
    query = asked.query
    if len(query.group_by) != 1 or query.group_by[0] not in set(Bucket):
        return []
    labels = [str(row.group[0]) for row in asked.result.rows if row.group[0] is not None]
    zone = read_zone(query.time_zone)
    return [
        f"{'the ' if query.group_by[0] == Bucket.WEEK else ''}{group_in_words(query.group_by[0], label, zone)} is "
        f"{'not over yet' if going_on else 'only partly in the time asked about'} {mark(asked)}"
        for label, going_on in cut_steps(query, labels, now)
    ]


def said_of_open_side(asked: Sequence[Asked], now: datetime) -> list[str]:
    """That one of two periods is not over yet while the other is."""
    if len({(each.query.since, each.query.until) for each in asked}) != 2:
        return []
    going_on = [each for each in asked if (each.query.until or now) >= now and each.query.since is not None]
    if len(going_on) != 1:
        return []
    [one] = going_on
    return [f"the time {period_in_words(one.query, now)} is not over yet: it is told as it stands {mark(one)}"]


def said_of_known(asked: Asked) -> str | None:
    """`INTENT has no value in 12 of 514 calls [q3]`; None where it is known of nearly all."""
    number = asked.result.rows[0].numbers[0] if asked.result.rows else None
    if number is None or number.count is None or not number.n or number.n - number.count < LARGE * number.n:
        return None
    name = name_in_words(asked.query.measures[0].of or "")
    return f"{name} is known in only {number.count:,} of {number.n:,} calls {mark(asked)}"


def said_of_days(asked: Asked) -> str | None:
    """The days of the query's period on which no call began; None where there is none."""
    missing = _days_without(asked)
    if not missing or not asked.result.calls:  # of no calls at all the answer itself tells
        return None
    runs = _runs(missing)
    named = ", ".join(_run(first, last) for first, last in runs[:_SPELLED_OUT])
    return f"no calls at all {named}{' and on other days' if len(runs) > _SPELLED_OUT else ''} {mark(asked)}"


def said_of_results(asked: Sequence[Asked]) -> list[str]:
    """What the results themselves say: unknown shares, calls in progress. Not that they are of the live environment
    alone, which says nothing where there are no others: see `elsewhere_query`.
    """
    said: list[str] = []
    for each in asked:
        said.extend(f"{words} {mark(each)}" for words in map(_coverage, each.result.coverage) if words)
        if each.result.in_progress:
            calls = "call that has" if each.result.in_progress == 1 else "calls that have"
            said.append(f"{each.result.in_progress:,} {calls} not ended yet {mark(each)}")
        if each.result.lag_s > _LATE:
            said.append(
                f"calls of the last {tell_value(each.result.lag_s, Unit.SECONDS)}, which are still on their way"
            )
    return list(dict.fromkeys(said))


def said_of_words(understood: Understood) -> list[str]:
    """What of the question was not understood."""
    return [f"not understood: “{each}”" for each in understood.left]


def _coverage(coverage: Coverage) -> str | None:
    """Only what was asked and not found out: a flag that code did not write is no gap."""
    parts = {
        "the transcript does not say": coverage.unknown,
        "there is no usable answer": coverage.invalid,
        "the question could not be asked": coverage.error,
    }
    missing = sum(parts.values())
    if missing < LARGE * coverage.calls or not coverage.calls:
        return None
    why = {words: count for words, count in parts.items() if count}
    said = next(iter(why)) if len(why) == 1 else ", ".join(f"{words} in {count:,}" for words, count in why.items())
    share = tell_value(missing / coverage.calls, Unit.SHARE)
    name = coverage.name.removeprefix("metric.")
    return f"{name} is unknown in {missing:,} of {coverage.calls:,} calls ({share}): {said}"


def _days_without(asked: Asked) -> list[date]:
    query = asked.query
    assert query.since is not None and query.until is not None
    zone = read_zone(query.time_zone)
    first = query.since.astimezone(zone).date()
    last = query.until.astimezone(zone).date() - timedelta(days=1)  # a day that is not over may still have some
    seen = {str(row.group[0]) for row in asked.result.rows}
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day.isoformat() not in seen]


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days that follow each other, as their first and last."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _run(first: date, last: date) -> str:
    if first == last:
        return f"on {first.day} {first:%B %Y}"
    begins = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%B}"
    begins += f" {first.year}" if first.year != last.year else ""
    return f"from {begins} to {last.day} {last:%B %Y}"
