"""Readings that go to a browser and come back, perhaps edited by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from postcall.analyst.understood_format import read_understood, write_understood
from postcall.domain.analysis import QuestionKind, Understood
from postcall.domain.queries import All, Condition, Measure, MeasureKind, Operator, Query
from postcall.errors import BadInput

COUNT = Query(
    (Measure(MeasureKind.CONVERSATIONS, name="calls"),),
    since=datetime(2026, 3, 1, tzinfo=UTC),
    filters=All((Condition("field.channel", Operator.EQ, "voice"),)),
)
READ = Understood(
    QuestionKind.LIST, (COUNT,), Query((), text="refund"), "Calls by voice.", ((0, 5, "field.channel"),), ("purple",)
)


def test_a_reading_comes_back_as_it_went() -> None:
    assert read_understood(write_understood(READ)) == READ


def test_whose_agents_are_seen_is_not_taken_from_outside() -> None:
    queries: list[Any] = [{"measures": [{"measure": "conversations"}], "among": [1]}]
    with pytest.raises(BadInput):
        read_understood({**write_understood(READ), "queries": queries})


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "guess"},
        {"kind": None},
        {"queries": "all"},
        {"queries": [{"measures": [{"measure": "conversations"}]}] * 11},
        {"calls": {"group_by": ["nothing"]}},
        {"taken": [[1, 2]]},
        {"taken": [[-1, 2, "x"]]},
        {"left": [""]},
        {"says": "\x00"},
        {"more": 1},
    ],
)
def test_what_cannot_be_read_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read_understood({**write_understood(READ), **changed})


@pytest.mark.parametrize("raw", [None, [], "count", 1])
def test_what_is_no_reading_is_refused(raw: object) -> None:
    with pytest.raises(BadInput):
        read_understood(raw)
