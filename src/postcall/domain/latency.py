"""How long the agent let people wait."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from postcall.domain.calls import Role, Turn


@dataclass(frozen=True, slots=True)
class Latency:
    """The waits for the agent's turns, in seconds."""

    measured: int
    """Of so many turns of the agent the wait is known."""
    turns: int
    """How many turns the agent had."""
    mean_s: float
    p50_s: float
    p95_s: float
    max_s: float
    slowest: int
    """Index of the turn that was waited for longest, the first of equals."""


def measure_latency(turns: Sequence[Turn]) -> Latency | None:
    """None where no wait is known. Percentiles are waits that happened: the smallest that so many do not pass."""
    waits = [
        (turn.latency_s, index)
        for index, turn in enumerate(turns)
        if turn.role is Role.AGENT and turn.latency_s is not None
    ]
    if not waits:
        return None
    ordered = sorted(wait for wait, _ in waits)
    longest = ordered[-1]
    return Latency(
        measured=len(waits),
        turns=sum(turn.role is Role.AGENT for turn in turns),
        mean_s=math.fsum(ordered) / len(ordered),
        p50_s=_percentile(ordered, 50),
        p95_s=_percentile(ordered, 95),
        max_s=longest,
        slowest=next(index for wait, index in waits if wait == longest),
    )


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
