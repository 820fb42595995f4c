"""Which days, weeks and months of a trend are whole."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.analyst.answers import CALLS, query

from postcall.analyst.telling.time_steps import cut_steps, whole_steps

NOW = datetime(2026, 4, 15, 19, 20, tzinfo=UTC)
"""A Wednesday."""


def test_a_day_without_calls_is_a_day() -> None:
    asked = query(CALLS, since=datetime(2026, 4, 12, tzinfo=UTC), until=datetime(2026, 4, 15, tzinfo=UTC))
    asked = query(CALLS, since=asked.since, until=asked.until, group_by=("day",))
    assert whole_steps(asked, ["2026-04-13"], NOW) == ["2026-04-12", "2026-04-13", "2026-04-14"]


def test_a_week_that_the_period_cuts_is_none() -> None:
    asked = query(CALLS, since=datetime(2026, 3, 25, tzinfo=UTC), group_by=("week",))
    labels = ["2026-03-23", "2026-03-30", "2026-04-06", "2026-04-13"]
    assert whole_steps(asked, labels, NOW) == ["2026-03-30", "2026-04-06"]
    assert cut_steps(asked, labels, NOW) == [("2026-03-23", False), ("2026-04-13", True)]


def test_weeks_before_the_first_call_are_not_weeks_without_calls() -> None:
    asked = query(CALLS, since=datetime(2026, 2, 2, tzinfo=UTC), group_by=("week",))
    first = datetime(2026, 3, 25, tzinfo=UTC)
    assert whole_steps(asked, ["2026-03-23", "2026-03-30"], NOW, first) == ["2026-03-30", "2026-04-06"]


def test_months_are_taken_as_long_as_they_are() -> None:
    asked = query(CALLS, since=datetime(2026, 1, 1, tzinfo=UTC), group_by=("month",))
    assert whole_steps(asked, ["2026-01-01", "2026-03-01"], NOW) == ["2026-01-01", "2026-02-01", "2026-03-01"]
