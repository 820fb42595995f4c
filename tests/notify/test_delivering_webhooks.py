"""Webhooks to a real receiver: what arrives, how often, in which order, and what the log says of it."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.builders import Desk
from tests.notify.deliveries import (
    QUICK,
    delivering,
    file_of,
    hook,
    log_of,
    quiet_call,
    settings_for,
    settled,
    tell,
    wait_until,
)
from tests.notify.receiver import CLOSE, DRIP, ENDLESS, HANG, Got, Receiver, Says, closed_port, receiver

from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import webhook_secret
from postcall.domain.webhooks import CallMoment, Delivery, DeliveryState
from postcall.notify.webhooks.deciding import Ladder
from postcall.notify.webhooks.lanes import Lanes
from postcall.storage.delivery_log import add_test, replay_delivery
from postcall.storage.webhooks import WebhookChange, change_webhook

ONCE = Ladder(waits_s=(0.01,), attempts=1)
A_CALL = (CallMoment.STARTED, CallMoment.ENDED, CallMoment.EXTRACTED)


def deliver_one(desk: Desk, folder: Path, to: Receiver | str, **more: Any) -> Delivery:
    """One event of one call, sent until that is over."""
    settings = settings_for(folder, to=more.pop("to", ("private",)))
    url = to if isinstance(to, str) else to.url
    hook(desk, settings, url, CallMoment.ENDED, headers=more.pop("headers", None))
    quiet_call(desk, "call-1")
    with delivering(desk.record, settings, **{"ladder": ONCE, **more}):
        wait_until(lambda: settled(desk))
    [delivery] = log_of(desk)
    return delivery


def events(got: Sequence[Got]) -> list[tuple[str, str]]:
    return [(each.json["call"], each.json["event"]) for each in got]


def test_a_call_that_ends_is_told_to_a_receiver_with_a_signature_that_fits(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver() as there:
        made = hook(desk, settings, there.url, CallMoment.ENDED, headers={"X-Team": "clinic"})
        with delivering(desk.record, settings):
            quiet_call(desk, "call-1")
            [got] = there.wait_for(1)
            wait_until(lambda: settled(desk))
    secret = desk.record.read(lambda c: webhook_secret(c, sealer_for(settings), desk.pk, made.id))
    assert got.headers["x-signature"] == hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-team"] == "clinic"
    [delivery] = log_of(desk)
    assert got.headers["x-postcall-delivery"] == delivery.id == got.json["id"]
    file = file_of(desk, delivery.id)
    assert file.delivery.body is not None
    assert file.delivery.body.encode() == got.body
    assert (delivery.state, delivery.status, delivery.error, delivery.attempts) == (
        DeliveryState.DELIVERED,
        200,
        None,
        1,
    )
    [attempt] = file.attempts
    assert (attempt.number, attempt.status, attempt.answer) == (1, 200, "thanks")
    assert attempt.latency_ms is not None


def test_what_fails_is_sent_again_the_same_and_the_log_tells_of_every_attempt(desk: Desk, tmp_path: Path) -> None:
    answers: list[int | str | Says] = [500, CLOSE, Says(429, {"Retry-After": "0"}, b"slowly"), 301, 204]
    with receiver(lambda number, _got: answers[number]) as there:
        delivery = deliver_one(desk, tmp_path, there, ladder=QUICK)
    assert len({got.body for got in there.got}) == 1
    assert {got.headers["x-postcall-delivery"] for got in there.got} == {delivery.id}
    attempts = file_of(desk, delivery.id).attempts
    assert [(each.number, each.status) for each in attempts] == [(1, 500), (2, None), (3, 429), (4, 301), (5, 204)]
    assert attempts[1].error is not None
    assert "ended the connection" in attempts[1].error
    assert attempts[2].answer == "slowly"
    assert "307" in (attempts[3].error or "")
    assert delivery.state is DeliveryState.DELIVERED


def test_the_last_attempt_that_fails_makes_it_dead(desk: Desk, tmp_path: Path) -> None:
    with receiver(500) as there:
        delivery = deliver_one(desk, tmp_path, there, ladder=replace(QUICK, attempts=3))
    assert (delivery.state, delivery.attempts, len(there.got)) == (DeliveryState.DEAD, 3, 3)
    assert delivery.error == "the receiver answered 500"


def test_a_receiver_that_says_gone_is_not_asked_again_and_what_follows_is_still_sent(
    desk: Desk, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path)
    with receiver(lambda number, _got: 410 if number == 0 else 200) as there:
        hook(desk, settings, there.url)
        call = quiet_call(desk, "call-1")
        tell(desk, call, CallMoment.EXTRACTED)
        with delivering(desk.record, settings):
            wait_until(lambda: settled(desk))
    assert [each.state for each in log_of(desk)] == [DeliveryState.DEAD, DeliveryState.DELIVERED]
    assert events(there.got) == [("call-1", "call.ended"), ("call-1", "call.extracted")]


@pytest.mark.parametrize(("behaviour", "words"), [(HANG, "no whole answer within"), (DRIP, "no whole answer within")])
def test_a_receiver_that_never_finishes_its_headers_costs_no_more_than_the_time_allowed(
    desk: Desk, tmp_path: Path, behaviour: str, words: str
) -> None:
    with receiver(behaviour) as there:
        delivery = deliver_one(desk, tmp_path, there, timeout_s=0.3)
    assert words in (delivery.error or "")
    assert 290 <= (delivery.latency_ms or 0) < 2_000


def test_an_endless_answer_is_cut_off_and_its_status_counts(desk: Desk, tmp_path: Path) -> None:
    with receiver(ENDLESS) as there:
        delivery = deliver_one(desk, tmp_path, there)
    assert delivery.state is DeliveryState.DELIVERED
    [attempt] = file_of(desk, delivery.id).attempts
    assert attempt.answer is not None
    assert set(attempt.answer) == {"x"}
    assert len(attempt.answer) <= 2_000


def test_nobody_who_listens_is_told_in_the_log(desk: Desk, tmp_path: Path) -> None:
    delivery = deliver_one(desk, tmp_path, f"http://127.0.0.1:{closed_port()}/hook")
    assert (delivery.state, delivery.status) == (DeliveryState.DEAD, None)
    assert "there is no connection" in (delivery.error or "")


def test_the_events_of_a_call_arrive_in_their_order_although_the_first_fails(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver(lambda number, _got: 500 if number < 6 else 200) as there:
        hook(desk, settings, there.url)
        for name in ("call-1", "call-2", "call-3"):
            tell(desk, quiet_call(desk, name), CallMoment.EXTRACTED, CallMoment.EXTRACTED)
        with delivering(desk.record, settings):
            wait_until(lambda: settled(desk))
    arrived: dict[str, list[str]] = {}
    for got, status in there.answered:
        seen = arrived.setdefault(got.json["call"], [])
        if status == 200:
            seen.append(got.json["id"])
    for call, ids in arrived.items():
        assert ids == [each.id for each in log_of(desk, call_id=call)]


def test_receivers_that_are_dead_or_slow_do_not_delay_a_good_one(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver(HANG) as slow, receiver() as good:
        # A backlog that would take the slow one minutes, older than everything for the good one.
        hook(desk, settings, slow.url)
        hook(desk, settings, f"http://127.0.0.1:{closed_port()}/dead")
        for number in range(40):
            quiet_call(desk, f"old-{number}")
        with delivering(desk.record, settings, timeout_s=20.0, ladder=Ladder((0.1,), 1000)):
            slow.wait_for(8)
            hook(desk, settings, good.url)
            begun = time.monotonic()
            for number in range(20):
                quiet_call(desk, f"new-{number}")
            good.wait_for(20)
            took = time.monotonic() - begun
    assert len(slow.got) == 8, "more were under way to one receiver than may be"
    assert {call for call, _ in events(good.got)} == {f"new-{number}" for number in range(20)}
    assert took < 5.0


def test_a_new_receiver_gets_a_place_although_slow_ones_fill_the_process(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver(HANG) as slow, receiver() as good:
        hook(desk, settings, slow.url)
        for number in range(10):
            quiet_call(desk, f"old-{number}")
        lanes = Lanes(lanes=8, at_once=8)
        with delivering(desk.record, settings, timeout_s=20.0, lanes=lanes):
            slow.wait_for(4)
            hook(desk, settings, good.url)
            quiet_call(desk, "new")
            good.wait_for(1)
            assert len(slow.got) <= 8


def test_what_is_sent_while_it_stops_is_sent_again_by_the_next(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver(lambda number, _got: HANG if number == 0 else 200) as there:
        hook(desk, settings, there.url, CallMoment.ENDED)
        quiet_call(desk, "call-1")
        with delivering(desk.record, settings, timeout_s=20.0):
            there.wait_for(1)
        [waiting] = log_of(desk)
        assert (waiting.state, waiting.attempts) == (DeliveryState.WAITING, 1)
        assert "stopped" in (waiting.error or "")
        with delivering(desk.record, settings):
            wait_until(lambda: settled(desk))
    assert len({got.body for got in there.got}) == 1


def test_a_test_is_tried_once(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver(500) as there:
        made = hook(desk, settings, there.url)
        desk.record.write(lambda c: add_test(c, desk.pk, made.id, now=desk.clock()))
        with delivering(desk.record, settings):
            wait_until(lambda: settled(desk))
    assert [(each.event, each.state, each.attempts) for each in log_of(desk)] == [("test", DeliveryState.DEAD, 1)]


def test_a_replay_has_an_id_of_its_own_and_says_what_it_repeats(desk: Desk, tmp_path: Path) -> None:
    with receiver() as there:
        first = deliver_one(desk, tmp_path, there)
        again = desk.record.write(lambda c: replay_delivery(c, desk.pk, first.id, now=desk.clock()))
        with delivering(desk.record, settings_for(tmp_path)):
            wait_until(lambda: settled(desk))
    assert [got.json["id"] for got in there.got] == [first.id, again.id]
    assert there.got[1].headers["x-postcall-replay-of"] == first.id
    assert "x-postcall-replay-of" not in there.got[0].headers


def test_a_disabled_receiver_gets_what_waited_once_it_is_enabled_again(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver() as there:
        made = hook(desk, settings, there.url)
        quiet_call(desk, "before")
        desk.record.write(lambda c: change_webhook(c, desk.pk, made.id, WebhookChange(enabled=False), now=desk.clock()))
        quiet_call(desk, "meanwhile")
        with receiver() as other, delivering(desk.record, settings):
            hook(desk, settings, other.url)
            quiet_call(desk, "other")
            other.wait_for(1)
            assert there.got == []
            desk.record.write(
                lambda c: change_webhook(c, desk.pk, made.id, WebhookChange(enabled=True), now=desk.clock())
            )
            there.wait_for(1)
    assert events(there.got) == [("before", "call.ended")]
