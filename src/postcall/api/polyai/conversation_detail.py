"""One conversation by its id, the plain list of an agent's, and the audio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.polyai.conversation_format import (
    CHANNELS,
    Shown,
    handed_off,
    metrics_json,
    turns_json,
    whole_seconds,
)
from postcall.api.polyai.conversation_query import MAX_LIMIT, check_names, read_flag, read_number
from postcall.api.polyai.entering import Entered, enter
from postcall.api.polyai.errors import RecordingNotFound, in_envelope
from postcall.api.polyai.turns import function_events
from postcall.api.recordings import base_of, serve_recording
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import LIVE
from postcall.domain.conversation_filter import ConversationFilter
from postcall.domain.conversations import CallEvent
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.storage.conversation_list import count_conversations, list_conversations
from postcall.storage.conversation_rows import (
    ConversationFile,
    find_conversation_pk,
    names_kept_back,
    read_conversation,
    read_conversation_files,
)
from postcall.storage.recordings import Recording, recording_by_pk

router = APIRouter(prefix="/v1/agents/{agent_id}/conversations", tags=["conversations"])

_DIRECTIONS = ("combined", "user", "agent")
_OFFSETS = 2**53


@router.get("")
@in_envelope
async def get_agents_conversations(request: Request, agent_id: str) -> Response:
    """An agent's conversations of every environment, the newest first, without turns, metrics and function events.

    It has no filters; one that is given all the same is refused, as the other list has them.
    """
    entered = await enter(request, Scope.CONVERSATIONS, agent_id)
    query = request.query_params
    check_names(query, ("limit", "offset"))
    limit = read_number(query, "limit", default=50, least=1, most=MAX_LIMIT)
    offset = read_number(query, "offset", default=0, least=0, most=_OFFSETS)
    base = base_of(request)

    def look(connection: Connection) -> dict[str, Any]:
        shown = Shown(entered.settings, names_kept_back(connection, entered.agent_pk))
        wanted = ConversationFilter(entered.principal.account_pk, entered.agent_pk, environment=None)
        page = list_conversations(connection, wanted, offset=offset, limit=limit)
        files = read_conversation_files(connection, entered.principal.account_pk, entered.agent_pk, page.pks)
        return {
            "conversations": [_fields(file, shown, audio=_audio_url(base, entered, file)) for file in files],
            "count": count_conversations(connection, wanted),
            "limit": limit,
            "offset": offset,
        }

    return json_reply(await services_of(request).record.read_async(look))


@router.get("/{conversation_id}")
@in_envelope
async def get_conversation(request: Request, agent_id: str, conversation_id: str) -> Response:
    """All of one conversation, also while it goes on; `?include_latency=true` as on the list."""
    entered = await enter(request, Scope.CONVERSATIONS, agent_id)
    latency = read_flag(request.query_params, "include_latency") or False
    base = base_of(request)

    def look(connection: Connection) -> dict[str, Any]:
        file = read_conversation(
            connection,
            entered.principal.account_pk,
            entered.agent_pk,
            conversation_id,
            with_pii=entered.principal.may_see_pii,
        )
        shown = Shown(entered.settings, names_kept_back(connection, entered.agent_pk), latency=latency)
        return {
            **_fields(file, shown, audio=_audio_url(base, entered, file)),
            "turns": turns_json(file.stored, shown),
            "metrics": metrics_json(file.stored.row, shown),
            "functionEvents": functions_json(file.events, words=shown.settings.show_transcripts),
        }

    return json_reply(await services_of(request).record.read_async(look))


@router.get("/{conversation_id}/audio")
@in_envelope
async def get_audio(request: Request, agent_id: str, conversation_id: str) -> Response:
    """The recording as it was handed in, also a part of it; there is no other than the whole of both sides.

    It cannot be heard without the scope `pii`: no recording is redacted, and others would have to be given a redacted
    one. Nor where the project does not show transcripts, of which it holds every word.
    """
    entered = await enter(request, Scope.CONVERSATIONS, agent_id)
    query = request.query_params
    direction = query.get("direction", "combined")
    if direction not in _DIRECTIONS:
        raise BadInput(f"direction: must be {', '.join(_DIRECTIONS)}, not {direction[:100]!r}", field="direction")
    redacted = read_flag(query, "redacted") or False

    def look(connection: Connection) -> Recording | None:
        account_pk = entered.principal.account_pk
        return recording_by_pk(
            connection, find_conversation_pk(connection, account_pk, entered.agent_pk, conversation_id)
        )

    recording = await services_of(request).record.read_async(look)
    if recording is None:
        raise RecordingNotFound(f"the conversation {conversation_id!r} has no recording")
    _check_heard(entered, direction, redacted=redacted)
    return serve_recording(request, recording)


def _check_heard(entered: Entered, direction: str, *, redacted: bool) -> None:
    """Raise RecordingNotFound for what there is not, or not for this key."""
    if not entered.settings.show_transcripts:
        raise RecordingNotFound("this project does not show transcripts, and so no recordings either")
    if not entered.principal.may_see_pii:
        raise RecordingNotFound("there is no redacted recording, and this key lacks the scope 'pii' for the other")
    if redacted:
        raise RecordingNotFound("there is no redacted recording: they are kept as they were handed in")
    if direction != "combined":
        raise RecordingNotFound(f"there is no recording of the {direction} alone: ask for direction=combined")


def _audio_url(base: str, entered: Entered, file: ConversationFile) -> str:
    """Where the recording is for a key like this; empty where it would be told that there is none."""
    hidden = not entered.settings.show_transcripts or not entered.principal.may_see_pii
    if not file.recorded or hidden:
        return ""
    call = quote(file.stored.row.call.id, safe="")
    return f"{base}/v1/agents/{quote(entered.slug, safe='')}/conversations/{call}/audio"


def _fields(file: ConversationFile, shown: Shown, *, audio: str) -> dict[str, Any]:
    """What both the list and the single conversation show."""
    row = file.stored.row
    call, details = row.call, row.call.details
    seconds = whole_seconds(details.duration_s)
    return {
        "conversationId": call.id,
        "accountId": call.account,
        "projectId": call.agent_slug,
        "createdAt": call.created_at,
        "startedAt": call.started_at,
        **shown.maybe(finishedAt=details.ended_at),
        "channel": CHANNELS[details.channel],
        "fromNumber": details.from_number or "",
        "toNumber": details.to_number or "",
        "language": details.language or "",
        "variantId": details.variant or "",
        "clientEnv": details.environment,
        **shown.maybe(totalDuration=seconds, polyaiDuration=seconds, duration=seconds),
        "inProgress": details.status in LIVE,
        "handoff": handed_off(row),
        "handoffDestination": details.handoff.destination if details.handoff else "",
        "handoffReason": (details.handoff.reason or "") if details.handoff else "",
        "direction": details.direction,
        "tags": [],
        **shown.maybe(polyScore=_poly_score(file, shown)),
        "shortSummary": row.summary if shown.settings.show_transcripts else "",
        "deploymentId": file.version_id,
        "note": file.note,
        "audioUrl": audio,
    }


def _poly_score(file: ConversationFile, shown: Shown) -> float | None:
    """What was written or answered under that name, where it may be shown and is a number."""
    text = metrics_json(file.stored.row, shown).get("poly_score")
    last = text[-1] if isinstance(text, list) else text
    try:
        score = float(last) if last is not None else None
    except ValueError:
        return None
    return score if score is not None and abs(score) < _OFFSETS else None


def functions_json(events: Sequence[CallEvent], *, words: bool) -> dict[str, Any]:
    """By the name of the function: its log lines, and each time it ran.

    `words`: also what it had the agent say, and its arguments, which the model took from what was said.
    """
    found: dict[str, Any] = {}
    for event, shown in function_events(events):
        of_name = found.setdefault(str(shown.pop("name")), {"logs": {"conversation_logger": []}, "runs": []})
        lines = shown.pop("logs")["conversation_logger"]
        of_name["logs"]["conversation_logger"] += lines
        hidden: dict[str, Any] = {} if words else {"arguments": {}, "utterance": None}
        of_name["runs"].append({"turn": event.turn, "at": event.at, **shown, **hidden})
    return found
