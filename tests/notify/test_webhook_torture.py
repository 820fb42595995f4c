"""Everything goes wrong at once: a receiver of every bad kind that restarts, and processes that are killed."""

from __future__ import annotations

import hmac
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from tests.builders import Desk
from tests.conftest import ROOT
from tests.notify.deliveries import hook, log_of, quiet_call, real_time, settings_for, settled, tell, wait_until
from tests.notify.receiver import CLOSE, HANG, Got, Receiver, Says, receiver
from tests.processes import environment

from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import GRACE, rotate_secret, webhook_secret
from postcall.domain.webhooks import CallMoment, DeliveryState, WebhookFormat
from postcall.settings import Settings

CALLS = 4
MOMENTS = (CallMoment.STARTED, CallMoment.ENDED, CallMoment.EXTRACTED)
BAD: tuple[int | str | Says, ...] = (HANG, CLOSE, 500, Says(429, {"Retry-After": "0"}), Says(301, {"Location": "/x"}))
OVER = (200, 410)


def behave(number: int, got: Got) -> int | str | Says:
    """Every second request ends badly; one event of one call is wanted never again."""
    if got.json["call"] == "call-3" and got.json["event"] == "call.ended":
        return 410
    return 200 if number % 2 else BAD[number // 2 % len(BAD)]


@contextmanager
def senders(count: int, database_url: str, folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that deliver; they are killed at the end, as they may be before."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.notify.deliver_alone", database_url, str(folder)],
            cwd=ROOT,
            env=environment(folder),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def test_every_event_arrives_under_one_id_and_in_the_order_of_its_call(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    """Of each format one receiver, side by side; one secret is replaced in the middle."""
    settings = settings_for(tmp_path)
    with receiver(behave) as there, receiver(behave) as second_there, receiver(behave) as third_there:
        hooks = {
            each.id: receiver_
            for receiver_, each in (
                (there, hook(desk, settings, there.url)),
                (second_there, hook(desk, settings, second_there.url, format=WebhookFormat.POLYAI)),
                (third_there, hook(desk, settings, third_there.url, format=WebhookFormat.NATIVE)),
            )
        }
        secrets = [secrets_of(desk, settings, hooks)]
        calls = [quiet_call(desk, f"call-{number}") for number in range(CALLS)]

        def tell_all() -> None:
            for call in calls:
                tell(desk, call, *MOMENTS)

        telling = threading.Thread(target=tell_all)
        with senders(3, database_url, tmp_path) as (first, second, _):
            telling.start()
            there.wait_for(6)
            first.kill()
            secrets.append(secrets_of(desk, settings, hooks, anew=True))
            for each in hooks.values():
                _restart(each)
            there.wait_for(len(there.got) + 6)
            second.kill()
            telling.join()
            wait_until(lambda: settled(desk), seconds=60)
        for webhook_id, each in hooks.items():
            check(desk, each, webhook_id)
            check_signatures(each, [known[webhook_id] for known in secrets])


def secrets_of(desk: Desk, settings: Settings, hooks: Iterable[str], *, anew: bool = False) -> dict[str, str]:
    """What each receiver's deliveries are signed with, or are from now on."""
    sealer, now = sealer_for(settings), real_time()

    def read(connection: Connection, webhook_id: str) -> str:
        if anew:
            return rotate_secret(connection, sealer, desk.pk, webhook_id, grace=GRACE, now=now)
        return webhook_secret(connection, sealer, desk.pk, webhook_id)

    return desk.record.write(lambda c: {webhook_id: read(c, webhook_id) for webhook_id in hooks})


def check_signatures(there: Receiver, secrets: list[str]) -> None:
    """Every attempt of a format with a timestamp is signed with the present secret, and with the old one if it was."""
    for got in there.got:
        prefix = next((each for each in ("x-polyai", "x-postcall") if f"{each}-timestamp" in got.headers), None)
        if prefix is None:
            continue
        signed = f"{got.headers[f'{prefix}-timestamp']}.".encode() + got.body
        first, second = (hmac.new(secret.encode(), signed, "sha256").hexdigest() for secret in secrets)
        now, before = (got.headers.get(f"{prefix}-signature{end}") for end in ("", "-previous"))
        assert (now, before) in {(first, None), (second, first)}


def _restart(there: Receiver) -> None:
    """Nobody listens for a moment."""
    there.stop()
    time.sleep(0.2)
    there.start()


def check(desk: Desk, there: Receiver, webhook_id: str) -> None:
    """What a receiver may rely on."""
    rows = log_of(desk, webhook_id=webhook_id)
    assert len(rows) == CALLS * (1 + len(MOMENTS))
    dead = [each for each in rows if each.state is DeliveryState.DEAD]
    assert {(each.call_id, each.event, each.status) for each in dead} == {("call-3", "call.ended", 410)}
    bodies: dict[str, set[bytes]] = {}
    for got in there.got:
        bodies.setdefault(got.headers["x-postcall-delivery"], set()).add(got.body)
    assert bodies.keys() == {each.id for each in rows}, "an event did not arrive, or under another id"
    assert all(len(different) == 1 for different in bodies.values()), "a retry was not the same"
    for number in range(CALLS):
        check_order([each.id for each in rows if each.call_id == f"call-{number}"], there)


def check_order(ids: list[str], there: Receiver) -> None:
    """No event of a call comes before the one ahead of it was taken, or is wanted never again."""
    done = 0
    for got, answer in there.answered:
        delivery = got.headers["x-postcall-delivery"]
        if delivery not in ids:
            continue
        assert ids.index(delivery) <= done, "an event overtook another of its call"
        if answer in OVER:
            # The answer to one that is repeated may have been lost with its process.
            done = max(done, ids.index(delivery) + 1)
    assert done == len(ids)


@pytest.mark.parametrize("at", [0, 1])
def test_the_order_check_can_fail(at: int) -> None:
    there = Receiver(behave)
    for name in (["b", "a"], ["a", "a"])[at]:
        there.answered.append((Got("/", {"x-postcall-delivery": name}, b"", 0.0), 200))
    with pytest.raises(AssertionError):
        check_order(["a", "b"], there)
