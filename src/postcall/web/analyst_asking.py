"""Questions that are being answered for the pages, in this process: what has been found so far, and how to stop."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeAlias

from postcall.analyst.steps import Step
from postcall.domain.analysis import Analysis, Question
from postcall.errors import NotFound, PostcallError
from postcall.storage.analyst_threads import Owner

log = logging.getLogger(__name__)

_KEPT = 200
"""Questions that are remembered here after their end; answers are in the record."""


Ask: TypeAlias = Callable[[asyncio.Event], AsyncGenerator[Step | Analysis, None]]


class Asking:
    """One question on its way."""

    def __init__(self, owner: Owner, question: Question) -> None:
        self.id = secrets.token_hex(12)
        self.owner = owner
        self.question = question
        self.steps: list[Step] = []
        self.analysis: Analysis | None = None
        self.problem: PostcallError | None = None
        self.stopped = False
        self.stopping = asyncio.Event()
        """Set: the answer is to be made of what there is so far."""
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.stopped or self.analysis is not None or self.problem is not None

    async def changed(self, patience_s: float) -> None:
        """Wait until there is something new, or for so long."""
        changed = self._changed
        if not self.is_over:
            try:
                await asyncio.wait_for(changed.wait(), patience_s)
            except TimeoutError:
                return

    async def ended(self, patience_s: float) -> bool:
        """Whether it is over within so many seconds."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=patience_s)
        return self.is_over

    def begin(self, told: AsyncGenerator[Step | Analysis, None]) -> None:
        """Listen to what is found."""
        self._task = asyncio.create_task(self._listen(told))

    async def stop(self, patience_s: float = 0.0) -> None:
        """End the work: within so many seconds with an answer made of what there is, otherwise without one."""
        self.stopping.set()
        if self._task is None:
            return
        if patience_s:
            await asyncio.wait({self._task}, timeout=patience_s)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _listen(self, told: AsyncGenerator[Step | Analysis, None]) -> None:
        try:
            async with aclosing(told):
                async for each in told:
                    if isinstance(each, Step):
                        self.steps.append(each)
                    else:
                        self.analysis = each
                    self._tell()
            self.stopped = self.analysis is None
        except asyncio.CancelledError:
            self.stopped = self.analysis is None
        except PostcallError as error:
            self.problem = error
        except Exception:  # nobody waits for this task: the page says that it failed, and the log says why
            log.exception("a question to the analyst failed")
            self.problem = PostcallError("postcall failed at this question; its log says why")
        finally:
            self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Askings:
    """All of this process."""

    def __init__(self) -> None:
        self._askings: dict[str, Asking] = {}

    def begin(self, owner: Owner, question: Question, ask: Ask) -> Asking:
        """Begin to answer. `ask` gets what is set once the answer is to be made of what there is so far."""
        over = [each.id for each in self._askings.values() if each.is_over]
        for old in over[: max(0, len(self._askings) - _KEPT + 1)]:
            del self._askings[old]
        asking = Asking(owner, question)
        self._askings[asking.id] = asking
        asking.begin(ask(asking.stopping))
        return asking

    def find(self, owner: Owner, asking_id: str) -> Asking:
        """The question, if it is this person's; NotFound also after a restart."""
        asking = self._askings.get(asking_id)
        if asking is None or asking.owner != owner:
            raise NotFound("this question is not known any more; what was answered is among the threads")
        return asking

    async def close(self) -> None:
        """Stop all."""
        await asyncio.gather(*(each.stop() for each in self._askings.values()))
