"""Calls behind a query in an order of the asker's, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.aside import run_aside
from tests.builders import NOON
from tests.reporting.counter import Counter, a_query

from postcall.domain.queries import Order
from postcall.reporting.reports import CallKeys

STARTS = {"call-a": 2, "call-b": 0, "call-c": 1, "call-d": 1}
LASTS = {"call-a": 30.0, "call-b": None, "call-c": 100.0, "call-d": 9.5}


@pytest.fixture
def shop(small_counter: Counter) -> Counter:
    """Four calls; two began in the same moment, and of one nobody knows how long it took."""
    for name, hours in STARTS.items():
        small_counter.write(name, {}, started_at=NOON - timedelta(hours=hours), duration_s=LASTS[name])
    return small_counter


def page(counter: Counter, *order: Order, limit: int = 100, offset: int = 0) -> CallKeys:
    return run_aside(counter.reports.calls(counter.desk.pk, a_query(), order=order, limit=limit, offset=offset))


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (Order("field.started_at"), "a d c b"),
        (Order("field.started_at", descending=True), "b d c a"),
        (Order("field.duration"), "d a c b"),
        (Order("field.duration", descending=True), "c a d b"),
        (Order("field.id"), "a b c d"),
        (Order("field.id", descending=True), "d c b a"),
        (Order("field.channel"), "b d c a"),
    ],
    ids=["start", "start down", "duration", "duration down", "id", "id down", "all alike"],
)
def test_calls_come_in_order_and_what_has_no_value_last(shop: Counter, order: Order, wanted: str) -> None:
    assert [call_id.removeprefix("call-") for call_id in page(shop, order).ids] == wanted.split()


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_hold_every_call_once(shop: Counter, limit: int) -> None:
    order = Order("field.duration")
    pages = [page(shop, order, limit=limit, offset=offset).ids for offset in range(0, 6, limit)]
    assert [call_id for ids in pages for call_id in ids] == list(page(shop, order).ids)
    assert page(shop, order, offset=4).ids == ()
