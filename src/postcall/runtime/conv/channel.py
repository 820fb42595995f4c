"""How a running function reaches the session that runs it, whatever carries the frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from postcall.runtime.protocol import Line, Written


class Channel(Protocol):
    """Where what a function writes, logs and asks goes. All three are called from any thread of the function."""

    def wrote(self, write: Written) -> None:
        """A metric was written. Takes a microsecond: kept for sending, not sent."""

    def logged(self, line: Line) -> None:
        """A line was logged; kept like a metric."""

    def ask(self, what: str, arguments: Mapping[str, Any]) -> Any:
        """Ask the session, and wait for its answer. Raises what `errors.documented` makes of an error."""


class Find(Protocol):
    """Where the project's functions are looked up."""

    def __call__(self, kind: str, name: str, flow: str | None, /) -> Callable[..., Any]:
        """The function of this kind (a FunctionKind), of this flow where it has one. Raises Unavailable."""
        ...


class Unavailable(Exception):
    """There is no such function, or its module cannot be imported; the message says which."""


class NotRunning:
    """The channel of a `conv` that no function runs with, such as one that a project makes itself."""

    def wrote(self, write: Written) -> None:
        """Nobody counts it."""

    def logged(self, line: Line) -> None:
        """Nobody reads it."""

    def ask(self, what: str, arguments: Mapping[str, Any]) -> Any:
        """Nobody answers."""
        raise NotImplementedError(f"{what}: this conversation is not taking place")


def nothing_to_find(kind: str, name: str, flow: str | None, /) -> Callable[..., Any]:
    """The Find of a `conv` that no function runs with."""
    raise Unavailable(f"no {kind} function {name}" + (f" in flow {flow}" if flow else ""))
