"""Which calls a list shows: those with certain metrics are found by the index, all others by the record."""

from __future__ import annotations

import math
from collections.abc import Iterator

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.narrowing import check_agent, keep_query, slugs_of
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.calls import CallStatus, Environment, JsonScalar
from postcall.domain.keys import Principal
from postcall.domain.queries import All, Condition, Operator, Query
from postcall.domain.views import CallFilter, CallPage, Position
from postcall.errors import ReportsBuilding
from postcall.reporting.reports import CallKeys
from postcall.reporting.spellings import spellings
from postcall.storage.call_views import list_calls, read_rows


async def find_calls(
    request: Request, principal: Principal, wanted: CallFilter, *, after: Position | None, limit: int
) -> CallPage:
    """A page of the calls that match, the newest start first.

    The record would look at every call for the few that have a metric's value; it is asked for these only while the
    index is being built, and for what the index does not know: how the extraction stands.
    """
    if wanted.metrics and wanted.extraction is None:
        try:
            return await _by_index(request, principal, wanted, after, limit)
        except ReportsBuilding:
            pass

    def look(connection: Connection) -> CallPage:
        if wanted.agent is not None:
            check_agent(connection, principal, wanted.agent)
        return list_calls(
            connection, principal.account_pk, wanted, agent_pks=principal.agents, after=after, limit=limit
        )

    return await services_of(request).record.read_async(look)


async def _by_index(
    request: Request, principal: Principal, wanted: CallFilter, after: Position | None, limit: int
) -> CallPage:
    account_pk = principal.account_pk
    query = await keep_query(request, principal, query_of(wanted))
    slugs = await slugs_of(request, principal)
    known = await reports_of(request).names(account_pk, query.agent)
    carried = {each.name for each in known if slugs is None or each.agent in slugs}
    if any(name not in carried for name, _ in wanted.metrics):
        return CallPage((), None)  # a list finds nothing where a report, which is written once, is told of its slip
    keys = await reports_of(request).calls(account_pk, query, after=after, limit=limit)
    return await services_of(request).record.read_async(lambda c: _page(c, account_pk, keys))


def _page(connection: Connection, account_pk: int, keys: CallKeys) -> CallPage:
    return CallPage(read_rows(connection, account_pk, keys.pks, with_metrics=False), keys.next)


def query_of(wanted: CallFilter) -> Query:
    """The same conditions for the index, over calls of every environment and those in progress as well."""
    return Query(
        measures=(), agent=wanted.agent, since=wanted.since, until=wanted.until, filters=All(tuple(_conditions(wanted)))
    )


def _conditions(wanted: CallFilter) -> Iterator[Condition]:
    statuses = (wanted.status,) if wanted.status is not None else tuple(status.value for status in CallStatus)
    yield Condition("field.status", Operator.IN, values=statuses)
    yield Condition("field.environment", Operator.IN, values=tuple(each.value for each in Environment))
    if wanted.from_number is not None:
        yield Condition("field.from_number", Operator.EQ, wanted.from_number)
    if wanted.to_number is not None:
        yield Condition("field.to_number", Operator.EQ, wanted.to_number)
    for name, value in wanted.metrics:
        yield Condition(f"metric.{name}", Operator.IN, values=_values(value))


def _values(text: str) -> tuple[JsonScalar, ...]:
    """What the text may stand for, a number and a truth value also in the words in which the index has them."""
    found = [*spellings(text)]
    if text.casefold() in {"true", "false"}:
        found.append(text.casefold())
    number = _fraction(text)
    if number is not None:
        found.append(int(number) if number.is_integer() and abs(number) < _EXACT else repr(number))
    return tuple(found)


def _fraction(text: str) -> float | None:
    """The number that a text with a point or an exponent is: 5.0 and 1e300."""
    if not set(text) & {".", "e", "E"} or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


_EXACT = 2**53
"""Up to here a float says exactly which integer it is."""
