"""An answer that is read from its thread is the answer that was given."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOON

from postcall.analyst.thread_format import read_analysis, write_analysis
from postcall.domain.analysis import Analysis, Asked, Basis, Citation, QuestionKind
from postcall.domain.queries import (
    All,
    Condition,
    Coverage,
    Interval,
    Measure,
    MeasureKind,
    Not,
    Number,
    Operator,
    Query,
    Result,
    Row,
)

NUMBERS = st.builds(
    Number,
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    n=st.integers(0, 2**40),
    count=st.none() | st.integers(0, 2**40),
    interval=st.none() | st.builds(Interval, st.floats(0, 1), st.floats(0, 1)),
    small=st.booleans(),
    p_value=st.none() | st.floats(0, 1),
)
VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20)
QUERY = Query(
    measures=(Measure(MeasureKind.RATE, "metric.BOOKED", value=True, name="booked"),),
    agent="clinic",
    since=NOON,
    time_zone="Europe/Berlin",
    group_by=("field.channel",),
    filters=All((Not(Condition("field.language", Operator.EQ, "es")),)),
    text="refund",
)


def kept(analysis: Analysis) -> Analysis:
    """As it comes out of the record, where it is text."""
    return read_analysis(msgspec.json.decode(msgspec.json.encode(write_analysis(analysis))), thread=analysis.thread)


@given(rows=st.lists(st.tuples(VALUES, NUMBERS), max_size=4), sample=st.none() | st.integers(1, 500))
def test_an_answer_comes_back_as_it_was_given(rows: list[tuple[str, Number]], sample: int | None) -> None:
    result = Result(
        query=QUERY,
        rows=tuple(Row((value,), (number,)) for value, number in rows),
        coverage=(Coverage("metric.BOOKED", 9, 5, 1, 1, 1, 1),),
        calls=9,
        in_progress=1,
        notes=("Only calls of the live environment.",),
        lag_s=0.5,
    )
    analysis = Analysis(
        answer="Of all 9 calls 5 [q1] were booked.",
        kind=QuestionKind.RATE,
        understood="The share of booked calls",
        asked=(Asked(QUERY, result, "q1"),),
        calls=("CALL-1",),
        citations=(Citation("CALL-1", 3, "I want a refund"),),
        basis=Basis(of=9, n=sample),
        not_covered=("One call was not asked.",),
        thread="5f" * 12,
        asks_back=False,
        readings=("Booked by phone",),
        usage={"requests": 0, "seconds": 0.01},
    )
    assert kept(analysis) == analysis


def test_an_answer_without_anything_behind_it_is_kept_too() -> None:
    analysis = Analysis(answer="That is not in the data.", kind=None, understood="", asks_back=True)
    assert kept(analysis) == analysis
