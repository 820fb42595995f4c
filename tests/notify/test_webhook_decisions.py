"""What follows an attempt, how many run at once, and what a Retry-After says."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOON

from postcall.domain.webhooks import DeliveryState
from postcall.notify.webhooks.deciding import MOST_ASKED_S, Ladder, decide
from postcall.notify.webhooks.delivering import Answer, read_retry_after
from postcall.notify.webhooks.lanes import Lanes
from postcall.storage.deliveries import Ended
from postcall.storage.delivery_rows import Receiver, ReceiverKind

FAILED = Answer(Ended(500, "the receiver answered 500"))


def hooks(count: int) -> list[Receiver]:
    return [Receiver(ReceiverKind.WEBHOOK, number) for number in range(count)]


def test_a_receiver_may_be_down_for_a_day() -> None:
    ladder = Ladder()
    waits = [ladder.wait_s(n, asked_s=None, random=Random(1)) for n in range(1, ladder.attempts)]
    assert waits[0] < 10
    assert timedelta(hours=24) <= timedelta(seconds=sum(waits)) <= timedelta(hours=48)


@given(st.integers(1, 500), st.none() | st.floats(0, 1e9), st.integers())
def test_no_wait_is_shorter_than_its_step_nor_much_longer_than_an_hour_that_was_asked_for(
    attempt: int, asked_s: float | None, seed: int
) -> None:
    ladder = Ladder()
    step = ladder.waits_s[min(attempt, len(ladder.waits_s)) - 1]
    waited = ladder.wait_s(attempt, asked_s=asked_s, random=Random(seed))
    assert max(step, min(asked_s or 0, MOST_ASKED_S)) <= waited <= 1.25 * max(step, MOST_ASKED_S)


@pytest.mark.parametrize(
    ("answer", "event", "attempt", "state"),
    [
        (Answer(Ended(200)), "call.ended", 1, DeliveryState.DELIVERED),
        (FAILED, "call.ended", 1, DeliveryState.WAITING),
        (FAILED, "call.ended", 11, DeliveryState.WAITING),
        (FAILED, "call.ended", 12, DeliveryState.DEAD),
        (FAILED, "call.ended", 13, DeliveryState.DEAD),
        (FAILED, "test", 1, DeliveryState.DEAD),
        (Answer(Ended(410, "gone"), gone=True), "call.ended", 1, DeliveryState.DEAD),
        (Answer(Ended(error="no answer")), "call.ended", 1, DeliveryState.WAITING),
    ],
    ids=["taken", "first failure", "last but one", "last", "beyond", "a test", "gone", "no answer"],
)
def test_what_becomes_of_it(answer: Answer, event: str, attempt: int, state: DeliveryState) -> None:
    verdict = decide(answer, event=event, attempt=attempt, ladder=Ladder(), now=NOON, random=Random(1))
    assert verdict.state is state
    assert (verdict.due_at > NOON) == (state is DeliveryState.WAITING)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60.0),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0.0),
        ("9" * 5000, 999_999_999.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("Mon, 99 Mar 2026 12:01:00 GMT", None),
    ],
    ids=str.split("seconds spaces none date past huge words negative fraction digits empty wrong"),
)
def test_retry_after_is_read_or_left(text: str, seconds: float | None) -> None:
    assert read_retry_after(text, now=NOON) == seconds


@given(st.text())
def test_no_retry_after_breaks_anything(text: str) -> None:
    asked = read_retry_after(text, now=NOON)
    assert asked is None or asked >= 0


def test_a_receiver_that_fails_gets_fewer_at_once_and_recovers() -> None:
    lanes, [one] = Lanes(lanes=8), hooks(1)
    for expected in (4, 2, 1, 1):
        lanes.enter(one)
        lanes.leave(one, taken=False)
        assert lanes.allowed(one) == expected
    for _ in range(7):
        lanes.enter(one)
        lanes.leave(one, taken=True)
    assert lanes.allowed(one) == 8


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 20))
def test_no_more_run_than_may_and_who_has_nothing_goes_first(busy: list[int], at_once: int) -> None:
    lanes, known = Lanes(lanes=4, at_once=at_once), hooks(10)
    for number in busy:
        for receiver, room in lanes.share([known[number]]):
            assert room > 0
            lanes.enter(receiver)
    under_way = {receiver: busy.count(number) for number, receiver in enumerate(known)}
    shares = lanes.share(known)
    assert sum(room for _, room in shares) <= at_once
    assert all(room <= 4 for _, room in shares)
    begun = [under_way[receiver] > 0 for receiver, _ in shares]
    assert begun == sorted(begun)
