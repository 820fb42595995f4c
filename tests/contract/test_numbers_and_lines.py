"""Every account has one number; who is not to be called; how many calls may be placed at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import phonenumbers
import pytest
import sqlalchemy as sa
from tests.builders import Desk

from postcall.domain.audiences import BarSource, Reservation
from postcall.domain.calls import CallDetails, CallStatus, Direction, IncomingCall
from postcall.domain.outbound import DialState
from postcall.errors import AgentNotFound, BadInput, NotFound
from postcall.outbound.numbers import read_number
from postcall.storage.agents import ensure_agent_row
from postcall.storage.concurrency import free_lines, list_reservations, reserve_lines
from postcall.storage.do_not_call import bar, bar_many, find_barred, is_barred, list_barred, unbar, unbar_number
from postcall.storage.outbound_schema import outbound_calls, phone_numbers
from postcall.storage.phone_numbers import (
    attach_numbers,
    ensure_number,
    fictional_number,
    list_numbers,
    number_for,
    numbers_of_agent,
)
from postcall.storage.schema import agents, calls

PHONE = "+14155550123"


def an_agent(desk: Desk, slug: str = "clinic") -> int:
    return int(desk.record.write(lambda c: ensure_agent_row(c, desk.pk, slug, now=desk.clock())).pk)


def agent_id(desk: Desk, pk: int) -> str:
    return str(desk.record.read(lambda c: c.execute(sa.select(agents.c.id).where(agents.c.pk == pk)).scalar_one()))


def test_an_account_has_one_number_however_many_ask_at_once(desk: Desk) -> None:
    ready = threading.Barrier(6)

    def one() -> str:
        ready.wait()
        return desk.record.write(lambda c: ensure_number(c, desk.pk, desk.clock())).id

    with ThreadPoolExecutor(6) as pool:
        ids = {each.result() for each in [pool.submit(one) for _ in range(6)]}
    [number] = desk.record.read(lambda c: list_numbers(c, desk.pk))
    assert ids == {number.id}
    assert (number.carrier, number.agent_id) == ("simulated", None)


def test_the_number_is_one_that_nobody_has_and_its_own_for_each_account() -> None:
    numbers = [fictional_number(pk) for pk in range(1, 1001)]
    assert len(set(numbers)) == 1000
    for number in numbers:
        assert number[5:10] == "55501"
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))
        assert read_number(number) == number


def test_a_call_comes_from_the_number_that_it_names_or_the_agents_or_the_accounts(desk: Desk) -> None:
    agent, other = an_agent(desk), an_agent(desk, "shop")
    assert desk.record.write(lambda c: number_for(c, desk.pk, agent)).number == fictional_number(desk.pk)

    def insert(connection: sa.Connection) -> None:
        row = {"account_pk": desk.pk, "id": "b" * 24, "number": PHONE, "carrier": "simulated", "agent_pk": other}
        at = {"created_at": desk.clock(), "updated_at": desk.clock()}
        connection.execute(sa.insert(phone_numbers).values(**row, **at))

    desk.record.write(insert)
    assert desk.record.read(lambda c: number_for(c, desk.pk, other)).number == PHONE
    assert desk.record.read(lambda c: number_for(c, desk.pk, agent)).number == fictional_number(desk.pk)
    assert desk.record.read(lambda c: number_for(c, desk.pk, agent, "b" * 24)).number == PHONE
    stranger = Desk(desk.record, desk.clock, account="other")
    with pytest.raises(NotFound):
        desk.record.read(lambda c: number_for(c, stranger.pk, agent, "b" * 24))


def test_a_number_is_attached_to_one_agent_at_a_time(desk: Desk) -> None:
    agent, other = an_agent(desk), an_agent(desk, "shop")
    number = desk.record.write(lambda c: ensure_number(c, desk.pk, desk.clock()))

    def attach(pk: int, *ids: str) -> None:
        desk.record.write(lambda c: attach_numbers(c, desk.pk, pk, ids, desk.clock()))

    def owners() -> tuple[int, int]:
        return desk.record.read(lambda c: (len(numbers_of_agent(c, agent)), len(numbers_of_agent(c, other))))

    attach(agent, number.id)
    assert owners() == (1, 0)
    attach(other, number.id, number.id)
    assert owners() == (0, 1)
    with pytest.raises(NotFound):
        attach(other, "f" * 24)
    assert owners() == (0, 1)
    attach(other)
    assert owners() == (0, 0)


def test_a_barred_number_is_not_called_by_whoever_it_barred(desk: Desk) -> None:
    agent, other = an_agent(desk), an_agent(desk, "shop")
    desk.record.write(lambda c: bar(c, desk.pk, PHONE, agent_pk=agent, source=BarSource.CALL, now=desk.clock()))
    desk.record.write(lambda c: bar(c, desk.pk, "+14155550124", now=desk.clock()))

    def barred(pk: int, phone: str, account_pk: int = desk.pk) -> bool:
        return desk.record.read(lambda c: is_barred(c, account_pk, pk, phone))

    assert (barred(agent, PHONE), barred(other, PHONE)) == (True, False)
    assert (barred(agent, "+14155550124"), barred(other, "+14155550124")) == (True, True)
    assert not barred(agent, "+14155550125")
    assert not barred(other, "+14155550124", Desk(desk.record, desk.clock, account="other").pk)


def test_barring_a_number_again_keeps_what_is_known_of_it(desk: Desk) -> None:
    ready = threading.Barrier(4)

    def one() -> tuple[str, bool]:
        ready.wait()
        return desk.record.write(lambda c: bar(c, desk.pk, PHONE, source=BarSource.CALL, now=desk.clock()))

    with ThreadPoolExecutor(4) as pool:
        done = [each.result() for each in [pool.submit(one) for _ in range(4)]]
    assert sorted(new for _, new in done) == [False, False, False, True]
    [entry_id] = {entry_id for entry_id, _ in done}
    again = desk.record.write(lambda c: bar_many(c, desk.pk, [PHONE, "+14155550124"], now=desk.clock()))
    assert again == 1
    assert desk.record.read(lambda c: find_barred(c, desk.pk, entry_id)).source is BarSource.CALL


def test_a_call_is_remembered_with_the_number_that_it_barred(desk: Desk) -> None:
    details = CallDetails(agent="clinic", direction=Direction.OUTBOUND, to_number=PHONE)
    desk.hand_in(IncomingCall(id="call-1", details=details, turns=(), metrics=()))
    call_pk = desk.record.read(lambda c: c.execute(sa.select(calls.c.pk)).scalar_one())
    desk.record.write(lambda c: bar(c, desk.pk, PHONE, source=BarSource.CALL, call_pk=call_pk, now=desk.clock()))
    [entry] = desk.record.read(lambda c: list_barred(c, desk.pk, limit=5)).entries
    assert entry.call_id == "call-1"


def test_the_list_can_be_searched_sorted_and_paged(desk: Desk) -> None:
    agent, other = an_agent(desk), an_agent(desk, "shop")
    for index, pk in enumerate([None, agent, other]):
        phone = f"+1415555010{9 - index}"
        desk.record.write(partial(bar, account_pk=desk.pk, phone=phone, agent_pk=pk, now=desk.clock()))
        desk.clock.advance(1)

    def listed(**wanted: object) -> list[str]:
        page = desk.record.read(lambda c: list_barred(c, desk.pk, **{"limit": 9, **wanted}))  # type: ignore[arg-type]
        return [entry.phone[-1] for entry in page.entries]

    assert listed() == ["7", "8", "9"]
    assert listed(rising=True) == ["9", "8", "7"]
    assert listed(by_phone=True) == ["9", "8", "7"]
    assert listed(agent_pk=agent) == ["8", "9"]
    assert listed(search="0108") == ["8"]
    assert listed(search="%") == []
    assert listed(limit=1, skip=1) == ["8"]
    assert desk.record.read(lambda c: list_barred(c, desk.pk, limit=1)).total == 3


def test_a_number_may_be_called_again_once_it_is_off_the_list(desk: Desk) -> None:
    agent = an_agent(desk)
    entry_id, _ = desk.record.write(lambda c: bar(c, desk.pk, PHONE, agent_pk=agent, now=desk.clock()))
    stranger = Desk(desk.record, desk.clock, account="other")
    with pytest.raises(NotFound):
        desk.record.write(lambda c: unbar(c, stranger.pk, entry_id))
    desk.record.write(lambda c: unbar(c, desk.pk, entry_id))
    assert not desk.record.read(lambda c: is_barred(c, desk.pk, agent, PHONE))
    for pk in (None, agent):
        desk.record.write(partial(bar, account_pk=desk.pk, phone=PHONE, agent_pk=pk, now=desk.clock()))
    assert desk.record.write(lambda c: unbar_number(c, desk.pk, PHONE, agent_pk=agent)) == 1
    assert desk.record.write(lambda c: unbar_number(c, desk.pk, PHONE)) == 1
    assert desk.record.write(lambda c: unbar_number(c, desk.pk, PHONE)) == 0


def place(desk: Desk, name: str, agent: str, state: DialState) -> None:
    """A placed call, as far as lines are concerned."""
    details = CallDetails(agent=agent, status=CallStatus.PENDING, direction=Direction.OUTBOUND, to_number=PHONE)
    desk.hand_in(IncomingCall(id=name, details=details, turns=(), metrics=()))

    def write(connection: sa.Connection) -> None:
        pk = connection.execute(sa.select(calls.c.pk).where(calls.c.id == name)).scalar_one()
        connection.execute(
            sa.insert(outbound_calls).values(
                call_pk=pk, attempt=0, carrier="simulated", state=state.value, test=False, created_at=desk.clock()
            )
        )

    desk.record.write(write)


def reserve(desk: Desk, *wanted: Reservation, limit: int = 10) -> int:
    return desk.record.write(lambda c: reserve_lines(c, desk.pk, wanted, limit=limit))


def free(desk: Desk, agent_pk: int, *, limit: int = 10) -> int:
    return desk.record.write(lambda c: free_lines(c, desk.pk, agent_pk, limit=limit))


def test_only_calls_that_are_dialled_or_talking_take_a_line(desk: Desk) -> None:
    agent, other = an_agent(desk), an_agent(desk, "shop")
    for state in DialState:
        place(desk, f"call-{state}", "shop", state)
    assert (free(desk, agent), free(desk, other)) == (8, 8)
    assert free(desk, agent, limit=1) == 0
    stranger = Desk(desk.record, desk.clock, account="other")
    assert free(stranger, an_agent(stranger, "theirs")) == 10


def test_a_reservation_is_a_floor_for_its_agent_and_not_a_cap(desk: Desk) -> None:
    agent, other = an_agent(desk), an_agent(desk, "shop")
    assert reserve(desk, Reservation(agent_id(desk, agent), "", webcall=0, outbound=4, inbound=0, chat=0)) == 1
    assert (free(desk, agent), free(desk, other)) == (10, 6)
    for index in range(6):
        place(desk, f"others-{index}", "shop", DialState.TALKING)
    assert (free(desk, agent), free(desk, other)) == (4, 0)
    for index in range(3):
        place(desk, f"own-{index}", "clinic", DialState.DIALLING)
    assert (free(desk, agent), free(desk, other)) == (1, 0)


def test_lines_that_are_kept_for_other_kinds_of_calls_are_not_dialled_on(desk: Desk) -> None:
    agent = an_agent(desk)
    reserve(desk, Reservation(agent_id(desk, agent), "", webcall=1, outbound=0, inbound=2, chat=3))
    assert free(desk, agent) == 4


def test_no_more_can_be_kept_than_there_is(desk: Desk) -> None:
    agent, other = an_agent(desk), an_agent(desk, "shop")
    reserve(desk, Reservation(agent_id(desk, agent), "", 1, 2, 1, 1))
    with pytest.raises(BadInput, match="11 lines in all, and there are 10"):
        reserve(desk, Reservation(agent_id(desk, other), "", 0, 6, 0, 0))
    reserve(
        desk, Reservation(agent_id(desk, agent), "", 0, 4, 0, 0), Reservation(agent_id(desk, other), "", 0, 6, 0, 0)
    )
    kept = desk.record.read(lambda c: list_reservations(c, desk.pk))
    assert [(each.agent_name, each.outbound, each.lines) for each in kept] == [("clinic", 4, 4), ("shop", 6, 6)]
    with pytest.raises(AgentNotFound):
        reserve(desk, Reservation("f" * 24, "", 0, 0, 0, 0))


def test_workers_that_look_at_the_same_time_place_no_call_too_many(desk: Desk) -> None:
    agent = an_agent(desk)
    for index in range(8):
        place(desk, f"call-{index}", "clinic", DialState.QUEUED)
    ready = threading.Barrier(8)

    def dial(index: int) -> bool:
        def write(connection: sa.Connection) -> bool:
            if not free_lines(connection, desk.pk, agent, limit=3):
                return False
            pk = connection.execute(sa.select(calls.c.pk).where(calls.c.id == f"call-{index}")).scalar_one()
            state = sa.update(outbound_calls).where(outbound_calls.c.call_pk == pk)
            connection.execute(state.values(state=DialState.DIALLING.value))
            return True

        ready.wait()
        return desk.record.write(write)

    with ThreadPoolExecutor(8) as pool:
        placed = [each.result() for each in [pool.submit(dial, index) for index in range(8)]]
    assert sum(placed) == 3
    assert free(desk, agent, limit=3) == 0
