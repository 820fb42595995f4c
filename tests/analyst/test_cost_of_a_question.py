"""What a question costs is told, and it does not take every place at the reports."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

from tests.aside import run_aside

from postcall.analyst.asking import CONVERSATIONS, QUERIES_AT_ONCE, Asking
from postcall.analyst.budget import Budget, Limits
from postcall.analyst.differences.finding import Side, find_differences
from postcall.domain.analysis import KnownTerm, NameKind
from postcall.domain.answers import Usage
from postcall.domain.keys import Principal, Scope
from postcall.domain.queries import Query, Result
from postcall.reporting.reports import Reports
from postcall.services import Services

WHO = Principal("default", 1, frozenset({Scope.READ}))


class CrowdedReports:
    """Tells how many queries were asked, and how many at the same time at most."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0

    async def run(self, account_pk: int, query: Query) -> Result:
        self.all += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return Result(query, (), (), account_pk, 0)


def test_a_question_of_many_queries_leaves_places_to_dashboards_and_their_order_stays() -> None:
    reports = CrowdedReports()
    queries = [replace(Query((CONVERSATIONS,)), limit=number) for number in range(1, 31)]

    async def work() -> list[int | None]:
        asking = Asking(cast(Services, None), cast(Reports, reports), WHO, agent=None)
        halves = await asyncio.gather(asking.try_out(queries[:15]), asking.try_out(queries[15:]))
        return [each.query.limit for half in halves for each in half]

    assert run_aside(work()) == list(range(1, 31))
    assert reports.most == QUERIES_AT_ONCE


def test_a_comparison_of_everything_leaves_places_too() -> None:
    reports = CrowdedReports()
    terms = [KnownTerm(f"metric.M{number}", NameKind.METRIC, "text") for number in range(20)]
    first, second = (Side(agent, replace(Query((CONVERSATIONS,)), agent=agent)) for agent in ("clinic", "bistro"))
    run_aside(find_differences(cast(Reports, reports), 1, first, second, terms))
    assert (reports.most, reports.all) == (QUERIES_AT_ONCE, 2 + 2 * 20)


def test_the_cost_of_all_requests_is_told_where_there_are_prices() -> None:
    budget = Budget(Limits(), clock=lambda: 0.0)
    budget.count(Usage(1, 100, 0, 10, cost=0.25), prompt="", reply="")
    budget.count(Usage(1, 100, 0, 10, cost=0.5), prompt="", reply="")
    assert (budget.usage()["tokens"], budget.usage()["cost"]) == (220, 0.75)


def test_no_cost_is_told_where_there_are_no_prices() -> None:
    budget = Budget(Limits(), clock=lambda: 0.0)
    budget.count(Usage(1, 100, 0, 10), prompt="", reply="")
    assert budget.usage()["cost"] is None
