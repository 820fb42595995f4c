"""What a function's end means for the turn: decided without touching anything."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.domain.conversations import FailureKind
from postcall.runtime.protocol import AskedHandoff, FunctionDone

NO_RETRY = frozenset({FailureKind.TIMEOUT, FailureKind.DIED})
"""The user has waited long enough, and the next attempt would most likely end like this one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be said and done, by the rules for return values."""

    text: str | None = None
    """For the model: at once, or as an instruction for the next turn where this one ends."""
    utterance: str | None = None
    """To be spoken as it is; `""` is silence, which ends a turn like any utterance."""
    ends_turn: bool = False
    hangup: bool = False
    handoff: AskedHandoff | None = None
    error: str | None = None
    """What went wrong, for the model."""
    hopeless: bool = False
    """No use in trying again."""


def read_outcome(done: FunctionDone) -> Outcome:
    """The outcome of a run.

    What `say` was given replaces a returned utterance, which replaces the handoff's. An utterance ends the turn unless
    its dictionary says otherwise; hanging up and handing off always do. Of a function that failed only the error
    counts: what it had asked to say, or where to go, was not its last word.
    """
    if done.failed is not None:
        return Outcome(error=done.failed.message, hopeless=done.failed.kind in NO_RETRY)
    returned, effects = done.returned, done.effects
    utterance = effects.say if effects.say is not None else returned.utterance
    if utterance is None and effects.handoff is not None:
        utterance = effects.handoff.utterance
    goodbye = returned.hangup or effects.handoff is not None
    return Outcome(
        text=returned.text if returned.text and returned.text.strip() else None,
        utterance=utterance,
        ends_turn=goodbye or (utterance is not None and returned.end_turn),
        hangup=returned.hangup,
        handoff=effects.handoff,
    )
