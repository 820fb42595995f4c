"""Debug chat: a conversation whose replies show what happened behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.hosting import hosting_of
from postcall.api.polyai.bodies import read_shape
from postcall.api.polyai.errors import in_envelope
from postcall.api.polyai.talking import Heard, listen
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import Environment
from postcall.domain.conversations import CallEvent, EventKind
from postcall.domain.ids import CALL_ID
from postcall.domain.keys import Principal, Scope
from postcall.errors import BadInput, CallNotFound, PostcallError
from postcall.runtime.hosting import HostedCall, OpenCall
from postcall.runtime.hosting.opening import CHAT
from postcall.storage.call_events import News, Seen, read_news
from postcall.storage.conversations import hosted_call

router = APIRouter(tags=["debug chat"])


class DraftMissing(PostcallError):
    """A project is served as it was pushed; there is no unpublished one to talk to."""

    status = 400
    code = "CHAT_DRAFT_NOT_EXIST"


class OpenBody(msgspec.Struct, rename="camel"):
    """What a debug chat begins with."""

    client_env: str
    asr_lang_code: str | None = None
    tts_lang_code: str | None = None
    conversation_id: str | None = None
    variant_id: str | None = None
    channel: str = CHAT
    integration_attributes: dict[str, Any] | None = None


class SayBody(msgspec.Struct, rename="camel"):
    """What the user says."""

    client_env: str
    message: str = ""
    asr_lang_code: str | None = None
    tts_lang_code: str | None = None
    metadata: dict[str, Any] | None = None


@router.post("/v1/agents/{agent_id}/debug-chat", status_code=201)
@in_envelope
async def open_debug_chat(request: Request, agent_id: str) -> Response:
    """Begin a debug chat; the reply has the shape of a turn."""
    principal = await authenticate(request, Scope.WRITE)
    body = read_shape(await read_body(request, limit=_limit(request)), OpenBody)
    if body.conversation_id is not None and not CALL_ID.fullmatch(body.conversation_id):
        raise BadInput("conversationId: cannot stand in an address", field="conversationId")
    opening = OpenCall(
        channel=body.channel,
        environment=_environment(body.client_env),
        variant=body.variant_id,
        language=body.tts_lang_code or body.asr_lang_code,
        attributes=body.integration_attributes,
        call_id=body.conversation_id,
    )
    call = await hosting_of(request).open(principal.account_pk, agent_id, opening)
    heard = await listen(call.start())
    return json_reply(await _turn(request, principal, call, "", heard, Seen()), status=201)


@router.post("/v1/agents/{agent_id}/debug-chat/{conversation_id}")
@in_envelope
async def say_in_debug_chat(request: Request, agent_id: str, conversation_id: str) -> Response:
    """Say something, or with an empty message nothing: silence."""
    principal = await authenticate(request, Scope.WRITE)
    body = read_shape(await read_body(request, limit=_limit(request)), SayBody)
    environment = _environment(body.client_env)
    record = services_of(request).record
    hosted = await record.read_briefly(lambda c: hosted_call(c, principal.account_pk, conversation_id))
    if agent_id not in {hosted.agent_slug, hosted.agent_id} or hosted.environment is not environment:
        raise CallNotFound(conversation_id)
    before = await _look(request, principal, conversation_id, None)
    call = await hosting_of(request).find(principal.account_pk, conversation_id)
    heard = await listen(call.hear(body.message) if body.message else call.silence())
    return json_reply(await _turn(request, principal, call, body.message, heard, before.seen))


async def _turn(
    request: Request, principal: Principal, call: HostedCall, said: str, heard: Heard, before: Seen
) -> dict[str, Any]:
    news = await _look(request, principal, call.id, before)
    return {
        "conversationId": call.id,
        "userInput": said,
        "response": heard.text,
        "metadata": _metadata(call, news, heard),
        "conversationEnded": heard.ended is not None,
        "delayedResponse": False,
    }


async def _look(request: Request, principal: Principal, call_id: str, seen: Seen | None) -> News:
    record, with_pii = services_of(request).record, principal.may_see_pii
    return await record.read_async(lambda c: read_news(c, principal.account_pk, call_id, seen, with_pii=with_pii))


def _metadata(call: HostedCall, news: News, heard: Heard) -> dict[str, Any]:
    """What a turn did, by the names of this interface."""
    shown = call.shown
    steps = [event for event in news.events if event.kind is EventKind.STEP]
    found = [topic for event in news.events if event.kind is EventKind.TOPICS for topic in _names(event)]
    return {
        "state": shown.state,
        "currentNode": shown.step or shown.flow or "",
        "nodeTrace": [str(event.content.get("step") or event.content.get("flow") or "") for event in steps],
        "metrics": {metric.name: metric.value for metric in news.metrics},
        "functionEvents": _function_events(news.events),
        "handoffDestination": heard.ended.handoff.destination if heard.ended and heard.ended.handoff else None,
        "retrievedTopics": found,
        "retrievedSources": [],
        "citedTopic": None,
        "inFlow": shown.flow,
        "inStep": shown.step,
        "llmRequests": [event.content for event in news.events if event.kind is EventKind.MODEL],
        "asrLangCode": shown.language,
        "ttsLangCode": shown.language,
    }


def _names(event: CallEvent) -> list[str]:
    topics = event.content.get("found")
    if not isinstance(topics, list):
        return []
    return [str(topic["name"]) for topic in topics if isinstance(topic, dict) and "name" in topic]


def _function_events(events: Sequence[CallEvent]) -> list[dict[str, Any]]:
    """Each function with the lines that it logged, which come before its end."""
    found: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for event in events:
        if event.kind is EventKind.LOG:
            lines.append(event.content)
        elif event.kind is EventKind.FUNCTION:
            found.append(_function_event(event.content, lines))
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
        "state_changes": content.get("state") or {"added": {}, "updated": {}, "removed": []},
    }


def _environment(text: str) -> Environment:
    if text == "draft":
        raise DraftMissing("a project is served as it was pushed: take sandbox, pre-release or live")
    try:
        return Environment(text)
    except ValueError:
        raise BadInput(f"clientEnv: must be sandbox, pre-release or live, not {text!r}", field="clientEnv") from None


def _limit(request: Request) -> int:
    return services_of(request).settings.max_body_bytes
