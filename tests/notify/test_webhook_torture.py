"""Everything goes wrong at once: a receiver of every bad kind that restarts, and processes that are killed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.builders import Desk
from tests.conftest import ROOT
from tests.notify.deliveries import hook, log_of, quiet_call, settings_for, settled, tell, wait_until
from tests.notify.receiver import CLOSE, HANG, Got, Receiver, Says, receiver
from tests.processes import environment

from postcall.domain.webhooks import CallMoment, DeliveryState

CALLS = 6
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
    settings = settings_for(tmp_path)
    with receiver(behave) as there:
        hook(desk, settings, there.url)
        calls = [quiet_call(desk, f"call-{number}") for number in range(CALLS)]

        def tell_all() -> None:
            for call in calls:
                tell(desk, call, *MOMENTS)

        telling = threading.Thread(target=tell_all)
        with senders(3, database_url, tmp_path) as (first, second, _):
            telling.start()
            there.wait_for(6)
            first.kill()
            _restart(there)
            there.wait_for(len(there.got) + 6)
            second.kill()
            telling.join()
            wait_until(lambda: settled(desk), seconds=60)
        check(desk, there)


def _restart(there: Receiver) -> None:
    """Nobody listens for a moment."""
    there.stop()
    time.sleep(0.2)
    there.start()


def check(desk: Desk, there: Receiver) -> None:
    """What a receiver may rely on."""
    rows = log_of(desk)
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
