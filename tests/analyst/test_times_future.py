"""What is still to come cannot be counted, and is not answered with the same time a year ago."""

from __future__ import annotations

import pytest
from tests.analyst.reading_times import NOW, times

from postcall.analyst.times.future import refuse_future


@pytest.mark.parametrize(
    "question",
    [
        "how many calls will we get tomorrow?",
        "forecast the number of calls for next week",
        "How many bookings are we going to have in May?",
        "how many calls next Friday",
        "what volume can we expect",
    ],
    ids=["tomorrow", "forecast", "going to", "next Friday", "expect"],
)
def test_the_future_is_refused(question: str) -> None:
    refused = refuse_future(question, times(question), NOW)
    assert refused is not None
    assert refused.choices == ()


@pytest.mark.parametrize(
    "question",
    [
        "how many calls did we get yesterday?",
        "how many calls this week, compared with next week",
        "calls about the next appointment",
        "how many callers were willing to wait",
    ],
    ids=["yesterday", "both", "next appointment", "willing"],
)
def test_the_past_is_not(question: str) -> None:
    assert refuse_future(question, times(question), NOW) is None
