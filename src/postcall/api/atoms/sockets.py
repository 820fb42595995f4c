"""The socket over which a conversation is held in writing."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from postcall.api.atoms.chats import SOCKET, check_agent, open_session, unreserved
from postcall.api.atoms.errors import AtomsError, refuse
from postcall.api.atoms.replies import check_id, parse_object
from postcall.api.auth import holder_of
from postcall.domain.calls import DisconnectionReason, Json
from postcall.domain.keys import Scope
from postcall.errors import (
    BadInput,
    ConversationOver,
    InternalFault,
    NotAuthenticated,
    NotFound,
    PostcallError,
)
from postcall.runtime.hosting import HostedCall, Hosting
from postcall.runtime.session.outputs import Ended, Output, Said, Saying
from postcall.services import Services
from postcall.storage.conversations import hosted_call
from postcall.storage.tickets import PREFIX, redeem_ticket

log = logging.getLogger(__name__)

router = APIRouter()

FATAL = 4000
_SAMPLE_RATES = ("8000", "16000", "24000", "48000")
_MAX_TEXT = 20_000
_WITHOUT_EFFECT = {"input_audio_buffer.commit", "session.update"}
NO_VOICE = "postcall does not offer voice media: send the words as input_text.send"


@dataclass(frozen=True, slots=True)
class _Guest:
    """Whom the socket was opened for: a conversation that has begun, or one to begin."""

    account_pk: int
    web_call: bool
    sample_rate: int
    call_id: str | None = None
    agent: str = ""
    variables: Mapping[str, Json] | None = None


@router.websocket(SOCKET)
async def connect(socket: WebSocket) -> None:
    """Hold a conversation: `input_text.send` in, `transcript` and its deltas out, until one side closes it."""
    services: Services = socket.app.state.services
    try:
        guest = await _let_in(socket, services)
    except PostcallError as error:
        await socket.send_denial_response(_refusal(error))
        return
    await socket.accept()
    try:
        await _hold(socket, services, guest)
    except WebSocketDisconnect:
        pass
    except PostcallError as error:
        await _fail(socket, error)
    except Exception as error:  # told to the client, and logged
        log.exception("a conversation's socket failed")
        await _fail(socket, InternalFault(error))


async def _let_in(socket: WebSocket, services: Services) -> _Guest:
    """By a ticket, good once, or by a key and what the ticket would have said."""
    query = socket.query_params
    token, sample_rate = query.get("token", ""), _sample_rate(query.get("sample_rate"))
    if token.startswith(PREFIX):
        now = services.clock()
        ticket = await services.record.write_async(lambda c: redeem_ticket(c, token, now=now))
        if ticket is None:
            raise NotAuthenticated("this token was used, or is no longer good; ask for another")
        found = ticket.content
        return _Guest(
            ticket.account_pk,
            web_call=found["web_call"],
            sample_rate=sample_rate,
            call_id=found.get("call"),
            agent=found.get("agent", ""),
            variables=found.get("variables"),
        )
    scheme, _, key = socket.headers.get("authorization", "").partition(" ")
    secret = key.strip() if scheme.casefold() == "bearer" else socket.headers.get("x-api-key", token)
    principal = await holder_of(services, secret, Scope.WRITE)
    agent, mode = check_id(query.get("agent_id", ""), what="agent"), query.get("mode") or "webcall"
    if mode not in {"webcall", "chat"}:
        raise AtomsError(400, f"mode: must be webcall or chat, not {mode[:50]!r}")
    await check_agent(services, principal.account_pk, agent)
    return _Guest(
        principal.account_pk,
        web_call=mode == "webcall",
        sample_rate=sample_rate,
        agent=agent,
        variables=_variables(query.get("variables", "")),
    )


def _refusal(error: PostcallError) -> Response:
    """An agent that is not there is as bad as a key that is not good."""
    if isinstance(error, NotFound) or (isinstance(error, AtomsError) and "agent id" in error.message):
        error = NotAuthenticated(error.message)
    return refuse(error)


async def _hold(socket: WebSocket, services: Services, guest: _Guest) -> None:
    hosting = _hosting(socket)
    call, fresh = await _call(services, hosting, guest)
    try:
        await socket.send_json(
            {
                "type": "session.created",
                "session_id": secrets.token_hex(12),
                "call_id": call.id,
                "sample_rate": guest.sample_rate,
                "channels": 1,
            }
        )
        ended = await _tell(socket, call.start()) if fresh else False
        while not ended:
            ended = await _take(socket, call)
    except (WebSocketDisconnect, RuntimeError) as error:  # gone: writing to a closed socket is a RuntimeError
        if isinstance(error, RuntimeError) and not _is_gone(socket):
            log.exception("the conversation of call %s broke off", call.id)
        await _hang_up(call, DisconnectionReason.USER_HANGUP)
        raise WebSocketDisconnect(1006) from None
    except PostcallError:
        await _hang_up(call, DisconnectionReason.ERROR)
        raise


async def _call(services: Services, hosting: Hosting, guest: _Guest) -> tuple[HostedCall, bool]:
    """The conversation, and whether nothing has been said in it."""
    if guest.call_id is None:
        variables = dict(guest.variables or {})
        call = await open_session(
            services, hosting, guest.account_pk, guest.agent, web_call=guest.web_call, variables=variables
        )
        return call, True
    call_id = guest.call_id
    known = await services.record.read_briefly(lambda c: hosted_call(c, guest.account_pk, call_id))
    return await hosting.find(guest.account_pk, call_id), known.turn == 0


async def _take(socket: WebSocket, call: HostedCall) -> bool:
    """One message from the other side; whether the conversation is over with it."""
    message = await _receive(socket)
    kind = message.get("type")
    if kind == "input_text.send":
        text = message.get("text")
        if not isinstance(text, str) or not text.strip() or len(text) > _MAX_TEXT:
            await _complain(socket, f"input_text.send: text must be 1 to {_MAX_TEXT:,} characters")
            return False
        said = text.strip()
        await socket.send_json({"type": "transcript", "role": "user", "text": said})
        return await _tell(socket, call.hear(said))
    if kind == "session.close":
        await _hang_up(call, DisconnectionReason.USER_HANGUP)
        await _close(socket, "client_requested")
        return True
    if kind == "input_audio_buffer.append":
        await _complain(socket, NO_VOICE)
    elif kind not in _WITHOUT_EFFECT:
        await _complain(socket, f"unknown message type {str(kind)[:50]!r}")
    return False


async def _tell(socket: WebSocket, outputs: AsyncIterator[Output]) -> bool:
    """Pass a turn on as it comes; whether the conversation is over with it."""
    saying, ended = "", False
    async for output in _or_over(outputs):
        match output:
            case Saying(text=text) if text:
                if not saying:
                    await socket.send_json({"type": "agent_start_talking"})
                saying += text
                await socket.send_json({"type": "transcript.delta", "role": "assistant", "text": saying})
            case Said(text=text) if text:
                if not saying:
                    await socket.send_json({"type": "agent_start_talking"})
                await socket.send_json({"type": "transcript", "role": "assistant", "text": text})
                await socket.send_json({"type": "agent_stop_talking"})
                saying = ""
            case Ended():
                ended = True
    if ended:
        await _close(socket, "ended")
    return ended


async def _or_over(outputs: AsyncIterator[Output]) -> AsyncIterator[Output]:
    """A conversation that somebody else has ended meanwhile ends here as well."""
    try:
        async for output in outputs:
            yield output
    except ConversationOver:
        yield Ended(DisconnectionReason.AGENT_HANGUP)


async def _receive(socket: WebSocket) -> dict[str, Any]:
    while True:
        received = await socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1006))
        try:
            return parse_object(received.get("text") or received.get("bytes") or "", name="a message")
        except BadInput as fault:
            await _complain(socket, fault.message)


async def _hang_up(call: HostedCall, reason: DisconnectionReason) -> None:
    try:
        async for _ in call.hang_up(reason):
            pass
    except PostcallError as error:  # it was over already, or cannot even be ended: silence ends it
        log.info("call %s is not hung up: %s", call.id, error.message)


async def _complain(socket: WebSocket, message: str) -> None:
    """Something about one message; the conversation goes on."""
    await socket.send_json({"type": "error", "message": message})


def _is_gone(socket: WebSocket) -> bool:
    return WebSocketState.DISCONNECTED in (socket.client_state, socket.application_state)


async def _close(socket: WebSocket, reason: str) -> None:
    await socket.send_json({"type": "session.closed", "reason": reason})
    await socket.close(1000)


async def _fail(socket: WebSocket, error: PostcallError) -> None:
    """The conversation cannot go on here."""
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        await socket.send_json({"type": "error", "message": error.message, "code": error.code})
        await socket.close(FATAL)
    except (WebSocketDisconnect, RuntimeError):  # nobody is there to be told
        return


def _sample_rate(text: str | None) -> int:
    if text and text not in _SAMPLE_RATES:
        raise AtomsError(400, f"sample_rate: must be one of {', '.join(_SAMPLE_RATES)}, not {text[:20]!r}")
    return int(text or 24_000)


def _variables(text: str) -> dict[str, Json]:
    return unreserved(parse_object(text, name="variables")) if text.strip() else {}


def _hosting(socket: WebSocket) -> Hosting:
    state = socket.app.state
    if state.hosting is None:
        state.hosting = state.open_hosting()
    hosting: Hosting = state.hosting
    return hosting
