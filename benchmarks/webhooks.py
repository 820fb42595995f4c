"""How many events a second one good receiver is told, and how soon after their commit."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy.engine import Connection

from benchmarks.figures import Figure
from benchmarks.material import call_body
from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import make_webhook
from postcall.data_folder import ensure_default_account
from postcall.domain.webhooks import CallMoment, WebhookFormat
from postcall.intake.call_format import read_call_body
from postcall.intake.service import take_call
from postcall.notify.webhooks.lanes import LANES
from postcall.services import Services
from postcall.settings import read_settings
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.database import open_record
from postcall.storage.delivery_log import DeliveryFilter, find_delivery, list_deliveries
from postcall.working import build_deliverer, run_loop

EVENTS = int(os.environ.get("POSTCALL_BENCH_CALLS", "0")) or 3_000
WATCHED = 60


def measure() -> list[Figure]:
    """A backlog of ended calls of twenty turns, bodies rendered, signed and logged; then calls one by one."""
    with tempfile.TemporaryDirectory(dir=".") as folder, receiving() as receiver:
        services = open_services(Path(folder))
        try:
            account_pk = services.record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
            subscribe(services, account_pk, receiver.url)
            hand_in(services, account_pk, range(EVENTS))
            rate = deliver(services, receiver, EVENTS)
            bodies = sent_bodies(services, account_pk)
            bare = EVENTS / asyncio.run(post_all(receiver.url, bodies))
            lags = watch(services, account_pk, receiver)
        finally:
            services.record.close()
    return [
        Figure("bodies posted by a bare httpx loop, 8 at once", bare, "/s"),
        Figure("webhooks delivered to one receiver, 8 at once", rate, "events/s", "the bare loop", rate / bare),
        Figure("from an event's commit to its arrival, median", statistics.median(lags) * 1000, "ms"),
        Figure("the same, 95th percentile", statistics.quantiles(lags, n=20)[-1] * 1000, "ms"),
    ]


def open_services(folder: Path) -> Services:
    """A record of its own, from which webhooks may reach this machine."""
    settings = read_settings({"POSTCALL_DATA": str(folder), "POSTCALL_WEBHOOKS_TO": "private"})
    services = Services(open_record(settings.database_url), settings, lambda: datetime.now(UTC))
    ensure_default_account(services.record, now=services.clock())
    return services


def subscribe(services: Services, account_pk: int, url: str) -> None:
    """One receiver that wants the end of every call."""
    services.record.write(
        lambda c: make_webhook(
            c,
            sealer_for(services.settings),
            account_pk,
            url=url,
            description="",
            format=WebhookFormat.ATOMS,
            wanted=[(None, CallMoment.ENDED)],
            now=services.clock(),
        )
    )


def hand_in(services: Services, account_pk: int, numbers: range) -> None:
    """Calls of twenty turns, each of which queues a delivery."""
    for number in numbers:
        call = read_call_body(call_body(number))
        services.record.submit(take_call(account_pk, call, now=services.clock(), replace=False))
    services.record.write(lambda _: None)  # behind all of them


def deliver(services: Services, receiver: Receiver, count: int) -> float:
    """Events a second, from the start of a deliverer until all have arrived."""
    before = receiver.count()
    with at_work(services):
        begun = time.perf_counter()
        while receiver.count() < before + count:
            time.sleep(0.01)
        return count / (time.perf_counter() - begun)


def watch(services: Services, account_pk: int, receiver: Receiver) -> list[float]:
    """Seconds from the commit of each of some calls, handed in one by one, to the arrival of its event."""
    lags, random = [], Random(1)
    with at_work(services):
        time.sleep(0.5)
        for number in range(EVENTS, EVENTS + WATCHED):
            seen = receiver.count()
            hand_in(services, account_pk, range(number, number + 1))
            committed = time.time()
            while receiver.count() == seen:
                time.sleep(0.001)
            lags.append(max(0.0, receiver.last_at() - committed))
            time.sleep(random.uniform(0.05, 0.25))  # not in step with the deliverer's looks
    return lags


@contextmanager
def at_work(services: Services) -> Iterator[None]:
    """A deliverer beside this."""
    deliverer = build_deliverer(services)
    thread = threading.Thread(target=lambda: run_loop(deliverer.run()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        deliverer.stop()
        thread.join(20)


def sent_bodies(services: Services, account_pk: int) -> list[bytes]:
    """What was sent, to be sent once more without postcall."""

    def read(connection: Connection) -> list[bytes]:
        page = list_deliveries(connection, account_pk, DeliveryFilter(), limit=EVENTS)
        files = [find_delivery(connection, account_pk, each.id) for each in page.deliveries]
        return [(file.delivery.body or "").encode() for file in files]

    return services.record.read(read)


async def post_all(url: str, bodies: list[bytes]) -> float:
    """Seconds that a plain client takes for the same bodies, as many at once."""
    waiting = iter(bodies)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:

        async def post() -> None:
            for body in waiting:
                reply = await client.post(url, content=body, headers={"content-type": "application/json"})
                reply.raise_for_status()

        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(LANES):
                group.create_task(post())
        return time.perf_counter() - begun


class Receiver:
    """A receiver in a process of its own."""

    def __init__(self, url: str, state: Any) -> None:
        self.url = url
        self._state = state

    def count(self) -> int:
        """How many requests it has answered."""
        return int(self._state[0])

    def last_at(self) -> float:
        """When the last came, in seconds since 1970."""
        return float(self._state[1])


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that takes everything at once."""
    context = multiprocessing.get_context("spawn")
    state = context.Array("d", 2, lock=False)
    here, there = context.Pipe()
    process = context.Process(target=_receive, args=(there, state), daemon=True)
    process.start()
    try:
        yield Receiver(f"http://127.0.0.1:{here.recv()}/hook", state)
    finally:
        process.kill()
        process.join()


def _receive(pipe: Pipe, state: Any) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.partition(b":")[2])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                await reader.readexactly(length)
                state[1] = time.time()
                state[0] += 1
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
