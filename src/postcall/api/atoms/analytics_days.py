"""What analytics routes say of one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from postcall.api.atoms.analytics_filters import Asked
from postcall.api.atoms.analytics_numbers import (
    CALLS,
    SECONDS,
    STATUSES,
    by_group,
    ms,
    numbers_of,
    outcomes_of,
    rounded,
)
from postcall.api.atoms.analytics_parts import ask
from postcall.domain.calls import CallStatus
from postcall.domain.concurrency import busiest_by_minute
from postcall.domain.queries import All, Condition, Operator, Query
from postcall.reporting.reports import Reports
from postcall.storage.call_spans import CallSpan

_LIVE = (CallStatus.IN_PROGRESS.value, CallStatus.PENDING.value)


async def starts(reports: Reports, asked: Asked) -> dict[str, Any]:
    """How many calls began in each minute of the day in which any did."""
    [found] = await ask(reports, asked, asked.query(CALLS, by=("field.minute",)))
    points = [
        {"minute": _clock(minute), "callCount": numbers.count(CALLS)} for minute, numbers in by_group(found).items()
    ]
    return {"date": _day(asked), "dataPoints": points, "totalCalls": found.calls}


async def day_summary(reports: Reports, asked: Asked) -> dict[str, Any]:
    """The calls of the day that are over, and those that are in progress or wait for a line at this moment.

    The parts add up: a call was answered, failed, or else was not answered, which a cancelled call was not either.
    """
    live = Query(
        measures=(CALLS,),
        group_by=("field.status",),
        filters=All((*asked.which, Condition("field.status", Operator.IN, values=_LIVE))),
    )
    found, now = await ask(reports, asked, asked.query(CALLS, *STATUSES, SECONDS), live)
    numbers = numbers_of(found)
    outcomes, at_work = outcomes_of(numbers), by_group(now)
    in_progress, waiting = (at_work[status].count(CALLS) if status in at_work else 0 for status in _LIVE)
    return {
        "date": _day(asked),
        "totalCalls": outcomes.total,
        "answeredCalls": outcomes.answered,
        "unansweredCalls": outcomes.no_answer + outcomes.cancelled,
        "failedCalls": outcomes.failed,
        "pickupRate": outcomes.pickup_rate,
        "inProgressCalls": in_progress,
        "inQueueCalls": waiting,
        "totalDurationMs": ms(numbers.value(SECONDS)),
    }


def concurrency(spans: Sequence[CallSpan], asked: Asked, *, by_agent: bool) -> dict[str, Any]:
    """How many calls there were at once in each minute in which there was any; the average is over these minutes."""
    busy = _busy(spans, asked)
    shown: dict[str, Any] = {
        "date": _day(asked),
        "dataPoints": [{"minute": f"{minute:%H:%M}", "concurrentCalls": most} for minute, most in sorted(busy.items())],
        **_peak(busy),
        "totalMinutes": len(busy),
    }
    if by_agent:
        agents = sorted({span.agent_id for span in spans})
        shown["byAgent"] = [
            _of_agent(agent, [span for span in spans if span.agent_id == agent], asked) for agent in agents
        ]
    return shown


def _of_agent(agent_id: str, spans: Sequence[CallSpan], asked: Asked) -> dict[str, Any]:
    return {"agentId": agent_id, **_peak(_busy(spans, asked)), "totalCalls": len(spans)}


def _busy(spans: Sequence[CallSpan], asked: Asked) -> dict[datetime, int]:
    return busiest_by_minute(((span.began, span.ended) for span in spans), asked.days.since, asked.days.until)


def _peak(busy: dict[datetime, int]) -> dict[str, float]:
    return {
        "peakConcurrent": max(busy.values(), default=0),
        "avgConcurrent": rounded(sum(busy.values()) / len(busy), 3) if busy else 0,
    }


def _day(asked: Asked) -> str:
    return asked.days.since.date().isoformat()


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
