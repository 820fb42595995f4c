"""The analyst of the running application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from fastapi import Request

from postcall.analyst.places import Places
from postcall.analyst.steps import Step
from postcall.analyst.threads import owner_of
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.analysis import Analysis, Question, Understood
from postcall.domain.keys import Principal

if TYPE_CHECKING:
    from postcall.analyst.service import Analyst


def analyst_of(request: Request) -> Analyst:
    """Who answers questions in words; made with the first of them, since most servers' lives begin without any."""
    state = request.app.state
    if state.analyst is None:
        from postcall.analyst.service import Analyst
        from postcall.analyst.threads import RecordThreads

        services = services_of(request)
        state.analyst = Analyst(services, reports_of(request), threads=RecordThreads(services))
    analyst: Analyst = state.analyst
    return analyst


def check_places(request: Request, who: Principal) -> None:
    """Raise TooManyQuestions or AnalystBusy where a question of theirs would not be taken now."""
    _places_of(request).check(owner_of(who))


async def ask(
    request: Request,
    who: Principal,
    question: Question,
    *,
    reading: Understood | None = None,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Step | Analysis, None]:
    """The steps, and at last one Analysis: once `stop` is set, of what there is. Whoever closes it stops the work.

    Raises what `check_places` does before the first step, and then what `Analyst.ask` does.
    """
    with _places_of(request).take(owner_of(who)):
        async with aclosing(analyst_of(request).ask(who, question, reading=reading, stop=stop)) as told:
            async for each in told:
                yield each


def _places_of(request: Request) -> Places:
    places: Places = request.app.state.analyst_places
    return places
