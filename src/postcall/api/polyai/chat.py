"""The Chat API: create, respond, close."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.hosting import hosting_of
from postcall.api.polyai.bodies import Language, beside, free_form, language_of, read_shape, said
from postcall.api.polyai.entering import enter
from postcall.api.polyai.errors import in_envelope
from postcall.api.polyai.talking import Heard, find_call, listen, say
from postcall.api.replies import json_reply
from postcall.domain.calls import DisconnectionReason, Environment
from postcall.domain.keys import Principal, Scope
from postcall.errors import ConversationOver
from postcall.runtime.hosting import OpenCall
from postcall.runtime.hosting.opening import SMS, WEBCHAT, WHATSAPP

router = APIRouter(tags=["chat"])
VERSIONS = ("v1", "v2", "v3")
"""Each is the same, under its own prefix."""
METHODS = {"create": "POST", "respond": "POST", "close": "PUT"}

_CHANNELS = {None: WEBCHAT, "webchat": WEBCHAT, "api": WEBCHAT, "whatsapp": WHATSAPP, "sms": SMS}


class CreateBody(msgspec.Struct):
    """What a chat begins with."""

    integration_attributes: dict[str, Any] | None = None
    variant_id: str | None = None
    channel: Literal["webchat", "whatsapp", "sms", "api"] | None = None
    asr_lang_code: Language | None = None
    tts_lang_code: Language | None = None


class RespondBody(msgspec.Struct):
    """What the user says."""

    conversation_id: str
    message: str | None = None
    integration_attributes: dict[str, Any] | None = None
    asr_lang_code: Language | None = None
    tts_lang_code: Language | None = None
    metadata: dict[str, Any] | None = None


class CloseBody(msgspec.Struct):
    """Which chat is over."""

    conversation_id: str


@router.post("/{account_id}/{project_id}/chat/create")
@in_envelope
async def create_chat(request: Request, account_id: str, project_id: str) -> Response:
    """Begin a chat; the reply is the greeting."""
    principal = await _enter(request, account_id, project_id)
    body = await read_shape(request, CreateBody, channels=[name for name in _CHANNELS if name])
    attributes = free_form("integration_attributes", body.integration_attributes)
    opening = OpenCall(
        channel=_CHANNELS[body.channel],
        variant=body.variant_id or None,
        language=language_of(body.asr_lang_code, body.tts_lang_code),
        attributes=None if attributes is None else dict(attributes),
    )
    call = await hosting_of(request).open(principal.account_pk, project_id, opening)
    heard = await listen(call.start())
    reply: dict[str, Any] = {"conversation_id": call.id, "response": heard.text}
    if heard.ended is not None:  # nothing would tell the client but the 410 for its first message
        reply |= _ending(heard)
    return json_reply(reply)


@router.post("/{account_id}/{project_id}/chat/respond")
@in_envelope
async def respond(request: Request, account_id: str, project_id: str) -> Response:
    """Say something; the reply is what the agent says. 410 once the chat is over."""
    principal = await _enter(request, account_id, project_id)
    body = await read_shape(request, RespondBody)
    known = beside(
        attributes=body.integration_attributes,
        asr=body.asr_lang_code,
        tts=body.tts_lang_code,
        metadata=body.metadata,
    )
    call = await find_call(request, principal, project_id, body.conversation_id, among={Environment.LIVE})
    heard = await say(call, said(body.message), known)
    return json_reply({"conversation_id": call.id, "response": heard.text, **_ending(heard)})


@router.put("/{account_id}/{project_id}/chat/close")
@in_envelope
async def close_chat(request: Request, account_id: str, project_id: str) -> Response:
    """End a chat; ending one that is over succeeds as well."""
    principal = await _enter(request, account_id, project_id)
    body = await read_shape(request, CloseBody)
    call = await find_call(request, principal, project_id, body.conversation_id, among={Environment.LIVE})
    try:
        await listen(call.hang_up(DisconnectionReason.USER_HANGUP))
    except ConversationOver:
        return json_reply({"success": True})
    return json_reply({"success": True})


def _ending(heard: Heard) -> dict[str, Any]:
    ending: dict[str, Any] = {"end_conversation": heard.ended is not None}
    if heard.ended is not None and heard.ended.handoff is not None:
        handoff = heard.ended.handoff
        ending["handoff"] = {"destination": handoff.destination, "reason": handoff.reason or ""}
    return ending


async def _enter(request: Request, account_id: str, project_id: str) -> Principal:
    entered = await enter(request, Scope.WRITE, project_id, account_id=account_id, also_in="x-token")
    return entered.principal
