"""What happened in a turn besides its words, for those who try an agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from postcall.api.polyai.errors import DraftMissing
from postcall.api.polyai.talking import Heard
from postcall.api.services import services_of
from postcall.domain.calls import Environment, MetricValue
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.keys import Principal
from postcall.errors import BadInput
from postcall.runtime.hosting import HostedCall
from postcall.storage.call_events import News, Seen, WrittenMetric, read_news
from postcall.storage.calls import find_call_row
from postcall.storage.following import seen_by_now


@dataclass(frozen=True, slots=True)
class TurnShown:
    """A turn with all that it did, under the names that both interfaces share in their own spelling."""

    call: HostedCall
    heard: Heard
    news: News

    def metadata(self) -> dict[str, Any]:
        """In snake case."""
        shown, events, ended = self.call.shown, self.news.events, self.heard.ended
        steps = [event.content for event in events if event.kind is EventKind.STEP]
        return {
            "state": shown.state,
            "current_node": shown.step or shown.flow or "",
            "node_trace": [str(step.get("step") or step.get("flow") or "") for step in steps],
            "metrics": _values(self.news.metrics),
            "function_events": [event for _, event in function_events(events)],
            "handoff_destination": ended.handoff.destination if ended and ended.handoff else None,
            "retrieved_topics": [name for event in events if event.kind is EventKind.TOPICS for name in _names(event)],
            "retrieved_sources": [],
            "cited_topic": None,
            "in_flow": shown.flow,
            "in_step": shown.step,
            "llm_requests": [event.content for event in events if event.kind is EventKind.MODEL],
            "asr_lang_code": shown.language,
            "tts_lang_code": shown.language,
        }


async def seen_so_far(request: Request, principal: Principal, call_id: str) -> Seen:
    """How far the call has come, before a turn that is to be shown."""
    record = services_of(request).record
    return await record.read_async(
        lambda c: seen_by_now(c, find_call_row(c, principal.account_pk, call_id).pk),
    )


async def show_turn(
    request: Request, principal: Principal, call: HostedCall, heard: Heard, before: Seen | None
) -> TurnShown:
    """The turn that has just ended, with what came of it since then."""
    record, with_pii = services_of(request).record, principal.may_see_pii
    news = await record.read_async(lambda c: read_news(c, principal.account_pk, call.id, before, with_pii=with_pii))
    return TurnShown(call, heard, news)


def read_environment(name: str, text: str) -> Environment:
    """Which of the three a client means."""
    if text == "draft":
        raise DraftMissing
    try:
        return Environment(text)
    except ValueError:
        raise BadInput(f"{name}: must be sandbox, pre-release or live, not {text!r}", field=name) from None


def _values(metrics: Sequence[WrittenMetric]) -> dict[str, MetricValue | list[MetricValue]]:
    """By name; those of a name that was written more than once as a list."""
    found: dict[str, list[MetricValue]] = {}
    for metric in metrics:
        found.setdefault(metric.name, []).append(metric.value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _names(event: CallEvent) -> list[str]:
    topics = event.content.get("found")
    if not isinstance(topics, list):
        return []
    return [str(topic["name"]) for topic in topics if isinstance(topic, dict) and "name" in topic]


def function_events(events: Sequence[CallEvent]) -> list[tuple[CallEvent, dict[str, Any]]]:
    """Each function with what is shown of it: also the lines that it logged, which come before its end."""
    found: list[tuple[CallEvent, dict[str, Any]]] = []
    lines: list[dict[str, Any]] = []
    for event in events:
        if event.kind is EventKind.LOG:
            lines.append(event.content)
        elif event.kind is EventKind.FUNCTION:
            found.append((event, _function_event(event.content, lines)))
            lines = []
    return found


def _function_event(content: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": content.get("name"),
        "arguments": content.get("arguments") or {},
        "utterance": content.get("utterance"),
        "hangup": bool(content.get("hangup")),
        "handoff": content.get("handoff"),
        "error": content.get("error"),
        "logs": {"conversation_logger": lines},
        "transition": content.get("transition"),
        "state_changes": _state_changes(content.get("state") or {}),
    }


def _state_changes(state: dict[str, Any]) -> dict[str, Any]:
    """A changed value is a pair here: before and after."""
    updated = state.get("updated") or {}
    return {
        "added": state.get("added") or {},
        "updated": {name: [each.get("before"), each.get("after")] for name, each in updated.items()},
        "removed": state.get("removed") or [],
    }
