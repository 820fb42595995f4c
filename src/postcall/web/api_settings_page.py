"""What an agent's calls show to other systems: the settings, and what a reply looks like under them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.native.api_settings import api_settings_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.api_settings import OfferedName, change_api_settings, check_api_settings, offered_names
from postcall.domain.agents import Agent
from postcall.domain.people import Role
from postcall.domain.views import CallFilter
from postcall.domain.visibility import ApiSettings
from postcall.errors import BadInput, PostcallError
from postcall.storage.agents import find_agent, find_agent_row
from postcall.storage.api_settings import read_api_settings
from postcall.storage.call_views import list_calls
from postcall.storage.conversation_rows import StoredConversation, find_conversation_pk, read_conversations
from postcall.web import words
from postcall.web.api_settings_view import (
    SettingsForm,
    count_picked,
    form_of,
    name_groups,
    read_settings_form,
    settings_in,
    show_preview,
)
from postcall.web.form_fields import read_pairs
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.versions_view import agent_path

router = APIRouter()
PATH = "/agents/{slug}/api"
_MOST_FIELDS = 5_000


@dataclass(frozen=True, slots=True)
class _Look:
    """What the page rests on."""

    agent: Agent
    settings: ApiSettings
    offered: tuple[OfferedName, ...]
    newest: StoredConversation | None
    """The agent's newest call; None where it has had none."""


@router.api_route(PATH + ".json", methods=["GET", "HEAD"])
async def show_settings_json(request: Request, slug: str) -> Response:
    """The same settings as JSON."""
    look = await _look(request, slug)
    return json_reply(api_settings_json(look.agent.slug, look.settings, look.offered))


@router.api_route(PATH, methods=["GET", "HEAD"])
async def show_settings(request: Request, slug: str) -> Response:
    """The settings as a form, beside a reply about the newest call."""
    look = await _look(request, slug)
    return _show(request, look, form_of(look.settings, look.offered))


@router.post(PATH)
async def change(request: Request, slug: str) -> Response:
    """Keep the settings; or, without script, show what they would do (`do=preview`)."""
    person, services = person_of(request), services_of(request)
    person.require(Role.ADMIN)
    pairs = await read_pairs(request, most=_MOST_FIELDS)
    form, now = read_settings_form(pairs), services.clock()
    if ("do", "preview") in pairs:
        return _show(request, await _look(request, slug), form)
    try:
        await services.record.write_async(
            lambda c: change_api_settings(
                c, person.account_pk, slug, lambda old: settings_in(form, old), by=person.name, now=now
            )
        )
    except BadInput as problem:
        return _show(request, await _look(request, slug), form, problem)
    return RedirectResponse(f"{agent_path(slug, 'api')}?saved=yes", status_code=303)


@router.post(PATH + "/preview")
async def preview(request: Request, slug: str) -> Response:
    """The reply as it would be, while the form is being filled in; nothing is kept."""
    person_of(request).require(Role.ADMIN)
    form = read_settings_form(await read_pairs(request, most=_MOST_FIELDS))
    look = await _look(request, slug)
    settings, problem = _settled(form, look.settings)
    return render(
        request,
        "_api_preview.html",
        preview=show_preview(settings, look.newest, look.offered),
        doubt=problem.message if problem else "",
    )


def _settled(form: SettingsForm, before: ApiSettings) -> tuple[ApiSettings, PostcallError | None]:
    """The settings that the form asks for; what is stored, and why, where they cannot be."""
    try:
        settings = settings_in(form, before)
        check_api_settings(settings)
    except BadInput as problem:
        return before, problem
    return settings, None


async def _look(request: Request, slug: str) -> _Look:
    account_pk = person_of(request).account_pk

    def read(connection: Connection) -> _Look:
        agent = find_agent(connection, account_pk, slug)
        agent_pk = find_agent_row(connection, account_pk, slug).pk
        return _Look(
            agent=agent,
            settings=read_api_settings(connection, agent_pk),
            offered=offered_names(connection, account_pk, slug),
            newest=_newest(connection, account_pk, agent_pk, agent.slug),
        )

    return await services_of(request).record.read_async(read)


def _newest(connection: Connection, account_pk: int, agent_pk: int, slug: str) -> StoredConversation | None:
    page = list_calls(connection, account_pk, CallFilter(agent=slug), after=None, limit=1)
    pks = [find_conversation_pk(connection, account_pk, agent_pk, row.call.id) for row in page.rows]
    return next(iter(read_conversations(connection, account_pk, pks)), None)


def _show(request: Request, look: _Look, form: SettingsForm, problem: PostcallError | None = None) -> Response:
    settings, doubt = _settled(form, look.settings)
    stored, groups = look.settings, name_groups(form, look.offered)
    return render(
        request,
        "api_settings.html",
        status=problem.status if problem else 200,
        agent=look.agent,
        href=agent_path(look.agent.slug),
        here=agent_path(look.agent.slug, "api"),
        form=form,
        groups=groups,
        picked=count_picked(groups),
        restricted=stored.response_metrics is not None or not stored.show_transcripts,
        may_change=person_of(request).role.includes(Role.ADMIN),
        changed=f"{words.moment(stored.updated_at)}" if stored.updated_at else "",
        changed_by=words.visible(stored.updated_by or ""),
        preview=show_preview(settings, look.newest, look.offered),
        doubt=doubt.message if doubt and problem is None else "",
        saved=request.query_params.get("saved") == "yes" and problem is None,
        problem=problem.message if problem else "",
        wrong=(problem.field or "") if problem else "",
    )
