"""What a process asks of its operating system to be safe to run others' code; what a system lacks is left out."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from postcall.runtime.protocol import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_END_S = 5.0
"""A killed process is gone in milliseconds, unless it waits for a disk."""
_LINUX = sys.platform == "linux"
_prctl = ctypes.CDLL(None, use_errno=True).prctl if _LINUX else None


def end_with_parent(parent: int) -> None:
    """Be killed when the process that forked this one ends, or end now if it already has."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that none gets away."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def confine(limits: Limits) -> None:
    """Lower this process's limits, for it and its children and for good."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_AS, limits.memory_bytes)


def _lower(kind: int, limit: int) -> None:
    _soft, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    with suppress(ValueError, OSError):  # macOS has no limit of the address space below what is in use
        resource.setrlimit(kind, (limit, limit))


def children() -> set[int]:
    """The processes whose parent this one is now, adopted ones included."""
    me = os.getpid()
    if not _LINUX:
        return set()
    listed = Path(f"/proc/self/task/{me}/children")
    if listed.exists():
        return {int(pid) for pid in listed.read_text().split()}
    found = set()
    for entry in os.listdir("/proc"):  # noqa: PTH208 - twice as fast, and processes wait for it
        if entry.isdigit() and _parent(entry) == me:
            found.add(int(entry))
    return found


def _parent(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - as above
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return -1


def has_children() -> bool:
    """Whether a child of this process still runs; those that have ended are reaped."""
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if not pid:
            return True


def reap() -> tuple[int, int] | None:
    """A child that has ended and its exit code (a signal as a negative number), after ending the group it led."""
    with suppress(ChildProcessError):
        if _LINUX:
            # Looked at before it is reaped, since until then no other process can have its number.
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return None
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(ended.si_pid, signal.SIGKILL)
        pid, status = os.waitpid(-1, os.WNOHANG)
        return (pid, os.waitstatus_to_exitcode(status)) if pid else None
    return None


def kill(pid: int) -> None:
    """End a child that is not reaped yet, and the group that it leads, where it leads one."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_strays(known: set[int]) -> None:
    """End the children that nobody knows: left behind by workers that have ended."""
    for pid in children() - known:
        kill(pid)


def end_children(known: set[int]) -> None:
    """End these children and, where the system can name them, all others and theirs, until there is none."""
    for pid in known:
        kill(pid)
    until = time.monotonic() + _END_S
    while has_children() and time.monotonic() < until:
        kill_strays(set())
        time.sleep(0.002)


def ending(code: int) -> str:
    """How a process ended, in words; a signal is a negative number."""
    if code >= 0:
        return f"it exited with code {code}"
    if -code == signal.SIGKILL:
        return "it was killed, as happens for want of memory"
    with suppress(ValueError):
        return f"it crashed ({signal.Signals(-code).name})"
    return f"it was ended by signal {-code}"
