"""The Chat API: create, respond, close."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.hosting import hosting_of
from postcall.api.polyai.bodies import read_shape
from postcall.api.polyai.errors import check_account, in_envelope
from postcall.api.polyai.talking import Heard, listen
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.calls import DisconnectionReason
from postcall.domain.keys import Principal, Scope
from postcall.errors import CallNotFound, ConversationOver, NotFound
from postcall.runtime.hosting import HostedCall, OpenCall
from postcall.runtime.hosting.opening import CHAT, SMS, WEBCHAT, WHATSAPP
from postcall.storage.conversations import hosted_call

router = APIRouter(tags=["chat"])

_CHANNELS = {"webchat": WEBCHAT, "whatsapp": WHATSAPP, "sms": SMS, "api": CHAT}


class CreateBody(msgspec.Struct):
    """What a chat begins with."""

    integration_attributes: dict[str, Any] | None = None
    variant_id: str | None = None
    channel: Literal["webchat", "whatsapp", "sms", "api"] = "api"
    asr_lang_code: str | None = None
    tts_lang_code: str | None = None


class RespondBody(msgspec.Struct):
    """What the user says."""

    conversation_id: str
    message: str = ""
    integration_attributes: dict[str, Any] | None = None
    asr_lang_code: str | None = None
    tts_lang_code: str | None = None
    metadata: dict[str, Any] | None = None


class CloseBody(msgspec.Struct):
    """Which chat is over."""

    conversation_id: str


@router.post("/{version}/{account_id}/{project_id}/chat/create")
@in_envelope
async def create_chat(request: Request, version: str, account_id: str, project_id: str) -> Response:
    """Begin a chat; the reply is the greeting."""
    principal = await _enter(request, version, account_id)
    body = read_shape(await read_body(request, limit=_limit(request)) or b"{}", CreateBody)
    opening = OpenCall(
        channel=_CHANNELS[body.channel],
        variant=body.variant_id,
        language=body.tts_lang_code or body.asr_lang_code,
        attributes=body.integration_attributes,
    )
    call = await hosting_of(request).open(principal.account_pk, project_id, opening)
    heard = await listen(call.start())
    return json_reply({"conversation_id": call.id, "response": heard.text})


@router.post("/{version}/{account_id}/{project_id}/chat/respond")
@in_envelope
async def respond(request: Request, version: str, account_id: str, project_id: str) -> Response:
    """Say something; the reply is what the agent says. 410 once the chat is over."""
    principal = await _enter(request, version, account_id)
    body = read_shape(await read_body(request, limit=_limit(request)), RespondBody)
    call = await _find(request, principal, project_id, body.conversation_id)
    heard = await listen(call.hear(body.message) if body.message else call.silence())
    return json_reply(_reply(call, heard))


@router.put("/{version}/{account_id}/{project_id}/chat/close")
@in_envelope
async def close_chat(request: Request, version: str, account_id: str, project_id: str) -> Response:
    """End a chat; ending one that is over succeeds as well."""
    principal = await _enter(request, version, account_id)
    body = read_shape(await read_body(request, limit=_limit(request)), CloseBody)
    call = await _find(request, principal, project_id, body.conversation_id)
    try:
        await listen(call.hang_up(DisconnectionReason.USER_HANGUP))
    except ConversationOver:
        return json_reply({"success": True})
    return json_reply({"success": True})


def _reply(call: HostedCall, heard: Heard) -> dict[str, Any]:
    reply: dict[str, Any] = {
        "conversation_id": call.id,
        "response": heard.text,
        "end_conversation": heard.ended is not None,
    }
    if heard.ended is not None and heard.ended.handoff is not None:
        handoff = heard.ended.handoff
        reply["handoff"] = {"destination": handoff.destination, "reason": handoff.reason or ""}
    return reply


async def _enter(request: Request, version: str, account_id: str) -> Principal:
    if version not in {"v1", "v2", "v3"}:
        raise NotFound(f"there is no version {version!r} of the Chat API; take v1 or v3")
    principal = await authenticate(request, Scope.WRITE)
    check_account(principal.account, account_id)
    return principal


async def _find(request: Request, principal: Principal, project_id: str, call_id: str) -> HostedCall:
    """The chat, if it is one of this project."""
    hosted = await services_of(request).record.read_briefly(lambda c: hosted_call(c, principal.account_pk, call_id))
    if project_id not in {hosted.agent_slug, hosted.agent_id}:
        raise CallNotFound(call_id)
    return await hosting_of(request).find(principal.account_pk, call_id)


def _limit(request: Request) -> int:
    return services_of(request).settings.max_body_bytes
