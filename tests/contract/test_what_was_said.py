"""The words of many calls are read at once, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tests.builders import NOON, Desk, a_call, silent

from postcall.storage.said import Said, read_said, read_said_of
from postcall.storage.schema import calls


@pytest.fixture
def pks(desk: Desk) -> list[int]:
    for number in range(5):
        desk.hand_in(a_call(f"c{number}", f"user: Number {number}.", started_at=NOON - timedelta(minutes=number)))
    desk.hand_in(silent(a_call("quiet")))
    return list(desk.record.read(lambda c: c.execute(sa.select(calls.c.pk).order_by(calls.c.started_at)).scalars()))


def test_each_call_has_its_own_words_in_the_order_asked_for(desk: Desk, pks: list[int]) -> None:
    found = desk.record.read(lambda c: read_said(c, [*pks, 10**9]))
    assert [each.call_id for each in found] == ["quiet", "c4", "c3", "c2", "c1", "c0"]
    assert [[turn.text for turn in each.turns] for each in found[:2]] == [[], ["Number 4."]]
    assert desk.record.read(lambda c: read_said_of(c, desk.pk, "c4")) == found[1]
    assert desk.record.read(lambda c: read_said(c, [])) == ()


def test_as_many_questions_are_asked_for_one_call_as_for_many(desk: Desk, pks: list[int]) -> None:
    def asked(wanted: list[int]) -> int:
        def count(connection: Connection) -> int:
            statements: list[str] = []

            def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
                statements.append(statement)

            sa.event.listen(connection, "before_cursor_execute", keep)
            found: tuple[Said, ...] = read_said(connection, wanted)
            sa.event.remove(connection, "before_cursor_execute", keep)
            assert len(found) == len(wanted)
            return len(statements)

        return desk.record.read(count)

    assert asked(pks) == asked(pks[:1])
