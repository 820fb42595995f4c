"""What an agent remembers of its callers, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from tests.builders import Desk, a_call

from postcall.storage.agents import find_agent_row
from postcall.storage.caller_memories import forget_caller, keep_memory, read_memory
from postcall.storage.hosted_schema import caller_memories

CALLER = "+44 20 7183-8750"


def agent(desk: Desk, slug: str = "clinic") -> int:
    desk.hand_in(a_call(f"call-of-{slug}", agent=slug))
    return int(desk.record.read(lambda c: find_agent_row(c, desk.pk, slug).pk))


def keep(desk: Desk, agent_pk: int, caller: str | None = CALLER, **data: Any) -> None:
    desk.record.write(lambda c: keep_memory(c, agent_pk, caller, data, now=desk.clock()))


def read(desk: Desk, agent_pk: int, caller: str | None = CALLER) -> dict[str, Any]:
    return desk.record.read(lambda c: read_memory(c, agent_pk, caller))


def test_a_caller_is_known_again_by_the_number_however_it_is_spelled(desk: Desk) -> None:
    clinic = agent(desk)
    assert read(desk, clinic) == {}
    keep(desk, clinic, name="Ana", visits=[1, {"at": "noon"}])
    assert read(desk, clinic, "+442071838750") == {"name": "Ana", "visits": [1, {"at": "noon"}]}
    assert read(desk, clinic, "+442071838751") == {}


def test_what_is_kept_later_joins_what_was_there_and_none_is_forgotten(desk: Desk) -> None:
    clinic = agent(desk)
    keep(desk, clinic, name="Ana", city="Leeds")
    keep(desk, clinic, name="Anna", city=None, visits=2)
    assert read(desk, clinic) == {"name": "Anna", "visits": 2}


def test_agents_do_not_share_what_they_remember(desk: Desk) -> None:
    clinic, shop = agent(desk), agent(desk, "shop")
    keep(desk, clinic, name="Ana")
    assert read(desk, shop) == {}


def test_a_withheld_number_is_nobody(desk: Desk) -> None:
    clinic = agent(desk)
    for nobody in (None, ""):
        keep(desk, clinic, nobody, name="Ana")
        assert read(desk, clinic, nobody) == {}
    assert desk.record.read(lambda c: c.execute(sa.select(caller_memories)).all()) == []


def test_the_record_does_not_hold_the_number(desk: Desk) -> None:
    clinic = agent(desk)
    keep(desk, clinic, name="Ana")
    [row] = desk.record.read(lambda c: c.execute(sa.select(caller_memories)).all())
    assert "7183" not in row.caller and "2071838750" not in str(tuple(row))


def test_two_calls_of_one_caller_that_end_at_once_lose_nothing(desk: Desk) -> None:
    clinic = agent(desk)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: keep(desk, clinic, **{f"n{number}": number}), range(24)))
    assert read(desk, clinic) == {f"n{number}": number for number in range(24)}


def test_a_caller_can_be_forgotten(desk: Desk) -> None:
    clinic = agent(desk)
    keep(desk, clinic, name="Ana")
    assert desk.record.write(lambda c: forget_caller(c, clinic, "+442071838750"))
    assert not desk.record.write(lambda c: forget_caller(c, clinic, CALLER))
    assert read(desk, clinic) == {}
