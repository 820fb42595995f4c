"""Asking questions of calls that are over, without storing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from weakref import WeakKeyDictionary

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer, AnswerStatus, Extraction, Findings
from postcall.domain.calls import Role, Transcript
from postcall.errors import PostcallError
from postcall.extraction.analysers import AgentAnalyser

MAX_CALLS = 10
"""Each is a request to the model that somebody waits for, and pays."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call to try questions on."""

    id: str
    started_at: datetime
    turns: Transcript
    before: Extraction | None
    """Its current answers."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one call."""

    call_id: str
    call: PastCall | None
    """None where there is no such call."""
    findings: Findings | None
    problem: str | None
    """Why there are no findings, in words."""
    seconds: float


class Places:
    """How many calls are tried at once in all, whoever asks: as many as the analyser takes."""

    def __init__(self) -> None:
        # By loop, since a semaphore belongs to the loop that first waits for it.
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    def free(self, analyser: AgentAnalyser) -> asyncio.Semaphore:
        """The places of the running loop."""
        return self._by_loop.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(max(analyser.limit, 1)))


class Change(StrEnum):
    """How an answer stands to the one that the call has."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    """The call has no answer to this question."""


async def try_call(
    call: PastCall, config: VersionConfig, analyser: AgentAnalyser, *, agent_pk: int, timer: Callable[[], float]
) -> Tried:
    """Ask the questions of one call; a model that cannot be asked is told in `problem`."""
    begun = timer()
    if not any(turn.role is Role.USER and turn.text.strip() for turn in call.turns):
        return Tried(call.id, call, None, "in this call the caller says nothing, so no question is asked", 0.0)
    try:
        findings = await analyser.analyse(call.turns, config, reference=call.started_at, agent_pk=agent_pk)
    except PostcallError as error:
        return Tried(call.id, call, None, error.message, timer() - begun)
    return Tried(call.id, call, findings, None, timer() - begun)


async def try_calls(
    calls: Sequence[PastCall],
    config: VersionConfig,
    analyser: AgentAnalyser,
    *,
    agent_pk: int,
    free: asyncio.Semaphore,
    timer: Callable[[], float],
) -> list[Tried]:
    """Ask the questions of several calls, as many at a time as `free` lets in; the results are in their order."""

    async def one(call: PastCall) -> Tried:
        async with free:
            return await try_call(call, config, analyser, agent_pk=agent_pk, timer=timer)

    return await asyncio.gather(*(one(call) for call in calls))


def compare(answer: Answer, before: Answer | None) -> Change:
    """Whether a reader of the call would see another answer than now."""
    if before is None:
        return Change.NEW
    if answer.status is not before.status or answer.type is not before.type:
        return Change.CHANGED
    if answer.status is not AnswerStatus.OK:
        return Change.SAME
    return Change.SAME if answer.value == before.value else Change.CHANGED
