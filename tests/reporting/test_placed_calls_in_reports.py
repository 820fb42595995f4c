"""What is known of a call because postcall placed it is a field like any other."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from tests.builders import NOON, a_call
from tests.reporting.counter import Counter, a_query, where
from tests.reporting.placing import a_campaign, place

from postcall.domain.calls import CallStatus, Direction
from postcall.reporting.fields import FIELDS
from postcall.storage.changes import note_change
from postcall.storage.outbound_schema import outbound_calls
from postcall.storage.schema import calls


def test_calls_of_a_campaign_are_counted_by_its_name_and_found_by_its_id(counter: Counter) -> None:
    spring, autumn = a_campaign(counter.desk, "Spring"), a_campaign(counter.desk, "Autumn")
    place(counter.desk, "a", campaign=spring, cost=0.5)
    place(counter.desk, "b", campaign=spring, attempt=1, cost=0.25)
    place(counter.desk, "c", campaign=autumn)
    place(counter.desk, "d")
    counter.take(1)
    assert counter.groups("field.campaign") == {"Autumn": 1, "Spring": 2, None: 2}
    assert counter.count(where("field.campaign_id", "eq", spring)) == 2
    assert counter.number("sum", "field.cost").value == 0.75
    assert counter.number("count", "field.cost").value == 2
    assert counter.groups("field.attempt") == {0: 3, 1: 1, None: 1}
    assert counter.groups("field.placed") == {True: 4, False: 1}
    assert counter.count(where("field.placed", "eq", False)) == 1


def test_a_call_that_was_not_placed_has_none_of_it(counter: Counter) -> None:
    counter.take(1)
    for name in ("campaign", "campaign_id", "attempt", "cost"):
        assert counter.count(where(f"field.{name}", "exists")) == 0
        assert FIELDS[name].says


def test_a_cost_that_comes_later_is_in_the_next_answer(counter: Counter) -> None:
    desk = counter.desk
    place(desk, "a")
    assert counter.number("sum", "field.cost").value is None

    def charge(connection: sa.Connection) -> None:
        pk = connection.execute(sa.select(calls.c.pk).where(calls.c.id == "a")).scalar_one()
        connection.execute(sa.update(outbound_calls).where(outbound_calls.c.call_pk == pk).values(cost=0.12))
        note_change(connection, pk, now=desk.clock())

    desk.record.write(charge)
    assert counter.number("sum", "field.cost").value == 0.12


def test_the_users_number_is_theirs_whoever_called(counter: Counter) -> None:
    desk = counter.desk
    desk.hand_in(a_call("in", from_number="+491", to_number="+15550100"))
    desk.hand_in(a_call("out", from_number="+15550100", to_number="+491", direction=Direction.OUTBOUND))
    desk.hand_in(a_call("chat"))
    assert counter.groups("field.user_number") == {"+491": 2, None: 1}
    assert counter.number("distinct", "field.user_number").value == 1


def test_calls_are_counted_by_the_minute_of_the_day_where_the_query_is(counter: Counter) -> None:
    for number, minutes in enumerate((0, 0, 1)):
        counter.desk.hand_in(a_call(f"c{number}", started_at=NOON + timedelta(minutes=minutes, seconds=40)))
    assert counter.groups("field.minute") == {720: 2, 721: 1}
    assert counter.groups("field.minute", time_zone="Asia/Kolkata") == {1050: 2, 1051: 1}
    assert counter.count(where("field.minute", "lt", 721)) == 2


def test_nine_in_ten_are_at_most_p90(counter: Counter) -> None:
    for number in range(11):
        counter.desk.hand_in(a_call(f"c{number}", duration_s=float(number)))
    assert counter.number("p90", "field.duration").value == 9


def test_a_call_that_still_rings_is_in_progress(counter: Counter) -> None:
    place(counter.desk, "ringing", status=CallStatus.PENDING)
    result = counter.ask(a_query())
    assert (result.calls, result.in_progress) == (0, 1)
