"""How often somebody may guess a password."""

from __future__ import annotations

import ipaddress
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
OF_ONE_USER = 10
"""Wrong passwords for one e-mail address."""
OF_ONE_PLACE = 50
"""From one network address; an office may share it, and so do all who come through a proxy on another machine."""
_KEPT = 20_000
"""Addresses of which attempts are remembered before those that are over are cleared away."""


@dataclass
class Throttle:
    """Counts attempts to sign in that have not succeeded, for as long as the process runs.

    It knows nothing of other processes, and a restart forgets everything: enough against guessing, since every server
    has one process that serves pages.
    """

    _attempts: dict[str, deque[datetime]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many users and places are remembered."""
        return len(self._attempts)

    def begin(self, email: str, address: str, *, now: datetime) -> timedelta | None:
        """Count an attempt before its password is checked, so that many at once are no way around it.

        How long to wait where there were too many; that attempt is not counted, and must not be checked.
        """
        keys = _keys(email, address)
        waits = [self._wait(key, allowed, now) for key, allowed in keys]
        wait = max(waits, default=timedelta())
        if wait > timedelta():
            return wait
        if len(self._attempts) > _KEPT:
            self._clear(now)
        for key, _ in keys:
            self._attempts.setdefault(key, deque()).append(now)
        return None

    def succeed(self, email: str, address: str) -> None:
        """Forget the user's attempts, and of the place's only this one: else one known password frees guessing."""
        (user, _), (place, _) = _keys(email, address)
        self._attempts.pop(user, None)
        others = self._attempts.get(place)
        if others:
            others.pop()

    def _wait(self, key: str, allowed: int, now: datetime) -> timedelta:
        attempts = self._attempts.get(key)
        while attempts and attempts[0] <= now - WINDOW:
            attempts.popleft()
        if not attempts:
            self._attempts.pop(key, None)
            return timedelta()
        return attempts[0] + WINDOW - now if len(attempts) >= allowed else timedelta()

    def _clear(self, now: datetime) -> None:
        for key in [key for key, attempts in self._attempts.items() if not attempts or attempts[-1] <= now - WINDOW]:
            del self._attempts[key]


def _keys(email: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return (f"user {email}", OF_ONE_USER), (f"place {_network(address)}", OF_ONE_PLACE)


def _network(address: str) -> str:
    """Of IPv6 the first half, since whoever has one address there has all of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.packed, 64), strict=False))
    return str(parsed)
