"""What processes write to their stdout and stderr past Python: kept in a file, so that it outlives a crash."""

from __future__ import annotations

import os

from postcall.runtime.functions.shared_files import shared_file

MOST_BYTES = 8 * 1024
"""From the beginning, and as many from the end; what a process writes between them is not kept."""


class Output:
    """A file for descriptors 1 and 2 of other processes, read when they have done something.

    A file and not a pipe: nobody needs to read it for the writer to go on, and what a process wrote before it
    crashed is still there.
    """

    def __init__(self) -> None:
        self.fd = shared_file("output", append=True)

    def take(self) -> tuple[str, ...]:
        """The lines since the last time; costs a system call where there are none."""
        size = os.fstat(self.fd).st_size
        if not size:
            return ()
        head = os.pread(self.fd, MOST_BYTES, 0)
        # The end too: that is where a crash tells of itself.
        tail = os.pread(self.fd, MOST_BYTES, max(MOST_BYTES, size - MOST_BYTES))
        os.ftruncate(self.fd, 0)
        left_out = size - len(head) - len(tail)
        between = [f"… {left_out:,} bytes are not kept …"] if left_out > 0 else []
        if not between:
            head, tail = head + tail, b""
        return (*_lines(head), *between, *_lines(tail))

    def close(self) -> None:
        """The file ends when the other processes have closed it too."""
        os.close(self.fd)


def _lines(written: bytes) -> list[str]:
    text = written.decode("utf-8", "replace").replace("\0", "�")
    return [line for line in text.splitlines() if line.strip()]
