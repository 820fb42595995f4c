"""The job that sends one message: at most once, since no provider here knows a message by its id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.conversations import OutboxItem, OutboxState, Outgoing
from postcall.errors import OutboxItemNotFound, PostcallError, SendingDelayed
from postcall.jobs.worker import Store
from postcall.notify.outcomes import Ending, Outcome, Sender
from postcall.notify.smtp import SmtpSender
from postcall.settings import Settings
from postcall.storage import outbox
from postcall.storage.database import Record
from postcall.storage.jobs import Job
from postcall.storage.outbox import SEND

_GRACE_S = 5.0
"""How long a message under way may take to arrive after the worker was told to stop: a restart is no interruption."""

_STATES = {
    Ending.SENT: OutboxState.SENT,
    Ending.REFUSED: OutboxState.FAILED,
    Ending.LATER: OutboxState.QUEUED,
    Ending.UNCERTAIN: OutboxState.UNCERTAIN,
}


def make_senders(settings: Settings, *, clock: Callable[[], datetime]) -> tuple[Sender, ...]:
    """Those that are configured."""
    found: list[Sender] = []
    if settings.smtp is not None:
        found.append(SmtpSender(settings.smtp, clock=clock))
    if settings.twilio is not None:
        from postcall.notify.twilio import TwilioSender  # here, since few send texts, and it loads an HTTP client

        found.append(TwilioSender(settings.twilio))
    return tuple(found)


def sendable_by(senders: Sequence[Sender]) -> Callable[[Outgoing], bool]:
    """Whether one of them takes a message; what none takes is recorded, handoffs always."""
    return lambda outgoing: any(sender.can_send(outgoing) for sender in senders)


class SendMessage:
    """The handler of these jobs.

    That a message is being sent is committed before its first byte leaves, and how it ended as soon as that is known.
    A job that begins and finds it under way already knows that its sender has gone: the message is uncertain then.
    """

    kind = SEND

    def __init__(
        self,
        record: Record,
        senders: Sequence[Sender],
        *,
        clock: Callable[[], datetime],
        limit: int = 8,
        grace_s: float = _GRACE_S,
    ) -> None:
        self._record = record
        self._senders = senders
        self._clock = clock
        self.limit = limit
        self._grace_s = grace_s

    async def run(self, job: Job) -> Store:
        """One attempt; SendingDelayed where another may be made."""
        attempt = asyncio.create_task(self._attempt(job.payload["outbox"]))
        try:
            delayed = await asyncio.shield(attempt)
        except asyncio.CancelledError:
            await asyncio.wait({attempt}, timeout=self._grace_s)
            raise
        if delayed is not None:
            raise delayed
        return _nothing

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """No attempt is left."""
        now = self._clock()
        return lambda c: outbox.give_up_sending(c, job.payload["outbox"], failure.message, now=now)

    async def _attempt(self, item_id: str) -> SendingDelayed | None:
        now = self._clock()
        number = await self._record.write_async(lambda c: outbox.begin_sending(c, item_id, now=now))
        if number is None:
            return None
        item = await self._record.read_async(lambda c: _find(c, item_id))
        if item is None:  # its call was removed in this moment
            return None
        outcome = await self._send(item)
        now, state = self._clock(), _STATES[outcome.ending]
        settled = await self._record.write_async(
            lambda c: outbox.settle_sending(c, item_id, number, state, error=outcome.error, now=now)
        )
        if outcome.ending is not Ending.LATER or not settled:
            return None
        allowed = item.outgoing.retry_count
        return SendingDelayed(
            outcome.error or "it could not be sent",
            retry=allowed is None or number <= allowed,
            retry_after_s=outcome.retry_after_s,
        )

    async def _send(self, item: OutboxItem) -> Outcome:
        sender = next((sender for sender in self._senders if sender.can_send(item.outgoing)), None)
        if sender is None:
            return Outcome(Ending.REFUSED, f"nothing is configured any more that could send this {item.outgoing.kind}")
        try:
            return await sender.send(item)
        except Exception as error:  # noqa: BLE001 - a fault of our own, perhaps after it went out: stored and shown
            return Outcome(Ending.UNCERTAIN, f"postcall failed while it was sent: {type(error).__name__}: {error}")


def _find(connection: Connection, item_id: str) -> OutboxItem | None:
    try:
        return outbox.find_outgoing(connection, item_id)
    except OutboxItemNotFound:
        return None


def _nothing(connection: Connection) -> None:
    """The job itself has nothing left to store."""
