"""The deliverer: claims what is due, sends it side by side, and stores how each attempt ended.

A delivery is sent at least once, under one id. That an attempt begins, and the body that it sends, are committed before
its first byte leaves; a process that dies in the middle loses its lease, and another sends the same again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

import httpcore
from sqlalchemy.engine import Connection

from postcall.configure.sealing import sealer_for
from postcall.domain.webhooks import WebhookFormat
from postcall.notify.webhooks.connecting import Resolve, open_pool
from postcall.notify.webhooks.deciding import Ladder, decide
from postcall.notify.webhooks.delivering import TIMEOUT_S, Answer, deliver
from postcall.notify.webhooks.destinations import FindDestination, WireFormat
from postcall.notify.webhooks.lanes import Lanes
from postcall.notify.webhooks.preparing import Nowhere, Prepared, Preparer, Ready, Terms, Unready
from postcall.notify.webhooks.targets import Targets
from postcall.settings import Settings
from postcall.storage import deliveries as table
from postcall.storage.claiming import claim_deliveries, due_receivers
from postcall.storage.database import Record
from postcall.storage.deliveries import Ended
from postcall.storage.delivery_log import forget_old_deliveries
from postcall.storage.delivery_rows import Claim
from postcall.storage.webhook_secrets import forget_old_secrets

log = logging.getLogger(__name__)

LEASE_S = 15.0
"""How long a process may be silent before another sends what it was sending."""
_POLL_S = 0.1
"""Between looks at whether something is due, each of which costs a millisecond."""
_GRACE_S = 5.0
"""How long what is under way may take to arrive after the process was told to stop."""
_RECEIVERS_AT_ONCE = 64
"""In one claim, which holds up other writes."""
_PREPARED_AT_ONCE = 16
"""In one look at the record, whose last waits for the first."""


class Deliverer:
    """Sends deliveries until it is told to stop; several processes share the work."""

    def __init__(
        self,
        record: Record,
        formats: Mapping[WebhookFormat, WireFormat],
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        random: Random,
        find_action: FindDestination | None = None,
        resolve: Resolve | None = None,
        ladder: Ladder | None = None,
        lanes: Lanes | None = None,
        timeout_s: float = TIMEOUT_S,
        lease_s: float = LEASE_S,
        grace_s: float = _GRACE_S,
    ) -> None:
        """`find_action`: where call actions send; without it those are not sent at all."""
        self._record = record
        self._preparer = Preparer(formats, sealer_for(settings), find_action, clock=clock)
        self._targets = Targets(settings.webhooks.to)
        self._kept = timedelta(days=settings.webhooks.kept_days)
        self._ladder = ladder or Ladder(attempts=settings.webhooks.attempts)
        self._clock = clock
        self._random = random
        self._resolve = resolve
        self._lanes = lanes or Lanes()
        self._timeout_s = timeout_s
        self._lease_s = lease_s
        self._grace_s = grace_s
        self._held: dict[int, Claim] = {}
        self._unsettled: list[Claim] = []
        """Cut off when it was time to stop."""
        self._running: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()
        """Something has ended, or it is time to stop."""
        self._stopping = asyncio.Event()
        self._stop_asked = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Deliver until `stop`; then begin nothing, and let what is under way arrive if it does so soon."""
        self._loop = asyncio.get_running_loop()
        if self._stop_asked:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_after())
            group.create_task(self._serve())

    def stop(self) -> None:
        """End `run` soon; may be called from any thread."""
        self._stop_asked = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._halt)

    def _halt(self) -> None:
        self._stopping.set()
        self._stirred.set()

    async def _serve(self) -> None:
        async with open_pool(self._targets, resolve=self._resolve) as pool:
            while not self._stopping.is_set():
                self._stirred.clear()
                try:
                    claims = await self._claim()
                except Exception:  # the database may be back in a second, and nobody else looks after this
                    log.exception("no delivery could be claimed; trying again in a second")
                    await self._wait(self._stopping, 1.0)
                    continue
                for first in range(0, len(claims), _PREPARED_AT_ONCE):
                    self._start(self._prepare(pool, claims[first : first + _PREPARED_AT_ONCE]))
                if not claims:
                    await self._wait(self._stirred, _POLL_S)
            await self._finish()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._grace_s)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._unsettled:
            await self._record.write_async(self._give_back)

    def _give_back(self, connection: Connection) -> None:
        for claim in self._unsettled:
            table.give_back(connection, claim, now=self._clock())

    async def _claim(self) -> list[Claim]:
        now = self._clock()
        due = await self._record.read_async(lambda c: due_receivers(c, now=now))
        shares = self._lanes.share(due)[:_RECEIVERS_AT_ONCE]
        if not shares:
            return []

        def claim(connection: Connection) -> list[Claim]:
            return [
                claimed
                for receiver, room in shares
                for claimed in claim_deliveries(
                    connection, receiver, room=room, most=self._lanes.lanes, lease_s=self._lease_s, now=now
                )
            ]

        claims = await self._record.write_async(claim)
        for claimed in claims:
            self._held[claimed.pk] = claimed
            self._lanes.enter(claimed.receiver)
        return claims

    async def _prepare(self, pool: httpcore.AsyncConnectionPool, claims: Sequence[Claim]) -> None:
        """Read what is sent for some, and set each on its way."""
        try:
            prepared = await self._record.read_async(lambda c: self._preparer.prepare(c, claims))
        except asyncio.CancelledError:
            self._unsettled.extend(claims)
            raise
        except Exception:  # they stay as they are until their leases end
            log.exception("%d deliveries could not be read", len(claims))
            for claim in claims:
                self._leave(claim, taken=False)
            return
        if self._stopping.is_set():  # nothing begins any more
            self._unsettled.extend(claims)
            return
        for claim, each in zip(claims, prepared, strict=True):
            self._start(self._work(pool, claim, each))

    async def _work(self, pool: httpcore.AsyncConnectionPool, claim: Claim, prepared: Prepared) -> None:
        taken = False
        try:
            taken = await self._attempt(pool, claim, prepared)
        except Exception:  # a full disk, say: it stays as it is until its lease ends, and is sent again
            log.exception("what came of delivery %s could not be stored", claim.delivery.id)
        finally:
            self._leave(claim, taken=taken)

    def _leave(self, claim: Claim, *, taken: bool) -> None:
        self._held.pop(claim.pk, None)
        self._lanes.leave(claim.receiver, taken=taken)
        self._stirred.set()

    async def _attempt(self, pool: httpcore.AsyncConnectionPool, claim: Claim, prepared: Prepared) -> bool:
        """Whether the receiver took it."""
        try:
            if isinstance(prepared, Nowhere):
                reason = str(prepared)
                await self._record.write_async(lambda c: table.end_unsent(c, claim, reason, now=self._clock()))
                return False
            number = await self._begin(claim, prepared)
            if number is None:
                log.warning("delivery %s went to another process", claim.delivery.id)
                return False
            answer = await self._send(pool, prepared)
        except asyncio.CancelledError:
            self._unsettled.append(claim)
            raise
        await self._settle(claim, number, answer, prepared.terms)
        return answer.ended.error is None

    async def _begin(self, claim: Claim, prepared: Ready | Unready) -> int | None:
        body = prepared.letter.body.decode() if isinstance(prepared, Ready) else None
        return await self._record.write_async(
            lambda c: table.begin_attempt(c, claim, body=body, lease_s=self._lease_s, now=self._clock())
        )

    async def _send(self, pool: httpcore.AsyncConnectionPool, prepared: Ready | Unready) -> Answer:
        if isinstance(prepared, Unready):
            return Answer(Ended(error=prepared.error))
        timeout_s = prepared.terms.timeout_s or self._timeout_s
        return await deliver(pool, prepared.letter, now=self._clock(), timeout_s=timeout_s)

    async def _settle(self, claim: Claim, number: int, answer: Answer, terms: Terms) -> None:
        now = self._clock()
        then = decide(
            answer,
            event=claim.delivery.event,
            attempt=number,
            ladder=terms.ladder or self._ladder,
            now=now,
            random=self._random,
            rotating=terms.rotating,
        )
        settled = await self._record.write_async(
            lambda c: table.settle_attempt(
                c, claim, number, answer.ended, state=then.state, due_at=then.due_at, now=now
            )
        )
        if not settled:
            log.warning("delivery %s went to another process; how it ended here is dropped", claim.delivery.id)

    async def _look_after(self) -> None:
        """Heartbeats for what is held, what others lost, and what is old."""
        while not self._stopping.is_set():
            try:
                await self._record.write_async(self._tend)
            except Exception:  # it comes round again, and the leases outlast a few rounds
                log.exception("the heartbeat of deliveries failed")
            await self._wait(self._stopping, self._lease_s / 4)

    def _tend(self, connection: Connection) -> None:
        now = self._clock()
        table.renew_leases(connection, list(self._held.values()), lease_s=self._lease_s, now=now)
        table.free_lost_deliveries(connection, now=now)
        forget_old_deliveries(connection, now=now, kept=self._kept)
        forget_old_secrets(connection, now=now)

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(event.wait(), timeout=seconds)
        except TimeoutError:
            return
