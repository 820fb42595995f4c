"""What one question may cost, and what it has cost so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from postcall.domain.answers import Usage
from postcall.domain.calls import Json
from postcall.endpoint_settings import AnalystSettings
from postcall.extraction.tokens import estimate_tokens

LEAST_S = 0.05
"""With less time left no further request is begun."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a question may cost at most."""

    requests: int = 60
    """To the model, its tools' own requests included."""
    tokens: int = 1_000_000
    """Read and written, of all requests together."""
    seconds: float = 300.0
    reply_tokens: int = 4_000
    """Of one reply."""


def limits_of(settings: AnalystSettings) -> Limits:
    """What the operator allows."""
    return Limits(settings.requests, settings.tokens, settings.seconds)


class Budget:
    """Counts what a question costs; several tasks of one event loop may spend from it."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float]) -> None:
        """`clock` tells seconds that never run backwards, such as `time.monotonic`."""
        self.limits = limits
        self._clock = clock
        self._began = clock()
        self._requests = 0
        self._tokens = 0
        self._cost: float | None = None

    @property
    def seconds(self) -> float:
        """Since the question was asked."""
        return self._clock() - self._began

    @property
    def left_s(self) -> float:
        """Seconds that are left; never below 0."""
        return max(0.0, self.limits.seconds - self.seconds)

    @property
    def left_requests(self) -> int:
        """Requests that are left."""
        return max(0, self.limits.requests - self._requests)

    @property
    def left_tokens(self) -> int:
        """Tokens that are left."""
        return max(0, self.limits.tokens - self._tokens)

    def spent(self, prompt_tokens: int = 0) -> str | None:
        """What is used up, in words, before a request that reads so many tokens; None where it may be made."""
        if not self.left_requests:
            return f"the {self.limits.requests} requests that a question may make"
        if self.left_tokens <= prompt_tokens:
            return f"the {self.limits.tokens:,} tokens that a question may take"
        if self.left_s < LEAST_S:
            return f"the {self.limits.seconds:g} seconds that a question may take"
        return None

    def reply_tokens(self, prompt_tokens: int) -> int:
        """How long the reply to such a request may be."""
        return max(1, min(self.limits.reply_tokens, self.left_tokens - prompt_tokens))

    def begin(self) -> None:
        """Count a request, whatever will come of it."""
        self._requests += 1

    def count(self, usage: Usage, *, prompt: str, reply: str) -> None:
        """Count the tokens of a request; estimated from the texts where the endpoint counts none."""
        if usage.cost is not None:
            self._cost = (self._cost or 0.0) + usage.cost
        said = usage.prompt_tokens + usage.completion_tokens
        self._tokens += said or estimate_tokens(prompt) + estimate_tokens(reply)

    def usage(self) -> dict[str, Json]:
        """What it took, and what it might have taken; plain values for `Analysis.usage`."""
        return {
            "requests": self._requests,
            "tokens": self._tokens,
            "seconds": round(self.seconds, 3),
            "cost": self._cost,
            "most_requests": self.limits.requests,
            "most_tokens": self.limits.tokens,
            "most_seconds": self.limits.seconds,
        }
