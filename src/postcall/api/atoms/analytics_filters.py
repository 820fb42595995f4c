"""Which calls an analytics route is about: its parameters as the beginning of a query.

Nothing published says which days count where none are named, or whose midnight begins them: it is the last seven days,
today included, and days are those of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.atoms.call_words import read_direction
from postcall.api.atoms.errors import AtomsError
from postcall.api.atoms.replies import check_id, reader
from postcall.api.services import services_of
from postcall.domain.calls import Channel, Direction
from postcall.domain.keys import Principal
from postcall.domain.queries import All, Bucket, Condition, Filter, Measure, Operator, Query
from postcall.reporting.buckets import buckets_between
from postcall.reporting.periods import period, read_moment
from postcall.storage.agents import find_agent

_UTC = ZoneInfo("UTC")
_DAYS = timedelta(days=7)
_USUAL = "last_7_days"
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of time that has both ends."""

    since: datetime
    until: datetime
    """The first moment that is no longer part of it."""

    def json(self) -> dict[str, str]:
        """Its first and last day."""
        return {"from": self.since.date().isoformat(), "to": _last_day(self.since, self.until).isoformat()}

    def each(self, bucket: Bucket) -> tuple[str, ...]:
        """The names of all its days or weeks, also of those without a call."""
        return buckets_between(bucket, self.since, self.until, _UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """The calls that are asked about."""

    principal: Principal
    days: Days
    filters: tuple[Filter, ...]
    direction: Direction | None = None
    """None: either."""
    agents: tuple[str, ...] | None = None
    """The slugs of those whose calls they are; None: every agent's."""

    @property
    def which(self) -> tuple[Filter, ...]:
        """Which calls these are, whenever they began."""
        if self.agents is None:
            return self.filters
        return (*self.filters, Condition("field.agent", Operator.IN, values=self.agents))

    def query(self, *measures: Measure, by: tuple[str, ...] = (), where: tuple[Filter, ...] = (), **more: Any) -> Query:
        """These measures of the calls, and of those only the ones that also meet `where`."""
        return Query(
            measures=measures,
            since=self.days.since,
            until=self.days.until,
            group_by=by,
            filters=All((*self.which, *where)),
            **more,
        )

    def only(self, *where: Filter) -> Asked:
        """Those of the calls that also meet these conditions."""
        return replace(self, filters=(*self.filters, *where))


async def read_asked(request: Request) -> Asked:
    """`agentId` (several, with commas), `campaignId`, `callType`, `dateFrom` and `dateTo`."""
    principal = await reader(request)
    given = request.query_params
    direction = read_direction(given.get("callType", ""))
    filters: list[Filter] = []
    if direction is not None:
        filters.append(Condition("field.direction", Operator.EQ, direction.value))
        filters.append(Condition("field.channel", Operator.EQ, Channel.VOICE.value))
    if given.get("campaignId", "").strip():
        # Not looked up: the calls of a campaign stay when it is deleted.
        campaign = check_id(given["campaignId"].strip(), what="campaign")
        filters.append(Condition("field.campaign_id", Operator.EQ, campaign))
    days = _read_days(given.get("dateFrom", ""), given.get("dateTo", ""), services_of(request).clock())
    return Asked(principal, days, tuple(filters), direction, await _read_agents(request, principal))


async def read_asked_day(request: Request) -> Asked:
    """The same for `date`, which must be given, and `agentId`."""
    principal = await reader(request)
    text = request.query_params.get("date", "").strip()
    if not text:
        raise AtomsError(400, "date: Required")
    try:
        day = date.fromisoformat(text)
        midnight = datetime.combine(day, datetime.min.time(), UTC)
        days = Days(midnight, midnight + timedelta(days=1))
        _ = midnight - _DAYS  # calls that began before may reach into it
    except (ValueError, OverflowError):
        raise AtomsError(400, f"date: {text[:50]!r} is not a date, such as 2026-03-01") from None
    return Asked(principal, days, (), agents=await _read_agents(request, principal))


def _read_days(begin: str, end: str, now: datetime) -> Days:
    usual_since, usual_until = period(_USUAL, now, "UTC")
    assert usual_since is not None and usual_until is not None  # only `all` has no ends
    until = _end(end.strip()) if end.strip() else None
    if begin.strip():
        since = read_moment(begin, _UTC, field="dateFrom")
    else:
        since = usual_since if until is None else _back(until)
    if until is not None and since >= until:
        raise AtomsError(400, "dateFrom: must not be after dateTo")
    return Days(since, until or max(usual_until, since))


def _end(text: str) -> datetime:
    """A day is counted to its end, and a moment itself is counted."""
    last = read_moment(text, _UTC, field="dateTo")
    try:
        return last + (timedelta(days=1) if _is_date(text) else _INSTANT)
    except OverflowError:
        raise AtomsError(400, "dateTo: lies too near to the end of the calendar") from None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _back(until: datetime) -> datetime:
    try:
        return until - _DAYS
    except OverflowError:
        raise AtomsError(400, "dateTo: lies too near to the beginning of the calendar") from None


def _last_day(since: datetime, until: datetime) -> date:
    return max(since, until - _INSTANT).date() if until > since else since.date()


async def _read_agents(request: Request, principal: Principal) -> tuple[str, ...] | None:
    given = ",".join(request.query_params.getlist("agentId")).split(",")
    ids = [check_id(each.strip(), what="agent") for each in given if each.strip()]
    if not ids:
        return None

    def slugs(connection: Connection) -> tuple[str, ...]:
        return tuple(find_agent(connection, principal.account_pk, each).slug for each in ids)

    return await services_of(request).record.read_async(slugs)
