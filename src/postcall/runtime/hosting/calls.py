"""One hosted call: each turn is claimed, run to its end whoever still listens, and stored as a whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.engine import Connection

from postcall.domain.calls import DisconnectionReason, Handoff, Json, Role, Turn
from postcall.domain.conversations import CallEvent, EventKind
from postcall.errors import ConversationBusy, InternalFault, PostcallError
from postcall.runtime.hosting.hiding import hide_in_output
from postcall.runtime.hosting.recorder import Recorder
from postcall.runtime.hosting.workplace import Served, Workplace
from postcall.runtime.protocol import Spoken
from postcall.runtime.session.outputs import Beside, Ended, Listening, Output, Said, Saying
from postcall.runtime.session.receiving import External
from postcall.runtime.session.session import Session
from postcall.runtime.session.snapshot import Snapshot
from postcall.storage import conversations as table
from postcall.storage.conversations import Ending, Hosted
from postcall.storage.external_events import say_told
from postcall.storage.hosted_writes import keep_writes
from postcall.storage.outbox import add_outgoing

log = logging.getLogger(__name__)

WAIT_S = 30.0
"""How long a turn waits for the one before it, where another process runs that."""
_POLL_S = 0.1
_RENEW_S = 4.0

Act: TypeAlias = Callable[[Session], AsyncIterator[Output]]
Tell: TypeAlias = Callable[[Output | PostcallError | None], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a conversation stands, for those who look on."""

    flow: str | None = None
    step: str | None = None
    language: str | None = None
    variant: str | None = None
    state: dict[str, Json] = field(default_factory=dict)
    """`conv.state` as JSON has it."""


class HostedCall:
    """A conversation under way; the same methods for every channel.

    Each returns the outputs of one turn, as they come. The turn goes on to its end also where nobody takes them any
    more, and the iterator ends only once it is stored. Turns of one call run one after the other.
    """

    def __init__(self, workplace: Workplace, account_pk: int, call_id: str) -> None:
        self._workplace = workplace
        self._account_pk = account_pk
        self.id = call_id
        self._turn = asyncio.Lock()
        self._session: Session | None = None
        self._storing = False
        self._under_way = 0
        self.shown = Shown()
        """How the latest turn that ran here left the conversation."""

    @property
    def idle(self) -> bool:
        """No turn is under way or waits."""
        return self._under_way == 0

    def start(self) -> AsyncIterator[Output]:
        """The first turn: `start_function` and greeting."""
        return self._take(lambda session: session.start())

    def hear(
        self, text: str, *, alternatives: Sequence[str] = (), dtmf: bool = False, beside: Beside | None = None
    ) -> AsyncIterator[Output]:
        """The user said this, or pressed these keys."""
        return self._take(_knowing(beside, lambda session: session.hear(text, alternatives=alternatives, dtmf=dtmf)))

    def silence(self, *, beside: Beside | None = None) -> AsyncIterator[Output]:
        """The user was silent for as long as `Listening` said."""
        return self._take(_knowing(beside, lambda session: session.silence()))

    def hang_up(self, reason: DisconnectionReason = DisconnectionReason.USER_HANGUP) -> AsyncIterator[Output]:
        """The user is gone; a turn that runs here stops."""
        if self._session is not None:
            self._session.stop()
        return self._take(lambda session: session.hang_up(reason))

    async def interrupt(self, heard: str) -> None:
        """The user spoke over the agent, having heard this much of what it said in its turn.

        A turn that runs stops; of one that is over, the record keeps only what was heard.
        """
        if self._session is not None and self._session.is_under_way:
            self._session.interrupt(heard)
            return
        if self._turn.locked() and not self._storing:  # the next turn begins already, and has said nothing
            return
        async for _ in self._take(lambda session: _cut(session, heard), cuts=True):
            pass

    async def _take(self, act: Act, *, cuts: bool = False) -> AsyncIterator[Output]:
        outputs: asyncio.Queue[Output | PostcallError | None] = asyncio.Queue()
        self._under_way += 1
        self._workplace.keep(asyncio.create_task(self._run(act, outputs.put_nowait, cuts=cuts)))
        while (output := await outputs.get()) is not None:
            if isinstance(output, PostcallError):
                raise output
            yield output

    async def _run(self, act: Act, tell: Tell, *, cuts: bool) -> None:
        try:
            async with self._turn:
                await self._run_turn(act, tell, cuts=cuts)
            tell(None)
        except PostcallError as error:
            tell(error)
        except asyncio.CancelledError:  # this process stops; the turn is run again by another
            tell(ConversationBusy(self.id))
            raise
        except Exception as error:  # told to whoever waits for the turn
            log.exception("a turn of call %s failed", self.id)
            tell(InternalFault(error))
        finally:
            self._under_way -= 1

    async def _run_turn(self, act: Act, tell: Tell, *, cuts: bool) -> None:
        lease = table.new_lease()
        hosted = await self._claim(lease)
        renewing = asyncio.create_task(self._renew(hosted, lease))
        try:
            served = await self._workplace.serve(hosted)
            recorder = self._workplace.recorder(served, source="live", lease=lease)
            turn = _Turn(self._workplace.services.clock)
            session = self._session = self._workplace.session(served, recorder)
            if served.received and not cuts:
                session.receive(_external(served))
            try:
                async for output in act(session):
                    turn.note(hide_in_output(output, served.redactor), tell)
            except Exception as error:
                # Kept as far as it came, so that its metrics count once and the conversation can go on.
                recorder.note(_broken(error, turn.now(), served.snapshot.turn))
                said = turn.said(served.snapshot.history, session.snapshot.history)
                await self._store(served, recorder, said, session.snapshot, lease=lease, took_in=not cuts)
                raise
            self._session, self._storing = None, True
            before, after = served.snapshot.history, session.snapshot.history
            heard = _heard(before, after) if cuts else None
            said = [] if cuts else turn.said(before, after)
            await self._store(served, recorder, said, session.snapshot, lease=lease, heard=heard, took_in=not cuts)
            for output in turn.last:
                tell(output)
        except BaseException:  # whatever it was: nobody is to wait until the lease of a turn that is no more ends
            services = self._workplace.services
            services.record.submit(lambda c: table.release_turn(c, hosted.call_pk, lease=lease))
            raise
        finally:
            renewing.cancel()
            self._session, self._storing = None, False

    async def _claim(self, lease: str) -> Hosted:
        services = self._workplace.services
        waited = 0.0
        while True:
            try:
                return await services.record.write_async(
                    lambda c: table.claim_turn(c, self._account_pk, self.id, lease=lease, now=services.clock())
                )
            except ConversationBusy:
                if waited >= WAIT_S:
                    raise
                waited += _POLL_S
                await asyncio.sleep(_POLL_S)

    async def _renew(self, hosted: Hosted, lease: str) -> None:
        services = self._workplace.services
        while True:
            await asyncio.sleep(_RENEW_S)
            try:
                held = await services.record.write_async(
                    lambda c: table.renew_turn(c, hosted.call_pk, lease=lease, now=services.clock())
                )
            except Exception:  # the database may be back before the lease ends
                log.exception("the lease of a turn of call %s could not be renewed", self.id)
                continue
            if not held:
                log.warning("the turn of call %s went to another process; what comes of it here is dropped", self.id)
                if self._session is not None:
                    self._session.stop()
                return

    async def _store(
        self,
        served: Served,
        recorder: Recorder,
        said: Sequence[Turn],
        after: Snapshot,
        *,
        lease: str,
        heard: Sequence[str] | None = None,
        took_in: bool,
    ) -> None:
        workplace, hosted = self._workplace, served.hosted
        left, outgoing = await recorder.drain()
        sealed = workplace.seal(hosted.agent_pk, after, secret=bool(served.secrets))
        state = served.state_of(after)
        said = [_redacted(turn, served) for turn in said]
        kept = served.kept(source="live", lease=lease)
        now = workplace.services.clock()

        def work(connection: Connection) -> None:
            keep_writes(connection, kept, left, now=now)
            add_outgoing(connection, hosted.call_pk, kept.turn, outgoing, sendable=workplace.sendable, now=now)
            table.store_turn(
                connection,
                hosted,
                said,
                lease=lease,
                turn=kept.turn,
                snapshot=sealed,
                state=state,
                columns={"language": after.language, "variant": after.variant},
                ending=_ending(after, served.clean),
                now=now,
                heard=None if heard is None else [served.clean(text) for text in heard],
            )
            say_told(connection, [event.id for event in served.received] if took_in else [], now=now)

        await workplace.services.record.write_async(work)
        self.shown = Shown(after.flow, after.step, after.language, after.variant, state)


@dataclass(slots=True)
class _Turn:
    """What a turn has said so far, and when."""

    now: Callable[[], datetime]
    began_at: datetime
    first_at: datetime | None
    last: list[Output]

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.began_at = now()
        self.first_at = None
        self.last = []

    def note(self, output: Output, tell: Tell) -> None:
        """Pass an output on; that it is the user's turn, or all over, is told only once it is stored."""
        if isinstance(output, Saying | Said) and output.text and self.first_at is None:
            self.first_at = self.now()
        if isinstance(output, Listening | Ended):
            self.last.append(output)
        else:
            tell(output)

    def said(self, before: Sequence[Spoken], after: Sequence[Spoken]) -> list[Turn]:
        """What the history has gained, as the record keeps it; silences are in the events."""
        first_at = self.first_at or self.now()
        turns = []
        latency: float | None = (first_at - self.began_at).total_seconds()
        for spoken in after[len(before) :]:
            if not spoken.text:
                continue
            if spoken.role == "user":
                turns.append(Turn(Role.USER, spoken.text, at=self.began_at))
            else:
                turns.append(Turn(Role.AGENT, spoken.text, at=first_at, latency_s=latency))
                latency = None  # one wait a turn
        return turns


def _knowing(beside: Beside | None, act: Act) -> Act:
    """A turn in which the session knows this already."""

    def act_knowing(session: Session) -> AsyncIterator[Output]:
        if beside is not None:
            session.learn(beside)
        return act(session)

    return act_knowing


async def _cut(session: Session, heard: str) -> AsyncIterator[Output]:
    """No turn of its own: only what is kept of the last one changes."""
    session.interrupt(heard)
    return
    yield


def _heard(before: Sequence[Spoken], after: Sequence[Spoken]) -> list[str]:
    """What is left of the agent's words since the user's last ones, after the user spoke over them."""
    begins = next((at + 1 for at in range(len(before) - 1, -1, -1) if before[at].role == "user"), 0)
    return [each.text for each in after[begins:]]


def _external(served: Served) -> list[External]:
    """What was sent, without the secrets that somebody may have sent along."""
    return [
        External(event.id, event.received_at, served.clean(event.data), event.content_type, event.send_to_llm)
        for event in served.received
    ]


def _redacted(turn: Turn, served: Served) -> Turn:
    text = served.clean(turn.text)
    return turn if text == turn.text else Turn(turn.role, text, turn.start_s, turn.at, turn.latency_s)


def _broken(error: Exception, now: datetime, turn: int) -> CallEvent:
    message = error.message if isinstance(error, PostcallError) else f"{type(error).__name__}: {error}"
    return CallEvent(EventKind.WARNING, now, turn, {"message": f"the turn broke off: {message}"}, failed=True)


def _ending(after: Snapshot, clean: Callable[[str], str]) -> Ending | None:
    if not after.ended:
        return None
    handoff = None
    if after.handoff_destination:
        handoff = Handoff(clean(after.handoff_destination), clean(after.handoff_reason or "") or None)
    return Ending(DisconnectionReason(after.reason or DisconnectionReason.AGENT_HANGUP), handoff)
