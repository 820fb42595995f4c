"""When and which calls, as sentences say it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.analyst.answers import CALLS, query

from postcall.analyst.telling.call_words import doing_in_words
from postcall.analyst.telling.query_words import period_in_words
from postcall.domain.queries import AnyOf, Condition, Operator

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        (datetime(2026, 11, 9), datetime(2026, 11, 15, 0, 4), "from 9 November to 15 November 2026, 00:04"),
        (datetime(2026, 11, 9, 8, 30), datetime(2026, 11, 15), "from 9 November, 08:30 to 15 November 2026"),
        (datetime(2025, 12, 30), datetime(2026, 1, 2, 7), "from 30 December 2025 to 2 January 2026, 07:00"),
        (datetime(2026, 11, 21), datetime(2026, 11, 21, 0, 10), "on 21 November 2026 from 00:00 to 00:10"),
        (datetime(2026, 11, 9), datetime(2026, 11, 16), "from 9 to 15 November 2026"),
    ],
    ids=["ends-within", "begins-within", "two-years", "one-day", "whole-days"],
)
def test_a_period_says_no_more_than_it_must(since: datetime, until: datetime, says: str) -> None:
    asked = query(CALLS, since=since.replace(tzinfo=UTC), until=until.replace(tzinfo=UTC))
    assert period_in_words(asked, NOW) == says


def test_a_night_is_said_with_one_verb() -> None:
    night = AnyOf((Condition("field.hour", Operator.GTE, 22), Condition("field.hour", Operator.LT, 6)))
    assert doing_in_words(query(CALLS, where=[night])) == "began at 22:00 or later or before 06:00"
