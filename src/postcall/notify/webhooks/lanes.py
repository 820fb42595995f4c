"""How many deliveries are under way to each receiver, so that none takes what another needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from postcall.storage.delivery_rows import Receiver

LANES: Final = 8
"""Under way to one receiver at once, by all processes together."""
AT_ONCE: Final = 256
"""Under way in one process."""


class Lanes:
    """The deliveries under way in one process.

    A receiver that fails gets half as many at once, down to one, and one more for each that it takes: a dead one with
    a long backlog costs little, and one that was overrun gets air.
    """

    def __init__(self, *, lanes: int = LANES, at_once: int = AT_ONCE) -> None:
        self.lanes = lanes
        self._at_once = at_once
        self._under_way: Counter[Receiver] = Counter()
        self._allowed: dict[Receiver, float] = {}

    def share(self, due: Sequence[Receiver]) -> list[tuple[Receiver, int]]:
        """How many may begin to each of these receivers, those with the fewest under way first.

        Once half of all places are taken, only a receiver that has nothing under way gets one: however many are slow,
        the next one's first delivery need not wait for them.
        """
        used = self._under_way.total()
        shares = []
        for receiver in sorted(due, key=lambda each: self._under_way[each]):
            held = self._under_way[receiver]
            first = 0 if held else 1
            more = min(self.allowed(receiver) - held, self._at_once // 2 - used)
            room = min(max(first, more), self._at_once - used)
            if room > 0:
                shares.append((receiver, room))
                used += room
        return shares

    def allowed(self, receiver: Receiver) -> int:
        """How many may be under way to it at once."""
        return int(self._allowed.get(receiver, self.lanes))

    def enter(self, receiver: Receiver) -> None:
        """One more is under way."""
        self._under_way[receiver] += 1

    def leave(self, receiver: Receiver, *, taken: bool) -> None:
        """One less is, and whether the receiver took it."""
        self._under_way[receiver] -= 1
        if self._under_way[receiver] <= 0:
            del self._under_way[receiver]
        before = self._allowed.pop(receiver, float(self.lanes))
        after = before + 1 if taken else max(1.0, before / 2)
        if after < self.lanes:  # what is not remembered has all of them
            self._allowed[receiver] = after
