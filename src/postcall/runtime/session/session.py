"""A conversation: what the user does goes in, what the agent says comes out, and between turns it is a Snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeAlias

import msgspec

from postcall.domain.calls import CallStatus, DisconnectionReason
from postcall.errors import CallNotLive
from postcall.llm.chat_shapes import ChatModel
from postcall.runtime.functions.running import Functions
from postcall.runtime.projects.model import Project
from postcall.runtime.session import conversing
from postcall.runtime.session.closing import close_turn
from postcall.runtime.session.ending import run_end_function
from postcall.runtime.session.events import Journal
from postcall.runtime.session.host import Host
from postcall.runtime.session.interrupting import cut_history, cut_messages
from postcall.runtime.session.limits import SessionLimits
from postcall.runtime.session.opening import new_snapshot
from postcall.runtime.session.outputs import Beside, Ended, Listening, Output
from postcall.runtime.session.receiving import External, with_external
from postcall.runtime.session.snapshot import Snapshot
from postcall.runtime.session.starting import open_conversation
from postcall.runtime.session.turn import Setting, Turn
from postcall.runtime.session.working import begin, finish
from postcall.runtime.texts.languages import spoken_language
from postcall.runtime.texts.topics import TopicIndex

__all__ = ["Session", "SessionLimits", "new_snapshot", "run_end_function"]

Act: TypeAlias = Callable[[Turn], Awaitable[None]]
Emit: TypeAlias = Callable[[Output], None]


class Session:
    """One conversation, on one event loop.

    Each of `start`, `hear`, `silence` and `hang_up` is a turn: iterate it to its end. The last output is Listening or
    Ended; when it arrives, `snapshot` is that of the finished turn. A turn that is given up (its iterator closed, an
    exception) leaves the snapshot of before. Turns do not overlap: one that is begun while another runs waits for it.
    Without a model, whatever needs one is answered with a fallback.
    """

    def __init__(
        self,
        project: Project,
        functions: Functions,
        model: ChatModel | None,
        host: Host,
        snapshot: Snapshot,
        *,
        limits: SessionLimits = SessionLimits(),  # noqa: B008 - frozen
        topics: TopicIndex | None = None,
    ) -> None:
        """`topics` is the index of the project's topics, where the caller keeps one for all its conversations."""
        index = TopicIndex(project.topics) if topics is None else topics
        self._setting = Setting(project, functions, model, host, limits, index)
        self._snapshot = snapshot
        self._turn: Turn | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """After the last finished turn."""
        return self._snapshot

    @property
    def is_under_way(self) -> bool:
        """A turn runs: what the user does now interrupts it."""
        return self._turn is not None

    def learn(self, beside: Beside) -> None:
        """What the channel knows from the next turn on; told before it begins."""
        journal, before = Journal(self._setting.host, self._snapshot.turn), self._snapshot
        if beside.attributes is not None:
            self._snapshot = msgspec.structs.replace(self._snapshot, integration_attributes=dict(beside.attributes))
            journal.setting("integration_attributes", sorted(beside.attributes))  # what is in them may be anything
        language = spoken_language(beside.language, self._setting.project.languages)
        if language is not None and language != before.language:
            self._snapshot = msgspec.structs.replace(self._snapshot, language=language)
            journal.setting("language", language)
        if beside.metadata:
            journal.setting("metadata", dict(beside.metadata))

    def receive(self, events: Sequence[External]) -> None:
        """What was sent to the conversation from outside, known from the next turn on; told before it begins."""
        journal = Journal(self._setting.host, self._snapshot.turn)
        self._snapshot = with_external(self._snapshot, events)
        for event in events:  # what is in it may be anything
            told = {"ext_event_id": event.id, "content_type": event.content_type, "send_to_llm": event.send_to_llm}
            journal.setting("external_event_received", told)

    def start(self) -> AsyncIterator[Output]:
        """The start function and the greeting; where the start was silent, the automatic turn at once.

        On a conversation that stopped between the two, only the automatic turn; on one that has begun, nothing.
        """
        return self._play(self._begin)

    def hear(self, text: str, *, alternatives: Sequence[str] = (), dtmf: bool = False) -> AsyncIterator[Output]:
        """The user said this (or wrote it, or pressed these keys); `alternatives` as speech recognition has them.

        Where the start was never finished, it comes first.
        """
        return self._play(self._started, lambda turn: conversing.hear(turn, text, tuple(alternatives), dtmf=dtmf))

    def silence(self) -> AsyncIterator[Output]:
        """The user said nothing for as long as Listening allowed."""
        return self._play(self._started, conversing.be_silent)

    def hang_up(self, reason: DisconnectionReason = DisconnectionReason.USER_HANGUP) -> AsyncIterator[Output]:
        """The user is gone, or the channel: a turn that runs is cut short, and the conversation ends."""
        if self._turn is not None:
            self._turn.interrupt(None)
        return self._play(lambda turn: _leave(turn, reason))

    def stop(self) -> None:
        """The channel is gone: a turn that runs stops, and what it has said stays."""
        if self._turn is not None:
            self._turn.interrupt(None)

    def interrupt(self, heard: str) -> None:
        """The user spoke over the agent, having heard this much of what it said in its turn.

        A turn that runs stops: the model at once, a function when it has ended. After the turn, only what is kept of
        the agent's words changes.
        """
        if self._turn is not None:
            self._turn.interrupt(heard)
        elif not self._snapshot.ended:
            self._snapshot = msgspec.structs.replace(
                self._snapshot,
                history=tuple(cut_history(self._snapshot.history, heard)),
                messages=tuple(cut_messages(self._snapshot.messages, heard)),
            )

    async def _begin(self, turn: Turn) -> None:
        if turn.before.auto_turn:
            await conversing.go_on(turn)
        elif turn.before.turn == 0:
            await open_conversation(turn)

    async def _started(self, turn: Turn) -> None:
        """What was to come before the user's turn, and did not: its process ended in the middle."""
        await self._begin(turn)

    async def _play(self, *acts: Act) -> AsyncIterator[Output]:
        """The outputs of a turn, which runs beside whoever reads them and stops when they stop reading."""
        outputs: asyncio.Queue[Output | None] = asyncio.Queue()
        running = asyncio.get_running_loop().create_task(self._run(acts, outputs.put_nowait))
        running.add_done_callback(lambda _: outputs.put_nowait(None))
        try:
            while (output := await outputs.get()) is not None:
                yield output
            await running
        finally:
            if not running.done():
                running.cancel()
                await asyncio.wait({running})

    async def _run(self, acts: Sequence[Act], emit: Emit) -> None:
        async with self._one_at_a_time:
            *before, act = acts
            for each in before if self._snapshot.turn == 0 else ():
                await self._take_whole(each, lambda output: _unless_listening(output, emit))
                if self._snapshot.ended:
                    return
            await self._take_whole(act, emit)

    async def _take_whole(self, act: Act, emit: Emit) -> None:
        """A turn, and the automatic one where it is to follow."""
        await self._take(act, emit)
        while self._snapshot.auto_turn and not self._snapshot.ended:
            await self._take(conversing.go_on, emit)

    async def _take(self, act: Act, emit: Emit) -> None:
        """One turn, from snapshot to snapshot."""
        before = self._snapshot
        if before.ended:
            raise CallNotLive(before.id, CallStatus.COMPLETED)
        turn = Turn(self._setting, before, begin(before), Journal(self._setting.host, before.turn), emit)
        self._turn = turn
        try:
            await act(turn)
            last = close_turn(turn)
            self._snapshot = finish(before, turn.working)
        finally:
            self._turn = None
        if isinstance(last, Ended) or not self._snapshot.auto_turn:
            emit(last)


def _unless_listening(output: Output, emit: Emit) -> None:
    """The user has spoken already: nobody is to listen for it."""
    if not isinstance(output, Listening):
        emit(output)


async def _leave(turn: Turn, reason: DisconnectionReason) -> None:
    turn.ended_by = "user" if reason is DisconnectionReason.USER_HANGUP else "channel"
    turn.working.auto_turn = False
    turn.working.end(reason)
