"""How many questions are answered at once: calls come in, and dashboards are looked at, while somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from postcall.errors import AnalystBusy, TooManyQuestions
from postcall.storage.analyst_threads import Owner

MOST_AT_ONCE = 40
"""Of all askers of one process. Each holds what its answer is made of in memory."""
MOST_OF_ONE = 8
"""Of one asker, so that nobody takes every place."""
_AGAIN_S = 2.0


class Places:
    """The questions that are under way in one event loop."""

    def __init__(self, *, most: int = MOST_AT_ONCE, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._taken: Counter[Owner] = Counter()

    def check(self, owner: Owner) -> None:
        """Raise TooManyQuestions or AnalystBusy where no further question of this asker is taken now."""
        if self._taken[owner] >= self._most_of_one:
            raise TooManyQuestions(self._most_of_one, retry_after_s=_AGAIN_S)
        if self._taken.total() >= self._most:
            raise AnalystBusy(self._most, retry_after_s=_AGAIN_S)

    @contextmanager
    def take(self, owner: Owner) -> Iterator[None]:
        """A place for as long as the question is answered; raises what `check` does."""
        self.check(owner)
        self._taken[owner] += 1
        try:
            yield
        finally:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]
