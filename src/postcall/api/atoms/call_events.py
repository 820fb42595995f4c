"""What happens in a call, under this interface's names for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from postcall.api.atoms.call_words import wire_reason
from postcall.api.atoms.replies import moment
from postcall.api.native.call_events import Piece, pieces
from postcall.domain.calls import LIVE, Call, CallStatus, Role
from postcall.domain.conversations import EventKind
from postcall.storage.call_events import News


def events_json(call: Call, news: News) -> list[dict[str, Any]]:
    """All of them, from the start to the end that the call has had by now."""
    told = [call_start(call), *(event for piece, _ in pieces(news) for event in told_of(call, piece))]
    return told if call.details.status in LIVE else [*told, call_end(call)]


def call_start(call: Call) -> dict[str, Any]:
    """The call begins."""
    return {**_head(call.id, "call_start", "start", call.started_at), "telephony_id": call.id}


def call_end(call: Call) -> dict[str, Any]:
    """The call is over."""
    details = call.details
    at = details.ended_at or call.updated_at
    if details.status is CallStatus.CANCELLED:
        return _head(call.id, "call_cancelled", "end", at)
    reason = wire_reason(details.disconnection_reason) if details.disconnection_reason is not None else None
    metadata = {"status": details.status.value, "disconnection_reason": reason, "duration": call.duration_s}
    return {**_head(call.id, "call_end", "end", at), "metadata": metadata}


def told_of(call: Call, piece: Piece) -> Iterator[dict[str, Any]]:
    """The events that one thing comes to; none for the end of a call, which is told last of all.

    For what nobody told the time of the call's start stands, as in transcripts: clients insist on a time.
    """
    at = max(piece.at, call.started_at)
    for number, (kind, content) in enumerate(_told(piece)):
        yield {**_head(call.id, kind, f"{piece.part}-{piece.position}-{number}", at), **content}


def _head(call_id: str, kind: str, event_id: str, at: datetime) -> dict[str, Any]:
    return {
        "event_type": kind,
        "event_id": f"{call_id}-{event_id}",
        "timestamp": moment(at),
        "call_id": call_id,
    }


def _told(piece: Piece) -> Iterator[tuple[str, dict[str, Any]]]:
    content = piece.content
    if piece.name == "turn":
        yield from _of_turn(content)
    elif piece.name == "metric":
        yield "variable_extraction", {"variables": {content["name"]: content["value"]}}
    elif piece.name != EventKind.ENDED:
        yield from _of_event(EventKind(piece.name), content["content"], content["turn"], piece.position)


def _of_turn(turn: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if turn["role"] == Role.USER:
        yield "user_transcription", {"user_transcription_text": turn["text"]}
        return
    waited = None if turn["latency_s"] is None else round(turn["latency_s"] * 1000)
    yield "tts_completed", {"tts_text": turn["text"]} | ({} if waited is None else {"tts_latency": waited})
    if waited is not None:
        yield (
            "turn_latency",
            {
                "turn_latency": waited,
                "total_turn_ms": waited,
                "turn_index": turn["turn"],
                "interrupted": False,
                "smart_turn_enabled": False,
            },
        )


def _of_event(
    kind: EventKind, content: dict[str, Any], turn: int, position: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    match kind:
        case EventKind.FUNCTION:
            yield from _of_function(content, turn, position)
        case EventKind.MODEL:
            value = round(float(content.get("seconds") or 0) * 1000)
            model = str(content.get("model") or "")
            yield "metrics", {"metrics": [{"processor": "llm", "model": model, "value": value}]}
        case EventKind.STEP:
            yield from _of_step(content)
        case EventKind.TOPICS:
            found = content.get("found") or []
            yield "knowledgebase", {"knowledge_base_id": "", "user_transcript": "", "response": found}
        case EventKind.ENTITY:
            error = {} if content.get("valid", True) else {"error": content.get("error") or "not valid"}
            yield "variable_extraction", {"variables": {str(content.get("name")): content.get("value")}, **error}
        case EventKind.WARNING:
            yield "agent_error", {"error": content.get("message"), "metadata": content}
        case _:
            yield "agent_log", {"metadata": {"kind": kind.value, **content}}


def _of_function(content: dict[str, Any], turn: int, position: int) -> Iterator[tuple[str, dict[str, Any]]]:
    about = {"turn_id": str(turn), "tool_call_id": str(position), "function_name": str(content.get("name") or "")}
    yield "tool_call_start", {**about, "context": {"arguments": content.get("arguments") or {}}}
    ran = {**about, "latency_ms": round(float(content.get("seconds") or 0) * 1000)}
    error = content.get("error")
    if error:
        message = error.get("message") if isinstance(error, dict) else str(error)
        yield "tool_call_error", {**ran, "success": False, "error": message}
    else:
        response = content.get("returned", content.get("utterance"))
        yield "tool_call_end", {**ran, "success": True, "response": response}


def _of_step(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    before, after = _node(content, "from_"), _node(content, "")
    if before and after:
        yield "hopping", {"from_node_id": before, "to_node_id": after}
    name = str(content.get("step") or content.get("flow") or "")
    yield "agent_node_state", {"node_id": after, "node_name": name, "node_type": "step", "context": {}}


def _node(content: dict[str, Any], side: str) -> str:
    parts = [content.get(f"{side}flow"), content.get(f"{side}step")]
    return "/".join(str(part) for part in parts if part)
