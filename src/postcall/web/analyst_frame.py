"""What all pages of the analyst share: who asks, the form, the threads beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Request, Response

from postcall.analyst.threads import owner_of
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput, ReportsBuilding
from postcall.reporting.periods import read_zone
from postcall.reporting.reports import KnownName
from postcall.storage.agents import list_agents
from postcall.storage.analyst_threads import StoredThread, list_threads
from postcall.storage.dashboards import list_dashboards
from postcall.web import words
from postcall.web.analyst_asking import Asking, Askings
from postcall.web.analyst_links import ANALYST, QUESTION, READING
from postcall.web.dashboard_toolbar import COOKIE, ZONES
from postcall.web.people import person_of

_LISTED = 30
_YEAR_S = 365 * 86400
_CONTINENTS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """One thread in the list."""

    href: str
    title: str
    asked: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class AskForm:
    """What the form shows."""

    question: str = ""
    agent: str = ""
    time_zone: str = "UTC"
    thread: str = ""
    reading: str = ""
    """As JSON: how the question is understood that a link began, for as long as its words stay as they are."""
    guess_zone: bool = False
    """Nobody has chosen a time zone yet: the browser's own is taken, where its script runs."""


def principal_of(request: Request) -> Principal:
    """The person as one who asks: of every agent of their account."""
    person = person_of(request)
    scopes = {Scope.READ, *((Scope.PII,) if person.may_see_pii else ())}
    return Principal(person.account, person.account_pk, frozenset(scopes), name=person.email)


def askings_of(request: Request) -> Askings:
    """Those of the running application."""
    askings: Askings = request.app.state.askings
    return askings


def path_of_asking(asking: Asking) -> str:
    """Where it is seen how a question goes."""
    return f"{ANALYST}/asked/{asking.id}"


def end_of(asking: Asking) -> str | None:
    """Where the answer is kept; None while there is none."""
    if asking.analysis is None or asking.analysis.thread is None:
        return None
    return f"{ANALYST}/{asking.analysis.thread}#latest"


def new_form(request: Request) -> AskForm:
    """Empty, or with the question that a link begins; in the link's time zone, or the one that was chosen last."""
    given = request.query_params
    chosen = given.get("time_zone") or request.cookies.get(COOKIE)
    try:
        zone = read_zone(chosen or "UTC").key
    except BadInput:
        chosen, zone = None, "UTC"
    return AskForm(
        question=given.get(QUESTION, ""),
        agent=given.get("agent", ""),
        time_zone=zone,
        reading=given.get(READING, ""),
        guess_zone=chosen is None,
    )


def remember_zone(request: Request, response: Response, time_zone: str) -> None:
    """Keep the time zone of a question as this browser's usual one."""
    if time_zone != request.cookies.get(COOKIE):
        response.set_cookie(COOKIE, time_zone, max_age=_YEAR_S, httponly=True, samesite="lax")


async def names_of(request: Request) -> tuple[KnownName, ...]:
    """Every metric name that calls carry; none while the reports are made anew."""
    try:
        return await reports_of(request).names(person_of(request).account_pk)
    except ReportsBuilding:
        return ()


async def read_around(request: Request, *, shown: str = "") -> dict[str, Any]:
    """What stands around every answer; `shown` is the thread on the page."""
    person, owner, zone = person_of(request), owner_of(principal_of(request)), read_zone(new_form(request).time_zone)
    agents, dashboards, threads = await services_of(request).record.read_async(
        lambda c: (
            list_agents(c, person.account_pk, archived=None),
            list_dashboards(c, person.account_pk),
            list_threads(c, owner, limit=_LISTED),
        )
    )
    return {
        "agents": [(each.slug, each.name) for each in agents],
        "dashboards": [(each.id, each.name) for each in dashboards],
        "may_change": person.may_change,
        "threads": [_link(each, shown, zone) for each in threads],
        "threads_zone": zone.key,
        "zones": ZONES,
        "more_zones": other_zones(),
    }


@cache
def other_zones() -> tuple[str, ...]:
    """Every place of the tz database beside those that are offered first."""
    return tuple(
        sorted(each for each in available_timezones() if each.partition("/")[0] in _CONTINENTS and each not in ZONES)
    )


def _link(thread: StoredThread, shown: str, zone: ZoneInfo) -> ThreadLink:
    asked = f"{words.count(thread.questions, 'question')}, {words.moment(thread.updated_at.astimezone(zone))}"
    return ThreadLink(f"{ANALYST}/{thread.id}", words.visible(thread.title), asked, thread.id == shown)
