"""The times of the questions that may be looked at, beside those of the queries that they should become."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from postcall.analyst.times.finding import find_times
from postcall.reporting.periods import read_moment

OPENED = Path(__file__).parent / "questions" / "opened.jsonl"
_PLAIN = {"count", "rate", "top", "trend", "comparison", "list", "search", "plain-field"}
QUESTIONS: list[dict[str, Any]] = [
    entry for line in OPENED.read_text().splitlines() if (entry := json.loads(line))["kind"] in _PLAIN
]


@pytest.mark.parametrize("entry", QUESTIONS, ids=[entry["id"] for entry in QUESTIONS])
def test_a_question_is_asked_of_the_time_that_it_names(entry: dict[str, Any]) -> None:
    zone, now = ZoneInfo(entry["time_zone"]), datetime.fromisoformat(entry["now"]).astimezone(UTC)
    found = find_times(entry["question"], now=now, zone=zone)
    wanted = [_bounds(query, zone) for query in (entry["query"], *entry["also"])]
    since = min((each.since for each in found.periods if each.since), default=None)
    until = max((each.until for each in found.periods if each.until), default=None)
    later = (max((each.since for each in found.periods if each.since), default=None), until)
    assert (since, until) in wanted or later in wanted
    groups = {group for query in (entry["query"], *entry["also"]) for group in query.get("group_by", ())}
    if found.bucket is not None:
        assert found.bucket.value in groups
    assert found.by_hour_of_day is ("field.hour" in groups)
    assert found.by_weekday is ("field.weekday" in groups)


def _bounds(query: dict[str, Any], zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    since, until = (
        read_moment(query[name], zone, field=name) if query.get(name) else None for name in ("since", "until")
    )
    return since, until
