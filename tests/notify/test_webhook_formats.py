"""What receivers of the two formats with a timestamp get, when they are tried again, and what a new secret costs."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import Desk
from tests.notify.deliveries import (
    FORMATS,
    delivering,
    file_of,
    hook,
    log_of,
    quiet_call,
    real_time,
    settings_for,
    settled,
    wait_until,
)
from tests.notify.receiver import HANG, Got, Says, receiver

from postcall.api.polyai.webhook_wire import LADDER
from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import rotate_secret, webhook_secret
from postcall.domain.webhooks import CallMoment, DeliveryState, WebhookFormat
from postcall.notify.webhooks.deciding import Ladder, decide
from postcall.notify.webhooks.delivering import Answer
from postcall.settings import Settings
from postcall.storage.deliveries import Ended

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PREFIXES = {WebhookFormat.POLYAI: "x-polyai", WebhookFormat.NATIVE: "x-postcall"}


def refused(status: int | None, attempt: int = 1, *, rotating: bool = False, ladder: Ladder = LADDER) -> float | None:
    """How many seconds later it is tried again; None: never."""
    answer = Answer(Ended(status, "not taken"))
    verdict = decide(
        answer, event="call.ended", attempt=attempt, ladder=ladder, now=NOON, random=Random(1), rotating=rotating
    )
    return None if verdict.state is DeliveryState.DEAD else (verdict.due_at - NOON).total_seconds()


def test_the_published_ladder_is_kept() -> None:
    waits = [refused(503, attempt) for attempt in range(1, 7)]
    for wait, minutes in zip(waits, (1, 5, 15, 60, 240), strict=False):
        assert wait is not None and minutes * 60 <= wait <= minutes * 60 * 1.05
    assert waits[5] is None, "the sixth attempt is the last"


@given(st.integers(300, 599))
def test_only_what_may_get_better_is_tried_again(status: int) -> None:
    ends = 400 <= status < 500 and status not in (408, 429)
    assert (refused(status) is None) == ends
    assert (refused(status, rotating=True) is None) == (ends and status not in (401, 403))
    assert (refused(status, ladder=Ladder()) is None) == (status == 410), "the other formats are more patient"


def test_no_answer_is_tried_again() -> None:
    assert refused(None) is not None


def secret_of(desk: Desk, settings: Settings, webhook_id: str) -> str:
    return desk.record.read(lambda c: webhook_secret(c, sealer_for(settings), desk.pk, webhook_id))


def rotate(desk: Desk, settings: Settings, webhook_id: str, grace: timedelta) -> str:
    """A new secret now, by the clock that deliverers go by."""
    sealer, now = sealer_for(settings), real_time()
    return desk.record.write(lambda c: rotate_secret(c, sealer, desk.pk, webhook_id, grace=grace, now=now))


def is_good(got: Got, prefix: str, secret: str, *, name: str = "signature") -> bool:
    """What a receiver does: the recipe as it is published, by the raw body and the time."""
    at = got.headers[f"{prefix}-timestamp"]
    expected = hmac.new(secret.encode(), at.encode() + b"." + got.body, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(at)) < 300
    return fresh and hmac.compare_digest(expected, got.headers.get(f"{prefix}-{name}", ""))


@pytest.mark.parametrize("format_", PREFIXES, ids=str)
def test_each_attempt_is_signed_anew_under_the_same_id(desk: Desk, tmp_path: Path, format_: WebhookFormat) -> None:
    settings = settings_for(tmp_path)
    prefix = PREFIXES[format_]

    def behave(number: int, _got: Got) -> int:
        if number == 0:
            time.sleep(1.01)  # into the next second, which is what the signature is over
        return 500 if number == 0 else 200

    with receiver(behave) as there:
        made = hook(desk, settings, there.url, CallMoment.ENDED, format=format_, headers={"X-Team": "two"})
        quiet_call(desk, "call-1")
        with delivering(desk.record, settings):
            first, second = there.wait_for(2)
            wait_until(lambda: settled(desk))
    secret = secret_of(desk, settings, made.id)
    assert is_good(first, prefix, secret) and is_good(second, prefix, secret)
    assert first.body == second.body
    assert first.headers[f"{prefix}-timestamp"] < second.headers[f"{prefix}-timestamp"]
    assert first.headers[f"{prefix}-signature"] != second.headers[f"{prefix}-signature"]
    [delivery] = log_of(desk)
    for got in (first, second):
        assert got.headers["x-postcall-delivery"] == delivery.id and got.headers["x-team"] == "two"
        assert f"{prefix}-signature-previous" not in got.headers
        if format_ is WebhookFormat.POLYAI:
            assert got.headers["x-polyai-event-id"] == delivery.id
        else:
            assert got.headers["x-postcall-event"] == "call.ended"


@pytest.mark.parametrize("format_", PREFIXES, ids=str)
def test_a_receiver_that_learns_the_new_secret_late_misses_nothing(
    desk: Desk, tmp_path: Path, format_: WebhookFormat
) -> None:
    """It checks one signature with one secret, as the published recipe does, and is told of the new one later."""
    settings, prefix = settings_for(tmp_path), PREFIXES[format_]
    known: list[str] = []

    def behave(_number: int, got: Got) -> int:
        return 200 if is_good(got, prefix, known[-1]) else 401

    with receiver(behave) as there:
        made = hook(desk, settings, there.url, CallMoment.ENDED, format=format_)
        old = secret_of(desk, settings, made.id)
        known.append(old)
        new = rotate(desk, settings, made.id, timedelta(hours=1))
        quiet_call(desk, "call-1")
        with delivering(desk.record, settings):
            early = there.wait_for(3)
            known.append(new)
            wait_until(lambda: settled(desk))
    assert [each.state for each in log_of(desk)] == [DeliveryState.DELIVERED]
    for got in early:
        assert is_good(got, prefix, new) and is_good(got, prefix, old, name="signature-previous")


def test_after_the_grace_the_old_secret_signs_nothing_and_a_refusal_is_final(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver(401) as there:
        made = hook(desk, settings, there.url, CallMoment.ENDED, format=WebhookFormat.POLYAI)
        rotate(desk, settings, made.id, timedelta(microseconds=1))
        quiet_call(desk, "call-1")
        with delivering(desk.record, settings):
            wait_until(lambda: settled(desk))
    [delivery] = log_of(desk)
    assert (delivery.state, delivery.attempts, delivery.status) == (DeliveryState.DEAD, 1, 401)
    assert "x-polyai-signature-previous" not in there.got[0].headers


def test_the_documented_ladder_is_the_one_that_deliveries_wait_by(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    wire = FORMATS[WebhookFormat.POLYAI]
    published = {**FORMATS, WebhookFormat.POLYAI: type(wire)(wire.render, wire.sign, LADDER)}
    with receiver(503) as there:
        hook(desk, settings, there.url, CallMoment.ENDED, format=WebhookFormat.POLYAI)
        quiet_call(desk, "call-1")
        begun = real_time()
        with delivering(desk.record, settings, formats=published):
            wait_until(lambda: log_of(desk)[0].status == 503)
    [delivery] = log_of(desk)
    assert delivery.state is DeliveryState.WAITING
    assert timedelta(seconds=60) <= delivery.due_at - begun <= timedelta(seconds=75)


def test_a_receiver_with_a_time_of_its_own_is_waited_for_no_longer(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with receiver(lambda number, _got: HANG if number == 0 else Says(200)) as there:
        hook(desk, settings, there.url, CallMoment.ENDED, format=WebhookFormat.NATIVE, timeout_ms=1000)
        quiet_call(desk, "call-1")
        with delivering(desk.record, settings, timeout_s=20.0):
            wait_until(lambda: settled(desk))
    [delivery] = log_of(desk)
    first, second = file_of(desk, delivery.id).attempts
    assert first.error == "there was no whole answer within 1 s" and second.status == 200
