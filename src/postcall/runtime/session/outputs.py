"""What a session says to its channel, piece by piece, and what a channel tells it besides the user's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from postcall.domain.calls import DisconnectionReason, Handoff, Json


@dataclass(frozen=True, slots=True)
class Beside:
    """What came with the user's words."""

    attributes: Mapping[str, Json] | None = None
    """`conv.integration_attributes` from now on, in place of those there were."""
    language: str | None = None
    """Of the conversation, from now on; one that the project does not speak changes nothing."""
    metadata: Mapping[str, Json] | None = None
    """Kept among the events; functions do not see it."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A piece of what the agent says, as soon as it is certain; pieces of one utterance join without a space."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance is complete: what the pieces since the last one come to."""

    text: str


@dataclass(frozen=True, slots=True)
class Filler:
    """Said while a function runs, where the channel speaks; no part of the transcript."""

    text: str


@dataclass(frozen=True, slots=True)
class Listening:
    """The turn is over: the user's turn begins."""

    silence_s: float
    """How long the channel waits before it tells the session that the user was silent; text channels need no timer."""
    settings: dict[str, Json] = field(default_factory=dict)
    """`asr`, `dtmf`, `barge_in` … for channels that have them."""
    attachments: tuple[dict[str, Json], ...] = ()
    suggestions: tuple[str, ...] = ()
    call_actions: tuple[dict[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """The conversation is over; nothing comes after it."""

    reason: DisconnectionReason
    handoff: Handoff | None = None


Output: TypeAlias = Saying | Said | Filler | Listening | Ended
