"""All that a conversation is between two turns, so that any process can go on with it."""

from __future__ import annotations

from typing import Any

import msgspec

from postcall.llm.chat_shapes import ChatMessage
from postcall.runtime.protocol import CollectedEntity, Spoken


class Heard(msgspec.Struct, frozen=True, omit_defaults=True):
    """Topics found in an earlier turn, which stay visible for a while."""

    turn: int
    topics: tuple[str, ...]


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation after a finished turn; changed only by making the next one (msgspec.structs.replace)."""

    id: str
    env: str
    channel_type: str
    turn: int = 0
    """Turns that are finished; 0 before the start is."""
    caller_number: str | None = None
    callee_number: str | None = None
    sip_headers: dict[str, str] = {}
    integration_attributes: dict[str, Any] | None = None
    language: str | None = None
    variant: str | None = None
    variant_attributes: dict[str, Any] = {}
    flow: str | None = None
    step: str | None = None
    history: tuple[Spoken, ...] = ()
    """What was said, as `conv.history` has it."""
    messages: tuple[ChatMessage, ...] = ()
    """What the model has seen and said, tool calls and results included; the system message is made anew each time."""
    state: bytes = b""
    projection: dict[str, Any] = {}
    texts: dict[str, str] = {}
    state_changes: dict[str, Any] = {}
    """What was put into `conv.state` since a function last ran (collected entities): only functions read `state`."""
    entities: dict[str, CollectedEntity] = {}
    metrics: tuple[tuple[str, Any], ...] = ()
    instruction: str | None = None
    """Content of an utterance that ended its turn: an instruction for the next one."""
    heard: tuple[Heard, ...] = ()
    disabled_topics: tuple[str, ...] = ()
    silences: int = 0
    """In a row."""
    voice: dict[str, Any] | None = None
    asr_biasing: dict[str, Any] | None = None
    listen: dict[str, Any] | None = None
    memory: dict[str, Any] = {}
    external_events: tuple[dict[str, Any], ...] = ()
    csat: dict[str, Any] = {}
    discard_recording: bool = False
    prompts_left: int = 50
    """How often functions may still call `utils.prompt_llm`."""
    last_functions: tuple[str, ...] = ()
    """Functions named by the newest function result: offered while it is the newest message."""
    auto_turn: bool = False
    """The start was silent: a turn without user input follows at once."""
    ended: bool = False
    reason: str | None = None
    """A DisconnectionReason, once ended."""
    handoff_destination: str | None = None
    handoff_reason: str | None = None
