"""What a session needs of the world around it; the channel, the record and the clock stay outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from postcall.domain.calls import Json
from postcall.domain.conversations import CallEvent, Outgoing
from postcall.runtime.protocol import Answered, Ask, Written


class Host(Protocol):
    """Where a session lives. `note`, `wrote` and `send` must not wait: what they are given is stored behind them."""

    def now(self) -> datetime:
        """Aware UTC."""

    def note(self, event: CallEvent) -> None:
        """Something happened; kept for the diagnosis in this order."""

    def wrote(self, writes: Sequence[Written], *, turn: int) -> None:
        """Metrics were written, by a function or by the session itself (`QA`)."""

    def send(self, outgoing: Outgoing) -> None:
        """A message or handoff was asked for in this turn; it goes out once the turn is stored."""

    async def asked(self, ask: Ask, *, history: Sequence[Mapping[str, str]]) -> Answered:
        """A function wants something (`prompt_llm`, `get_secret`, `api_request`).

        `history` is the conversation as messages, for `prompt_llm(show_history=True)`.
        """
        ...

    def real_time_config(self) -> Mapping[str, Json]:
        """Of the environment, as it is now."""

    @property
    def has_model(self) -> bool:
        """Whether functions may use `prompt_llm`."""
        ...

    def redact(self, text: str) -> str:
        """The text without the secrets that this conversation was given; everything that a model reads goes through."""
        ...
