"""The analyst of the running application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from fastapi import Request

from postcall.analyst.steps import Step
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


def ask(
    request: Request,
    who: Principal,
    question: Question,
    *,
    reading: Understood | None = None,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Step | Analysis, None]:
    """The steps, and at last one Analysis: once `stop` is set, of what there is. Whoever closes it stops the work."""
    return analyst_of(request).ask(who, question, reading=reading, stop=stop)
