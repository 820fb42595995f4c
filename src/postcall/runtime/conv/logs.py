"""`conv.log` and `plog`: whatever is logged, logging never fails."""

from __future__ import annotations

import functools
import sys
import threading
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from time import time
from typing import Any, ParamSpec, TypeVar

from postcall.runtime.conv.channel import Channel, NotRunning
from postcall.runtime.conv.plain import as_json_or_text, as_text, is_set
from postcall.runtime.protocol import Line

P = ParamSpec("P")
R = TypeVar("R")
MOST_LINES = 5_000
"""That one function may log; the next one says that there were more. Otherwise a loop that prints fills the record."""


class ConversationLogger:
    """The log of one conversation."""

    def __init__(self) -> None:
        self._channel: Channel = NotRunning()
        self._left = MOST_LINES
        self._counting = threading.Lock()

    @classmethod
    def into(cls, channel: Channel) -> ConversationLogger:
        """A log whose lines are kept."""
        logger = cls()
        logger._channel = channel
        return logger

    def info(self, content: str, is_pii: bool = False, **kwargs: Any) -> None:
        self.write("info", content, is_pii, kwargs)

    def warning(self, content: str, is_pii: bool = False, **kwargs: Any) -> None:
        self.write("warning", content, is_pii, kwargs)

    def error(self, content: str, is_pii: bool = False, **kwargs: Any) -> None:
        self.write("error", content, is_pii, kwargs)

    def write(self, level: str, content: Any, is_pii: Any = False, extras: dict[str, Any] | None = None) -> None:
        """Add a line. Extras may be anything; what JSON cannot say is kept as its text."""
        with self._counting:
            self._left -= 1
            left = self._left
        if left > 0:
            shown = {name: _shown(name, value) for name, value in (extras or {}).items()}
            self._channel.logged(Line(level, as_text(content), time(), is_set(is_pii), shown))
        elif left == 0:
            self._channel.logged(Line("warning", f"more than {MOST_LINES} lines: the rest is not kept", time()))


def _shown(name: str, value: Any) -> Any:
    if name == "exc_info" and value:
        if isinstance(value, BaseException):
            return _one_line(value)
        error = sys.exc_info()[1]
        return _one_line(error) if error is not None else as_text(value)
    if isinstance(value, BaseException):
        return _one_line(value)
    return as_json_or_text(value)


def _one_line(error: BaseException) -> str:
    try:
        return as_text("".join(traceback.format_exception_only(error)).strip())
    except BaseException as fault:  # noqa: BLE001 - an exception of the project's that cannot be told; the line says so
        return f"<{type(error).__name__} that cannot be shown: {type(fault).__name__}>"


_running: ConversationLogger | None = None
"""The log of the function that runs now: a process runs one at a time, and its threads log into the same."""
_bound: ContextVar[dict[str, Any] | None] = ContextVar("bound", default=None)


def begin_logging(logger: ConversationLogger | None) -> None:
    """From now on `plog` writes into this log; None: into none."""
    global _running
    _running = logger


class ProjectLogger:
    """`plog` and `log`: the conversation's log for code that has no `conv` at hand."""

    def info(self, message: Any, is_pii: bool = False, **extras: Any) -> None:
        _write("info", message, is_pii, extras)

    def warning(self, message: Any, is_pii: bool = False, **extras: Any) -> None:
        _write("warning", message, is_pii, extras)

    def error(self, message: Any, is_pii: bool = False, **extras: Any) -> None:
        _write("error", message, is_pii, extras)

    def tmp_bind(self, **extras: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Decorate a function: while it runs, these are added to every line that it logs through here."""

        def bind(function: Callable[P, R]) -> Callable[P, R]:
            @functools.wraps(function)
            def bound(*args: P.args, **kwargs: P.kwargs) -> R:
                token = _bound.set({**(_bound.get() or {}), **extras})
                try:
                    return function(*args, **kwargs)
                finally:
                    _bound.reset(token)

            return bound

        return bind


plog = ProjectLogger()


def _write(level: str, message: Any, is_pii: bool, extras: dict[str, Any]) -> None:
    if _running is not None:
        _running.write(level, message, is_pii, {**(_bound.get() or {}), **extras})
    else:
        # While modules are imported there is no conversation to log into.
        sys.stderr.write(f"{level}: {as_text(message)}\n")
