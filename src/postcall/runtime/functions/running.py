"""What a session needs in order to run functions, whoever runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from postcall.runtime.projects.model import FunctionSpec
from postcall.runtime.protocol import Answered, Ask, Context, FunctionDone, Line, Written


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One function to run for one conversation."""

    spec: FunctionSpec
    context: Context
    state: bytes
    limit_s: float
    """After this it is stopped, whatever it does."""
    arguments: dict[str, Any] = field(default_factory=dict)


class Listener(Protocol):
    """Who hears of a function while it runs. The first two are called on the event loop and must not wait."""

    def wrote(self, writes: Sequence[Written]) -> None:
        """Metrics were written."""

    def logged(self, lines: Sequence[Line]) -> None:
        """Lines were logged."""

    async def asked(self, ask: Ask) -> Answered:
        """The function wants to know something; it may ask several things at once."""


class Functions(Protocol):
    """The functions of one version of one agent."""

    async def run(self, call: FunctionCall, listener: Listener) -> FunctionDone:
        """Run it to its end, or to its limit.

        Never raises for what the function does: a failure, a time-out or a dead process is `failed` in what is
        returned, with the state as it was last known.
        """
        ...
