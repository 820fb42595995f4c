"""Chatting with a hosted agent in the browser, beside what happens behind its words."""

from __future__ import annotations

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
from postcall.domain.calls import LIVE, Call, DisconnectionReason, Environment, Role, Turn
from postcall.domain.views import CallFile
from postcall.errors import BadInput, CallNotFound, ConversationOver, NotAllowed
from postcall.runtime.hosting import OpenCall
from postcall.runtime.hosting.opening import CHAT, SMS, VOICE, WEBCHAT
from postcall.storage.agents import find_agent, find_agent_row, find_version
from postcall.storage.call_events import News, read_news
from postcall.storage.call_views import read_call
from postcall.web import words
from postcall.web.diagnosis_view import show_diagnosis, show_state
from postcall.web.form_fields import read_fields
from postcall.web.looking_again import digest_of, has_seen, is_partial
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()

EVERY = "500ms"
"""How often a chat looks for what is new: within a second everything is to be seen."""
_CHANNELS = ((CHAT, "Chat, as on the telephone"), (WEBCHAT, "Web chat"), (SMS, "SMS"), (VOICE, "Voice, in text"))


@dataclass(frozen=True, slots=True)
class AgentView:
    """The agent of a chat."""

    name: str
    href: str
    chat: str
    version: int
    hosted: bool


@dataclass(frozen=True, slots=True)
class SaidView:
    """One utterance."""

    role: str
    who: str
    text: str
    wait: str | None


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
        environments=[each.value for each in (Environment.SANDBOX, Environment.PRE_RELEASE, Environment.LIVE)],
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
    if environment not in {each.value for each in Environment}:
        raise BadInput(f"environment: there is no environment {environment!r}", field="environment")
    opening = OpenCall(
        channel=form.get("channel") or CHAT,
        environment=Environment(environment),
        variant=form.get("variant") or None,
        language=form.get("language") or None,
        from_number=form.get("from_number") or None,
    )
    call = await hosting_of(request).open(person.account_pk, slug, opening)
    await listen(call.start())
    return RedirectResponse(_path(slug, call.id), status_code=303)


@router.api_route("/agents/{slug}/chat/{call_id}", methods=["GET", "HEAD"])
async def show_chat(request: Request, slug: str, call_id: str) -> Response:
    """The chat; to its own script only what changes."""
    return await _show(request, slug, call_id, "_chat_live.html" if is_partial(request) else "chat.html")


@router.post("/agents/{slug}/chat/{call_id}")
async def say_in_chat(request: Request, slug: str, call_id: str) -> Response:
    """Say something, press keys, be silent or hang up."""
    person = person_of(request)
    if not person.may_change:
        raise NotAllowed("an editor may chat with the agent; your role reads only")
    form = await read_fields(request)
    call = await hosting_of(request).find(person.account_pk, call_id)
    message = form.get("message", "").strip()
    act = form.get("act") or "say"
    try:
        if act == "hang_up":
            await listen(call.hang_up(DisconnectionReason.USER_HANGUP))
        else:
            await listen(call.hear(message, dtmf=act == "dtmf") if message else call.silence())
    except ConversationOver:  # it ended meanwhile, which the page shows
        return await _answer(request, slug, call_id)
    return await _answer(request, slug, call_id)


async def _answer(request: Request, slug: str, call_id: str) -> Response:
    if is_partial(request):
        return await _show(request, slug, call_id, "_chat_body.html")
    return RedirectResponse(_path(slug, call_id), status_code=303)


async def _show(request: Request, slug: str, call_id: str, template: str) -> Response:
    services, person = services_of(request), person_of(request)

    def read(connection: Connection) -> tuple[CallFile, News, Agent]:
        file = read_call(connection, person.account_pk, call_id)
        agent = find_agent(connection, person.account_pk, slug)
        if file.state is None or file.call.agent_id != agent.id:
            raise CallNotFound(call_id)
        news = read_news(connection, person.account_pk, call_id, None, with_pii=person.may_see_pii)
        return file, news, agent

    file, news, agent = await services.record.read_async(read)
    seen = digest_of(str(news.seen), file.call.updated_at, file.call.details.status)
    if template == "_chat_live.html" and has_seen(request, seen):
        return Response(status_code=204)
    return render(request, template, **_values(file, news, agent, seen=seen), may_change=person.may_change)


def _values(file: CallFile, news: News, agent: Agent, *, seen: str) -> dict[str, Any]:
    call = file.call
    return {
        "agent": _agent_view(agent, hosted=True),
        "version": call.version,
        "environment": call.details.environment.value,
        "call_href": "/calls/" + quote(call.id, safe=""),
        "here": _path(agent.slug, call.id),
        "live": call.details.status in LIVE,
        "ended": _ended(call),
        "turns": [_said(turn) for turn in file.turns],
        "groups": show_diagnosis(news.events, news.metrics, file.turns),
        "place": _place(news),
        "state": show_state(file.state or {}),
        "seen": seen,
        "every": EVERY,
    }


def _said(turn: Turn) -> SaidView:
    wait = f"after {turn.latency_s:.2f} s" if turn.latency_s is not None else None
    who = "Agent" if turn.role is Role.AGENT else "You"
    return SaidView(turn.role.value, who, words.visible(turn.text), wait)


def _place(news: News) -> str:
    """Where the conversation stands, as the latest step says."""
    for event in reversed(news.events):
        if event.kind == "step":
            flow, step = event.content.get("flow"), event.content.get("step")
            return f"In the flow {flow}, at {step}" if flow else "In no flow"
    return "In no flow"


def _ended(call: Call) -> str:
    reason = call.details.disconnection_reason
    how = f": {reason.value.replace('_', ' ')}" if reason else ""
    to = f" to {call.details.handoff.destination}" if call.details.handoff else ""
    return f"The conversation has ended{how}{to}."


def _agent_view(agent: Agent, *, hosted: bool) -> AgentView:
    href = "/agents/" + quote(agent.slug, safe="")
    return AgentView(agent.name, href, href + "/chat", agent.active_version, hosted)


def _path(slug: str, call_id: str) -> str:
    return f"/agents/{quote(slug, safe='')}/chat/{quote(call_id, safe='')}"
