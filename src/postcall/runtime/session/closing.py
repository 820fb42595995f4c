"""The end of a turn: what was asked for goes out, and the channel learns what comes next."""

from __future__ import annotations

from typing import Any

from postcall.domain.calls import DisconnectionReason, Handoff
from postcall.runtime.session.interrupting import cut_history, cut_messages
from postcall.runtime.session.outputs import Ended, Listening
from postcall.runtime.session.turn import Turn

_NOT_FOR_CHANNELS = frozenset({"llm"})


def close_turn(turn: Turn) -> Listening | Ended:
    """Send what the turn asked to send, keep of its words what was heard, and say whose turn it is."""
    working = turn.working
    if turn.heard is not None:
        working.history = cut_history(working.history, turn.heard)
        working.messages = cut_messages(working.messages, turn.heard)
    for outgoing in turn.outgoing:
        turn.setting.host.send(outgoing)
        turn.journal.sent(outgoing)
    return _ended(turn) if working.ended else _listening(turn)


def _ended(turn: Turn) -> Ended:
    working = turn.working
    reason = DisconnectionReason(working.reason or DisconnectionReason.AGENT_HANGUP)
    destination = working.handoff_destination
    turn.journal.ended(
        reason,
        by=turn.ended_by,
        destination=destination,
        handoff_reason=working.handoff_reason,
        flow=working.flow,
        step=working.step,
    )
    return Ended(reason, Handoff(destination, working.handoff_reason) if destination is not None else None)


def _listening(turn: Turn) -> Listening:
    working = turn.working
    listen = working.listen or {}
    own = {k: v for k, v in turn.step.settings.items() if k not in _NOT_FOR_CHANNELS} if turn.step is not None else {}
    settings: dict[str, Any] = {**own, **turn.output_settings, **listen}
    if working.asr_biasing is not None:
        settings["asr_biasing"] = working.asr_biasing
    if working.voice is not None:
        settings["voice"] = working.voice
    return Listening(
        silence_s=_silence_s(listen, turn.tuning.conversation_control.silence_timeout),
        settings=settings,
        attachments=tuple(turn.attachments),
        suggestions=turn.suggestions,
        call_actions=turn.call_actions,
    )


def _silence_s(listen: dict[str, Any], usual: float) -> float:
    asr = listen.get("asr")
    own = asr.get("timeout") if isinstance(asr, dict) else None
    return float(own) if isinstance(own, (int, float)) and not isinstance(own, bool) and own > 0 else usual
