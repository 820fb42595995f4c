"""What a conversation tells of itself besides the words. The names in the content of each kind:

| kind | content |
|---|---|
| function | `name`, `kind` (a FunctionKind), `flow`, `arguments`, `returned` (as JSON has it), `text`, `utterance`, `end_turn`, `hangup`, `handoff` {destination, reason}, `error` {kind, message, trace}, `transition` {goto_flow, goto_step, exit_flow, label}, `state` {added, updated, removed}, `api` (responses it logged), `threads_left`, `seconds`, `by` (`model`, `step`, `filter`, `start`, `end`) |
| log | `level`, `content`, `extras` |
| step | `flow`, `step`, `from_flow`, `from_step`, `label`; `flow` null: the flow was left |
| model | `model`, `round` (from 1), `seconds`, `first_seconds`, `finish_reason`, `prompt_tokens`, `completion_tokens`, `cached_tokens`, `tools` (names on offer), `called` [{name, arguments}], `text`, `cut_off` (true: by the user or a phrase filter; no tokens are known then) |
| topics | `found` [{name, score}], `qa` (names that were counted) |
| entity | `name`, `value`, `valid`, `error`, `type` |
| filter | `name`, `phrase`, `spoken`, `function` |
| setting | `setting` (`variant`, `language`, `voice`, `listen`, `asr_biasing`, `background_track`, `disabled_topics`, `variant_attributes`, `csat`, `discard_recording`, `entities`, `external_event` (an id was given out), `external_event_received`, `integration_attributes`, `metadata`), `value` |
| outbox | `kind` (an OutboxKind), `to`, `content` |
| interrupted | `from` (the first turn whose words changed), `texts` (what is kept of it and those after it) |
| warning | `about` (`metrics` with `taken_back` [{position, name}], `model`, `function`, `transition`, `handoff`, `conv`, `rounds`, `steps`, `tool`, `variant`), `message`, and what it concerns by name |
| ended | `reason` (a DisconnectionReason), `by` (`user`, `agent`, `silence`, `channel`), `destination`, `handoff_reason`, `flow`, `step` |

Names whose value is null or empty may be missing.
"""  # noqa: E501 - a table has long rows

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from postcall.domain.calls import DisconnectionReason, Json
from postcall.domain.conversations import CallEvent, EventKind, Outgoing
from postcall.llm.chat_shapes import Finished, Tool, ToolCall
from postcall.runtime.functions.running import FunctionCall
from postcall.runtime.protocol import CollectedEntity, FunctionDone, Line
from postcall.runtime.session.host import Host

KEPT = frozenset({"flow", "step", "from_flow", "from_step", "value"})
"""Null says something here."""


@dataclass(frozen=True, slots=True)
class Journal:
    """Tells the host what happens in one turn."""

    host: Host
    turn: int

    def note(self, kind: EventKind, /, *, failed: bool = False, **content: Any) -> None:
        """One event, now; without the names that hold nothing."""
        told = {name: value for name, value in content.items() if name in KEPT or value not in (None, [], {}, "", ())}
        self.host.note(CallEvent(kind, self.host.now(), self.turn, told, failed=failed))

    def warn(self, about: str, message: str, **concerned: Any) -> None:
        """Something could not be done."""
        self.note(EventKind.WARNING, about=about, message=message, **concerned)

    def setting(self, setting: str, value: Any) -> None:
        """Something was set for the rest of the conversation or for what the user says next."""
        self.note(EventKind.SETTING, setting=setting, value=value)

    def logged(self, lines: Sequence[Line]) -> None:
        """What a function logged, with the times it was logged at."""
        for line in lines:
            content: dict[str, Json] = {"level": line.level, "content": line.content, "extras": line.extras}
            at = datetime.fromtimestamp(line.at, UTC)
            self.host.note(CallEvent(EventKind.LOG, at, self.turn, content, is_pii=line.is_pii))

    def ran(self, call: FunctionCall, done: FunctionDone, *, by: str) -> None:
        """A function has ended, one way or the other."""
        self.note(EventKind.FUNCTION, failed=done.failed is not None, **function_content(call, done, by=by))

    def asked(
        self,
        finished: Finished,
        *,
        turn_round: int,
        tools: Sequence[Tool],
        called: Sequence[ToolCall],
        text: str,
    ) -> None:
        """The model has answered."""
        self.note(
            EventKind.MODEL,
            model=finished.model,
            round=turn_round,
            seconds=finished.total_s,
            first_seconds=finished.first_s,
            finish_reason=finished.finish_reason,
            prompt_tokens=finished.usage.prompt_tokens,
            completion_tokens=finished.usage.completion_tokens,
            cached_tokens=finished.usage.cached_tokens,
            tools=[tool.name for tool in tools],
            called=[{"name": call.name, "arguments": call.arguments} for call in called],
            text=text,
        )

    def cut_off(self, *, turn_round: int, tools: Sequence[Tool], text: str, seconds: float) -> None:
        """The model was stopped while it answered: by the user, or at a phrase."""
        names = [tool.name for tool in tools]
        self.note(EventKind.MODEL, round=turn_round, seconds=seconds, tools=names, text=text, cut_off=True)

    def collected(self, entity: CollectedEntity) -> None:
        """A value was taken from what the user said, or refused."""
        self.note(
            EventKind.ENTITY,
            name=entity.name,
            value=entity.value,
            valid=entity.valid,
            error=entity.error,
            type=entity.type,
        )

    def sent(self, outgoing: Outgoing) -> None:
        """A message or a handoff is on its way out."""
        self.note(EventKind.OUTBOX, kind=outgoing.kind.value, to=outgoing.to, content=outgoing.content)

    def ended(self, reason: DisconnectionReason, *, by: str, **where: Any) -> None:
        """The conversation is over."""
        self.note(EventKind.ENDED, reason=reason.value, by=by, **where)


def function_content(call: FunctionCall, done: FunctionDone, *, by: str) -> dict[str, Any]:
    """All that is told of a function's run."""
    returned, moved, handoff, failed = done.returned, done.effects.moved, done.effects.handoff, done.failed
    transition = {
        "goto_flow": moved.goto_flow,
        "goto_step": moved.goto_step,
        "exit_flow": moved.exit_flow,
        "label": moved.label,
    }
    return {
        "name": call.spec.name,
        "kind": call.spec.kind.value,
        "by": by,
        "flow": call.spec.flow,
        "arguments": call.arguments,
        "returned": returned.raw,
        "text": returned.text,
        "utterance": done.effects.say if done.effects.say is not None else returned.utterance,
        "end_turn": returned.end_turn,
        "hangup": returned.hangup,
        "handoff": handoff and {"destination": handoff.destination, "reason": handoff.reason},
        "error": failed and {"kind": failed.kind, "message": failed.message, "trace": failed.trace},
        "transition": transition if moved else None,
        "state": _changes(done),
        "api": list(done.effects.api_responses),
        "threads_left": done.threads_left,
        "seconds": done.seconds,
    }


def _changes(done: FunctionDone) -> dict[str, Any] | None:
    if not (done.added or done.updated or done.removed):
        return None
    return {"added": done.added, "updated": done.updated, "removed": list(done.removed)}
