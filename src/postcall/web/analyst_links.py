"""Links that open the analyst with a question begun: that of a tile, or of a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

import msgspec

from postcall.analyst.reading.queries import kind_of
from postcall.analyst.understood_format import write_understood
from postcall.domain.analysis import Understood
from postcall.domain.calls import Environment
from postcall.domain.queries import All, Condition, Operator, Query
from postcall.reporting.mentions import only_live_environment

ANALYST = "/analyst"
QUESTION, READING = "question", "reading"
_LIVE = Condition("field.environment", Operator.EQ, Environment.LIVE.value)


def ask_about(question: str, queries: Sequence[Query], *, agent: str | None, time_zone: str) -> str:
    """The address; empty where several queries make one number, which no reading can say.

    The query is sent beside the words, so that the answer has the very numbers that the link stands at.
    """
    if len(queries) != 1:
        return ""
    query = _plainly(queries[0])
    reading = Understood(kind_of(query), (query,), says=question)
    named = [
        (QUESTION, question),
        (READING, msgspec.json.encode(write_understood(reading)).decode()),
        ("time_zone", time_zone),
        *([("agent", agent)] if agent else []),
    ]
    return f"{ANALYST}?{urlencode(named)}"


def _plainly(query: Query) -> Query:
    """Without the condition that holds for every query that names no environment."""
    parts = tuple(part for part in query.filters.parts if part != _LIVE)
    plain = replace(query, filters=All(parts))
    return plain if only_live_environment(plain) else query
