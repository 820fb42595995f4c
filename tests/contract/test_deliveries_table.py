"""Deliveries under lease, in order and fairly; and their log: on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.builders import NOON, Desk
from tests.notify.deliveries import file_of, hook, log_of, quiet_call, settings_for, tell

from postcall.domain.webhooks import CallMoment, Delivery, DeliveryState
from postcall.errors import Conflict, DeliveryNotFound
from postcall.storage.accounts import ensure_account
from postcall.storage.claiming import claim_deliveries, due_receivers
from postcall.storage.deliveries import (
    INTERRUPTED,
    Ended,
    begin_attempt,
    end_unsent,
    free_lost_deliveries,
    give_back,
    renew_leases,
    settle_attempt,
)
from postcall.storage.delivery_log import (
    DeliveryFilter,
    add_test,
    find_delivery,
    forget_old_deliveries,
    list_deliveries,
    replay_deliveries,
    replay_delivery,
)
from postcall.storage.delivery_rows import Claim, Receiver
from postcall.storage.subscriptions import replace_webhook_subscriptions
from postcall.storage.webhooks import WebhookChange, change_webhook, delete_webhook, find_webhook_row

URL = "https://hooks.example/one"
ENDED = CallMoment.ENDED


@pytest.fixture
def told(desk: Desk, tmp_path: Path) -> Desk:
    """A desk with one receiver of everything."""
    hook(desk, settings_for(tmp_path), URL)
    return desk


def due(desk: Desk) -> list[Receiver]:
    return desk.record.read(lambda c: due_receivers(c, now=desk.clock()))


def claim(desk: Desk, *, room: int = 100, most: int = 100) -> list[Claim]:
    """What a process gets, of every receiver."""
    return [
        each
        for receiver in due(desk)
        for each in desk.record.write(
            lambda c, receiver=receiver: claim_deliveries(  # type: ignore[misc]
                c, receiver, room=room, most=most, lease_s=15.0, now=desk.clock()
            )
        )
    ]


def begin(desk: Desk, held: Claim, body: str = "{}") -> int | None:
    return desk.record.write(lambda c: begin_attempt(c, held, body=body, lease_s=15.0, now=desk.clock()))


def settle(desk: Desk, held: Claim, *, after_s: float | None = None) -> bool:
    """Begin and end an attempt: delivered, or to be tried again after so many seconds."""
    number = begin(desk, held)
    assert number is not None
    return end(desk, held, number, after_s=after_s)


def end(desk: Desk, held: Claim, number: int, *, after_s: float | None = None) -> bool:
    state = DeliveryState.DELIVERED if after_s is None else DeliveryState.WAITING
    ended = Ended(200, None, 7, "thanks") if after_s is None else Ended(500, "it failed", 7, "no")
    due_at = desk.clock() + timedelta(seconds=after_s or 0)
    return desk.record.write(
        lambda c: settle_attempt(c, held, number, ended, state=state, due_at=due_at, now=desk.clock())
    )


def named(claims: Sequence[Claim]) -> list[tuple[str | None, str]]:
    return [(each.delivery.call_id, each.delivery.event) for each in claims]


def test_only_the_oldest_open_delivery_of_a_call_is_taken(told: Desk) -> None:
    for name in ("a", "b"):
        tell(told, quiet_call(told, name), CallMoment.EXTRACTED)
    first = claim(told)
    assert named(first) == [("a", "call.ended"), ("b", "call.ended")]
    assert claim(told) == []
    settle(told, first[0])
    assert named(claim(told)) == [("a", "call.extracted")]


def test_what_follows_one_that_waits_longer_waits_with_it(told: Desk) -> None:
    call = quiet_call(told, "a")
    tell(told, call, CallMoment.EXTRACTED)
    [held] = claim(told)
    settle(told, held, after_s=600)
    tell(told, call, CallMoment.EXTRACTED)
    assert claim(told) == []
    told.clock.advance(3)
    assert claim(told) == []
    assert due(told) == [], "a backlog is looked through again and again"
    told.clock.advance(600)
    [again] = claim(told)
    assert again.delivery.id == held.delivery.id
    assert again.delivery.body == "{}"
    settle(told, again)
    assert len(claim(told)) == 1


def test_a_dead_one_holds_up_nothing_of_its_call(told: Desk) -> None:
    tell(told, quiet_call(told, "a"), CallMoment.EXTRACTED)
    [held] = claim(told)
    assert claim(told) == []
    told.record.write(lambda c: end_unsent(c, held, "it went nowhere", now=told.clock()))
    assert named(claim(told)) == [("a", "call.extracted")]
    dead = log_of(told)[0]
    assert (dead.state, dead.error, dead.attempts) == (DeliveryState.DEAD, "it went nowhere", 0)


def test_no_more_than_so_many_are_on_their_way_to_a_receiver_whoever_asks(told: Desk) -> None:
    for number in range(12):
        quiet_call(told, f"call-{number}")
    assert len(claim(told, room=3, most=5)) == 3
    assert len(claim(told, room=3, most=5)) == 2
    assert claim(told, room=3, most=5) == []


def test_processes_that_claim_at_once_share_and_keep_the_limit(told: Desk) -> None:
    for number in range(30):
        quiet_call(told, f"call-{number}")
    with ThreadPoolExecutor(6) as threads:
        held = [each for claims in threads.map(lambda _: claim(told, room=4, most=10), range(12)) for each in claims]
    assert len({each.pk for each in held}) == len(held) <= 10
    sending = [each for each in log_of(told) if each.state is DeliveryState.SENDING]
    assert len(sending) == len(held)


def test_what_fails_after_its_receiver_was_deleted_is_claimed_once_more_and_so_buried(told: Desk) -> None:
    quiet_call(told, "a")
    [held] = claim(told)

    def delete(connection: sa.Connection) -> None:
        row = find_webhook_row(connection, told.pk, str(held.delivery.webhook_id))
        replace_webhook_subscriptions(connection, row.pk, (), now=told.clock())
        delete_webhook(connection, told.pk, row.id, now=told.clock())

    told.record.write(delete)
    settle(told, held, after_s=5)
    told.clock.advance(6)
    [again] = claim(told)
    told.record.write(lambda c: end_unsent(c, again, "the webhook was deleted", now=told.clock()))
    [delivery] = log_of(told)
    assert (delivery.state, delivery.error) == (DeliveryState.DEAD, "the webhook was deleted")
    assert due(told) == []


def test_tests_of_a_receiver_wait_for_nothing(told: Desk) -> None:
    quiet_call(told, "a")
    [webhook_id] = {each.webhook_id for each in log_of(told)}
    assert webhook_id is not None
    for _ in range(2):
        told.record.write(lambda c: add_test(c, told.pk, webhook_id, now=told.clock()))
    assert named(claim(told)) == [("a", "call.ended"), (None, "test"), (None, "test")]


def test_what_a_dead_process_held_is_sent_again_the_same_and_its_late_word_is_not_heard(told: Desk) -> None:
    quiet_call(told, "a")
    [held] = claim(told)
    number = begin(told, held, '{"first": true}')
    assert number == 1
    told.clock.advance(14)
    told.record.write(lambda c: renew_leases(c, [held], lease_s=15.0, now=told.clock()))
    told.clock.advance(14)
    assert told.record.write(lambda c: free_lost_deliveries(c, now=told.clock())) == 0
    told.clock.advance(2)
    assert told.record.write(lambda c: free_lost_deliveries(c, now=told.clock())) == 1
    [again] = claim(told)
    assert not end(told, held, number)
    assert begin(told, held) is None
    assert settle(told, again)
    file = file_of(told, again.delivery.id)
    assert file.delivery.body == '{"first": true}'
    assert [(each.number, each.status, each.error) for each in file.attempts] == [
        (1, None, INTERRUPTED),
        (2, 200, None),
    ]


def test_what_was_claimed_and_not_begun_is_given_back_without_an_attempt(told: Desk) -> None:
    quiet_call(told, "a")
    [held] = claim(told)
    told.record.write(lambda c: give_back(c, held, now=told.clock()))
    [delivery] = log_of(told)
    assert (delivery.state, delivery.attempts, delivery.error) == (DeliveryState.WAITING, 0, None)
    assert len(claim(told)) == 1


def test_the_log_is_read_by_pages_the_newest_first_and_by_every_condition(told: Desk) -> None:
    for number in range(5):
        quiet_call(told, f"call-{number}")
        told.clock.advance(60)
    [held, *_] = claim(told)
    settle(told, held)
    seen: list[Delivery] = []
    after: str | None = None
    for size in (2, 2, 1):
        page = told.record.read(
            lambda c, after=after: list_deliveries(c, told.pk, DeliveryFilter(), after=after, limit=2)  # type: ignore[misc]
        )
        assert len(page.deliveries) == size
        seen += page.deliveries
        after = page.after
    assert after is None
    assert [each.call_id for each in seen] == [f"call-{number}" for number in (4, 3, 2, 1, 0)]
    assert [each.call_id for each in log_of(told, call_id="call-2")] == ["call-2"]
    assert [each.call_id for each in log_of(told, states=frozenset({DeliveryState.DELIVERED}))] == ["call-0"]
    since, until = NOON + timedelta(seconds=60), NOON + timedelta(seconds=180)
    assert [each.call_id for each in log_of(told, since=since, until=until)] == ["call-1", "call-2"]
    assert log_of(told, event="test") == []
    assert log_of(told, webhook_id="0" * 24) == []
    assert len(log_of(told, webhook_id=seen[0].webhook_id)) == 5
    assert [each.call_id for each in log_of(told, webhook_id=seen[0].webhook_id, call_id="call-3")] == ["call-3"]
    assert log_of(told, webhook_id="0" * 24, call_id="call-3") == []
    assert log_of(told, states=frozenset({DeliveryState.DEAD})) == []


def test_another_account_sees_no_delivery(told: Desk) -> None:
    quiet_call(told, "a")
    [delivery] = log_of(told)
    other = told.record.write(lambda c: ensure_account(c, "other", now=told.clock()))
    assert told.record.read(lambda c: list_deliveries(c, other, DeliveryFilter())).deliveries == ()
    with pytest.raises(DeliveryNotFound):
        told.record.read(lambda c: find_delivery(c, other, delivery.id))
    with pytest.raises(DeliveryNotFound):
        told.record.write(lambda c: replay_delivery(c, other, delivery.id, now=told.clock()))


def test_what_has_ended_is_repeated_under_a_new_id_and_a_repeat_names_the_first(told: Desk) -> None:
    quiet_call(told, "a")
    [first] = log_of(told)
    with pytest.raises(Conflict, match="on its way"):
        told.record.write(lambda c: replay_delivery(c, told.pk, first.id, now=told.clock()))
    [held] = claim(told)
    settle(told, held)
    second = told.record.write(lambda c: replay_delivery(c, told.pk, first.id, now=told.clock()))
    assert (second.replay_of, second.body, second.state, second.event) == (
        first.id, None, DeliveryState.WAITING, "call.ended",
    )  # fmt: skip
    [held] = claim(told)
    settle(told, held)
    third = told.record.write(lambda c: replay_delivery(c, told.pk, second.id, now=told.clock()))
    assert third.replay_of == first.id
    assert len({first.id, second.id, third.id}) == 3


def test_nothing_is_repeated_to_a_receiver_that_is_disabled(told: Desk) -> None:
    quiet_call(told, "a")
    [held] = claim(told)
    settle(told, held)
    off = WebhookChange(enabled=False)
    assert held.delivery.webhook_id is not None
    told.record.write(lambda c: change_webhook(c, told.pk, str(held.delivery.webhook_id), off, now=told.clock()))
    with pytest.raises(Conflict, match="disabled"):
        told.record.write(lambda c: replay_delivery(c, told.pk, held.delivery.id, now=told.clock()))
    with pytest.raises(Conflict, match="disabled"):
        told.record.write(lambda c: add_test(c, told.pk, str(held.delivery.webhook_id), now=told.clock()))


def test_a_range_is_repeated_once_and_in_its_order(told: Desk) -> None:
    for number in range(6):
        quiet_call(told, f"call-{number}")
        told.clock.advance(60)
    for held in claim(told)[:5]:
        settle(told, held)
    wanted = DeliveryFilter(since=NOON + timedelta(seconds=60), until=told.clock())

    def replay(limit: int) -> tuple[int, bool]:
        done = told.record.write(lambda c: replay_deliveries(c, told.pk, wanted, now=told.clock(), limit=limit))
        return done.count, done.more

    assert replay(3) == (3, True)
    assert replay(100) == (4, False)
    repeated = [each for each in log_of(told) if each.replay_of is not None]
    assert [each.call_id for each in repeated] == [f"call-{number}" for number in (1, 2, 3, 1, 2, 3, 4)]
    assert len({each.id for each in log_of(told)}) == 13


def test_what_ended_long_ago_is_forgotten_and_what_waits_never(told: Desk) -> None:
    for name in ("a", "b", "c"):
        quiet_call(told, name)
    first, second, _ = claim(told)
    settle(told, first)
    settle(told, second, after_s=1)
    told.clock.advance(86_400 * 31)
    quiet_call(told, "d")
    kept = timedelta(days=30)
    assert told.record.write(lambda c: forget_old_deliveries(c, now=told.clock(), kept=kept)) == 1
    assert [each.call_id for each in log_of(told)] == ["b", "c", "d"]
    with pytest.raises(DeliveryNotFound):
        file_of(told, first.delivery.id)


def test_words_that_no_database_holds_are_stored_without_it(told: Desk) -> None:
    quiet_call(told, "a")
    [held] = claim(told)
    number = begin(told, held)
    assert number == 1
    ended = Ended(500, "no\0thing" + "x" * 5000, 3, "an\0swer")
    assert told.record.write(
        lambda c: settle_attempt(c, held, 1, ended, state=DeliveryState.DEAD, due_at=told.clock(), now=told.clock())
    )
    [attempt] = file_of(told, held.delivery.id).attempts
    assert attempt.answer == "answer"
    assert attempt.error is not None
    assert attempt.error.startswith("nothingx")
