"""The pages of webhooks: all of them, one with its log, and the form that makes or changes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.native.webhook_shapes import webhook_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.sealing import sealer_for
from postcall.configure.webhook_events import find_wanted, remove_webhook, update_webhook
from postcall.configure.webhooks import (
    check_description,
    check_headers,
    check_timeout,
    check_url,
    make_webhook,
    read_headers,
    rotate_secret,
    webhook_secret,
)
from postcall.domain.people import Role
from postcall.domain.webhooks import Webhook
from postcall.errors import BadInput, PostcallError
from postcall.storage.agents import list_agents
from postcall.storage.delivery_health import LATEST, latest_states
from postcall.storage.delivery_log import DeliveryFilter, add_test, list_deliveries
from postcall.storage.webhooks import WebhookChange, find_webhook, list_webhooks
from postcall.web.delivery_pages import LogQuery, read_log_query, state_tabs
from postcall.web.delivery_view import show_rows
from postcall.web.form_fields import read_pairs
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.webhook_view import (
    FORMAT_WORDS,
    GRACES,
    WebhookForm,
    choices_of,
    form_of,
    read_form,
    read_grace,
    show_webhook,
)

router = APIRouter()

WEBHOOKS = "/webhooks"
_MOST_FIELDS = 5_000
_ROWS = 50


@router.api_route(WEBHOOKS, methods=["GET", "HEAD"])
async def show_webhooks(request: Request) -> Response:
    """Every webhook of the account, and how its latest deliveries went."""
    person = person_of(request)

    def read(connection: Connection) -> Any:
        return list_webhooks(connection, person.account_pk), latest_states(connection, person.account_pk)

    found, states = await services_of(request).record.read_async(read)
    rows = [show_webhook(each, states.get(each.id, {})) for each in found]
    return render(request, "webhooks.html", rows=rows, may_change=person.may_change, latest=LATEST)


@router.api_route("/webhooks.json", methods=["GET", "HEAD"])
async def show_webhooks_json(request: Request) -> Response:
    """The same as JSON."""
    person = person_of(request)
    found = await services_of(request).record.read_async(lambda c: list_webhooks(c, person.account_pk))
    return json_reply({"webhooks": [webhook_json(each, with_headers=person.may_change) for each in found]})


@router.api_route("/webhooks/new", methods=["GET", "HEAD"])
async def show_new(request: Request) -> Response:
    """An empty form."""
    person_of(request).require(Role.EDITOR)
    return await _show_form(request, WebhookForm(), None)


@router.post("/webhooks/new")
async def make(request: Request) -> Response:
    """Make the webhook; where something is wrong the form comes back with what was written."""
    form, person, services = (
        read_form(await read_pairs(request, most=_MOST_FIELDS)),
        person_of(request),
        services_of(request),
    )
    sealer, now = sealer_for(services.settings), services.clock()

    def store(connection: Connection) -> Webhook:
        return make_webhook(
            connection,
            sealer,
            person.account_pk,
            url=form.url,
            description=form.description,
            format=form.format,
            wanted=find_wanted(connection, person.account_pk, form.format, sorted_wanted(form)),
            headers=read_headers(form.headers),
            timeout_ms=form.timeout_ms,
            created_by=person.name,
            now=now,
        )

    try:
        made = await services.record.write_async(store)
    except PostcallError as problem:
        return await _show_form(request, form, None, problem)
    return RedirectResponse(f"{WEBHOOKS}/{made.id}", status_code=303)


@router.api_route("/webhooks/{webhook_id}", methods=["GET", "HEAD"])
async def show_one(request: Request, webhook_id: str) -> Response:
    """One webhook and its log, the newest first; `?state=` shows those in one state alone."""
    return await _show_one(request, webhook_id)


@router.post("/webhooks/{webhook_id}/secret")
async def show_secret(request: Request, webhook_id: str) -> Response:
    """The page with the secret on it, which no browser keeps."""
    services, person = services_of(request), person_of(request)
    sealer = sealer_for(services.settings)
    secret = await services.record.read_async(lambda c: webhook_secret(c, sealer, person.account_pk, webhook_id))
    reply = await _show_one(request, webhook_id, secret=secret)
    reply.headers["cache-control"] = "no-store"
    return reply


@router.post("/webhooks/{webhook_id}/rotate")
async def rotate(request: Request, webhook_id: str) -> Response:
    """Sign with a new secret from now on; the page that follows can be loaded again without another."""
    services, person = services_of(request), person_of(request)
    grace = read_grace(dict(await read_pairs(request, most=_MOST_FIELDS)).get("grace", ""))
    sealer, now = sealer_for(services.settings), services.clock()
    await services.record.write_async(
        lambda c: rotate_secret(c, sealer, person.account_pk, webhook_id, grace=grace, now=now)
    )
    return RedirectResponse(f"{WEBHOOKS}/{webhook_id}", status_code=303)


@router.post("/webhooks/{webhook_id}/test")
async def test(request: Request, webhook_id: str) -> Response:
    """Send a test, and show its delivery."""
    services, person = services_of(request), person_of(request)
    now = services.clock()
    delivery = await services.record.write_async(lambda c: add_test(c, person.account_pk, webhook_id, now=now))
    return RedirectResponse(f"/deliveries/{delivery.id}", status_code=303)


@router.api_route("/webhooks/{webhook_id}/edit", methods=["GET", "HEAD"])
async def show_edit(request: Request, webhook_id: str) -> Response:
    """The form, filled in with what is stored."""
    person = person_of(request)
    person.require(Role.EDITOR)
    found = await services_of(request).record.read_async(lambda c: find_webhook(c, person.account_pk, webhook_id))
    return await _show_form(request, form_of(found), webhook_id)


@router.post("/webhooks/{webhook_id}/edit")
async def change(request: Request, webhook_id: str) -> Response:
    """Change the webhook."""
    form, person, services = (
        read_form(await read_pairs(request, most=_MOST_FIELDS)),
        person_of(request),
        services_of(request),
    )
    now = services.clock()

    def store(connection: Connection) -> Webhook:
        changes = WebhookChange(
            url=check_url(form.url),
            description=check_description(form.description),
            headers=check_headers(read_headers(form.headers)),
            enabled=form.enabled,
            timeout_ms=check_timeout(form.timeout_ms),
        )
        return update_webhook(connection, person.account_pk, webhook_id, changes, wanted=sorted_wanted(form), now=now)

    try:
        await services.record.write_async(store)
    except PostcallError as problem:
        return await _show_form(request, form, webhook_id, problem)
    return RedirectResponse(f"{WEBHOOKS}/{webhook_id}", status_code=303)


@router.api_route("/webhooks/{webhook_id}/delete", methods=["GET", "HEAD"])
async def ask_to_delete(request: Request, webhook_id: str) -> Response:
    """Say what goes, and ask."""
    person = person_of(request)
    person.require(Role.EDITOR)
    found = await services_of(request).record.read_async(lambda c: find_webhook(c, person.account_pk, webhook_id))
    return render(request, "webhook_delete.html", webhook=show_webhook(found, {}))


@router.post("/webhooks/{webhook_id}/delete")
async def delete(request: Request, webhook_id: str) -> Response:
    """Take it away with what it is told."""
    services, person = services_of(request), person_of(request)
    now = services.clock()
    await services.record.write_async(lambda c: remove_webhook(c, person.account_pk, webhook_id, now=now))
    return RedirectResponse(WEBHOOKS, status_code=303)


def sorted_wanted(form: WebhookForm) -> list[Any]:
    """In an order that does not change from one save to the next; BadInput where it is on and told of nothing."""
    if form.enabled and not form.wanted:
        raise BadInput("event: tick what it is told of; without a tick nothing is ever sent", field="event")
    return sorted(form.wanted, key=lambda each: (each[0] or "", each[1]))


async def _show_one(request: Request, webhook_id: str, *, secret: str = "") -> Response:
    person, query = person_of(request), read_log_query(request.query_params)

    def read(connection: Connection) -> Any:
        webhook = find_webhook(connection, person.account_pk, webhook_id)
        wanted = DeliveryFilter(webhook_id=webhook_id, states=query.states)
        page = list_deliveries(connection, person.account_pk, wanted, after=query.after, limit=_ROWS)
        return webhook, latest_states(connection, person.account_pk).get(webhook_id, {}), page

    webhook, states, page = await services_of(request).record.read_async(read)
    home = f"{WEBHOOKS}/{webhook_id}"
    return render(
        request,
        "webhook.html",
        webhook=show_webhook(webhook, states),
        latest=LATEST,
        secret=secret,
        graces=GRACES,
        rows=show_rows(page.deliveries),
        tabs=state_tabs(home, query),
        older=_older(home, query, page.after),
        replayed=_count(request.query_params.get("replayed", "")),
        may_change=person.may_change,
    )


def _count(text: str) -> str:
    """A number from the address, which carries no words of its own."""
    return f"{int(text):,}" if text.isascii() and text.isdigit() and len(text) < 10 else ""


def _older(home: str, query: LogQuery, after: str | None) -> str:
    return query.path(home, after=after) if after else ""


async def _show_form(
    request: Request, form: WebhookForm, webhook_id: str | None, problem: PostcallError | None = None
) -> Response:
    person = person_of(request)
    agents = await services_of(request).record.read_async(lambda c: list_agents(c, person.account_pk))
    home = f"{WEBHOOKS}/{webhook_id}" if webhook_id else WEBHOOKS
    values: Mapping[str, Any] = {
        "form": form,
        "is_new": webhook_id is None,
        "formats": FORMAT_WORDS,
        "rows": choices_of(form, agents, is_new=webhook_id is None),
        "action": f"{home}/edit" if webhook_id else f"{home}/new",
        "back": home,
        "problem": problem.message if problem else "",
        "wrong": problem.field if problem else "",
    }
    return render(request, "webhook_form.html", status=problem.status if problem else 200, **values)
