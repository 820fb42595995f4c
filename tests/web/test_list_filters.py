"""The filters of the list of calls, in its address and its form."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from postcall.web.filters import chips, path_of, tidy


def test_empty_fields_of_the_form_leave_the_address() -> None:
    assert tidy([("agent", "clinic"), ("status", ""), ("since", " "), ("metric_name", ""), ("metric_value", "")]) == [
        ("agent", "clinic")
    ]


def test_the_two_metric_fields_become_one_filter() -> None:
    assert tidy([("metric_name", " BOOKED "), ("metric_value", "true")]) == [("metric.BOOKED", "true")]


def test_a_metric_without_a_value_is_looked_for_as_a_flag() -> None:
    assert tidy([("metric_name", "BOOKED"), ("metric_value", "")]) == [("metric.BOOKED", "true")]


def test_the_same_metric_again_replaces_its_filter() -> None:
    given_twice = [("metric.BOOKED", "true"), ("metric_name", "BOOKED"), ("metric_value", "false")]
    assert tidy(given_twice) == [("metric.BOOKED", "false")]


def test_each_filter_has_a_chip_that_removes_it_alone_and_goes_to_the_first_page() -> None:
    query = [("agent", "clinic"), ("metric.A & B", "x=1"), ("cursor", "abc"), ("watch", "no")]
    first, second = chips(query)
    assert (first.label, first.value) == ("agent", "clinic")
    assert (second.label, second.value) == ("A & B", "x=1")
    assert parse_qsl(urlsplit(first.remove).query) == [("metric.A & B", "x=1")]
    assert second.remove == "/calls?agent=clinic"


NAMES = st.sampled_from(["agent", "status", "since", "metric.A", "metric_name", "metric_value", "cursor"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=8)), max_size=8, unique_by=lambda pair: pair[0]))
def test_a_tidy_address_is_left_alone(query: list[tuple[str, str]]) -> None:
    # Otherwise the page would send the browser round in circles.
    once = tidy(query)
    assert tidy(once) == once
    assert parse_qsl(urlsplit(path_of(once)).query) == once
