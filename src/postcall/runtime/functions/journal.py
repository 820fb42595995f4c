"""Metrics and log lines on their way out of a worker: in memory that the parent shares.

A write is a copy of some bytes, and is out as soon as it is made: the parent sees it within milliseconds while the
function goes on, and still finds it when the process was killed, crashed or never let another thread run.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from collections.abc import Iterator
from zlib import crc32

from postcall.runtime.functions.shared_files import shared_file

SIZE = 256 * 1024
"""Of one run; who writes more sends the rest over the socket."""
_HEAD = struct.Struct("<II")
"""The number of the run, and where its entries end."""
_ENTRY = struct.Struct("<II")
"""An entry's length and checksum: another processor may see the end move before it sees the bytes."""


class JournalWriter:
    """The worker's side. Any thread may `add`."""

    def __init__(self, fd: int) -> None:
        self._memory = mmap.mmap(fd, SIZE)
        self._end = _HEAD.size
        self._run = 0
        self._lock = threading.Lock()

    def begin(self, run: int) -> None:
        """Start over. The parent has read everything of the run before, else it would not have asked for this."""
        with self._lock:
            self._run, self._end = run, _HEAD.size
            _HEAD.pack_into(self._memory, 0, run, self._end)

    def add(self, content: bytes) -> bool:
        """Whether there was room."""
        with self._lock:
            start = self._end + _ENTRY.size
            end = start + len(content)
            if end > SIZE:
                return False
            _ENTRY.pack_into(self._memory, self._end, len(content), crc32(content))
            self._memory[start:end] = content
            self._end = end
            _HEAD.pack_into(self._memory, 0, self._run, end)
            return True


class JournalReader:
    """The parent's side. What it reads was written by the project's process: it may be anything."""

    def __init__(self) -> None:
        self.fd = shared_file("journal", size=SIZE)
        self._memory = mmap.mmap(self.fd, SIZE)
        self._seen = _HEAD.size

    def begin(self) -> None:
        """Expect the next run."""
        self._seen = _HEAD.size

    def read(self, run: int, most_bytes: int = SIZE) -> Iterator[bytes]:
        """What was added since the last time, `most_bytes` at the most."""
        written, end = _HEAD.unpack_from(self._memory, 0)
        if written != run or not self._seen < end <= SIZE:
            return
        limit = min(end, self._seen + most_bytes)
        while self._seen + _ENTRY.size <= limit:
            size, checksum = _ENTRY.unpack_from(self._memory, self._seen)
            start = self._seen + _ENTRY.size
            if start + size > end:
                return
            content = self._memory[start : start + size]
            if crc32(content) != checksum:
                return  # not all of it is here yet; next time it is
            self._seen = start + size
            yield content

    def close(self) -> None:
        """Also the descriptor, where it has not been given away."""
        self._memory.close()
        self.close_fd()

    def close_fd(self) -> None:
        """The memory stays shared."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
