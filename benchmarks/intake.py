"""Durable intake over HTTP, against what the disk allows."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

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
            asyncio.run(_send(server.url, key, bodies[CALLS:], clients=CLIENTS))
            before = server.cpu_s()
            rate = CALLS / asyncio.run(_send(server.url, key, bodies[:CALLS], clients=CLIENTS))
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


async def _send(url: str, key: str, bodies: list[bytes], *, clients: int) -> float:
    """Seconds to post every body over kept-alive connections; a bare client, so as not to measure the client."""
    parts = urlsplit(url)
    waiting = iter(bodies)
    head = (
        f"POST /postcall/v1/calls HTTP/1.1\r\nHost: {parts.netloc}\r\nx-api-key: {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()

    async def client() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for body in waiting:
            writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 202"):
                raise RuntimeError(answer.decode())
            length = next(line for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
        writer.close()

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client())
    return time.perf_counter() - begun
