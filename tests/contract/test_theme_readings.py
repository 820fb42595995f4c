"""What the model noted of calls is kept for every server, and goes with the call."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.builders import NOON, Desk, a_call

from postcall.storage.schema import calls
from postcall.storage.theme_readings import (
    KEPT,
    Noted,
    ThemeReading,
    find_readings,
    forget_old_readings,
    keep_readings,
)

WAITS = Noted("waiting for long", 1, 2, 15)


@pytest.fixture
def pks(desk: Desk) -> list[int]:
    for number in range(3):
        desk.hand_in(a_call(f"c{number}", "user: I have waited."))
    return list(desk.record.read(lambda c: c.execute(sa.select(calls.c.pk).order_by(calls.c.id)).scalars()))


def found(desk: Desk, question: str, pks: list[int]) -> dict[int, ThemeReading]:
    return desk.record.read(lambda c: find_readings(c, question, pks))


def keep(desk: Desk, question: str, *readings: ThemeReading) -> None:
    desk.record.write(lambda c: keep_readings(c, question, readings, now=NOON))


def test_what_was_noted_is_found_by_question_and_call(desk: Desk, pks: list[int]) -> None:
    one, two = ThemeReading(pks[0], "a", (WAITS,)), ThemeReading(pks[1], "b", ())
    keep(desk, "why", one, two)
    assert found(desk, "why", pks) == {pks[0]: one, pks[1]: two}
    assert found(desk, "why", pks[1:]) == {pks[1]: two}
    assert found(desk, "how", pks) == {}
    assert found(desk, "why", []) == {}


def test_a_call_that_is_read_anew_keeps_only_the_latest(desk: Desk, pks: list[int]) -> None:
    keep(desk, "why", ThemeReading(pks[0], "a", (WAITS,)))
    later = ThemeReading(pks[0], "b", ())
    keep(desk, "why", later)
    assert found(desk, "why", pks) == {pks[0]: later}


def test_nothing_is_left_of_a_call_that_is_deleted(desk: Desk, pks: list[int]) -> None:
    keep(desk, "why", *(ThemeReading(pk, "a", (WAITS,)) for pk in pks))
    desk.record.write(lambda c: c.execute(sa.delete(calls).where(calls.c.pk == pks[0])))
    assert set(found(desk, "why", pks)) == set(pks[1:])


def test_a_call_that_was_deleted_while_it_was_read_costs_the_others_nothing(desk: Desk, pks: list[int]) -> None:
    desk.record.write(lambda c: c.execute(sa.delete(calls).where(calls.c.pk == pks[0])))
    keep(desk, "why", *(ThemeReading(pk, "a", (WAITS,)) for pk in pks))
    assert set(found(desk, "why", pks)) == set(pks[1:])
    keep(desk, "why")


def test_what_was_read_long_ago_is_forgotten(desk: Desk, pks: list[int]) -> None:
    keep(desk, "why", ThemeReading(pks[0], "a", (WAITS,)))
    assert desk.record.write(lambda c: forget_old_readings(c, now=NOON + KEPT)) == 0
    assert desk.record.write(lambda c: forget_old_readings(c, now=NOON + KEPT + timedelta(minutes=1))) == 1
    assert found(desk, "why", pks) == {}
