"""Running one function for a turn: the context it gets, who hears of it meanwhile, fillers, its limit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from postcall.domain.conversations import FunctionKind
from postcall.runtime.functions.running import FunctionCall
from postcall.runtime.projects.model import FunctionSpec
from postcall.runtime.protocol import Answered, Ask, FunctionDone, Line, Written
from postcall.runtime.session.context import build_context, history_messages
from postcall.runtime.session.fillers import plan_fillers
from postcall.runtime.session.outputs import Filler
from postcall.runtime.session.turn import Turn


class Listening:
    """Who hears of a function while it runs: the turn, and through it the host."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def wrote(self, writes: Sequence[Written]) -> None:
        self._turn.working.metrics += [(write.name, write.value) for write in writes]
        self._turn.setting.host.wrote(writes, turn=self._turn.working.turn)

    def logged(self, lines: Sequence[Line]) -> None:
        self._turn.journal.logged(lines)

    async def asked(self, ask: Ask) -> Answered:
        working = self._turn.working
        if ask.what == "prompt_llm":
            if working.prompts_left <= 0:
                return Answered(ask.ask, error="PromptLLMCallLimitError", error_arguments=("no calls are left",))
            working.prompts_left -= 1
        return await self._turn.setting.host.asked(ask, history=history_messages(working))


async def call_function(
    turn: Turn, spec: FunctionSpec, arguments: dict[str, Any], *, by: str, limit_s: float | None = None
) -> FunctionDone:
    """Run it to its end or limit, with fillers meanwhile. Whatever it does, it is told to the host."""
    context = build_context(turn.before, turn.working, turn.setting.host, alternatives=turn.alternatives)
    call = FunctionCall(spec, context, turn.working.state, limit_s or _limit(turn, spec), arguments)
    fillers = _fillers(turn, spec)
    try:
        done = await turn.setting.functions.run(call, Listening(turn))
    finally:
        if fillers is not None:
            fillers.cancel()
    turn.journal.ran(call, done, by=by)
    return done


def _limit(turn: Turn, spec: FunctionSpec) -> float:
    limits = turn.setting.limits
    slow = spec.latency is not None and bool(spec.latency.delay_responses)
    return limits.slow_function_s if slow else limits.function_s


def _fillers(turn: Turn, spec: FunctionSpec) -> asyncio.Task[None] | None:
    if spec.kind in {FunctionKind.START, FunctionKind.END}:
        return None
    if spec.latency is None and not turn.tuning.filler_utterances.is_enabled:
        return None
    plan = plan_fillers(spec.latency, turn.tuning.filler_utterances, turn.random())
    return asyncio.get_running_loop().create_task(_fill(turn, plan))


async def _fill(turn: Turn, plan: Iterator[tuple[float, str]]) -> None:
    for wait, text in plan:
        await asyncio.sleep(wait)
        if turn.interrupted:
            return
        turn.emit(Filler(turn.render(text).text))
