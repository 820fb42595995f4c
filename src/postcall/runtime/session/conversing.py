"""A turn from what the user did to the agent's last word: function steps, then the model, as often as it takes."""

from __future__ import annotations

from postcall.domain.calls import DisconnectionReason
from postcall.llm.chat_shapes import ChatMessage
from postcall.runtime.projects.model import FunctionSpec
from postcall.runtime.protocol import Spoken
from postcall.runtime.session.applying import apply, conclude
from postcall.runtime.session.calling import call_function
from postcall.runtime.session.default_steps import collect
from postcall.runtime.session.knowing import find_topics
from postcall.runtime.session.rounds import ask_model, failed, tell_result
from postcall.runtime.session.turn import Turn
from postcall.runtime.texts.corrections import correct


async def hear(turn: Turn, text: str, alternatives: tuple[str, ...], *, dtmf: bool) -> None:
    """The user said something, or pressed keys."""
    turn.working.silences = 0
    turn.text = text if dtmf else correct(text, turn.project.corrections)
    turn.alternatives = (turn.text, *(each for each in alternatives if each != text))
    await _take_turn(turn)


async def be_silent(turn: Turn) -> None:
    """The user said nothing in the time they had; after so many times in a row the agent hangs up."""
    turn.working.silences += 1
    control = turn.tuning.conversation_control
    if turn.working.silences > control.max_silence_count:
        turn.working.history.append(Spoken("user", ""))
        turn.speak(control.hangup_utterance)
        turn.ended_by = "silence"
        turn.working.end(DisconnectionReason.TIMEOUT)
        return
    await _take_turn(turn)


async def go_on(turn: Turn) -> None:
    """The automatic turn after a silent start: nobody was silent, nobody was asked yet."""
    turn.working.auto_turn = False
    await _take_turn(turn)


async def _take_turn(turn: Turn) -> None:
    working = turn.working
    working.history.append(Spoken("user", turn.text))
    working.messages.append(ChatMessage("user", turn.text.strip() or turn.tuning.prompts.silence))
    working.listen = None
    _take_instruction(turn)
    find_topics(turn)
    await _converse(turn)
    working.last_functions = tuple(spec.name for spec in turn.offered)


def _take_instruction(turn: Turn) -> None:
    """What the last turn left for this one; the functions that it names are on offer."""
    left, turn.working.instruction = turn.working.instruction, None
    if left is not None:
        rendered = turn.render(left)
        turn.instruct(rendered.text)
        turn.offered = rendered.functions


async def _converse(turn: Turn) -> None:
    limits = turn.setting.limits
    rounds = steps = 0
    while not (turn.over or turn.interrupted):
        spec = turn.function_step
        if turn.run_step and spec is not None:
            steps += 1
            if steps > limits.function_steps:
                turn.journal.warn(
                    "steps", f"more than {limits.function_steps} function steps in one turn", step=spec.name
                )
                turn.apologise()
                return
            await _run_step(turn, spec)
            continue
        if turn.run_step and turn.step is not None and turn.step.is_default:
            await collect(turn, turn.step)
        turn.run_step = False
        rounds += 1
        if rounds > limits.rounds:
            turn.journal.warn("rounds", f"the model was asked {limits.rounds} times in one turn")
            turn.apologise()
            return
        await ask_model(turn, turn_round=rounds)


async def _run_step(turn: Turn, spec: FunctionSpec) -> None:
    """A function step decides by itself; its text is context for the model, since no model called it."""
    turn.run_step = False
    outcome = apply(turn, await call_function(turn, spec, {}, by="step"))
    if outcome.error is not None or (outcome.text and not outcome.ends_turn):
        turn.tell(ChatMessage("system", tell_result(turn, outcome)))
    conclude(turn, outcome)
    failed(turn, outcome)
