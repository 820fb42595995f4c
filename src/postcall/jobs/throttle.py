"""How many jobs of a kind run at once, and when none should: the endpoint they ask says so by failing.

Without this, a limit of 60 requests a minute, or a key that expired overnight, would run a queue of thousands through
all its attempts. It follows TCP's congestion control: one more at once for each success, half as many for each refusal
(additive increase, multiplicative decrease; Chiu and Jain, 1989), one decrease for all that were under way together,
and a pause where even one at a time is refused.
"""

from __future__ import annotations

import asyncio

from postcall.errors import Blame, PostcallError

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0


class Throttle:
    """The slots of one kind of job, on one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._allowed = float(limit)
        self._running = 0
        self._in_row = 0
        """Failures since the last success that may be the endpoint's fault or the call's."""
        self._pauses = 0
        self._paused_until = 0.0
        self._decreases = 0
        self._changed = asyncio.Condition()

    @property
    def allowed(self) -> int:
        """How many may run at once now."""
        return int(self._allowed)

    async def enter(self) -> int:
        """Wait for a slot; returns what `leave` wants to know."""
        async with self._changed:
            while self._running >= self.allowed or self._pause_left_s() > 0:
                await self._wait()
            self._running += 1
            return self._decreases

    async def leave(self, failure: PostcallError | None, entered: int) -> None:
        """Free the slot, and learn from how the job ended; None is a success."""
        async with self._changed:
            self._running -= 1
            if failure is None:
                self._in_row = self._pauses = 0
                self._allowed = min(float(self._limit), self._allowed + 1)
            elif failure.blame is Blame.ENDPOINT:
                self._refused(failure.retry_after_s, entered)
            elif failure.blame is Blame.EITHER:
                self._in_row += 1
                if self._in_row >= self._limit:  # not one success among as many as run at once: it is not the calls
                    self._refused(failure.retry_after_s, entered)
            self._changed.notify_all()

    def _refused(self, asked_s: float | None, entered: int) -> None:
        if asked_s is not None:
            self._pause(asked_s)
        if entered != self._decreases:
            return  # it was sent before the last decrease: the same news again
        self._decreases += 1
        if self.allowed > 1:
            self._allowed = max(1.0, self._allowed / 2)
        else:
            self._pause(FIRST_PAUSE_S * 2.0 ** min(self._pauses, 30))
            self._pauses += 1

    def _pause(self, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + min(seconds, LONGEST_PAUSE_S)
        self._paused_until = max(self._paused_until, until)

    def _pause_left_s(self) -> float:
        return self._paused_until - asyncio.get_running_loop().time()

    async def _wait(self) -> None:
        left_s = self._pause_left_s()
        try:
            await asyncio.wait_for(self._changed.wait(), timeout=left_s if left_s > 0 else None)
        except TimeoutError:
            return
