"""What all errors have in common."""

from __future__ import annotations

from enum import Enum


class Blame(Enum):
    """What a failure says about other work like it."""

    CALL = "call"
    """Nothing: it is about this one."""
    ENDPOINT = "endpoint"
    """The next will fail as well."""
    EITHER = "either"
    """Only others can tell."""


class PostcallError(Exception):
    """Anything that postcall refuses or fails to do."""

    status = 500
    code = "internal"
    blame = Blame.CALL
    counts = True
    """Whether it uses up one of a job's attempts."""
    retry = False
    """Whether trying the same again can help."""
    retry_after_s: float | None = None
    """How long the other side asked us to wait."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
