"""One round with the model: the prompt of this moment, its reply, and the functions that it calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from postcall.domain.conversations import EventKind
from postcall.errors import ContextTooLong, ModelError, ModelTimeout
from postcall.llm.chat_shapes import ChatMessage, ChatModel, ToolCall
from postcall.runtime.projects.model import Condition, FunctionSpec
from postcall.runtime.protocol import Moved
from postcall.runtime.session.applying import apply, conclude, move
from postcall.runtime.session.calling import call_function
from postcall.runtime.session.results import Outcome
from postcall.runtime.session.speaking import Reply, finish_speaking, hear_model
from postcall.runtime.session.turn import Turn
from postcall.runtime.texts.arguments import read_arguments
from postcall.runtime.texts.filters import PhraseMatch
from postcall.runtime.texts.prompts import Prompt, build

AGAIN_S = 0.2
"""Before the model is asked once more, where its endpoint names no time."""
LONGEST_WAIT_S = 2.0
"""Somebody waits on the line: an endpoint that asks for more patience gets none."""
DONE = "Done."
"""The result of a function that returned nothing to tell: some endpoints refuse an empty one."""
NOT_RUN = "Not run: the turn was over."
NO_WAY = "This leads nowhere here. Go on without it."


async def ask_model(turn: Turn, *, turn_round: int) -> None:
    """Ask once, and do what the reply says. A model that fails costs the turn, not the conversation."""
    model = turn.setting.model
    if model is None:
        turn.journal.warn("model", "no model is configured")
        turn.apologise()
        return
    prompt = build_prompt(turn)
    turn.offered = ()
    try:
        reply = await _hear_patiently(turn, model, prompt, turn_round=turn_round)
    except ContextTooLong as error:
        turn.journal.warn("model", str(error), code=error.code)
        if not turn.forget_oldest():
            turn.apologise()
        return
    except ModelError as error:
        turn.journal.warn("model", str(error), code=error.code)
        turn.apologise()
        return
    if reply.match is not None:
        await _filtered(turn, reply.match, reply.text)
    elif reply.calls:
        finish_speaking(turn, reply.text, known=True)
        await _call_tools(turn, prompt, reply.text, reply.calls)
    elif reply.text:
        finish_speaking(turn, reply.text)
        turn.over = True
    elif not reply.cut_off:
        _said_nothing(turn)


async def _hear_patiently(turn: Turn, model: ChatModel, prompt: Prompt, *, turn_round: int) -> Reply:
    """Ask; where the endpoint failed in passing before a word was spoken, once more: that costs less than a turn."""
    said = len(turn.working.history)
    try:
        return await hear_model(turn, model, prompt.messages, prompt.tools, turn_round=turn_round)
    except ModelError as error:
        wait_s = AGAIN_S if error.retry_after_s is None else error.retry_after_s
        timed_out = isinstance(error, ModelTimeout)
        if not error.retry or timed_out or wait_s > LONGEST_WAIT_S or len(turn.working.history) > said:
            raise
        turn.journal.warn("model", f"asked once more after: {error}", code=error.code)
        await asyncio.sleep(wait_s)
    return await hear_model(turn, model, prompt.messages, prompt.tools, turn_round=turn_round)


def build_prompt(turn: Turn) -> Prompt:
    """What the model is to read at this moment, and what it may call."""
    working = turn.working
    return build(
        turn.project,
        values=turn.values(),
        tuning=turn.tuning,
        step=turn.step,
        flow=working.flow,
        hits=turn.topics,
        instruction=None,
        messages=turn.instructed(),
        extra_tools=turn.offered,
        entities=working.entities,
        entity_errors=turn.entity_errors,
        disabled=working.disabled_topics,
    )


def tell_result(turn: Turn, outcome: Outcome) -> str:
    """The text with which a function's result is told to the model; the functions that it names are on offer next."""
    if outcome.error is not None:
        return f"The function failed: {outcome.error}"
    if outcome.text is None or outcome.ends_turn:
        return DONE
    rendered = turn.render(outcome.text)
    turn.offered = (*turn.offered, *(each for each in rendered.functions if each not in turn.offered))
    return rendered.text if rendered.text.strip() else DONE


def failed(turn: Turn, outcome: Outcome) -> None:
    """Count a failure; too many, or one that there is no use in repeating, end the turn with the fallback."""
    if outcome.error is None:
        return
    turn.errors += 1
    if outcome.hopeless or turn.errors > turn.setting.limits.function_errors:
        turn.apologise()


async def _call_tools(turn: Turn, prompt: Prompt, text: str, calls: Sequence[ToolCall]) -> None:
    """Run them in their order until one ends the turn; every call is answered, or no model would read on."""
    turn.tell(ChatMessage("assistant", text, tool_calls=tuple(calls)))
    turn.hold()
    for call in calls:
        result = NOT_RUN if turn.over or turn.interrupted else await _call_tool(turn, prompt, call)
        turn.working.messages.append(ChatMessage("tool", result, tool_call_id=call.id))
    turn.release()


async def _call_tool(turn: Turn, prompt: Prompt, call: ToolCall) -> str:
    """Run what a call means; returns what the model is to be told."""
    if call.name in prompt.conditions:
        return _take_condition(turn, prompt.conditions[call.name])
    spec = prompt.functions.get(call.name)
    if spec is None:
        turn.journal.warn("tool", f"the model called {call.name!r}, which it was not offered", name=call.name)
        return turn.render(turn.tuning.prompts.function_not_found).text
    arguments = read_arguments(call.arguments, spec)
    if arguments.ignored:
        turn.journal.warn(
            "tool", "the model gave arguments that do not exist", name=call.name, ignored=arguments.ignored
        )
    if arguments.error is not None:
        turn.journal.warn("tool", arguments.error, name=call.name, arguments=call.arguments)
        failed(turn, Outcome(error=arguments.error))
        return arguments.error
    return await _run(turn, spec, arguments.values, by="model")


async def _run(turn: Turn, spec: FunctionSpec, arguments: dict[str, Any], *, by: str) -> str:
    outcome = apply(turn, await call_function(turn, spec, arguments, by=by))
    result = tell_result(turn, outcome)
    conclude(turn, outcome)
    failed(turn, outcome)
    return result


def _take_condition(turn: Turn, condition: Condition) -> str:
    """The model says that a default step's condition is met."""
    moved = Moved(goto_step=condition.child_step, exit_flow=condition.child_step is None, label=condition.name)
    return DONE if move(turn, moved) else NO_WAY


async def _filtered(turn: Turn, match: PhraseMatch, text: str) -> None:
    """The model said a phrase that the project watches: its function runs, and the model goes on with the result."""
    turn.journal.note(
        EventKind.FILTER,
        name=match.filter.name,
        phrase=match.phrase,
        spoken=match.said,
        function=match.filter.function,
    )
    spec = turn.project.function(match.filter.function) if match.filter.function else None
    if match.filter.function and spec is None:
        turn.journal.warn("function", f"there is no function {match.filter.function!r}", filter=match.filter.name)
    if spec is None:
        _without_phrase(turn, match, text)
    elif spec.parameters:
        finish_speaking(turn, text)
        turn.instruct(f"Call the function {spec.name} now.")
        turn.offered = (spec,)
    else:
        call = ToolCall(f"filter-{turn.working.turn}-{len(turn.working.messages)}", spec.name, "{}")
        finish_speaking(turn, text, known=True)
        turn.tell(ChatMessage("assistant", text, tool_calls=(call,)))
        turn.hold()
        result = await _run(turn, spec, {}, by="filter")
        turn.working.messages.append(ChatMessage("tool", result, tool_call_id=call.id))
        turn.release()


def _without_phrase(turn: Turn, match: PhraseMatch, text: str) -> None:
    """What came before it is all that is said; where nothing did, the model is asked for other words."""
    finish_speaking(turn, text)
    if text:
        turn.over = True
    else:
        turn.instruct(f"Do not say this or anything like it: {match.phrase}")


def _said_nothing(turn: Turn) -> None:
    """An empty reply: fine after something was said in this turn, a failure otherwise."""
    if turn.has_spoken:
        turn.over = True
    else:
        turn.journal.warn("model", "the model said nothing")
        turn.apologise()
