"""Durable intake over HTTP, against what the disk allows."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.bare_http import connected
from benchmarks.figures import Figure
from benchmarks.material import call_body, running

CALLS = 4_000
CLIENTS = 8


def measure() -> list[Figure]:
    """Calls a second with 8 clients, the server's processor time for each, and the same for one client."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        flushes = count_flushes(Path(folder))
        with running(["postcall", "serve", "--port", "0", "--no-worker", "--data", folder]) as server:
            key = (Path(folder) / "api-key").read_text().strip()
            bodies = [call_body(index) for index in range(CALLS + 500)]
            asyncio.run(send(server.url, key, bodies[CALLS:], clients=CLIENTS))
            before = server.cpu_s()
            rate = CALLS / asyncio.run(send(server.url, key, bodies[:CALLS], clients=CLIENTS))
            cpu_ms = (server.cpu_s() - before) / CALLS * 1000
    return [
        Figure("fdatasync a second, 16 KiB appended each", flushes, "/s"),
        Figure("durable intake, 20 turns and 10 metrics, 8 clients", rate, "calls/s", "the flush rate", rate / flushes,
               "400 calls/s at 2,000 flushes/s, 0.2"),
        Figure("the server's processor time for a call taken in", cpu_ms, "ms"),
    ]  # fmt: skip


def count_flushes(folder: Path, *, seconds: float = 2.0) -> float:
    """How often a second this disk makes 16 KiB durable, about a call's worth of pages."""
    block = b"x" * 16_384
    descriptor = os.open(folder / "flush", os.O_CREAT | os.O_WRONLY)
    done, begun = 0, time.perf_counter()
    try:
        while time.perf_counter() - begun < seconds:
            os.write(descriptor, block)
            os.fdatasync(descriptor)
            done += 1
        return done / (time.perf_counter() - begun)
    finally:
        os.close(descriptor)
        (folder / "flush").unlink()


async def send(
    url: str,
    key: str,
    bodies: Sequence[bytes],
    *,
    clients: int,
    per_s: float | None = None,
    accepted: Callable[[], None] = lambda: None,
) -> float:
    """Seconds to post every body over kept-alive connections, at most `per_s`; tells of each that is taken in."""
    waiting = iter(enumerate(bodies))
    begun = time.perf_counter()

    async def client() -> None:
        async with connected(url, "/postcall/v1/calls", key) as connection:
            for number, body in waiting:
                if per_s is not None:
                    await asyncio.sleep(begun + number / per_s - time.perf_counter())
                await connection.post(body)
                accepted()

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client())
    return time.perf_counter() - begun
