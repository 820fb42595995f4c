"""How an attempt to send a message ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from postcall.domain.conversations import OutboxItem, Outgoing


class Ending(StrEnum):
    """What is certain after an attempt."""

    SENT = "sent"
    """The other side has taken it."""
    REFUSED = "refused"
    """The other side has said that it does not take it, and will say so again."""
    LATER = "later"
    """Nothing of it was taken, and another time may do better."""
    UNCERTAIN = "uncertain"
    """The other side may have taken it: it has not said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and what to tell about it."""

    ending: Ending
    error: str | None = None
    retry_after_s: float | None = None
    """How long the other side asked to wait."""


SENT = Outcome(Ending.SENT)


class Sender(Protocol):
    """Somebody who takes messages of some kinds. Makes one attempt; never raises for what the other side does."""

    def can_send(self, outgoing: Outgoing) -> bool:
        """Whether it takes a message like this one."""

    async def send(self, item: OutboxItem) -> Outcome:
        """Try once."""
        ...
