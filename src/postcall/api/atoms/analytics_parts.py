"""What each analytics route over a stretch of days answers. Every number is asked of the reports."""

from __future__ import annotations

import asyncio
from typing import Any

from postcall.api.atoms.analytics_filters import Asked, Days
from postcall.api.atoms.analytics_numbers import (
    ANSWERED,
    AVERAGE,
    CALLS,
    COST,
    IS_LONG,
    IS_SHORT,
    MEDIAN,
    P90,
    P95,
    PEOPLE,
    SECONDS,
    STATUSES,
    TIMED,
    WAS_ANSWERED,
    Numbers,
    Outcomes,
    by_group,
    ms,
    numbers_of,
    outcomes_of,
    percent,
    rounded,
    trend,
)
from postcall.domain.calls import Direction
from postcall.domain.queries import Bucket, Condition, Operator, Query, Result
from postcall.reporting.buckets import period_before
from postcall.reporting.periods import read_zone
from postcall.reporting.reports import Reports

_DURATIONS = (AVERAGE, MEDIAN, P90, P95, SECONDS, TIMED)


async def ask(reports: Reports, asked: Asked, *queries: Query) -> list[Result]:
    """The results of several queries, in their order."""
    return list(await asyncio.gather(*(reports.run(asked.principal.account_pk, query) for query in queries)))


async def summary(reports: Reports, asked: Asked) -> dict[str, Any]:
    """The main numbers, each beside the period of the same length before."""
    measures = (CALLS, ANSWERED, AVERAGE, MEDIAN, SECONDS, COST)
    main, reached = map(
        numbers_of,
        await ask(
            reports,
            asked,
            asked.query(*measures, compare=True),
            asked.query(PEOPLE, where=(WAS_ANSWERED,), compare=True),
        ),
    )
    before = Days(*period_before(asked.days.since, asked.days.until, read_zone("UTC")))
    return {
        "totalCalls": trend(main.count(CALLS), int(main.before(CALLS))),
        "pickupRate": trend(rounded(100 * main.value(ANSWERED)), rounded(100 * main.before(ANSWERED))),
        "avgDurationMs": trend(ms(main.value(AVERAGE)), ms(main.before(AVERAGE))),
        "totalDurationMs": trend(ms(main.value(SECONDS)), ms(main.before(SECONDS))),
        "uniqueUsersReached": trend(reached.count(PEOPLE), int(reached.before(PEOPLE))),
        "totalCost": trend(rounded(main.value(COST)), rounded(main.before(COST))),
        "medianDurationMs": ms(main.value(MEDIAN)),
        "period": asked.days.json(),
        "previousPeriod": before.json(),
    }


async def call_volume(reports: Reports, asked: Asked) -> dict[str, Any]:
    """Calls of each day, also of days without any."""
    [found] = await ask(reports, asked, asked.query(CALLS, *STATUSES, SECONDS, by=(Bucket.DAY,)))
    points = []
    for day, numbers in _each(found, asked, Bucket.DAY):
        outcomes = outcomes_of(numbers)
        points.append(
            {
                "date": day,
                "totalCalls": outcomes.total,
                "answeredCalls": outcomes.answered,
                "noAnswerCalls": outcomes.no_answer,
                "failedCalls": outcomes.failed,
                "cancelledCalls": outcomes.cancelled,
                "totalDurationMs": ms(numbers.value(SECONDS)),
            }
        )
    return {"dataPoints": points, "period": asked.days.json()}


async def call_outcomes(reports: Reports, asked: Asked) -> dict[str, Any]:
    """What became of the calls of each day, and of all."""
    found, whole = await ask(
        reports, asked, asked.query(CALLS, *STATUSES, by=(Bucket.DAY,)), asked.query(CALLS, *STATUSES)
    )
    points = [{"date": day, **_outcomes_json(outcomes_of(numbers))} for day, numbers in _each(found, asked, Bucket.DAY)]
    return {
        "dataPoints": points,
        "totals": _outcomes_json(outcomes_of(numbers_of(whole))),
        "period": asked.days.json(),
    }


async def pickup_by_number(reports: Reports, asked: Asked) -> dict[str, Any]:
    """Of each number that calls came from, the busiest first."""
    asked = _of_own_numbers(asked)
    found, by_day = await ask(
        reports,
        asked,
        asked.query(CALLS, *STATUSES, by=("field.from_number",)),
        asked.query(CALLS, by=("field.from_number", Bucket.DAY)),
    )
    last_days: dict[Any, str] = {}
    for row in by_day.rows:
        last_days[row.group[0]] = max(last_days.get(row.group[0], ""), str(row.group[1]))
    numbers = [
        {
            "phoneNumber": number,
            **_answered_json(outcomes_of(numbers)),
            "lastActiveDate": last_days[number],
        }
        for number, numbers in by_group(found).items()
    ]
    numbers.sort(key=lambda each: -each["totalCalls"])
    return {"numbers": numbers, "period": asked.days.json()}


async def number_trends(reports: Reports, asked: Asked) -> dict[str, Any]:
    """Of each such number, the days on which calls came from it."""
    asked = _of_own_numbers(asked)
    [found] = await ask(reports, asked, asked.query(CALLS, *STATUSES, by=("field.from_number", Bucket.DAY)))
    trends: dict[str, list[dict[str, Any]]] = {}
    for row in found.rows:
        number, day = row.group
        if number is not None:
            outcomes = outcomes_of(Numbers(found.query, row))
            trends.setdefault(str(number), []).append({"date": day, **_answered_json(outcomes)})
    return {
        "trends": [{"phoneNumber": number, "dataPoints": points} for number, points in trends.items()],
        "period": asked.days.json(),
    }


async def hourly(reports: Reports, asked: Asked) -> dict[str, Any]:
    """Calls by the hour of the day in which they began, all 24."""
    [found] = await ask(reports, asked, asked.query(CALLS, *STATUSES, SECONDS, AVERAGE, by=("field.hour",)))
    known = by_group(found)
    hours = []
    for hour in range(24):
        numbers = known.get(hour, Numbers(found.query, None))
        hours.append(
            {
                "hour": hour,
                **_answered_json(outcomes_of(numbers)),
                "totalDurationMs": ms(numbers.value(SECONDS)),
                "avgDurationMs": ms(numbers.value(AVERAGE)),
            }
        )
    return {"hours": hours, "period": asked.days.json()}


async def durations(reports: Reports, asked: Asked) -> dict[str, Any]:
    """How long calls took; shares are of those whose duration is known."""
    main, short, long = map(
        numbers_of,
        await ask(
            reports,
            asked,
            asked.query(CALLS, *_DURATIONS),
            asked.query(CALLS, where=(IS_SHORT,)),
            asked.query(CALLS, where=(IS_LONG,)),
        ),
    )
    timed = main.count(TIMED)
    return {
        "avgDurationMs": ms(main.value(AVERAGE)),
        "medianDurationMs": ms(main.value(MEDIAN)),
        "p90DurationMs": ms(main.value(P90)),
        "p95DurationMs": ms(main.value(P95)),
        "shortCallsPercent": percent(short.count(CALLS), timed),
        "longCallsPercent": percent(long.count(CALLS), timed),
        "totalCalls": main.count(CALLS),
        "totalDurationMs": ms(main.value(SECONDS)),
        "period": asked.days.json(),
    }


async def weekly(reports: Reports, asked: Asked) -> dict[str, Any]:
    """The same of each week from its Monday, in seconds."""
    by = (Bucket.WEEK,)
    found, short, long = await ask(
        reports,
        asked,
        asked.query(CALLS, *STATUSES, *_DURATIONS, by=by),
        asked.query(CALLS, by=by, where=(IS_SHORT,)),
        asked.query(CALLS, by=by, where=(IS_LONG,)),
    )
    weeks = []
    shorts, longs = dict(_each(short, asked, Bucket.WEEK)), dict(_each(long, asked, Bucket.WEEK))
    for week, numbers in _each(found, asked, Bucket.WEEK):
        timed = numbers.count(TIMED)
        weeks.append(
            {
                "weekStart": week,
                **_answered_json(outcomes_of(numbers)),
                "avgDuration": rounded(numbers.value(AVERAGE)),
                "medianDuration": rounded(numbers.value(MEDIAN)),
                "p90Duration": rounded(numbers.value(P90)),
                "shortCallsPercent": percent(shorts[week].count(CALLS), timed),
                "longCallsPercent": percent(longs[week].count(CALLS), timed),
            }
        )
    return {"weeks": weeks, "period": asked.days.json()}


async def counts_by_day(reports: Reports, asked: Asked) -> dict[str, Any]:
    """How many calls each day had."""
    [found] = await ask(reports, asked, asked.query(CALLS, by=(Bucket.DAY,)))
    return {
        "callCountsByDay": [
            {"day": day, "count": numbers.count(CALLS)} for day, numbers in _each(found, asked, Bucket.DAY)
        ]
    }


async def usage(reports: Reports, asked: Asked) -> dict[str, Any]:
    """What the calls of each day cost; a credit is one unit of what carriers say that a call costs."""
    found, whole = await ask(reports, asked, asked.query(COST, by=(Bucket.DAY,)), asked.query(COST))
    return {
        "dateRange": asked.days.json(),
        "dayWiseCredits": [
            {"date": day, "credits": rounded(numbers.value(COST))} for day, numbers in _each(found, asked, Bucket.DAY)
        ],
        "totalCredits": rounded(numbers_of(whole).value(COST)),
    }


def _each(found: Result, asked: Asked, bucket: Bucket) -> list[tuple[str, Numbers]]:
    """Every day or week of the time that is asked about, in order."""
    known = by_group(found)
    return [(name, known.get(name, Numbers(found.query, None))) for name in asked.days.each(bucket)]


def _outcomes_json(outcomes: Outcomes) -> dict[str, int]:
    return {
        "answered": outcomes.answered,
        "noAnswer": outcomes.no_answer,
        "failed": outcomes.failed,
        "cancelled": outcomes.cancelled,
        "total": outcomes.total,
    }


def _answered_json(outcomes: Outcomes) -> dict[str, float]:
    return {
        "totalCalls": outcomes.total,
        "answeredCalls": outcomes.answered,
        "pickupRate": outcomes.pickup_rate,
    }


def _of_own_numbers(asked: Asked) -> Asked:
    """Outbound calls unless inbound ones are asked for: an inbound call comes from the number of a stranger."""
    if asked.direction is not None:
        return asked
    return asked.only(Condition("field.direction", Operator.EQ, Direction.OUTBOUND.value))
