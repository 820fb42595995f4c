"""A client so bare that it is not what is measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Connection:
    """A kept-alive connection for requests to one address."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    path: str
    head: str

    async def post(self, body: bytes) -> bytes:
        """The reply's body. Raises RuntimeError where the server did not take it."""
        return await self._ask("POST", body)

    async def get(self) -> bytes:
        """The same without a body."""
        return await self._ask("GET", b"")

    async def _ask(self, method: str, body: bytes) -> bytes:
        self.writer.write(f"{method} {self.path} {self.head}{len(body)}\r\n\r\n".encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(answer.decode())
        length = next(line for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return await self.reader.readexactly(int(length.split(b":")[1]))


@asynccontextmanager
async def connected(url: str, path: str, key: str) -> AsyncIterator[Connection]:
    """A connection to a path of the server at this address."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"HTTP/1.1\r\nHost: {parts.netloc}\r\nx-api-key: {key}\r\nContent-Type: application/json\r\nContent-Length: "
    try:
        yield Connection(reader, writer, path, head)
    finally:
        writer.close()
