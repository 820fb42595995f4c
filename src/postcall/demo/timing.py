"""When calls come and how long their turns take."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from postcall.demo.clinic import CLINIC_ZONE
from postcall.domain.calls import Channel, Role, Turn

SPAN = timedelta(days=60)
"""How far back the calls go."""
LONGEST = timedelta(minutes=15)
"""No call lasts longer, so that none that has begun so long before the end is still going on."""

_BY_WEEKDAY = (1.25, 1.1, 1.0, 1.0, 0.9, 0.55, 0.1)
_BY_HOUR = (
    *(0.02, 0.01, 0.01, 0.01, 0.02, 0.05, 0.2, 0.7, 1.6, 2.0, 1.9, 1.5),
    *(1.0, 1.0, 1.3, 1.3, 1.2, 1.0, 0.45, 0.3, 0.2, 0.12, 0.07, 0.04),
)
"""From midnight to noon, and from noon to midnight."""
_SATURDAY_AFTERNOON = 0.15
"""The clinic closes at one, and people know it."""

_WORDS_PER_S = {Role.AGENT: 2.9, Role.USER: 2.5}
_TYPED_WORDS_PER_S = 1.1


def choose_starts(rng: Random, *, count: int, end: datetime) -> list[datetime]:
    """Times in the 60 days before `end`, newest first, as busy as a clinic's telephone is; aware, in UTC."""
    hours = [end - SPAN + timedelta(hours=hour) for hour in range(60 * 24)]
    busy = list(accumulate(_busyness(hour.astimezone(CLINIC_ZONE)) for hour in hours))
    latest = end - LONGEST
    starts: list[datetime] = []
    while len(starts) < count:
        hour = hours[bisect(busy, rng.random() * busy[-1])]
        start = hour + timedelta(milliseconds=rng.randrange(3_600_000))
        if start <= latest:
            starts.append(start)
    return sorted(starts, reverse=True)


def _busyness(local: datetime) -> float:
    late = _SATURDAY_AFTERNOON if local.weekday() == 5 and local.hour >= 13 else 1.0
    return _BY_WEEKDAY[local.weekday()] * _BY_HOUR[local.hour] * late


def time_turns(
    words: Sequence[tuple[Role, str]], rng: Random, *, channel: Channel, slower: float
) -> tuple[tuple[Turn, ...], float]:
    """Give each turn its start and the agent its latency, from the length of what is said; also the whole duration.

    `slower` is added to the agent's latency. An agent that speaks twice running has waited for a silent
    caller. Where nobody speaks, it rang for a while.
    """
    if not words:
        return (), round(rng.uniform(4.0, 30.0), 2)
    now = 0.0
    before: Role | None = None
    turns: list[Turn] = []
    for role, text in words:
        latency = _latency(rng, slower=slower) if role is Role.AGENT and before is Role.USER else None
        now += latency if latency is not None else _pause(rng, role, before, channel)
        turns.append(Turn(role=role, text=text, start_s=round(now, 2), latency_s=latency))
        now += _speaking(text, rng, role, channel)
        before = role
    return tuple(turns), round(now + rng.uniform(0.2, 1.2), 2)


def _latency(rng: Random, *, slower: float) -> float:
    return round(min(rng.lognormvariate(-0.15, 0.4) + slower, 8.0), 2)


def _pause(rng: Random, role: Role, before: Role | None, channel: Channel) -> float:
    if before is None:
        return rng.uniform(0.1, 0.6)
    if before is role:
        return rng.uniform(6.0, 8.0) if role is Role.AGENT else rng.uniform(0.8, 2.5)
    typing = rng.uniform(2.0, 14.0) if channel is not Channel.VOICE else 0.0
    return rng.uniform(0.3, 1.6) + typing


def _speaking(text: str, rng: Random, role: Role, channel: Channel) -> float:
    words = text.count(" ") + 1
    if channel is Channel.VOICE:
        return words / _WORDS_PER_S[role] * rng.uniform(0.85, 1.2) + 0.2
    return words / _TYPED_WORDS_PER_S * rng.uniform(0.8, 1.3) if role is Role.USER else 0.4
