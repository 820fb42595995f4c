"""The routes by which the vendor's command line chats with a project."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.hosting import hosting_of
from postcall.api.polyai.bodies import Language, beside, language_of, read_shape, said
from postcall.api.polyai.entering import enter
from postcall.api.polyai.errors import DraftMissing, in_envelope
from postcall.api.polyai.talking import find_call, listen, say
from postcall.api.polyai.turns import TurnShown, read_environment, seen_so_far, show_turn
from postcall.api.replies import json_reply
from postcall.domain.calls import DisconnectionReason
from postcall.domain.keys import Principal, Scope
from postcall.errors import ConversationOver
from postcall.runtime.hosting import OpenCall
from postcall.runtime.hosting.opening import CHAT

router = APIRouter(prefix="/adk/v1/accounts/{account_id}/projects/{project_id}", tags=["command line's chat"])

_USUAL = "sandbox"
"""The environment that the command line takes where it is told none."""


class OpenBody(msgspec.Struct):
    """What a chat begins with."""

    client_env: str = _USUAL
    channel: str | None = None
    variant_id: str | None = None
    asr_lang_code: Language | None = None
    tts_lang_code: Language | None = None
    sip_headers: dict[str, str] | None = None


class SayBody(msgspec.Struct):
    """What the user says."""

    client_env: str = _USUAL
    message: str | None = None
    asr_lang_code: Language | None = None
    tts_lang_code: Language | None = None


class EndBody(msgspec.Struct):
    """Where the chat is."""

    client_env: str = _USUAL


@router.post("/chat")
@in_envelope
async def open_chat(request: Request, account_id: str, project_id: str) -> Response:
    """Begin a chat; the reply has the shape of a turn."""
    principal = await _enter(request, account_id, project_id)
    body = await read_shape(request, OpenBody)
    opening = OpenCall(
        channel=body.channel or CHAT,
        environment=read_environment("client_env", body.client_env),
        variant=body.variant_id or None,
        language=language_of(body.asr_lang_code, body.tts_lang_code),
        sip_headers=body.sip_headers or {},
    )
    call = await hosting_of(request).open(principal.account_pk, project_id, opening)
    heard = await listen(call.start())
    return json_reply(_turn(await show_turn(request, principal, call, heard, None)))


@router.post("/chat/{conversation_id}")
@in_envelope
async def say_in_chat(request: Request, account_id: str, project_id: str, conversation_id: str) -> Response:
    """Say something, or with an empty message nothing: silence."""
    principal = await _enter(request, account_id, project_id)
    body = await read_shape(request, SayBody)
    environment = read_environment("client_env", body.client_env)
    known = beside(attributes=None, asr=body.asr_lang_code, tts=body.tts_lang_code, metadata=None)
    call = await find_call(request, principal, project_id, conversation_id, among={environment})
    before = await seen_so_far(request, principal, call.id)
    heard = await say(call, said(body.message), known)
    return json_reply(_turn(await show_turn(request, principal, call, heard, before)))


@router.post("/chat/{conversation_id}/end")
@in_envelope
async def end_chat(request: Request, account_id: str, project_id: str, conversation_id: str) -> Response:
    """End a chat; ending one that is over succeeds as well."""
    principal = await _enter(request, account_id, project_id)
    body = await read_shape(request, EndBody)
    environment = read_environment("client_env", body.client_env)
    call = await find_call(request, principal, project_id, conversation_id, among={environment})
    try:
        await listen(call.hang_up(DisconnectionReason.USER_HANGUP))
    except ConversationOver:
        return json_reply({"conversation_id": call.id, "conversation_ended": True})
    return json_reply({"conversation_id": call.id, "conversation_ended": True})


@router.post("/draft/chat")
@router.post("/draft/chat/{conversation_id}")
@router.post("/draft/chat/{conversation_id}/end")
@in_envelope
async def chat_with_draft(request: Request, account_id: str, project_id: str) -> Response:
    """There is no draft to chat with."""
    await _enter(request, account_id, project_id)
    raise DraftMissing


def _turn(shown: TurnShown) -> dict[str, Any]:
    return {
        "conversation_id": shown.call.id,
        "response": shown.heard.text,
        "conversation_ended": shown.heard.ended is not None,
        "metadata": shown.metadata(),
    }


async def _enter(request: Request, account_id: str, project_id: str) -> Principal:
    entered = await enter(request, Scope.WRITE, project_id, account_id=account_id)
    return entered.principal
