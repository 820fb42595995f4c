"""Numbers that many pages ask for, and that take long to count once there is much to count."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

SLOW_S = 0.025
TIMES = 20


class Remembered:
    """Counts that took over 25 ms are shown again for twenty times as long as they took.

    So however many pages look, counting takes at most a twentieth of the time; small accounts are always counted anew.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, float]] = {}

    def get(self, name: str, count: Callable[[], T]) -> T:
        """The number, counted now or not long ago."""
        value, until = self._kept.get(name, (None, 0.0))
        begun = time.monotonic()
        if begun < until:
            kept: T = value
            return kept
        counted = count()
        took_s = time.monotonic() - begun
        if took_s > SLOW_S:
            self._kept[name] = (counted, begun + TIMES * took_s)
        else:
            self._kept.pop(name, None)
        return counted
