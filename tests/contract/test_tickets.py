"""Tickets: good once, for their time, for whoever holds them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.builders import Desk

from postcall.storage.tickets import Ticket, issue_ticket, redeem_ticket


def issue(desk: Desk, *, seconds: float = 30.0) -> str:
    now = desk.clock()
    return desk.record.write(
        lambda c: issue_ticket(c, desk.pk, {"agent": "a"}, until=now + timedelta(seconds=seconds), now=now)
    )


def redeem(desk: Desk, token: str) -> Ticket | None:
    return desk.record.write(lambda c: redeem_ticket(c, token, now=desk.clock()))


def test_of_many_who_come_with_one_ticket_one_gets_in(desk: Desk) -> None:
    token = issue(desk)
    with ThreadPoolExecutor(8) as guests:
        found = list(guests.map(lambda _: redeem(desk, token), range(8)))
    assert [each for each in found if each is not None] == [Ticket(desk.pk, {"agent": "a"})]


def test_a_ticket_is_good_for_its_time(desk: Desk) -> None:
    token = issue(desk)
    desk.clock.advance(30)
    early = issue(desk)
    desk.clock.advance(0.5)
    assert redeem(desk, token) is None
    assert redeem(desk, early) is not None


def test_what_was_never_issued_opens_nothing(desk: Desk) -> None:
    token = issue(desk)
    for wrong in (
        "",
        "wct_",
        "wct_1",
        "wct_-1_x",
        "wct_zz_x",
        token[:-1],
        token.replace("wct_", ""),
        "wct_" + "f" * 99,
    ):
        assert redeem(desk, wrong) is None
    assert redeem(desk, token) is not None
