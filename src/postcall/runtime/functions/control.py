"""What the parent and a zygote tell each other once it has booted: records of twelve bytes."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

_RECORD = struct.Struct("!iii")


class Order(IntEnum):
    """What a record says."""

    FORK = 1
    """To the zygote, with a worker's three descriptors: its socket, its output and its journal."""
    KILL = 2
    """To the zygote: end this worker at once, and whatever it has started."""
    TRACE = 6
    """To the zygote: let this worker write into its output where it stands."""
    STARTED = 3
    """To the parent: the worker is there; `value` is its process id, for messages only."""
    ENDED = 4
    """To the parent: the worker is gone and reaped; `value` is as `os.waitstatus_to_exitcode` has it."""
    NOT_STARTED = 5
    """To the parent: there was no process to be had; `value` is the system's error number."""


class Record(NamedTuple):
    """An order about one worker."""

    order: Order
    worker: int
    """Its number; never used again. Process ids are, so they do not name anybody."""
    value: int = 0


DESCRIPTORS = 3
"""That go along with FORK."""


def encoded(record: Record) -> bytes:
    """As bytes."""
    return _RECORD.pack(*record)


class RecordReader:
    """Makes records of what a socket gives, however it is cut."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> Iterator[Record]:
        """The records that `data` completes. Raises ValueError for what is none."""
        self._pending += data
        while len(self._pending) >= _RECORD.size:
            order, worker, value = _RECORD.unpack_from(self._pending)
            self._pending = self._pending[_RECORD.size :]
            yield Record(Order(order), worker, value)


def send(control: socket.socket, record: Record, descriptors: tuple[int, ...] = ()) -> None:
    """Send a record; the descriptors arrive as copies."""
    if descriptors:
        socket.send_fds(control, [encoded(record)], list(descriptors))
    else:
        control.sendall(encoded(record))
