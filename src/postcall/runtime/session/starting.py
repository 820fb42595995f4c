"""How a conversation begins: the start function, then what the agent says first."""

from __future__ import annotations

from postcall.domain.conversations import FunctionKind
from postcall.llm.chat_shapes import ChatMessage
from postcall.runtime.projects.model import ChannelConfig
from postcall.runtime.protocol import FunctionDone
from postcall.runtime.session.applying import apply, conclude
from postcall.runtime.session.calling import call_function
from postcall.runtime.session.results import Outcome
from postcall.runtime.session.rounds import tell_result
from postcall.runtime.session.turn import Turn
from postcall.runtime.texts.tags import is_channel, is_language

AT_ONCE_S = 0.5
"""A start that listens no longer than this does not listen: it wants its flow to go on at once."""


async def open_conversation(turn: Turn) -> None:
    """Run the start function, greet. A start function that fails costs its own work, not the greeting."""
    spec = turn.project.functions.get("start_function")
    if spec is None or spec.kind is not FunctionKind.START:
        greet(turn)
        return
    done = await call_function(turn, spec, {}, by="start")
    outcome = apply(turn, done)
    if outcome.utterance is None and not outcome.ends_turn:
        if outcome.text:
            turn.tell(ChatMessage("system", tell_result(turn, outcome)))
        if not starts_silently(turn, done, outcome):
            greet(turn)
    conclude(turn, outcome)
    turn.working.auto_turn = not turn.working.ended and starts_silently(turn, done, outcome)


def starts_silently(turn: Turn, done: FunctionDone, outcome: Outcome) -> bool:
    """Whether nobody is to be waited for: a flow was entered, and either nothing said or hardly listened."""
    if turn.working.flow is None or outcome.error is not None:
        return False
    if outcome.utterance is None:
        return done.returned.text == ""
    return outcome.utterance == "" or _listens_s(done) <= AT_ONCE_S


def greet(turn: Turn) -> None:
    """The disclaimers, then the welcome message."""
    channel = channel_config(turn)
    own = turn.tuning.conversation_control.disclaimer_message
    disclaimers = [
        each.message
        for each in channel.disclaimers
        if each.language is None or is_language(turn.language, each.language)
    ]
    if own is not None:
        disclaimers = [] if not own.is_enabled else [own.message] if own.message else disclaimers
    for text in (*disclaimers, channel.greeting):
        turn.speak(turn.render(text).text)


def channel_config(turn: Turn) -> ChannelConfig:
    """Of voice or of chat; a chat without a greeting of its own greets as the voice does."""
    project = turn.project
    if is_channel(turn.before.channel_type, "voice") or not project.chat.greeting:
        return project.voice
    return project.chat


def _listens_s(done: FunctionDone) -> float:
    asr = (done.returned.listen or {}).get("asr")
    timeout = asr.get("timeout") if isinstance(asr, dict) else None
    return float(timeout) if isinstance(timeout, (int, float)) else float("inf")
