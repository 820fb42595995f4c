"""A question answered by a model that plans with tools; what it says is shown only as far as the tools bear it out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from postcall.analyst.budget import Budget
from postcall.analyst.checking.sentences import Ground, check_answer
from postcall.analyst.planning.concluding import Outcome, conclude, shown_of
from postcall.analyst.planning.drafting import Proposal, read_answer, read_text
from postcall.analyst.planning.prompt import first_messages, last_message, say_what_was_dropped
from postcall.analyst.planning.tool_results import tell
from postcall.analyst.planning.tool_shapes import ANSWER, TOOLS
from postcall.analyst.planning.tools import Told, Toolbox
from postcall.analyst.steps import Step
from postcall.analyst.themes.reading import Reader
from postcall.analyst.times.finding import find_times
from postcall.domain.analysis import Analysis, KnownTerm, Question, TimeWords, Understood
from postcall.domain.answers import Usage
from postcall.domain.calls import Transcript
from postcall.domain.keys import Principal
from postcall.errors import ModelError
from postcall.extraction.tokens import estimate_tokens
from postcall.llm.chat_shapes import ChatMessage, ChatModel, ChatPiece, Finished, TextDelta, Tool, ToolCall
from postcall.reporting.reports import Reports
from postcall.services import Services

T = TypeVar("T")

MOST_AT_ONCE = 8
"""Calls of tools in one reply; the others are not run."""
MOST_FAILURES = 8
"""Calls of tools that come to nothing, before the model is given up."""
MOST_REPEATS = 3
"""Calls that were made before in the same words."""
MOST_TRIES = 2
"""Answers that are looked at."""
MOST_CHARACTERS = 50_000
"""Of one reply; who goes on talking is not listened to."""
MOST_CITED = 60
"""Calls that one answer's citations are looked up in."""
_AGAIN_S = 1.0

_REPEATED = '{"error": "You have asked this already; the result is above."}'
_TOO_MANY = '{"error": "Not run: too many calls in one reply."}'
_STOPPED = "It was stopped."
_STUCK = "The model went on without coming to an answer."


@dataclass
class _Reply:
    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)


class _Stopped(Exception):
    """The budget is used up, or the model cannot be asked; the message says which."""


@dataclass
class _Plan:
    """One question on its way."""

    chat: ChatModel
    budget: Budget
    toolbox: Toolbox
    times: Callable[[str], TimeWords]
    zone: ZoneInfo
    terms: Sequence[KnownTerm]
    messages: list[ChatMessage]
    stop: asyncio.Event | None
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: int = 0
    repeats: int = 0
    tries: int = 0
    closing: bool = False
    """It was stopped, and the model was asked for an answer from what it has."""
    outcome: Outcome = field(default_factory=Outcome)


async def plan_answer(
    services: Services,
    reports: Reports,
    who: Principal,
    question: Question,
    *,
    chat: ChatModel,
    terms: Sequence[KnownTerm],
    budget: Budget,
    before: Understood | None = None,
    reader: Reader | None = None,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Step | Analysis, None]:
    """The steps, and at last one Analysis; it ends within the budget whatever the model does.

    `terms` are those that `who` may see. Where nothing of the model's answer can be shown, `Analysis.kind` is None,
    `answer` says so, and `asked` still holds the results: callers may then answer in their own way. A ModelError never
    comes out of here.
    """
    toolbox = Toolbox(
        services, reports, who, agent=question.agent, time_zone=question.time_zone, now=question.now,
        terms=terms, budget=budget, reader=reader, stop=stop,
    )  # fmt: skip
    zone = ZoneInfo(question.time_zone)
    times = partial(find_times, now=question.now, zone=zone)
    plan = _Plan(chat, budget, toolbox, times, zone, tuple(terms), first_messages(question, terms, before), stop)
    try:
        async with aclosing(_go_on(plan)) as steps:
            async for step in steps:
                yield step
    except _Stopped as stopped:
        plan.outcome.stopped = str(stopped)
    yield conclude(plan.outcome, toolbox, budget, behind=await _behind(plan))


async def _behind(plan: _Plan) -> tuple[str, ...]:
    """The calls behind the first number that is shown; none where no time is left to look them up."""
    shown = shown_of(plan.outcome, plan.toolbox)
    if not shown:
        return ()
    try:
        return await _within(plan, plan.toolbox.behind(plan.toolbox.asked[shown[0]]))
    except _Stopped:
        return ()


async def _go_on(plan: _Plan) -> AsyncGenerator[Step, None]:
    while True:
        reply = await _hear(plan)
        answers = [call for call in reply.calls if call.name == ANSWER.name]
        plan.messages.append(ChatMessage("assistant", reply.text, tool_calls=tuple(reply.calls)))
        for place, call in enumerate(reply.calls):
            if call.name == ANSWER.name:
                continue
            async with aclosing(_call(plan, call, place)) as steps:
                async for step in steps:
                    yield step
        if plan.failures >= MOST_FAILURES or plan.repeats >= MOST_REPEATS:
            raise _Stopped(_STUCK)
        if answers or not reply.calls:
            proposal = read_answer(answers[0].arguments) if answers else read_text(reply.text)
            told = await _take(plan, proposal)
            if told is None:
                return
            for call in answers:
                plan.messages.append(ChatMessage("tool", told, tool_call_id=call.id))
            if not answers:
                plan.messages.append(ChatMessage("user", told))


async def _take(plan: _Plan, proposal: Proposal) -> str | None:
    """Keep what holds of an answer; what to tell the model where it is to try again, else None."""
    plan.tries += 1
    checked = check_answer(proposal.drafts, await _ground(plan, proposal))
    if plan.tries == 1 or len(checked.kept) > len(plan.outcome.checked.kept):
        plan.outcome.checked = checked
    if not proposal.drafts:
        plan.outcome.missing, plan.outcome.asks_back = proposal.missing, proposal.asks_back
    over = plan.tries >= MOST_TRIES or plan.budget.spent() is not None
    if over or not (checked.dropped or proposal.is_empty):
        return None
    return say_what_was_dropped(checked.dropped) if checked.dropped else tell({"error": "There is no answer in it."})


async def _ground(plan: _Plan, proposal: Proposal) -> Ground:
    cited = dict.fromkeys(each.call for draft in proposal.drafts for each in draft.citations)
    said: dict[str, Transcript] = {}
    for call_id in list(cited)[:MOST_CITED]:
        found = await _within(plan, plan.toolbox.find_said(call_id))
        if found is not None:
            said[call_id] = found.turns
    return Ground({**plan.toolbox.asked, **plan.toolbox.samples}, said, plan.times, plan.zone, plan.terms)


async def _call(plan: _Plan, call: ToolCall, place: int) -> AsyncGenerator[Step, None]:
    """Run a tool and add what it returned to the conversation."""
    key = (call.name, call.arguments)
    plan.made[key] += 1
    told = Told(_TOO_MANY, failed=True)
    if plan.made[key] > 1:
        plan.repeats += 1
        told = Told(_REPEATED)
    elif place < MOST_AT_ONCE:
        async with aclosing(plan.toolbox.run(call)) as work:
            while (each := await _within(plan, anext(work, None))) is not None:
                if isinstance(each, Told):
                    told = each
                else:
                    yield each
    plan.failures += told.failed
    plan.messages.append(ChatMessage("tool", told.text, tool_call_id=call.id))


async def _hear(plan: _Plan) -> _Reply:
    """The model's reply. Raises _Stopped where the budget does not allow it, or the endpoint fails twice."""
    try:
        return await _ask(plan)
    except ModelError as error:
        if not error.retry:
            raise _Stopped(f"The model could not be asked: {error}.") from None
        await _within(plan, asyncio.sleep(min(error.retry_after_s or _AGAIN_S, plan.budget.left_s)))
    try:
        return await _ask(plan)
    except ModelError as error:
        raise _Stopped(f"The model could not be asked: {error}.") from None


async def _ask(plan: _Plan) -> _Reply:
    tools: tuple[Tool, ...] = TOOLS
    stopped = _is_stopped(plan)
    if stopped and plan.closing:
        raise _Stopped(_STOPPED)
    if stopped or plan.budget.left_requests == 1:
        plan.closing = stopped
        tools = (ANSWER,)
        plan.messages.append(last_message())
    prompt = _prompt_text(plan.messages, tools)
    tokens = estimate_tokens(prompt)
    used_up = plan.budget.spent(tokens)
    if used_up is not None:
        raise _Stopped(f"The budget is used up: {used_up}.")
    plan.budget.begin()
    reply = _Reply()
    counted = False
    try:
        async with asyncio.timeout(plan.budget.left_s):
            async with aclosing(_converse(plan, tools, tokens)) as pieces:
                async for piece in pieces:
                    match piece:
                        case TextDelta(text=text):
                            reply.text += text
                        case ToolCall():
                            reply.calls.append(piece)
                        case Finished(usage=usage):
                            plan.budget.count(usage, prompt=prompt, reply=_reply_text(reply))
                            counted = True
                    if len(reply.text) > MOST_CHARACTERS or (_is_stopped(plan) and not stopped):
                        break
    except TimeoutError:
        raise _Stopped(_late(plan)) from None
    finally:
        if not counted:
            plan.budget.count(Usage(), prompt=prompt, reply=_reply_text(reply))
    if _is_stopped(plan) and not stopped:
        raise _Stopped(_STOPPED)
    return reply


async def _converse(plan: _Plan, tools: Sequence[Tool], tokens: int) -> AsyncGenerator[ChatPiece, None]:
    pieces = plan.chat.converse(
        plan.messages, tools=tools, max_tokens=plan.budget.reply_tokens(tokens), timeout_s=plan.budget.left_s
    )
    async for piece in pieces:
        yield piece


async def _within(plan: _Plan, work: Awaitable[T]) -> T:
    """The work, unless the time runs out before it is done."""
    try:
        async with asyncio.timeout(plan.budget.left_s):
            return await work
    except TimeoutError:
        raise _Stopped(_late(plan)) from None


def _late(plan: _Plan) -> str:
    return f"The budget is used up: the {plan.budget.limits.seconds:g} seconds that a question may take."


def _is_stopped(plan: _Plan) -> bool:
    return plan.stop is not None and plan.stop.is_set()


def _prompt_text(messages: Sequence[ChatMessage], tools: Sequence[Tool]) -> str:
    """All that a request holds, to guess its tokens by."""
    said = [part for each in messages for part in (each.content, *(call.arguments for call in each.tool_calls))]
    return "\n".join([*said, *(f"{tool.description}{tool.parameters}" for tool in tools)])


def _reply_text(reply: _Reply) -> str:
    return "\n".join([reply.text, *(call.arguments for call in reply.calls)])
