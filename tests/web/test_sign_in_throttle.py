"""How often a password may be guessed."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import StepClock

from postcall.web.sign_in_throttle import OF_ONE_PLACE, OF_ONE_USER, WINDOW, Throttle


def test_after_ten_wrong_passwords_one_waits_for_the_rest_of_a_quarter_of_an_hour(clock: StepClock) -> None:
    throttle = Throttle()
    for _ in range(OF_ONE_USER):
        assert throttle.begin("mara@a", "10.0.0.1", now=clock()) is None
        clock.advance(60)
    assert throttle.begin("mara@a", "10.0.0.2", now=clock()) == WINDOW - timedelta(minutes=10)
    clock.advance(5 * 60 - 1)
    assert throttle.begin("mara@a", "10.0.0.2", now=clock()) == timedelta(seconds=1)
    clock.advance(1)
    assert throttle.begin("mara@a", "10.0.0.2", now=clock()) is None


def test_somebody_else_is_not_kept_waiting(clock: StepClock) -> None:
    throttle = Throttle()
    for _ in range(OF_ONE_USER):
        throttle.begin("mara@a", "10.0.0.1", now=clock())
    assert throttle.begin("joe@a", "10.0.0.1", now=clock()) is None


def test_one_place_cannot_try_a_password_on_everybody(clock: StepClock) -> None:
    throttle = Throttle()
    for number in range(OF_ONE_PLACE):
        assert throttle.begin(f"user-{number}@a", "10.0.0.1", now=clock()) is None
    assert throttle.begin("one-more@a", "10.0.0.1", now=clock()) == WINDOW
    assert throttle.begin("one-more@a", "10.0.0.2", now=clock()) is None


def test_ones_own_password_does_not_free_guessing_at_others(clock: StepClock) -> None:
    throttle = Throttle()
    for number in range(OF_ONE_PLACE - 1):
        throttle.begin(f"user-{number}@a", "10.0.0.1", now=clock())
    throttle.begin("own@a", "10.0.0.1", now=clock())
    throttle.succeed("own@a", "10.0.0.1")
    assert throttle.begin("user-x@a", "10.0.0.1", now=clock()) is None
    assert throttle.begin("user-y@a", "10.0.0.1", now=clock()) == WINDOW


def test_whoever_remembers_the_password_at_last_begins_anew(clock: StepClock) -> None:
    throttle = Throttle()
    for _ in range(3):
        for _ in range(OF_ONE_USER):
            assert throttle.begin("mara@a", "10.0.0.1", now=clock()) is None
        throttle.succeed("mara@a", "10.0.0.1")


def test_a_place_on_ipv6_is_its_whole_network(clock: StepClock) -> None:
    throttle = Throttle()
    for number in range(OF_ONE_PLACE):
        throttle.begin(f"user-{number}@a", f"2001:db8::{number:x}", now=clock())
    assert throttle.begin("mara@a", "2001:db8::ffff:1", now=clock()) == WINDOW
    assert throttle.begin("mara@a", "2001:db8:0:1::1", now=clock()) is None


def test_an_endless_row_of_made_up_addresses_does_not_fill_the_memory(clock: StepClock) -> None:
    throttle = Throttle()
    for number in range(60_000):
        throttle.begin(f"user-{number}@a", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", now=clock())
        clock.advance(1)
    assert len(throttle) < 25_000
