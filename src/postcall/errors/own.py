"""Postcall itself, its settings, or the moment."""

from __future__ import annotations

from postcall.errors.base import PostcallError


class InternalFault(PostcallError):
    """A fault of postcall's own, met in work that nobody waits for; it is tried again, then stored."""

    retry = True

    def __init__(self, error: Exception) -> None:
        # Not a database's own words: they hold the statement, and with it what others said; nor the paths of files.
        of_database = hasattr(error, "statement") or "duckdb" in type(error).__module__
        words = "the log says more" if of_database or isinstance(error, OSError) else str(error)
        super().__init__(f"postcall failed: {type(error).__name__}: {words}")


class WorkerDied(PostcallError):
    """Every worker that began the job stopped without a word, as a process does that runs out of memory."""

    code = "worker_died"

    def __init__(self, times: int) -> None:
        super().__init__(f"the worker that held it stopped, {times} times")


class SendingDelayed(PostcallError):
    """Nothing of a message was taken: the other side could not be reached, or asked to come again."""

    status = 502
    code = "sending_delayed"

    def __init__(self, message: str, *, retry: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry = retry
        self.retry_after_s = retry_after_s


class LinesBusy(PostcallError):
    """A call waits for a free line; that is no failure of its own."""

    status = 503
    code = "lines_busy"
    retry = True
    counts = False

    def __init__(self, *, retry_after_s: float) -> None:
        super().__init__("every line is in use; the call waits for one")
        self.retry_after_s = retry_after_s


class ReportsBuilding(PostcallError):
    """The reporting index is being built; the same question can be answered in a while."""

    status = 503
    code = "reports_building"
    retry = True
    retry_after_s = 2.0

    def __init__(self, share: float | None, *, reason: str | None = None) -> None:
        why = f" ({reason})" if reason else ""
        done = f": {share:.0%} done" if share is not None else ""
        super().__init__(f"the reports are being prepared{done}{why}; ask again in a few seconds")
        self.share = share


class AnalystBusy(PostcallError):
    """As many questions are being answered as the server takes at once, whoever asked them."""

    status = 503
    code = "analyst_busy"
    retry = True

    def __init__(self, most: int, *, retry_after_s: float) -> None:
        super().__init__(f"{most} questions are being answered already; ask again in a few seconds")
        self.retry_after_s = retry_after_s


class QueryTooSlow(PostcallError):
    """A question to the reports took too long and was stopped."""

    status = 422
    code = "query_too_slow"

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"this took longer than {limit_s:g} s and was stopped; ask for less time or fewer conditions")


class SettingsError(PostcallError):
    """A wrong setting; the start stops with this one line."""

    code = "settings"


class SecretsUnreadable(SettingsError):
    """A secret was sealed under a key that this process does not have; met while it runs, not only at the start."""

    code = "secrets_unreadable"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the secret {name!r} was sealed under another key than this process has: give every process the same "
            "POSTCALL_SECRETS_KEY (older keys after a comma), or set the secret again"
        )
