"""A call that postcall hosts, as it goes on: what happened in it besides the words, for whoever looks into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from postcall.domain.calls import Json


class EventKind(StrEnum):
    """What an event of a hosted call tells."""

    FUNCTION = "function"
    """A function of the agent ran: name, arguments, what it returned, what it changed, how long it took."""
    LOG = "log"
    """A function wrote a line into the conversation's log."""
    STEP = "step"
    """A flow or a step was entered or left."""
    MODEL = "model"
    """The model was asked: how long it took, its tokens, which tools it was offered, which it called."""
    TOPICS = "topics"
    """Topics were found for what the user said."""
    ENTITY = "entity"
    """A value was collected in a step, or refused."""
    FILTER = "filter"
    """A phrase of the model was held back."""
    SETTING = "setting"
    """The variant, the language, the voice or what the channel listens for was changed."""
    OUTBOX = "outbox"
    """A message or a handoff was asked for."""
    INTERRUPTED = "interrupted"
    """The user spoke over the agent: what is kept of its last words."""
    WARNING = "warning"
    """Something that the agent asked for could not be done: an unknown step, a template that is not there."""
    ENDED = "ended"
    """The conversation is over: how, and who ended it."""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One thing that happened in a hosted call."""

    kind: EventKind
    at: datetime
    turn: int
    """The number of the turn it belongs to: 0 is the start, before the user has said anything."""
    content: dict[str, Json]
    """What the kind says, by name; docs/conversations.md has the names."""
    is_pii: bool = False
    """A log line that its author marked as personal data: shown only to those who may see it."""
    failed: bool = False
    """Of a function: it raised, was stopped or returned nonsense."""


class FunctionKind(StrEnum):
    """What a function of a project is for, by where it stands."""

    GLOBAL = "global"
    """In `functions/`: `conv` and its parameters."""
    TRANSITION = "transition"
    """In a flow's `functions/`: `conv`, `flow` and its parameters."""
    STEP = "step"
    """In a flow's `function_steps/`: `conv` and `flow`; runs when it is entered."""
    START = "start"
    """`functions/start_function.py`."""
    END = "end"
    """`functions/end_function.py`."""
    UTILITY = "utility"
    """A module without a function of its own name: only for imports."""


class FailureKind(StrEnum):
    """Why a function did not do its work."""

    RAISED = "raised"
    TIMEOUT = "timeout"
    """It ran longer than it may, and was stopped."""
    DIED = "died"
    """Its process ended: out of memory, a crash, an exit."""
    NONSENSE = "nonsense"
    """It returned what no function may return."""
    UNAVAILABLE = "unavailable"
    """Its module cannot be imported, or there is no such function."""


@dataclass(frozen=True, slots=True)
class FunctionFailure:
    """What went wrong, for the log and for the model."""

    kind: FailureKind
    message: str
    """One line."""
    trace: str = ""
    """Where, as Python writes it; paths are those within the project."""


@dataclass(frozen=True, slots=True)
class StateChanges:
    """How a function left `conv.state`, compared with how it found it; values as JSON has them."""

    added: dict[str, Json] = field(default_factory=dict)
    updated: dict[str, Json] = field(default_factory=dict)
    """Name → `{"before": …, "after": …}`."""
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.removed)


class OutboxKind(StrEnum):
    """What was asked to leave the house."""

    SMS = "sms"
    EMAIL = "email"
    WHATSAPP = "whatsapp"
    HANDOFF = "handoff"


class OutboxState(StrEnum):
    """How far a message has come."""

    RECORDED = "recorded"
    """Kept, not sent: nothing is configured that could send it."""
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """It was being sent when the sender stopped: perhaps it went out, so it is not sent again by itself."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message or a handoff that a function asked for."""

    kind: OutboxKind
    to: str
    """A phone number, an e-mail address, or a handoff's destination."""
    content: dict[str, Json]
    """By kind: `from_number`, `content`, `template`, `content_id`, `content_variables`, `subject`, `body`, `reason`,
    `sip_headers`, `route`, `method`."""
    retry_count: int | None = None


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message as it is kept."""

    id: str
    outgoing: Outgoing
    state: OutboxState
    error: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime
