"""What a function prints goes into its log, line by line."""

from __future__ import annotations

import io
import threading

from postcall.runtime.conv.logs import ConversationLogger

LONGEST = 10_000
"""Characters without a line end before they are logged as a line of their own."""


class FunctionOutput(io.TextIOBase):
    """Stands for stdout and stderr while a function runs.

    Each thread has its own unfinished line, so that what several threads print does not run together. It replaces the
    process's streams and not only this thread's, because threads that the function begins print too; that is right
    as long as a process runs one function at a time.
    """

    def __init__(self, logger: ConversationLogger) -> None:
        super().__init__()
        self._logger = logger
        self._unfinished: dict[int, str] = {}

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        thread = threading.get_ident()
        pending = self._unfinished.pop(thread, "") + text
        *lines, rest = pending.split("\n")
        for line in lines:
            self._logger.write("print", line)
        if len(rest) > LONGEST:
            self._logger.write("print", rest)
        elif rest:
            self._unfinished[thread] = rest
        return len(text)

    def finish(self) -> None:
        """Log the lines that never got an end."""
        for thread in list(self._unfinished):
            line = self._unfinished.pop(thread, "")
            if line:
                self._logger.write("print", line)
