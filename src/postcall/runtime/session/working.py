"""The conversation while a turn works on it: a copy that becomes the next snapshot only when the turn has finished."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import msgspec

from postcall.domain.calls import DisconnectionReason
from postcall.llm.chat_shapes import ChatMessage
from postcall.runtime.protocol import CollectedEntity, Spoken
from postcall.runtime.session.snapshot import Heard, Snapshot


@dataclass
class Working:
    """What a turn may change; names and meanings are those of the Snapshot."""

    turn: int
    language: str | None
    variant: str | None
    variant_attributes: dict[str, Any]
    flow: str | None
    step: str | None
    history: list[Spoken]
    messages: list[ChatMessage]
    state: bytes
    projection: dict[str, Any]
    texts: dict[str, str]
    state_changes: dict[str, Any]
    entities: dict[str, CollectedEntity]
    metrics: list[tuple[str, Any]]
    instruction: str | None
    heard: list[Heard]
    disabled_topics: tuple[str, ...]
    silences: int
    voice: dict[str, Any] | None
    asr_biasing: dict[str, Any] | None
    listen: dict[str, Any] | None
    external_events: list[dict[str, Any]]
    csat: dict[str, Any]
    discard_recording: bool
    prompts_left: int
    last_functions: tuple[str, ...]
    auto_turn: bool
    ended: bool
    reason: str | None
    handoff_destination: str | None
    handoff_reason: str | None

    def end(self, reason: DisconnectionReason) -> None:
        """The conversation is over; the first reason stays."""
        if not self.ended:
            self.ended, self.reason = True, reason.value


_LISTS = frozenset({"history", "messages", "metrics", "heard", "external_events"})
_DICTS = frozenset({"variant_attributes", "entities", "csat", "projection", "texts", "state_changes"})
_NAMES = tuple(each.name for each in fields(Working))


def begin(snapshot: Snapshot) -> Working:
    """A copy to work on; what a turn only ever replaces as a whole is shared with the snapshot."""
    values = {name: getattr(snapshot, name) for name in _NAMES}
    values |= {name: list(values[name]) for name in _LISTS}
    values |= {name: dict(values[name]) for name in _DICTS}
    return Working(**values)


def finish(snapshot: Snapshot, working: Working) -> Snapshot:
    """The conversation after the turn, one turn further."""
    values = {name: getattr(working, name) for name in _NAMES}
    values |= {name: tuple(values[name]) for name in _LISTS}
    values["turn"] = working.turn + 1
    return msgspec.structs.replace(snapshot, **values)
