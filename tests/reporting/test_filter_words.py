"""Filters as a reader sees them."""

from __future__ import annotations

from typing import Any

import pytest

from postcall.reporting.filter_words import filters_in_words, title_of
from postcall.reporting.query_format import read_filters


def words(*parts: Any) -> str:
    return filters_in_words(read_filters(list(parts)))


def where(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


BILLING = where("metric.CALL_REASON", "eq", "billing")
LONG = where("field.duration", "gte", 60)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (BILLING, "CALL_REASON is billing"),
        (LONG, "duration at least 60 s"),
        (where("field.duration", "between", [30, 60.5]), "duration between 30 s and 60.5 s"),
        (where("metric.BOOKED", "eq", True), "BOOKED is yes"),
        (where("metric.BOOKED", "ne", False), "BOOKED is not no"),
        (where("field.channel", "in", ["voice", "sms"]), "channel is voice or sms"),
        (where("field.channel", "in", ["voice"]), "channel is voice"),
        (where("field.channel", "not in", ["voice", "sms"]), "channel is neither voice nor sms"),
        (where("metric.NOTE", "contains", "late fee"), "NOTE contains “late fee”"),
        (where("metric.NOTE", "not contains", "x"), "NOTE does not contain “x”"),
        (where("metric.NOTE", "exists"), "NOTE has a value"),
        (where("field.variant", "not exists"), "variant has no value"),
        (where("field.started_at", "lt", "2026-03-01"), "start before 2026-03-01"),
        (where("metric.N", "in", [1, 2, 3, 4, 5, 6, 7]), "N is 1, 2, 3, 4 or 3 more"),
        (where("metric.N", "eq", ""), "N is “”"),
    ],
)
def test_a_condition_reads_like_a_sentence(condition: dict[str, Any], said: str) -> None:
    assert words(condition) == said


def test_conditions_are_joined_without_doubt_about_what_belongs_together() -> None:
    either = {"or": [LONG, where("field.handoff", "eq", True)]}
    assert words(BILLING, either) == "CALL_REASON is billing and (duration at least 60 s or handoff is yes)"
    assert words(either) == "duration at least 60 s or handoff is yes"
    assert words({"not": BILLING}) == "not (CALL_REASON is billing)"
    assert words({"or": []}) == "nothing"
    assert words() == ""


def test_columns_have_titles() -> None:
    titles = [title_of(name) for name in ("field.duration", "metric.call_reason", "day")]
    assert titles == ["Duration", "call_reason", "Day"]
