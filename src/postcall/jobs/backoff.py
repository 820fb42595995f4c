"""How long to wait before trying again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

LONGEST_ASKED_S = 86_400.0
"""A day: whoever asks for more has made a mistake."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling waits with jitter: each is between half and the whole of `first_s` x 2^(n-1), and at most `most_s`."""

    first_s: float = 1.0
    most_s: float = 300.0
    attempts: int = 20
    """How often a job is begun in all: with these defaults an endpoint may be down for an hour."""

    def wait_s(self, attempt: int, *, asked_s: float | None, random: Random) -> float:
        """Seconds to wait after the given attempt (from 1) failed; at least what the other side asked for.

        The jitter keeps a thousand jobs that failed together from coming back together.
        """
        whole: float = min(self.most_s, self.first_s * 2.0 ** min(attempt - 1, 60))
        wait = whole * random.uniform(0.5, 1.0)
        if asked_s is None:
            return wait
        return min(max(asked_s, 0.0), LONGEST_ASKED_S) + wait * 0.1
