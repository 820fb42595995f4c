"""Which files a process that runs functions may open: Python, its packages, the system's own and an empty folder.

Linux's Landlock, as its kernel documentation has it: no privilege is needed, it holds for all that is forked later, and
it cannot be taken off. It also keeps the process from looking into others, so that the server's environment cannot be
read through /proc; root's power to do so all the same is given up before. A kernel without it (or another system)
leaves files as open as they are to the server's user.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
"""Numbers of the system calls, the same on every architecture."""
_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION = 0x20080522

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""What each version of Landlock can forbid; later ones add nothing that is needed here."""

_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/proc", "/sys/devices/system/cpu")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def confine_files(*own: Path) -> bool:
    """Open no other files from now on; `own` may be written to. False where the system cannot do that."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    if version < 1:
        return False
    handled = _RIGHTS[min(version, max(_RIGHTS))]
    ruleset = _Ruleset(handled)
    made = libc.syscall(_CREATE, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), ctypes.c_uint32(0))
    if made < 0:
        return False
    try:
        for path in _readable():
            _allow(libc, made, path, handled & _READING)
        for path in map(Path, _DEVICES):
            _allow(libc, made, path, handled & (_READ_FILE | _WRITE_FILE))
        for path in own:
            _allow(libc, made, path, handled)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        _drop_capabilities(libc)
        return bool(libc.syscall(_RESTRICT, made, ctypes.c_uint32(0)) == 0)
    finally:
        os.close(made)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Be root in name only, where the server runs as root."""
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, twice 32 of each
    libc.capset(ctypes.byref(header), ctypes.byref(none))


def _readable() -> list[Path]:
    """Where Python and its packages are, and what the system itself has."""
    own = [sys.prefix, sys.base_prefix, sys.exec_prefix, *(path for path in sys.path if path)]
    return list(dict.fromkeys(Path(path).resolve() for path in [*own, *_SYSTEM]))


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    """A path that is not there is no fault: systems differ."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _OF_A_FILE
        rule = _PathBeneath(rights, descriptor)
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(descriptor)
