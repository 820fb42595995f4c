"""Where a process stood when it crashed or was stopped, as its interpreter wrote it without running any Python."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BEGIN = re.compile(r"(?:Stack|Current thread 0x[0-9a-f]+) \(most recent call first\):")
_FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+) in (?P<name>.*)')
_NOT_THE_AUTHORS = re.compile(r"/postcall/(?:runtime/|__)|^<frozen ")
_LIBRARY = re.compile(r"^.*/(?:site-packages|dist-packages|python3\.\d+)/")


def read_trace(lines: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The trace as Python writes it when something is raised (empty: there is none), and the other lines."""
    frames: list[str] = []
    others: list[str] = []
    inside = False
    for line in lines:
        if _BEGIN.fullmatch(line):
            inside = True
        elif inside and (found := _FRAME.fullmatch(line)):
            if not _NOT_THE_AUTHORS.search(found["file"]):
                file = _LIBRARY.sub("", found["file"])
                frames.append(f'  File "{file}", line {found["line"]}, in {found["name"]}')
        else:
            inside = False
            if not line.startswith("Extension modules: "):
                others.append(line)
    trace = "\n".join(["Traceback (most recent call last):", *reversed(frames)]) if frames else ""
    return trace, tuple(others)
