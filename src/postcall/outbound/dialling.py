"""The job that carries one placed call from the queue to its end.

Every step is committed before the next one begins, so that whoever goes on with the call after a process was stopped
knows how far it has come: nobody is called twice, and a conversation goes on where its transcript ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.calls import CallStatus, Direction, DisconnectionReason, Json
from postcall.domain.outbound import Dialled, DialOutcome, DialState
from postcall.errors import AgentArchived, CallNotFound, CallNotLive, ConversationOver, LinesBusy, PostcallError
from postcall.jobs.worker import Store
from postcall.outbound.carrier import Carrier, Placing
from postcall.outbound.placing import BARRED, SIP_HEADERS
from postcall.runtime.hosting import HostedCall, Hosting, OpenCall
from postcall.runtime.hosting.opening import VOICE
from postcall.services import Services
from postcall.storage.do_not_call import is_barred
from postcall.storage.jobs import Job
from postcall.storage.placed_calls import (
    DIAL,
    Dialling,
    count_queued,
    end_placed,
    read_dialling,
    say_answered,
    skip_queued,
    take_line,
)

NO_MODEL = "no model is configured, so there is nobody to speak: set POSTCALL_LLM_BASE_URL and POSTCALL_LLM_MODEL"
_MAX_ABOUT = 2_000
_POLL_S = 0.2
_MOST_TRIES = 6
"""With the waits between them about half a minute: the call holds a line, and nobody stays on theirs for longer."""

_ENDINGS = {
    DialOutcome.BUSY: (CallStatus.BUSY, DisconnectionReason.BUSY),
    DialOutcome.NO_ANSWER: (CallStatus.NO_ANSWER, DisconnectionReason.NO_ANSWER),
    DialOutcome.VOICEMAIL: (CallStatus.NO_ANSWER, DisconnectionReason.VOICEMAIL),
    DialOutcome.FAILED: (CallStatus.FAILED, DisconnectionReason.ERROR),
}


class DialCall:
    """The handler of these jobs."""

    kind = DIAL

    def __init__(self, services: Services, hosting: Hosting, carriers: Sequence[Carrier], *, limit: int = 64) -> None:
        """`limit`: how many calls, of all accounts, this process holds at once."""
        self._services = services
        self._hosting = hosting
        self._carriers = {carrier.name: carrier for carrier in carriers}
        self._lines = services.settings.calls_at_once
        self.limit = limit

    async def run(self, job: Job) -> Store:
        """Go on with the call from where it stands; LinesBusy where it has to wait."""
        call_pk = _call_of(job)
        found = await self._look(call_pk)
        if found is None:
            return _nothing
        if found.is_over:
            return self._settled(call_pk)
        carrier = self._carriers.get(found.carrier)
        if carrier is None:
            return self._failed(call_pk, f"there is no carrier {found.carrier!r} in this process", final=True)
        if self._hosting.workplace.model is None:
            return self._failed(call_pk, NO_MODEL, final=True)
        if found.state is DialState.QUEUED and found.archived is not None:
            return self._failed(call_pk, AgentArchived(found.archived).message, final=True)
        if found.state is DialState.QUEUED and await self._is_barred(found):
            now = self._services.clock()
            return lambda c: skip_queued(c, call_pk, BARRED, now=now)
        if found.state is DialState.QUEUED and not await self._take_line(call_pk):
            raise LinesBusy(retry_after_s=await self._patience_s(found.agent_pk))
        placing = _placing(found)
        try:
            if found.status is CallStatus.PENDING:
                dialled = await carrier.dial(placing)
                if dialled.outcome is not DialOutcome.ANSWERED:
                    return self._unanswered(call_pk, dialled)
                call = await self._open(found)
            else:
                call = await self._hosting.find(found.account_pk, found.id)
            await self._services.record.write_async(lambda c: say_answered(c, call_pk, now=self._services.clock()))
            await carrier.talk(placing, call, said=found.said)
        except (CallNotLive, ConversationOver, CallNotFound):
            pass  # somebody else ended it meanwhile, or took it away, which `_settled` reads from the record
        except PostcallError as failure:
            if job.attempts < _MOST_TRIES or not failure.retry:
                raise
            return self._failed(call_pk, failure.message)
        return self._settled(call_pk)

    def give_up(self, job: Job, failure: PostcallError) -> Store:
        """No attempt is left: the call has failed, as far as it came."""
        return self._failed(_call_of(job), failure.message)

    async def _look(self, call_pk: int) -> Dialling | None:
        return await self._services.record.read_async(lambda c: read_dialling(c, call_pk))

    async def _is_barred(self, found: Dialling) -> bool:
        """They may have been put on the list while the call waited."""
        return await self._services.record.read_async(
            lambda c: is_barred(c, found.account_pk, found.agent_pk, found.to_number)
        )

    async def _take_line(self, call_pk: int) -> bool:
        clock = self._services.clock
        return await self._services.record.write_async(lambda c: take_line(c, call_pk, limit=self._lines, now=clock()))

    async def _patience_s(self, agent_pk: int) -> float:
        """When to look for a line again: together those who wait look about a hundred times a second."""
        waiting = await self._services.record.read_async(lambda c: count_queued(c, agent_pk))
        return max(_POLL_S, waiting / 100)

    async def _open(self, found: Dialling) -> HostedCall:
        opening = OpenCall(
            channel=VOICE,
            environment=found.environment,
            version=found.version,
            variant=found.variant,
            from_number=found.from_number,
            to_number=found.to_number,
            direction=Direction.OUTBOUND,
            attributes={"variables": variables_of(found.metadata)},
            sip_headers=headers_of(found.metadata),
            call_id=found.id,
            placed=True,
            metadata=found.metadata,
        )
        return await self._hosting.open(found.account_pk, found.agent_id, opening)

    def _settled(self, call_pk: int) -> Store:
        """It was ended in its own conversation, or by somebody else; one that is still open had no end of its own."""
        return self._ended(call_pk, CallStatus.COMPLETED, DisconnectionReason.ERROR)

    def _unanswered(self, call_pk: int, dialled: Dialled) -> Store:
        status, reason = _ENDINGS[dialled.outcome]
        return self._ended(call_pk, status, reason, failure=dialled.why)

    def _failed(self, call_pk: int, why: str, *, final: bool = False) -> Store:
        return self._ended(call_pk, CallStatus.FAILED, DisconnectionReason.ERROR, failure=why, final=final)

    def _ended(
        self,
        call_pk: int,
        status: CallStatus,
        reason: DisconnectionReason,
        *,
        failure: str | None = None,
        final: bool = False,
    ) -> Store:
        now: datetime = self._services.clock()
        return lambda c: end_placed(c, call_pk, status, reason, failure=failure, final=final, now=now)


def variables_of(metadata: dict[str, Json]) -> dict[str, Json]:
    """What the agent was told of the person."""
    found = metadata.get("variables")
    return found if isinstance(found, dict) else {}


def headers_of(metadata: dict[str, Json]) -> dict[str, str]:
    """What the agent's functions see in `conv.sip_headers`."""
    found = metadata.get(SIP_HEADERS)
    return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _placing(found: Dialling) -> Placing:
    told = {**headers_of(found.metadata), **variables_of(found.metadata)}
    known = [f"{name}: {value}" for name, value in told.items() if value not in (None, "")]
    return Placing(
        call_id=found.id,
        to_number=found.to_number,
        from_number=found.from_number,
        about="; ".join(known)[:_MAX_ABOUT],
    )


def _call_of(job: Job) -> int:
    if job.call_pk is None:
        raise ValueError("a job of this kind names a call")
    return job.call_pk


def _nothing(connection: Connection) -> None:
    """The call is gone or settled already."""
