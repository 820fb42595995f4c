"""Agents beside each other, and what calling again brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postcall.api.atoms.analytics_filters import Asked
from postcall.api.atoms.analytics_numbers import (
    AVERAGE,
    CALLS,
    COST,
    PEOPLE,
    STATUSES,
    WAS_ANSWERED,
    by_group,
    numbers_of,
    outcomes_of,
    percent,
    rounded,
)
from postcall.api.atoms.analytics_parts import ask
from postcall.api.atoms.errors import AtomsError
from postcall.domain.queries import Condition, Operator, Query
from postcall.reporting.reports import Reports

SORTS = ("totalCalls", "answeredCalls", "pickupRate", "avgDuration", "totalCost")
ORDERS = ("desc", "asc")


async def performance(
    reports: Reports,
    asked: Asked,
    ids: Mapping[str, str],
    *,
    sort_by: str = SORTS[0],
    order: str = ORDERS[0],
    limit: int,
) -> dict[str, Any]:
    """Each agent that had calls; `ids` by their slugs."""
    if sort_by not in SORTS:
        raise AtomsError(400, f"sortBy: must be one of {', '.join(SORTS)}, not {sort_by[:50]!r}")
    if order not in ORDERS:
        raise AtomsError(400, f"sortOrder: must be asc or desc, not {order[:50]!r}")
    [found] = await ask(reports, asked, asked.query(CALLS, *STATUSES, AVERAGE, COST, by=("field.agent",)))
    agents: list[dict[str, Any]] = []
    for slug, numbers in by_group(found).items():
        outcomes = outcomes_of(numbers)
        agents.append(
            {
                "agentId": ids[slug],
                "totalCalls": outcomes.total,
                "answeredCalls": outcomes.answered,
                "pickupRate": outcomes.pickup_rate,
                "avgDuration": rounded(numbers.value(AVERAGE)),
                "totalCost": rounded(numbers.value(COST)),
            }
        )
    agents.sort(key=lambda agent: agent[sort_by], reverse=order == "desc")
    return {"agents": agents[:limit], "period": asked.days.json()}


async def attempts(reports: Reports, asked: Asked) -> dict[str, Any]:
    """What the first, second, … call to somebody brought, among the calls that postcall placed.

    `cumulativeAnswered` are the different numbers that were reached within so many attempts, `cumulativeRate` their
    percentage of all numbers that were called, and `marginalGain` the points that this attempt added.
    """
    asked = asked.only(Condition("field.attempt", Operator.EXISTS))
    found, everybody = await ask(
        reports, asked, asked.query(CALLS, *STATUSES, by=("field.attempt",)), asked.query(PEOPLE)
    )
    of_attempt = {int(attempt): outcomes_of(numbers) for attempt, numbers in by_group(found).items()}
    people = numbers_of(everybody).count(PEOPLE)
    reached = await ask(reports, asked, *(_reached_within(asked, attempt) for attempt in of_attempt))
    cohorts = []
    before = 0.0
    for (attempt, outcomes), result in zip(of_attempt.items(), reached, strict=True):
        so_far = numbers_of(result).count(PEOPLE)
        rate = percent(so_far, people)
        cohorts.append(
            {
                "attemptNumber": attempt + 1,
                "totalCalls": outcomes.total,
                "answeredCalls": outcomes.answered,
                "pickupRate": outcomes.pickup_rate,
                "cumulativeAnswered": so_far,
                "cumulativeRate": rate,
                "marginalGain": rounded(rate - before),
            }
        )
        before = rate
    answered = sum(outcomes.answered for outcomes in of_attempt.values())
    tries = sum((attempt + 1) * outcomes.answered for attempt, outcomes in of_attempt.items())
    return {
        "cohorts": cohorts,
        "totalUniqueNumbers": people,
        "maxAttemptsSeen": max(of_attempt, default=-1) + 1,
        "avgAttemptsToPickup": rounded(tries / answered, 3) if answered else 0,
        "period": asked.days.json(),
    }


def _reached_within(asked: Asked, attempt: int) -> Query:
    return asked.query(PEOPLE, where=(WAS_ANSWERED, Condition("field.attempt", Operator.LTE, attempt)))
