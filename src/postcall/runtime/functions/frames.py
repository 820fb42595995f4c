"""Frames on a socket: each is preceded by its length as four bytes, big-endian."""

from __future__ import annotations

import socket
from collections.abc import Iterator

LARGEST = 16 * 1024 * 1024
"""Bytes of one frame: a state or a result that is larger is a function's mistake, and would cost its neighbours."""
_HEAD = 4


class BadFrame(Exception):
    """What came is no frame, or too large for one."""


def framed(content: bytes) -> bytes:
    """With its length before it."""
    return len(content).to_bytes(_HEAD, "big") + content


class FrameReader:
    """Makes frames of what a socket gives, however it is cut."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that `data` completes. Raises BadFrame before anything large is kept."""
        self._pending += data
        while len(self._pending) >= _HEAD:
            size = int.from_bytes(self._pending[:_HEAD], "big")
            if size > LARGEST:
                raise BadFrame(f"a frame of {size:,} bytes; {LARGEST:,} are allowed")
            if len(self._pending) < _HEAD + size:
                return
            frame = bytes(self._pending[_HEAD : _HEAD + size])
            del self._pending[: _HEAD + size]
            yield frame


def read_frame(connection: socket.socket, *, largest: int = LARGEST) -> bytes | None:
    """The next frame of a blocking socket; None at its end."""
    head = _read(connection, _HEAD)
    if head is None:
        return None
    size = int.from_bytes(head, "big")
    if size > largest:
        raise BadFrame(f"a frame of {size:,} bytes; {largest:,} are allowed")
    return _read(connection, size)


def _read(connection: socket.socket, size: int) -> bytes | None:
    # Most frames arrive whole, and are then not copied again.
    found = connection.recv(size) if size else b""
    if len(found) == size:
        return found
    pending = bytearray(found)
    while found and len(pending) < size:
        found = connection.recv(min(size - len(pending), 1 << 20))
        pending += found
    return bytes(pending) if len(pending) == size else None
