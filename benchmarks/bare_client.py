"""The floor of extraction: the same prompts over kept-alive connections, and nothing done with the answers."""

from __future__ import annotations

import asyncio
import sys
import time
from urllib.parse import urlsplit

import msgspec

from benchmarks.material import QUESTIONS, call_body


async def _run(url: str, count: int, concurrency: int) -> float:
    parts = urlsplit(url)
    content = call_body(1).decode() + str(QUESTIONS)
    body = msgspec.json.encode({"model": "scripted", "messages": [{"role": "user", "content": content}]})
    request = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    waiting = iter(range(count))

    async def client() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for _ in waiting:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
        writer.close()

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(client())
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(asyncio.run(_run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
