"""Hosted calls as the record keeps them, written in a line: no process and no model takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.builders import Desk
from tests.runtime.project_builder import a_project

from postcall.domain.calls import CallDetails, CallStatus, Channel, DisconnectionReason, Json, MetricWrite, Role, Turn
from postcall.domain.conversations import CallEvent, EventKind
from postcall.runtime.publishing import push_project
from postcall.storage.conversations import Ending, claim_turn, new_lease, open_conversation, store_turn
from postcall.storage.hosted_writes import Kept, Writes, keep_writes

HOSTED = "bakery"


@dataclass(frozen=True)
class Played:
    """One turn: what was said in it, and what happened behind that."""

    user: str | None = None
    agent: str | None = None
    events: Sequence[CallEvent] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Json] = field(default_factory=dict)


def an_event(at: datetime, what: EventKind, /, **content: Any) -> CallEvent:
    """`failed` and `is_pii` are said among the content."""
    failed, is_pii = bool(content.pop("failed", False)), bool(content.pop("is_pii", False))
    return CallEvent(what, at, 0, content, is_pii=is_pii, failed=failed)


def push_bakery(desk: Desk) -> None:
    """An agent that postcall hosts."""
    desk.record.write(lambda c: push_project(c, desk.pk, a_project(), (), now=desk.clock()))


def play(desk: Desk, call_id: str, *turns: Played, ended: DisconnectionReason | None = None) -> None:
    """A hosted call with these turns; the last one ends it where a reason is given."""
    clock = desk.clock
    details = CallDetails(agent=HOSTED, status=CallStatus.IN_PROGRESS, channel=Channel.WEBCHAT)
    desk.record.write(
        lambda c: open_conversation(c, desk.pk, details, call_id=call_id, version=1, snapshot=b"p{}", now=clock())
    )
    for index, played in enumerate(turns):
        ending = Ending(ended) if ended is not None and index == len(turns) - 1 else None
        _store(desk, call_id, index, played, ending)


def _store(desk: Desk, call_id: str, index: int, played: Played, ending: Ending | None) -> None:
    lease, now = new_lease(), desk.clock()
    hosted = desk.record.write(lambda c: claim_turn(c, desk.pk, call_id, lease=lease, now=now))
    kept = Kept(hosted.call_pk, call_id, hosted.agent_pk, hosted.revision, index + 1, "live", lease)
    writes = Writes(
        tuple(MetricWrite(name, value, now) for name, value in played.metrics.items()),
        tuple(replace(event, turn=index) for event in played.events),
        hosted.next_event,
    )
    desk.record.write(lambda c: keep_writes(c, kept, writes, now=now))
    said = [Turn(Role.USER, played.user, at=now)] if played.user else []
    said += [Turn(Role.AGENT, played.agent, at=now, latency_s=0.25)] if played.agent else []
    desk.record.write(
        lambda c: store_turn(
            c,
            hosted,
            said,
            lease=lease,
            turn=index + 1,
            snapshot=b"p{}",
            state=played.state,
            columns={},
            ending=ending,
            now=now,
        )
    )


def a_busy_turn(desk: Desk, *, words: str = "loaf", lines: int = 3) -> Played:
    """A turn in which everything happens, with words and a trace as long as is asked for."""
    at = desk.clock()
    trace = "\n".join(f'  File "functions/take_{line}.py", line {line}, in take' for line in range(lines))
    events = [
        an_event(at, EventKind.MODEL, seconds=0.4, first_seconds=0.2, model="tiny", prompt_tokens=90,
                 completion_tokens=12, tools=["start_order", words], called=[{"name": "start_order", "arguments": {}}]),
        an_event(at, EventKind.TOPICS, found=[{"name": words, "score": 0.71}]),
        an_event(at, EventKind.STEP, flow="Order", step=words, from_flow=None, from_step=None),
        an_event(at, EventKind.ENTITY, name="size", value=words, valid=False, error="must be small or large"),
        an_event(at, EventKind.LOG, level="warning", content=f"low on {words}", extras={"oven": words}),
        an_event(at, EventKind.LOG, level="info", content="card 4111 1111", is_pii=True),
        an_event(at, EventKind.FUNCTION, name="start_order", kind="global", seconds=0.035, arguments={"what": words},
                 utterance=words, transition={"goto_flow": "Order"},
                 state={"added": {"orders": 1}, "updated": {words: {"before": words, "after": f"{words}!"}},
                        "removed": ["old"]}),
        an_event(at, EventKind.FUNCTION, name="broken", kind="global", seconds=5.0, failed=True,
                 error={"kind": "timeout", "message": f"TimeoutError: {words}", "trace": trace}),
        an_event(at, EventKind.WARNING, message=f"there is no step {words}"),
        an_event(at, EventKind.OUTBOX, kind="sms", to="+15550100", content={"content": words}),
        an_event(at, EventKind.SETTING, setting="variant", value=words),
    ]  # fmt: skip
    return Played(words, f"One {words}.", events, {"UNHEARD_OF": words}, {"orders": 1, words: f"{words}!"})
