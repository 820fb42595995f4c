"""Where a function failed, told in the project's own terms."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from types import TracebackType

from postcall.runtime.conv.plain import as_text
from postcall.runtime.protocol import Failed

_OURS = str(PurePath(__file__).parent)
MOST_FRAMES = 40
LONGEST_MESSAGE = 500


def failed_with(error: BaseException, *, kind: str = "raised") -> Failed:
    """The failure of a function that raised. Never raises itself."""
    return Failed(kind=kind, message=_message(error), trace=_trace(error))


def _message(error: BaseException) -> str:
    name = type(error).__name__
    text = " ".join(as_text(error).split())[:LONGEST_MESSAGE]
    return f"{name}: {text}" if text else name


def _trace(error: BaseException) -> str:
    try:
        lines = ["Traceback (most recent call last):\n"]
        lines += _frames(error.__traceback__)
        lines += traceback.format_exception_only(error)
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is not None:
            lines += ["Caused by:\n", *_frames(cause.__traceback__), *traceback.format_exception_only(cause)]
        return as_text("".join(lines).rstrip("\n"))
    except BaseException as fault:  # noqa: BLE001 - out of memory, or an exception that cannot be shown
        return f"{type(error).__name__}; its trace cannot be shown: {type(fault).__name__}"


def _frames(trace: TracebackType | None) -> list[str]:
    """The frames without ours, the innermost ones where there are very many."""
    frames = traceback.StackSummary.extract(_walk(trace), limit=-MOST_FRAMES, capture_locals=False)
    shown = [frame for frame in frames if not frame.filename.startswith(_OURS)]
    for frame in shown:
        frame.filename = within(frame.filename)
    return traceback.StackSummary.from_list(shown).format()


def _walk(trace: TracebackType | None):  # type: ignore[no-untyped-def]
    return traceback.walk_tb(trace)


def within(path: str) -> str:
    """A file's path without where this machine keeps it: within the project, or within the library."""
    for root in ("/site-packages/", "/dist-packages/"):
        if root in path:
            return path.split(root, 1)[1]
    parts = PurePath(path).parts
    if not PurePath(path).is_absolute():
        return path
    for at, part in enumerate(parts):
        if part.startswith("python3") and at + 1 < len(parts):
            return "/".join(parts[at + 1 :])
        if part in ("functions", "flows"):
            return "/".join(parts[at:])
    return parts[-1]
