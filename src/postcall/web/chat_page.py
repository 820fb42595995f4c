"""Chatting with a hosted agent in the browser, beside what happens behind its words."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.hosting import hosting_of
from postcall.api.polyai.talking import listen
from postcall.api.services import services_of
from postcall.domain.agents import Agent
from postcall.domain.calls import Call, DisconnectionReason, Environment, Role, Turn
from postcall.errors import BadInput, CallNotFound, ConversationOver, NotAllowed, PostcallError
from postcall.runtime.hosting import HostedCall, OpenCall
from postcall.runtime.hosting.opening import CHAT, SMS, VOICE, WEBCHAT
from postcall.storage.agents import find_agent, find_agent_row, find_version
from postcall.storage.behind_calls import Standing, read_standing
from postcall.storage.calls import find_call_row
from postcall.storage.whole_calls import WholeCall, read_whole_call
from postcall.web import words
from postcall.web.behind_view import show_behind
from postcall.web.call_look import look_at_call
from postcall.web.form_fields import read_fields
from postcall.web.looking_again import digest_of, is_partial
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.versions_view import agent_path

router = APIRouter()
log = logging.getLogger(__name__)

EVERY = "500ms"
"""How often a chat looks for what is new: within a second everything is to be seen."""
_PATIENCE_S = 1.0
"""How long a chat waits for its greeting before it is shown without; what takes longer appears by itself."""
_NEWEST = 30
"""Turns that are shown behind a chat; the call's own page has all of them."""
_KEYS = re.compile(r"[0-9*#A-D]+")
_CHANNELS = ((CHAT, "Chat, as on the telephone"), (WEBCHAT, "Web chat"), (SMS, "SMS"), (VOICE, "Voice, in text"))
_ENVIRONMENTS = (Environment.SANDBOX, Environment.PRE_RELEASE, Environment.LIVE)
_ENDS = {
    DisconnectionReason.USER_HANGUP: "the user hung up",
    DisconnectionReason.AGENT_HANGUP: "the agent hung up",
    DisconnectionReason.HANDOFF: "handed off",
    DisconnectionReason.TIMEOUT: "nothing was said for too long",
}


@dataclass(frozen=True, slots=True)
class ChatAgent:
    """The agent of a chat."""

    name: str
    href: str
    chat: str
    version: int
    hosted: bool


@dataclass(frozen=True, slots=True)
class SaidView:
    """One utterance."""

    id: str
    role: str
    who: str
    text: str
    wait: str


@dataclass(frozen=True, slots=True)
class ChatView:
    """A chat as it stands."""

    here: str
    call: str
    """The address of the call's own page."""
    live: bool
    working: bool
    more_to_come: bool
    turns: tuple[SaidView, ...]
    ended: str
    """How, in a sentence; empty while it goes on."""
    seen: str
    """Stands for all that is shown."""


@router.api_route("/agents/{slug}/chat", methods=["GET", "HEAD"])
async def show_new_chat(request: Request, slug: str) -> Response:
    """How to begin."""
    services, person = services_of(request), person_of(request)

    def read(connection: Connection) -> tuple[Agent, str | None]:
        agent = find_agent(connection, person.account_pk, slug)
        pk = find_agent_row(connection, person.account_pk, slug).pk
        return agent, find_version(connection, pk, agent.active_version).config.project

    agent, digest = await services.record.read_async(read)
    variants: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    if digest is not None:
        loaded = await hosting_of(request).workplace.load(person.account_pk, digest)
        variants, languages = tuple(loaded.project.variants), loaded.project.languages
    return render(
        request,
        "chat_new.html",
        agent=_agent_view(agent, hosted=digest is not None),
        may_change=person.may_change,
        has_model=services.settings.model is not None,
        environments=[each.value for each in _ENVIRONMENTS],
        channels=_CHANNELS,
        variants=variants,
        languages=languages,
    )


@router.post("/agents/{slug}/chat")
async def begin_chat(request: Request, slug: str) -> Response:
    """Open a chat, and go to it."""
    person = person_of(request)
    form = await read_fields(request)
    environment = form.get("environment") or Environment.SANDBOX.value
    if environment not in {each.value for each in _ENVIRONMENTS}:
        raise BadInput(f"environment: there is no environment {environment!r}", field="environment")
    opening = OpenCall(
        channel=form.get("channel") or CHAT,
        environment=Environment(environment),
        variant=form.get("variant") or None,
        language=form.get("language") or None,
        from_number=form.get("from_number", "").strip() or None,
    )
    call = await hosting_of(request).open(person.account_pk, slug, opening)
    started = asyncio.create_task(_start(call))
    await asyncio.wait({started}, timeout=_PATIENCE_S)
    return RedirectResponse(_path(slug, call.id), status_code=303)


@router.api_route("/agents/{slug}/chat/{call_id}", methods=["GET", "HEAD"])
async def show_chat(request: Request, slug: str, call_id: str) -> Response:
    """The chat; to its own script only what changes."""
    return await _show(request, slug, call_id, "_chat_live.html" if is_partial(request) else "chat.html")


@router.post("/agents/{slug}/chat/{call_id}")
async def say_in_chat(request: Request, slug: str, call_id: str) -> Response:
    """Say something, press keys, be silent or hang up; to the page's own script what has changed by that."""
    services, person = services_of(request), person_of(request)
    if not person.may_change:
        raise NotAllowed("an editor may chat with the agent; your role reads only")
    form = await read_fields(request)
    await services.record.read_async(lambda c: _standing(c, person.account_pk, slug, call_id, services.clock()))
    call = await hosting_of(request).find(person.account_pk, call_id)
    try:
        await _act(call, form.get("act") or "say", form.get("message", "").strip())
    except ConversationOver:  # it ended meanwhile, which the page shows
        pass
    except PostcallError as error:
        if not is_partial(request):
            raise
        return await _show(request, slug, call_id, "_chat_live.html", told=error.message)
    if is_partial(request):
        return await _show(request, slug, call_id, "_chat_live.html", anyway=True)
    return RedirectResponse(_path(slug, call_id), status_code=303)


async def _start(call: HostedCall) -> None:
    try:
        await listen(call.start())
    except PostcallError as error:  # the chat shows it where the turn had begun
        log.warning("call %s could not start: %s", call.id, error.message)


async def _act(call: HostedCall, act: str, message: str) -> None:
    if act == "hang_up":
        await listen(call.hang_up(DisconnectionReason.USER_HANGUP))
    elif act == "silence":
        await listen(call.silence())
    elif not message:
        raise BadInput("message: say something, or stay silent with the button for that", field="message")
    elif act != "keys":
        await listen(call.hear(message))
    elif _KEYS.fullmatch(message) is None:
        raise BadInput("message: keys are the digits, * and #", field="message")
    else:
        await listen(call.hear(message, dtmf=True))


async def _show(
    request: Request, slug: str, call_id: str, template: str, *, told: str = "", anyway: bool = False
) -> Response:
    services, person = services_of(request), person_of(request)
    asked = request.query_params.get("seen") if is_partial(request) and not told and not anyway else None

    def read(connection: Connection) -> tuple[Agent, Standing, WholeCall | None]:
        now = services.clock()
        standing = _standing(connection, person.account_pk, slug, call_id, now)
        agent = find_agent(connection, person.account_pk, slug)
        if asked == digest_of(standing):
            return agent, standing, None
        whole = read_whole_call(connection, person.account_pk, call_id, with_pii=person.may_see_pii, now=now)
        return agent, standing, whole

    agent, standing, whole = await services.record.read_async(read)
    if whole is None:
        return Response(status_code=204)
    return render(
        request,
        template,
        agent=_agent_view(agent, hosted=True),
        version=whole.file.call.version,
        environment=whole.file.call.details.environment.value,
        chat=_chat(whole, agent, standing),
        behind=show_behind(look_at_call(whole, ""), newest=_NEWEST),
        every=EVERY,
        told=words.visible(told),
        has_model=services.settings.model is not None,
        may_change=person.may_change,
    )


def _standing(connection: Connection, account_pk: int, slug: str, call_id: str, now: Any) -> Standing:
    """CallNotFound also where the call is another agent's or not hosted."""
    agent = find_agent_row(connection, account_pk, slug)
    standing = read_standing(connection, account_pk, call_id, now=now)
    if standing is None or find_call_row(connection, account_pk, call_id).agent_pk != agent.pk:
        raise CallNotFound(call_id)
    return standing


def _chat(whole: WholeCall, agent: Agent, standing: Standing) -> ChatView:
    call = whole.file.call
    return ChatView(
        here=_path(agent.slug, call.id),
        call="/calls/" + quote(call.id, safe=""),
        live=standing.live,
        working=standing.working,
        more_to_come=standing.more_to_come,
        turns=tuple(_said(turn, index) for index, turn in enumerate(whole.file.turns)),
        ended="" if standing.live else _ended(call),
        seen=digest_of(standing),
    )


def _said(turn: Turn, index: int) -> SaidView:
    wait = f"after {turn.latency_s:.2f} s" if turn.latency_s is not None else ""
    who = "Agent" if turn.role is Role.AGENT else "You"
    return SaidView(f"said-{index}", turn.role.value, who, words.visible(turn.text), wait)


def _ended(call: Call) -> str:
    reason, handoff = call.details.disconnection_reason, call.details.handoff
    how = f": {_ENDS.get(reason, words.spelled(reason))}" if reason else ""
    to = f" to {words.visible(handoff.destination)}" if handoff else ""
    why = f" ({words.visible(handoff.reason)})" if handoff and handoff.reason else ""
    return f"The conversation has ended{how}{to}{why}."


def _agent_view(agent: Agent, *, hosted: bool) -> ChatAgent:
    href = agent_path(agent.slug)
    return ChatAgent(agent.name, href, f"{href}/chat", agent.active_version, hosted)


def _path(slug: str, call_id: str) -> str:
    return f"{agent_path(slug)}/chat/{quote(call_id, safe='')}"
