"""What becomes of the conversation once a function has ended."""

from __future__ import annotations

from typing import Any

import msgspec

from postcall.domain.calls import DisconnectionReason
from postcall.domain.conversations import EventKind, OutboxKind, Outgoing
from postcall.runtime.protocol import AskedHandoff, Effects, FunctionDone, Message, Moved
from postcall.runtime.session.knowing import write_platform_metrics
from postcall.runtime.session.moving import Place, Refused, find_target
from postcall.runtime.session.results import Outcome, read_outcome
from postcall.runtime.session.turn import Turn
from postcall.runtime.texts.handoffs import resolve_handoff


def apply(turn: Turn, done: FunctionDone) -> Outcome:
    """Take over its state and what it asked for, apply its transition; returns what is left to say and do."""
    _take_state(turn, done)
    _take_effects(turn, done.effects)
    if done.failed is None:
        if done.returned.listen is not None:
            turn.working.listen = {**(turn.working.listen or {}), **done.returned.listen}
            turn.journal.setting("listen", done.returned.listen)
        if done.returned.utterance_channel is not None:
            turn.output_settings["utterance_channel"] = done.returned.utterance_channel
        move(turn, done.effects.moved)
    return read_outcome(done)


def conclude(turn: Turn, outcome: Outcome) -> None:
    """Say what is to be said; where it ends the turn, leave the rest for the next one or end the conversation."""
    if outcome.utterance is not None:
        turn.speak(outcome.utterance)
    if not outcome.ends_turn:
        return
    turn.over = True
    if outcome.handoff is not None:
        _hand_off(turn, outcome.handoff)
    if outcome.hangup:
        turn.working.end(DisconnectionReason.AGENT_HANGUP)
    turn.working.instruction = outcome.text


def move(turn: Turn, moved: Moved) -> bool:
    """Go where a transition leads; False where it leads nowhere, which changes nothing."""
    working = turn.working
    here = Place(working.flow, working.step)
    target = find_target(turn.project, here, moved, variant=turn.variant_attributes)
    if isinstance(target, Refused):
        turn.journal.warn("transition", target.message, flow=here.flow, step=here.step)
    if not isinstance(target, Place):
        return False
    working.flow, working.step = target.flow, target.step
    turn.run_step = True
    turn.entity_errors = None
    turn.journal.note(
        EventKind.STEP,
        flow=target.flow,
        step=target.step,
        from_flow=here.flow,
        from_step=here.step,
        label=moved.label,
    )
    return True


def outgoing_message(message: Message) -> Outgoing | None:
    """A message as the outbox takes it; None where its kind is not one of ours."""
    if message.kind not in set(OutboxKind):
        return None
    return Outgoing(OutboxKind(message.kind), message.to, dict(message.content), message.retry_count)


def knows_no_state(done: FunctionDone, before: bytes) -> bool:
    """Whether the function was stopped, so that its state is the one of before, which nobody has looked into."""
    return done.failed is not None and done.state == before


def _take_state(turn: Turn, done: FunctionDone) -> None:
    """Of a function that was stopped, the state comes back as it went in, and nobody knows what is in it."""
    working = turn.working
    if knows_no_state(done, working.state):
        return
    working.state = done.state
    working.projection, working.texts = dict(done.projection), dict(done.texts)
    working.state_changes = {}


def _take_effects(turn: Turn, effects: Effects) -> None:
    if effects is _NONE or effects == _NONE:
        return
    _set_variant(turn, effects)
    _set_lasting(turn, effects)
    _set_for_channel(turn, effects)
    for message in effects.messages:
        outgoing = outgoing_message(message)
        if outgoing is None:
            turn.journal.warn("conv", f"there is no way to send a {message.kind!r}", to=message.to)
        else:
            turn.outgoing.append(outgoing)
    for note in effects.notes:
        turn.journal.warn("conv", note)


_NONE = Effects()


def _set_variant(turn: Turn, effects: Effects) -> None:
    working = turn.working
    if effects.variant is not None:
        if effects.variant not in turn.project.variants:
            turn.journal.warn("variant", f"there is no variant {effects.variant!r}", variant=effects.variant)
        elif effects.variant != working.variant:
            working.variant, working.variant_attributes = effects.variant, {}
            turn.journal.setting("variant", effects.variant)
    if effects.variant_attributes:
        working.variant_attributes |= effects.variant_attributes
        turn.journal.setting("variant_attributes", effects.variant_attributes)


def _set_lasting(turn: Turn, effects: Effects) -> None:
    """What holds for the rest of the conversation."""
    working = turn.working
    if effects.language is not None and effects.language != working.language:
        working.language = effects.language
        turn.journal.setting("language", effects.language)
    if effects.voice is not None:
        working.voice = effects.voice
        turn.journal.setting("voice", effects.voice)
    if effects.asr_biasing is not None:
        working.asr_biasing = effects.asr_biasing if any(effects.asr_biasing.values()) else None
        turn.journal.setting("asr_biasing", working.asr_biasing)
    if effects.disabled_topics is not None:
        working.disabled_topics = effects.disabled_topics
        turn.journal.setting("disabled_topics", list(effects.disabled_topics))
    if effects.csat:
        write_platform_metrics(turn, _csat_metrics(working.csat, effects.csat))
        working.csat |= effects.csat
        turn.journal.setting("csat", effects.csat)
    if effects.discard_recording and not working.discard_recording:
        working.discard_recording = True
        turn.journal.setting("discard_recording", True)
    if effects.entities is not None:
        working.entities = dict(effects.entities)
        turn.journal.setting("entities", msgspec.to_builtins(effects.entities))
    for event in effects.external_events:
        turn.journal.setting("external_event", event)


def _set_for_channel(turn: Turn, effects: Effects) -> None:
    """What goes out with the end of the turn."""
    if effects.background_track is not None:
        turn.output_settings["background_track"] = effects.background_track
        turn.journal.setting("background_track", effects.background_track)
    turn.attachments += effects.attachments
    if effects.response_suggestions is not None:
        turn.suggestions = effects.response_suggestions
    if effects.chat_call_actions is not None:
        turn.call_actions = effects.chat_call_actions


def _hand_off(turn: Turn, asked: AskedHandoff) -> None:
    if asked.contained:
        turn.working.end(DisconnectionReason.AGENT_HANGUP)
        return
    resolved = resolve_handoff(turn.project, asked, render=lambda text: turn.render(text).text)
    if resolved.warning:
        turn.journal.warn("handoff", resolved.warning, destination=asked.destination)
    content: dict[str, Any] = {
        "reason": resolved.reason,
        "sip_headers": dict(resolved.sip_headers),
        "route": resolved.phone_number,
        "method": resolved.method,
    }
    turn.outgoing.append(Outgoing(OutboxKind.HANDOFF, resolved.destination, content))
    turn.working.handoff_destination, turn.working.handoff_reason = resolved.destination, resolved.reason
    turn.working.end(DisconnectionReason.HANDOFF)


def _csat_metrics(before: dict[str, Any], asked: dict[str, Any]) -> list[tuple[str, Any]]:
    """What a survey comes to, by the names of the platform; each once."""
    found: list[tuple[str, Any]] = []
    new = {name: value for name, value in asked.items() if before.get(name) != value}
    if new.get("goto_csat_flow"):
        found.append(("CSAT_OFFERED", True))
    if new.get("survey_entered"):
        found.append(("CSAT_ACCEPTED", True))
    if new.get("score") is not None:
        found += [("CSAT_SCORE", new["score"]), ("CSAT_COMPLETED", True)]
    return found
