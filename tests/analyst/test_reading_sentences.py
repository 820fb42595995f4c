"""How a question was understood is told in a sentence that a person would say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.analyst.test_reading_comparisons import read

from postcall.analyst.reading.sentences import say, when
from postcall.domain.analysis import QuestionKind
from postcall.domain.queries import All, AnyOf, Condition, Having, Measure, MeasureKind, Not, Operator, Order, Query

SENTENCES = {
    "How many Spanish calls last week?": "The number of calls in which language is es, from 6 to 12 April 2026.",
    "how many calls yesterday": "The number of calls on 14 April 2026.",
    "handoff rate by channel": "The share of calls in which handoff is yes, for each channel, at any time.",
    "calls per week in March": "The number of calls, week by week, in March 2026.",
    "busiest hour of the day": "The hours of the day with the most calls, at any time.",
    "top 3 moods": "The 3 most common values of mood, at any time.",
    "the five slowest calls by latency": "The 5 calls with the highest answer latency, at any time.",
    "how many calls after 6 pm": "The number of calls in which the call began between 18:00 and 23:59, at any time.",
    "average turns of Spanish calls": "The average number of turns, of calls in which language is es, at any time.",
    "calls over 10 minutes": "The number of calls in which duration is over 600 s, at any time.",
    "calls last week vs the week before": (
        "The number of calls from 6 to 12 April 2026 compared with 30 March to 5 April 2026."
    ),
    "average duration, English vs Spanish": "The average duration, for language en and es, at any time.",
    "share of calls longer than 5 minutes": "The share of calls in which duration is over 300 s, at any time.",
    "What changed this week?": "What is different in calls since 13 April 2026 compared with the same time before.",
    "show me the last 5 calls": "The 5 newest calls, at any time.",
    'find "money back"': "The calls in which “money back” is said, the newest first, at any time.",
}


@pytest.mark.parametrize("text", SENTENCES, ids=str)
def test_a_reading_is_told_in_one_sentence(text: str) -> None:
    assert read(text).says == SENTENCES[text]


@pytest.mark.parametrize(
    ("period", "said"),
    [("14 April 2026", "on 14 April 2026"), ("March 2026", "in March 2026"), ("since 1 May 2026", "since 1 May 2026")],
    ids=["a day", "a month", "led"],
)
def test_a_time_is_led_in_as_people_do(period: str, said: str) -> None:
    assert when(period) == said


def test_conditions_within_others_keep_their_brackets() -> None:
    spanish, long = Condition("field.language", Operator.EQ, "es"), Condition("field.duration", Operator.GTE, 60)
    query = Query(
        (Measure(MeasureKind.CONVERSATIONS, name="calls"),), filters=All((AnyOf((spanish, long)), Not(spanish)))
    )
    said = say(QuestionKind.COUNT, (query,), None)
    assert "(language is es or duration is at least 60 s) and language is not es" in said


def test_a_ranking_says_how_large_a_row_must_be() -> None:
    calls = Measure(MeasureKind.CONVERSATIONS, name="calls")
    query = Query((calls,), group_by=("metric.topic",), order=(Order("calls", descending=True),), limit=10)
    query = replace(query, having=(Having("calls", Operator.GTE, 30),))
    assert (
        say(QuestionKind.TOP, (query,), None) == "The most common values of topic, with at least 30 calls, at any time."
    )
