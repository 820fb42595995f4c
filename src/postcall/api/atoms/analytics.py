"""`/analytics/…`: the reports' numbers under this interface's names."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms import analytics_parts as parts
from postcall.api.atoms.analytics_agents import ORDERS, SORTS, attempts, performance
from postcall.api.atoms.analytics_days import concurrency, day_summary, starts
from postcall.api.atoms.analytics_filters import Asked, read_asked, read_asked_day
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.parameters import read_whole
from postcall.api.atoms.replies import success_reply
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.errors import PostcallError
from postcall.reporting.reports import Reports
from postcall.storage.agents import list_agents
from postcall.storage.call_spans import CallSpan, spans_between

log = logging.getLogger(__name__)
router = APIRouter(prefix="/analytics")

Part: TypeAlias = Callable[[Reports, Asked], Awaitable[dict[str, Any]]]
MOST_AGENTS = 1_000

OF_DAYS: dict[str, Part] = {
    "summary": parts.summary,
    "call-volume-timeseries": parts.call_volume,
    "call-outcomes-timeseries": parts.call_outcomes,
    "pickup-rate-by-number": parts.pickup_by_number,
    "phone-number-trends": parts.number_trends,
    "hourly-performance": parts.hourly,
    "duration-stats": parts.durations,
    "weekly-trends": parts.weekly,
    "call-counts-by-day": parts.counts_by_day,
    "attempt-cohort": attempts,
}
"""Routes that take the common filters and no more."""
OF_ONE_DAY: dict[str, Part] = {"call-start-distribution": starts, "daily-call-summary": day_summary}
DASHBOARD: dict[str, Part] = {
    "summary": parts.summary,
    "callVolumeTimeseries": parts.call_volume,
    "callOutcomesTimeseries": parts.call_outcomes,
    "pickupRateByNumber": parts.pickup_by_number,
    "hourlyPerformance": parts.hourly,
    "durationStats": parts.durations,
}


def _serve(name: str, part: Part, read: Callable[[Request], Awaitable[Asked]]) -> None:
    @in_envelope
    async def get(request: Request) -> Response:
        asked = await read(request)
        return success_reply({"orgId": asked.principal.account, **await part(reports_of(request), asked)})

    router.add_api_route(f"/{name}", get, methods=["GET"])


for _name, _part in OF_DAYS.items():
    _serve(_name, _part, read_asked)
for _name, _part in OF_ONE_DAY.items():
    _serve(_name, _part, read_asked_day)


@router.get("/dashboard")
@in_envelope
async def get_dashboard(request: Request) -> Response:
    """What six routes answer, at once; a part that fails is left out, unless all of them do."""
    asked, reports = await read_asked(request), reports_of(request)

    async def attempt(part: Part) -> dict[str, Any] | PostcallError:
        try:
            return {"orgId": asked.principal.account, **await part(reports, asked)}
        except PostcallError as error:
            return error

    found = dict(zip(DASHBOARD, await asyncio.gather(*map(attempt, DASHBOARD.values())), strict=True))
    failed = {name: each for name, each in found.items() if isinstance(each, PostcallError)}
    for name, error in failed.items():
        log.warning("%s is left out of a dashboard: %s", name, error.message)
    if len(failed) == len(found):
        raise next(iter(failed.values()))
    return success_reply({name: each for name, each in found.items() if name not in failed})


@router.get("/agent-performance")
@in_envelope
async def get_agent_performance(request: Request) -> Response:
    """Each agent's calls; `sortBy`, `sortOrder`, `limit`."""
    asked, given = await read_asked(request), request.query_params

    def ids(connection: Connection) -> dict[str, str]:
        pk = asked.principal.account_pk
        every = [*list_agents(connection, pk), *list_agents(connection, pk, archived=True)]
        return {agent.slug: agent.id for agent in every}

    found = await performance(
        reports_of(request),
        asked,
        await services_of(request).record.read_async(ids),
        sort_by=given.get("sortBy", "") or SORTS[0],
        order=given.get("sortOrder", "") or ORDERS[0],
        limit=min(MOST_AGENTS, max(1, read_whole(given, "limit", default=MOST_AGENTS))),
    )
    return success_reply({"orgId": asked.principal.account, **found})


@router.get("/usage/timeseries")
@in_envelope
async def get_usage(request: Request) -> Response:
    """What calls cost, day by day."""
    return success_reply(await parts.usage(reports_of(request), await read_asked(request)))


@router.get("/concurrency")
@in_envelope
async def get_concurrency(request: Request) -> Response:
    """Calls at once, minute by minute; `includeAgents` also of each agent.

    Read from the record: a query counts calls where they begin, and cannot say which of them overlap.
    """
    asked, services = await read_asked_day(request), services_of(request)
    by_agent = request.query_params.get("includeAgents", "false")
    if by_agent not in {"true", "false"}:
        raise AtomsError(400, "includeAgents: must be true or false")

    def read(connection: Connection) -> tuple[CallSpan, ...]:
        return spans_between(
            connection,
            asked.principal.account_pk,
            asked.days.since,
            asked.days.until,
            agent_slugs=asked.agents,
            now=services.clock(),
        )

    spans = await services.record.read_async(read)
    return success_reply(concurrency(spans, asked, by_agent=by_agent == "true"))
