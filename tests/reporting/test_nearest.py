"""What is offered to somebody who wrote a name that there is not."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from postcall.reporting.nearest import nearest

METRICS = ("NEW_PATIENT", "BOOKING_CONFIRMED", "CALL_DURATION", "call_reason", "PLAN")


@pytest.mark.parametrize(
    ("given", "meant"),
    [("PLANN", "PLAN"), ("booking", "BOOKING_CONFIRMED"), ("confirmed_booking", "BOOKING_CONFIRMED"),
     ("Call.Reason", "call_reason"), ("new patients", "NEW_PATIENT")],
)  # fmt: skip
def test_a_slip_finds_the_name_that_was_meant(given: str, meant: str) -> None:
    assert nearest(given, METRICS)[0] == meant


def test_a_name_that_is_like_none_gets_no_advice() -> None:
    assert nearest("nope", METRICS) == ()
    assert nearest("Mars/X", sorted(available_timezones())) == ()
