"""Debug chat: a conversation whose replies show what happened behind them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from postcall.api.hosting import hosting_of
from postcall.api.polyai.bodies import Language, beside, free_form, language_of, read_shape, said
from postcall.api.polyai.entering import enter
from postcall.api.polyai.errors import in_envelope
from postcall.api.polyai.talking import find_call, listen, say
from postcall.api.polyai.turns import TurnShown, read_environment, seen_so_far, show_turn
from postcall.api.replies import json_reply
from postcall.domain.ids import CALL_ID
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.runtime.hosting import OpenCall
from postcall.runtime.hosting.opening import CHAT

router = APIRouter(tags=["debug chat"])


class OpenBody(msgspec.Struct, rename="camel"):
    """What a debug chat begins with."""

    client_env: str
    asr_lang_code: Language | None = None
    tts_lang_code: Language | None = None
    conversation_id: str | None = None
    variant_id: str | None = None
    channel: str | None = None
    integration_attributes: dict[str, Any] | None = None


class SayBody(msgspec.Struct, rename="camel"):
    """What the user says."""

    client_env: str
    message: str | None = None
    asr_lang_code: Language | None = None
    tts_lang_code: Language | None = None
    metadata: dict[str, Any] | None = None


@router.post("/v1/agents/{agent_id}/debug-chat", status_code=201)
@in_envelope
async def open_debug_chat(request: Request, agent_id: str) -> Response:
    """Begin a debug chat; the reply has the shape of a turn."""
    principal = (await enter(request, Scope.WRITE, agent_id)).principal
    body = await read_shape(request, OpenBody)
    own = body.conversation_id
    if own is not None and (not CALL_ID.fullmatch(own) or own in {".", ".."}):
        raise BadInput("conversationId: cannot stand in an address", field="conversationId")
    attributes = free_form("integrationAttributes", body.integration_attributes)
    opening = OpenCall(
        channel=body.channel or CHAT,
        environment=read_environment("clientEnv", body.client_env),
        variant=body.variant_id or None,
        language=language_of(body.asr_lang_code, body.tts_lang_code),
        attributes=None if attributes is None else dict(attributes),
        call_id=own,
    )
    call = await hosting_of(request).open(principal.account_pk, agent_id, opening)
    heard = await listen(call.start())
    return json_reply(_turn(await show_turn(request, principal, call, heard, None), ""), status=201)


@router.post("/v1/agents/{agent_id}/debug-chat/{conversation_id}")
@in_envelope
async def say_in_debug_chat(request: Request, agent_id: str, conversation_id: str) -> Response:
    """Say something, or with an empty message nothing: silence."""
    principal = (await enter(request, Scope.WRITE, agent_id)).principal
    body = await read_shape(request, SayBody)
    environment = read_environment("clientEnv", body.client_env)
    known = beside(attributes=None, asr=body.asr_lang_code, tts=body.tts_lang_code, metadata=body.metadata)
    call = await find_call(request, principal, agent_id, conversation_id, among={environment})
    before = await seen_so_far(request, principal, call.id)
    message = said(body.message)
    heard = await say(call, message, known)
    return json_reply(_turn(await show_turn(request, principal, call, heard, before), message))


def _turn(shown: TurnShown, user_input: str) -> dict[str, Any]:
    return {
        "conversationId": shown.call.id,
        "userInput": user_input,
        "response": shown.heard.text,
        "metadata": {_camel(name): value for name, value in shown.metadata().items()},
        "conversationEnded": shown.heard.ended is not None,
        "delayedResponse": False,
    }


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
