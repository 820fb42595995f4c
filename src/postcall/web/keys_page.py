"""The pages of API keys: all of them, the form that makes one, one by itself, and its end. For admins alone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.configure.keys import MAX_NAME, change_key, make_key
from postcall.configure.sealing import sealer_for
from postcall.domain.keys import ApiKey
from postcall.domain.people import Person, Role
from postcall.errors import PostcallError
from postcall.storage.agents import list_agents
from postcall.storage.keys import KeyChange, find_key, list_keys, revoke_key
from postcall.web.form_fields import read_pairs
from postcall.web.keys_view import (
    KEYS,
    KeyForm,
    agent_ticks,
    agents_in,
    end_in,
    form_of,
    limit_in,
    read_key_form,
    scope_ticks,
    scopes_in,
    show_key,
)
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.shown_once import COOKIE, open_secret, seal_secret, send_along, take_away

router = APIRouter()
_MOST_FIELDS = 5_000


@router.api_route(KEYS, methods=["GET", "HEAD"])
async def show_keys(request: Request) -> Response:
    """Every key of the account, the newest first; those that open nothing any more stand below."""
    person, services = _admin(request), services_of(request)
    now = services.clock()
    found = await services.record.read_async(lambda c: list_keys(c, person.account))
    rows = [show_key(each, now=now) for each in found]
    return render(
        request,
        "keys.html",
        active=[row for row in rows if row.active],
        over=[row for row in rows if not row.active],
        has_admin_key=services.settings.admin_key is not None,
    )


@router.api_route(f"{KEYS}/new", methods=["GET", "HEAD"])
async def show_new(request: Request) -> Response:
    """An empty form."""
    return await _show_form(request, KeyForm())


@router.post(f"{KEYS}/new")
async def make(request: Request) -> Response:
    """Make the key, and go on to where it is shown once; where something is wrong the form comes back as written."""
    person, services = _admin(request), services_of(request)
    form, now = read_key_form(await read_pairs(request, most=_MOST_FIELDS)), services.clock()
    sealer = sealer_for(services.settings)

    def store(connection: Connection) -> tuple[ApiKey, str]:
        made = make_key(
            connection,
            person.account,
            name=form.name,
            scopes=scopes_in(form),
            expires_at=end_in(form, now=now),
            now=now,
            agents=agents_in(form),
            per_minute=limit_in(form),
            by=person.name,
        )
        return made.key, seal_secret(sealer, person.account_pk, made.key.id, made.secret)

    try:
        key, sealed = await services.record.write_async(store)
    except PostcallError as problem:
        return await _show_form(request, form, problem)
    path = _path_once(key)
    reply = RedirectResponse(path, status_code=303)
    send_along(request, reply, path, sealed)
    return reply


@router.api_route(KEYS + "/{key_id}/made", methods=["GET", "HEAD"])
async def show_once(request: Request, key_id: str) -> Response:
    """The secret of a key that was just made; loaded again, the page of the key without it."""
    person, services, value = _admin(request), services_of(request), request.cookies.get(COOKIE, "")
    sealer, key = sealer_for(services.settings), await _find(request, key_id)
    secret = await services.record.read_async(lambda _: open_secret(sealer, person.account_pk, key.id, value))
    if secret is None:
        return RedirectResponse(f"{KEYS}/{key.id}", status_code=303)
    reply = render(request, "key_made.html", key=show_key(key, now=services.clock()), secret=secret)
    reply.headers["cache-control"] = "no-store"
    if request.method == "GET":
        take_away(request, reply, _path_once(key))
    return reply


@router.api_route(KEYS + "/{key_id}", methods=["GET", "HEAD"])
async def show_one(request: Request, key_id: str) -> Response:
    """One key, and the form for what can be changed of it."""
    key = await _find(request, key_id)
    return _show_key(request, key, form_of(key))


@router.post(KEYS + "/{key_id}")
async def change(request: Request, key_id: str) -> Response:
    """Change its name, what it may do and how often; all of it holds from the next request on."""
    person, services = _admin(request), services_of(request)
    key = await _find(request, key_id)
    form = read_key_form(await read_pairs(request, most=_MOST_FIELDS))

    def store(connection: Connection) -> ApiKey:
        limit = limit_in(form)
        wanted = KeyChange(form.name, scopes_in(form), per_minute=limit, unlimited=limit is None)
        return change_key(connection, person.account, key_id, wanted)

    try:
        await services.record.write_async(store)
    except PostcallError as problem:
        return _show_key(request, key, form, problem)
    return RedirectResponse(f"{KEYS}/{key.id}?saved=yes", status_code=303)


@router.api_route(KEYS + "/{key_id}/revoke", methods=["GET", "HEAD"])
async def ask_to_revoke(request: Request, key_id: str) -> Response:
    """Say what ends, and ask."""
    key = await _find(request, key_id)
    return render(request, "key_revoke.html", key=show_key(key, now=services_of(request).clock()))


@router.post(KEYS + "/{key_id}/revoke")
async def revoke(request: Request, key_id: str) -> Response:
    """End it at once."""
    person, services = _admin(request), services_of(request)
    now = services.clock()
    await services.record.write_async(lambda c: revoke_key(c, person.account, key_id, now=now))
    return RedirectResponse(KEYS, status_code=303)


def _admin(request: Request) -> Person:
    person = person_of(request)
    person.require(Role.ADMIN)
    return person


def _path_once(key: ApiKey) -> str:
    return f"{KEYS}/{key.id}/made"


async def _find(request: Request, key_id: str) -> ApiKey:
    person = _admin(request)
    return await services_of(request).record.read_async(lambda c: find_key(c, person.account, key_id))


async def _show_form(request: Request, form: KeyForm, problem: PostcallError | None = None) -> Response:
    person = _admin(request)
    agents = await services_of(request).record.read_async(lambda c: list_agents(c, person.account_pk))
    return render(
        request,
        "key_form.html",
        status=problem.status if problem else 200,
        form=form,
        longest_name=MAX_NAME,
        scopes=scope_ticks(form),
        agents=agent_ticks(form, agents),
        **_told(problem),
    )


def _show_key(request: Request, key: ApiKey, form: KeyForm, problem: PostcallError | None = None) -> Response:
    return render(
        request,
        "key.html",
        status=problem.status if problem else 200,
        key=show_key(key, now=services_of(request).clock()),
        form=form,
        longest_name=MAX_NAME,
        scopes=scope_ticks(form),
        saved=request.query_params.get("saved") == "yes" and problem is None,
        **_told(problem),
    )


def _told(problem: PostcallError | None) -> dict[str, Any]:
    return {"problem": problem.message if problem else "", "wrong": (problem.field or "") if problem else ""}
