"""How many calls there were at once, against counting them moment by moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.concurrency import busiest_by_minute

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
END = MIDNIGHT + timedelta(minutes=5)


def at(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def test_calls_that_follow_each_other_are_not_at_once() -> None:
    assert busiest_by_minute([(at(0), at(10)), (at(10), at(20)), (at(30), at(40))], MIDNIGHT, END) == {MIDNIGHT: 1}


def test_a_call_counts_in_every_minute_that_it_touches() -> None:
    found = busiest_by_minute([(at(30), at(130)), (at(60), at(70))], MIDNIGHT, END)
    assert found == {at(0): 1, at(60): 2, at(120): 1}


def test_what_lies_outside_of_the_day_is_cut_off() -> None:
    assert busiest_by_minute([(at(-90), at(10)), (at(290), at(900))], MIDNIGHT, END) == {at(0): 1, at(240): 1}
    assert busiest_by_minute([(at(-90), at(0)), (at(300), at(900))], MIDNIGHT, END) == {}


SPANS = st.lists(st.tuples(st.integers(-30, 330), st.integers(1, 200)), max_size=12)


@given(SPANS)
def test_the_most_at_one_moment_of_each_minute(given_spans: list[tuple[int, int]]) -> None:
    spans = [(at(began), at(began + length)) for began, length in given_spans]
    under_way = [sum(began <= at(second) < ended for began, ended in spans) for second in range(300)]
    expected = {
        at(60 * minute): most for minute in range(5) if (most := max(under_way[60 * minute : 60 * minute + 60]))
    }
    assert busiest_by_minute(spans, MIDNIGHT, END) == expected
