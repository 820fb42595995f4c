"""The toolbar above a dashboard as it is shown, and as it comes back in an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request, Response

from postcall.api.services import services_of
from postcall.domain.agents import Agent
from postcall.domain.calls import Channel, Environment
from postcall.errors import BadInput
from postcall.reporting.periods import read_zone
from postcall.reporting.toolbar import (
    ALL,
    CUSTOM,
    PARAMETERS,
    PERIODS,
    Toolbar,
    read_toolbar,
    write_date,
    write_toolbar,
)
from postcall.web import words

COOKIE = "time_zone"
_YEAR_S = 365 * 86400
ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Madrid", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip
"""What the field suggests; it takes any name of the tz database."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ToolbarView:
    """What the form shows."""

    action: str
    agents: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    since: str
    until: str
    time_zone: str
    zones: tuple[str, ...]
    channels: tuple[Choice, ...]
    environments: tuple[Choice, ...]
    variants: tuple[Choice, ...]
    versions: tuple[Choice, ...]
    more: int
    """How many filters are at work that are folded away."""
    says: str
    """From when to when, in words."""
    reset: str
    """The address without any of it; empty where there is nothing to take away."""


def toolbar_of(request: Request) -> Toolbar:
    """What the address of a request says; its time zone is by default the one chosen last."""
    return read_toolbar(
        request.query_params.multi_items(), now=services_of(request).clock(), time_zone=_remembered_zone(request)
    )


def toolbar_query(request: Request, toolbar: Toolbar) -> str:
    """The toolbar as it stands behind the `?` of an address; empty where all is as usual."""
    named = write_toolbar(toolbar)
    if toolbar.time_zone == "UTC" and _remembered_zone(request) != "UTC":
        named.append(("time_zone", "UTC"))
    return urlencode(named)


def tidy_address(request: Request, toolbar: Toolbar) -> str | None:
    """Where to go where a form's empty fields, or what holds anyway, stand in the address."""
    given = [(name, value) for name, value in request.query_params.multi_items() if name in PARAMETERS]
    tidy = toolbar_query(request, toolbar)
    if not given or urlencode(given) == tidy:
        return None
    names = {name for name, _ in given}
    # Whoever writes an address by hand may write it in any order: only a form's is made anew.
    if all(value.strip() for _, value in given) and "period" not in names:
        return None
    return f"{request.url.path}?{tidy}" if tidy else request.url.path


def remember_zone(request: Request, response: Response, toolbar: Toolbar) -> None:
    """Keep the time zone that the address names as this browser's usual one."""
    if request.query_params.get("time_zone", "").strip() and toolbar.time_zone != request.cookies.get(COOKIE, "UTC"):
        response.set_cookie(COOKIE, toolbar.time_zone, max_age=_YEAR_S, httponly=True, samesite="lax")


def with_query(path: str, query: str) -> str:
    """The address with this query, if there is one."""
    return f"{path}?{query}" if query else path


def show_toolbar(
    request: Request, toolbar: Toolbar, *, agents: Sequence[Agent], variants: Sequence[str], versions: Sequence[int]
) -> ToolbarView:
    """The form, with the agents there are, and the variants and versions that its calls had."""
    usual = (Environment.LIVE.value,)
    more = len(toolbar.channels) + len(toolbar.variants) + len(toolbar.versions) + (toolbar.environments != usual)
    own_dates = toolbar.period == CUSTOM
    return ToolbarView(
        action=request.url.path,
        agents=(
            Choice("", "All agents", toolbar.agent is None),
            *(Choice(each.slug, each.name, toolbar.agent in {each.slug, each.id}) for each in agents),
        ),
        periods=tuple(Choice(name, label, toolbar.period == name) for name, label in PERIODS.items()),
        since=write_date(toolbar.since, toolbar) if own_dates else "",
        until=write_date(toolbar.until, toolbar) if own_dates else "",
        time_zone=toolbar.time_zone,
        zones=ZONES,
        channels=_choices([each.value for each in Channel], toolbar.channels),
        environments=(
            *_choices([each.value for each in Environment], toolbar.environments),
            Choice(ALL, "all of them", not toolbar.environments),
        ),
        variants=_choices(list(dict.fromkeys([*variants, *toolbar.variants])), toolbar.variants),
        versions=tuple(
            Choice(str(each), f"version {each}", each in toolbar.versions)
            for each in sorted({*versions, *toolbar.versions}, reverse=True)
        ),
        more=more,
        says=_stretch_in_words(toolbar),
        reset=request.url.path if write_toolbar(toolbar) else "",
    )


def _choices(values: Sequence[str], chosen: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, words.visible(value), value in chosen) for value in values)


def _stretch_in_words(toolbar: Toolbar) -> str:
    zone = read_zone(toolbar.time_zone)
    since, until = toolbar.since.astimezone(zone), toolbar.until.astimezone(zone)
    return f"{words.moment(since)} to {words.moment(until)}, {toolbar.time_zone}"


def _remembered_zone(request: Request) -> str:
    try:
        return read_zone(request.cookies.get(COOKIE, "UTC")).key
    except BadInput:
        return "UTC"
