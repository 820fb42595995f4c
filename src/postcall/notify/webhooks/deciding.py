"""What becomes of a delivery after an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from postcall.domain.webhooks import DeliveryState
from postcall.notify.webhooks.delivering import Answer
from postcall.storage.delivery_log import TEST

MOST_ASKED_S: Final = 3_600.0
"""An hour: whoever asks for more time is asked again all the same."""
GONE: Final = 410
"""The receiver wants this never again."""
REFUSALS: Final = frozenset({401, 403})
"""How receivers answer a signature that they do not know."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """How long to wait after each attempt that failed; the last wait is repeated while attempts are left."""

    waits_s: tuple[float, ...] = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600)
    attempts: int = 12
    """In all: with these defaults a receiver may be down for a day."""
    jitter: float = 0.25
    """By what share of itself a wait is made longer at most."""
    retried: frozenset[int] | None = None
    """Which of the statuses from 400 to 499 are tried again; None: all but 410."""

    def wait_s(self, attempt: int, *, asked_s: float | None, random: Random) -> float:
        """Seconds after the given attempt (from 1): the whole step or what was asked for, and the jitter.

        The jitter keeps a thousand deliveries that failed together from coming back together.
        """
        step = self.waits_s[min(attempt, len(self.waits_s)) - 1]
        return max(step, min(asked_s or 0.0, MOST_ASKED_S)) * random.uniform(1.0, 1.0 + self.jitter)

    def ends_with(self, status: int | None, *, rotating: bool) -> bool:
        """Whether trying again cannot help after this status (None: there was no answer).

        `rotating`: the secret has just been replaced, so a receiver that knows the old one alone may refuse what it
        will take in a while.
        """
        if status is None or not 400 <= status < 500:
            return False
        if status == GONE:
            return True
        return self.retried is not None and status not in self.retried and not (rotating and status in REFUSALS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state that follows, and when the next attempt is due."""

    state: DeliveryState
    due_at: datetime


def decide(
    answer: Answer,
    *,
    event: str,
    attempt: int,
    ladder: Ladder,
    now: datetime,
    random: Random,
    rotating: bool = False,
) -> Verdict:
    """Delivered with any 2xx; dead where the ladder ends, after the last attempt, and after a test's only one; else
    later."""
    if answer.ended.error is None:
        return Verdict(DeliveryState.DELIVERED, now)
    over = answer.gone or ladder.ends_with(answer.ended.status, rotating=rotating)
    if over or event == TEST or attempt >= ladder.attempts:
        return Verdict(DeliveryState.DEAD, now)
    wait_s = ladder.wait_s(attempt, asked_s=answer.retry_after_s, random=random)
    return Verdict(DeliveryState.WAITING, now + timedelta(seconds=wait_s))
