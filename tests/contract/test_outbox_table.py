"""The outbox, on both databases: from asked for to sent, and never a second time by itself."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import Desk, a_call

from postcall.domain.conversations import OutboxKind, OutboxState, Outgoing
from postcall.errors import Conflict, OutboxItemNotFound
from postcall.storage import outbox
from postcall.storage.calls import find_call_row
from postcall.storage.jobs import claim_jobs
from postcall.storage.outbox import SEND, OutboxRow, add_outgoing, outbox_of_call, send_again

EMAIL = Outgoing(OutboxKind.EMAIL, "mara@clinic.example", {"subject": "Visit", "body": "Tuesday 🙂"})
TEXT = Outgoing(OutboxKind.SMS, "+1", {"from_number": "+2", "content": "Hi"}, retry_count=2)
HANDOFF = Outgoing(OutboxKind.HANDOFF, "billing", {"reason": "a refund", "sip_headers": {"x-a": "1"}})


def by_mail(outgoing: Outgoing) -> bool:
    return outgoing.kind is OutboxKind.EMAIL


def add(desk: Desk, *outgoings: Outgoing, turn: int = 1) -> list[str]:
    def work(connection: Any) -> list[str]:
        call = find_call_row(connection, desk.pk, "call-1")
        return add_outgoing(connection, call.pk, turn, outgoings, sendable=by_mail, now=desk.clock())

    return desk.record.write(work)


def rows(desk: Desk) -> tuple[OutboxRow, ...]:
    return desk.record.read(lambda c: outbox_of_call(c, find_call_row(c, desk.pk, "call-1").pk))


def state(desk: Desk) -> str:
    [row] = rows(desk)
    return row.item.state.value


def begin(desk: Desk, item_id: str) -> int | None:
    return desk.record.write(lambda c: outbox.begin_sending(c, item_id, now=desk.clock()))


def settle(desk: Desk, item_id: str, attempt: int, state: OutboxState, error: str | None = None) -> bool:
    return desk.record.write(lambda c: outbox.settle_sending(c, item_id, attempt, state, error=error, now=desk.clock()))


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.hand_in(a_call())
    return desk


def test_what_a_turn_asked_for_is_kept_whole_and_in_order(office: Desk) -> None:
    ids = add(office, EMAIL, TEXT, HANDOFF, turn=3)
    found = rows(office)
    assert [row.item.id for row in found] == ids
    assert [row.item.outgoing for row in found] == [EMAIL, TEXT, HANDOFF]
    assert [row.item.state.value for row in found] == ["queued", "recorded", "recorded"]
    assert {row.turn for row in found} == {3}


def test_a_null_byte_costs_no_message(office: Desk) -> None:
    [item_id] = add(office, Outgoing(OutboxKind.EMAIL, "mara\x00@clinic.example", {"body": "a\x00b"}))
    begin(office, item_id)
    assert settle(office, item_id, 1, OutboxState.FAILED, "550 n\x00o")
    [row] = rows(office)
    assert (row.item.outgoing.to, row.item.error) == ("mara@clinic.example", "550 no")
    assert row.item.outgoing.content == {"body": "a\x00b"}


def test_only_what_can_be_sent_gets_a_job(office: Desk) -> None:
    ids = add(office, EMAIL, TEXT, HANDOFF)
    claimed = office.record.write(lambda c: claim_jobs(c, SEND, limit=9, lease_s=15, now=office.clock()))
    assert [job.payload for job in claimed] == [{"outbox": ids[0]}]


def test_a_turn_that_is_not_stored_asks_for_nothing(office: Desk) -> None:
    def work(connection: Any) -> None:
        call = find_call_row(connection, office.pk, "call-1")
        add_outgoing(connection, call.pk, 1, [EMAIL], sendable=by_mail, now=office.clock())
        raise RuntimeError("the turn broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        office.record.write(work)
    assert rows(office) == ()
    assert office.record.write(lambda c: claim_jobs(c, SEND, limit=9, lease_s=15, now=office.clock())) == []


def test_a_message_is_begun_once(office: Desk) -> None:
    [item_id] = add(office, EMAIL)
    assert begin(office, item_id) == 1
    assert state(office) == "sending"
    assert begin(office, item_id) is None, "whoever began it has gone"
    assert state(office) == "uncertain"
    assert begin(office, item_id) is None
    assert begin(office, "f" * 24) is None


@pytest.mark.parametrize("ending", ["sent", "failed", "uncertain"])
def test_what_is_settled_is_not_begun_again(office: Desk, ending: str) -> None:
    [item_id] = add(office, EMAIL)
    assert begin(office, item_id) == 1
    assert settle(office, item_id, 1, OutboxState(ending), "so it was")
    assert begin(office, item_id) is None
    [row] = rows(office)
    assert (row.item.state.value, row.item.error) == (ending, "so it was")


def test_a_late_word_of_the_sender_still_counts(office: Desk) -> None:
    [item_id] = add(office, EMAIL)
    begin(office, item_id)
    begin(office, item_id)
    assert state(office) == "uncertain"
    assert not settle(office, item_id, 1, OutboxState.QUEUED), "by itself it is not sent again"
    assert settle(office, item_id, 1, OutboxState.SENT)
    assert state(office) == "sent"


def test_a_word_about_an_earlier_attempt_says_nothing_of_this_one(office: Desk) -> None:
    [item_id] = add(office, EMAIL)
    begin(office, item_id)
    settle(office, item_id, 1, OutboxState.QUEUED, "451")
    assert begin(office, item_id) == 2
    assert not settle(office, item_id, 1, OutboxState.SENT)
    assert state(office) == "sending"


@pytest.mark.parametrize(("began", "ending"), [(False, "failed"), (True, "uncertain")])
def test_giving_up_tells_what_is_certain(office: Desk, began: bool, ending: str) -> None:
    [item_id] = add(office, EMAIL)
    if began:
        begin(office, item_id)
    office.record.write(lambda c: outbox.give_up_sending(c, item_id, "no attempt is left", now=office.clock()))
    assert state(office) == ending


def test_sending_again_needs_a_message_that_is_not_on_its_way_and_somebody_to_send_it(office: Desk) -> None:
    mail, text = add(office, EMAIL, TEXT)

    def again(item_id: str, account_pk: int) -> OutboxState:
        return office.record.write(
            lambda c: send_again(c, account_pk, item_id, sendable=by_mail, now=office.clock())
        ).state

    with pytest.raises(Conflict, match="queued"):
        again(mail, office.pk)
    with pytest.raises(Conflict, match="nothing is configured"):
        again(text, office.pk)
    with pytest.raises(OutboxItemNotFound):
        again("f" * 24, office.pk)
    begin(office, mail)
    settle(office, mail, 1, OutboxState.UNCERTAIN, "it did not say")
    with pytest.raises(OutboxItemNotFound):
        again(mail, Desk(office.record, account="other").pk)
    assert again(mail, office.pk) is OutboxState.QUEUED
    assert begin(office, mail) == 2
