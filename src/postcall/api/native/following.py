"""Those who follow calls, served together: one look at the record for all of them, one read for each that is new."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import Request

from postcall.api.auth import authenticate
from postcall.domain.keys import Principal, Scope
from postcall.errors import NotAllowed, NotFound, TooManyRequests
from postcall.services import Services
from postcall.storage.call_events import News, Seen, read_news
from postcall.storage.following import Mark, read_marks

log = logging.getLogger(__name__)

POLL_S = 0.25
"""How often the record is asked for news: so it does not matter which process a call runs in."""


class Watch:
    """One for each event loop. While nobody follows a call it does nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._followed: Counter[int] = Counter()
        self._marks: dict[int, Mark] = {}
        self._looked = asyncio.Event()
        """Set, and replaced, with each look."""
        self._reads: dict[tuple[object, ...], asyncio.Task[News]] = {}
        """Since the latest look: many who follow one call are told the same."""
        self._looking: asyncio.Task[None] | None = None

    @property
    def followers(self) -> int:
        """How many there are."""
        return self._followed.total()

    @asynccontextmanager
    async def following(self, call_pk: int) -> AsyncIterator[None]:
        """Follow a call for as long as the block runs."""
        self._followed[call_pk] += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._followed[call_pk] -= 1
            self._followed += Counter()  # drops those at zero

    async def changed(self, call_pk: int, since: Mark | None, *, patience_s: float) -> Mark | None:
        """The call's mark once it is another; the same again where nothing has happened for so long."""
        try:
            async with asyncio.timeout(patience_s):
                while True:
                    looked = self._looked
                    await looked.wait()
                    mark = self._marks.get(call_pk)
                    if mark != since:
                        return mark
        except TimeoutError:
            return since

    async def read(self, principal: Principal, call_id: str, seen: Seen | None) -> News:
        """What is new in the call since then, for one who follows it; CallNotFound where it is gone."""
        account_pk, with_pii = principal.account_pk, principal.may_see_pii
        key = (account_pk, call_id, seen, with_pii)
        reading = self._reads.get(key)
        if reading is None:
            reading = self._reads[key] = asyncio.create_task(
                self._services.record.read_async(lambda c: read_news(c, account_pk, call_id, seen, with_pii=with_pii))
            )
        return await asyncio.shield(reading)  # one who goes away takes it from nobody else

    async def _look(self) -> None:
        while self._followed:
            pks = set(self._followed)
            try:
                self._marks = await self._services.record.read_async(partial(read_marks, call_pks=pks))
            except Exception:  # the database may be back in a moment; meanwhile nothing is new
                log.exception("whoever follows calls cannot be told what is new; trying again")
            self._reads = {}
            looked, self._looked = self._looked, asyncio.Event()
            looked.set()
            await asyncio.sleep(POLL_S)
        self._reads, self._looking = {}, None


async def listen(
    request: Request,
    watch: Watch,
    principal: Principal,
    call_id: str,
    call_pk: int,
    seen: Seen | None,
    *,
    keep_alive_s: float,
) -> AsyncGenerator[News | None]:
    """What is new in a call, again and again; None after so long without anything.

    Ends behind the last there is, which says that the call is no longer live; and before, where the call is gone or the
    key opens it no longer.
    """
    mark, looked_at_key = None, time.monotonic()
    async with watch.following(call_pk):
        while True:
            try:
                news = await watch.read(principal, call_id, seen)
            except NotFound:
                return
            yield news
            seen = news.seen
            if not news.live:
                return
            before = mark
            while (mark := await watch.changed(call_pk, before, patience_s=keep_alive_s)) == before:
                yield None
                if not await _still_allowed(request):
                    return
                looked_at_key = time.monotonic()
            if time.monotonic() - looked_at_key > keep_alive_s:
                if not await _still_allowed(request):
                    return
                looked_at_key = time.monotonic()


async def _still_allowed(request: Request) -> bool:
    try:
        await authenticate(request, Scope.READ, narrow=True)
    except NotAllowed:
        return False
    except TooManyRequests:  # it is a good key, and nobody asked but we
        return True
    return True


def watch_of(request: Request) -> Watch:
    """The one of the running application; made on its event loop with the first request that asks."""
    state = request.app.state
    if state.watch is None:
        state.watch = Watch(state.services)
    watch: Watch = state.watch
    return watch
