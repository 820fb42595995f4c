"""Files in memory that two processes share by their descriptors, without a name on any disk where the system can."""

from __future__ import annotations

import fcntl
import os
import tempfile


def shared_file(name: str, *, size: int = 0, append: bool = False) -> int:
    """The descriptor of a new file; the caller closes it. `append`: every write goes to its end, whoever writes."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile(prefix="postcall-") as file:
            fd = os.dup(file.fileno())
    if size:
        os.ftruncate(fd, size)
    if append:
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
    return fd
