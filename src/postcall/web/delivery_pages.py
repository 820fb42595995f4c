"""The log of deliveries: all of them, one by itself, and sending again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.native.webhook_shapes import delivery_file_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.webhooks import DeliveryState
from postcall.errors import BadInput
from postcall.storage.delivery_log import (
    DeliveryFilter,
    find_delivery,
    list_deliveries,
    replay_deliveries,
    replay_delivery,
)
from postcall.storage.webhooks import find_webhook, list_webhooks
from postcall.web.delivery_view import show_delivery, show_rows
from postcall.web.form_fields import read_fields
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()

DELIVERIES = "/deliveries"
_ROWS = 50
_TABS = {
    "": ("All", None),
    "waiting": ("On their way", frozenset({DeliveryState.WAITING, DeliveryState.SENDING})),
    "delivered": ("Delivered", frozenset({DeliveryState.DELIVERED})),
    "dead": ("Not delivered", frozenset({DeliveryState.DEAD})),
}


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which part of a log is shown."""

    state: str
    states: frozenset[DeliveryState] | None
    after: str | None
    """The id of the delivery before."""

    def path(self, home: str, *, after: str | None = None) -> str:
        """The address of a part of it."""
        given = {"state": self.state, "after": after or ""}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{home}?{query}" if query else home


@dataclass(frozen=True, slots=True)
class StateTab:
    """One of the tabs over a log."""

    name: str
    href: str
    current: bool


def read_log_query(query: Mapping[str, str]) -> LogQuery:
    """What the address asks for; an unknown state shows all."""
    state = query.get("state", "")
    state = {"sending": "waiting"}.get(state, state)
    state = state if state in _TABS else ""
    return LogQuery(state, _TABS[state][1], query.get("after") or None)


def state_tabs(home: str, query: LogQuery) -> tuple[StateTab, ...]:
    """The tabs over a log at this address."""
    return tuple(
        StateTab(name, LogQuery(state, None, None).path(home), state == query.state)
        for state, (name, _) in _TABS.items()
    )


@router.api_route(DELIVERIES, methods=["GET", "HEAD"])
async def show_log(request: Request) -> Response:
    """Everything that was told to anybody, call actions included."""
    person, query = person_of(request), read_log_query(request.query_params)

    def read(connection: Connection) -> Any:
        wanted = DeliveryFilter(states=query.states)
        page = list_deliveries(connection, person.account_pk, wanted, after=query.after, limit=_ROWS)
        return page, _urls(connection, person.account_pk)

    page, urls = await services_of(request).record.read_async(read)
    return render(
        request,
        "deliveries.html",
        rows=show_rows(page.deliveries, urls),
        tabs=state_tabs(DELIVERIES, query),
        older=query.path(DELIVERIES, after=page.after) if page.after else "",
    )


@router.api_route("/deliveries/{delivery_id}", methods=["GET", "HEAD"])
async def show_one(request: Request, delivery_id: str) -> Response:
    """One delivery with its body and attempts; with `.json` behind it, its data."""
    person, named = person_of(request), delivery_id.removesuffix(".json")

    def read(connection: Connection) -> Any:
        return find_delivery(connection, person.account_pk, named), _urls(connection, person.account_pk)

    file, urls = await services_of(request).record.read_async(read)
    if named != delivery_id:
        return json_reply(delivery_file_json(file))
    return render(request, "delivery.html", delivery=show_delivery(file, urls), may_change=person.may_change)


@router.post("/deliveries/{delivery_id}/replay")
async def replay(request: Request, delivery_id: str) -> Response:
    """Send it once more, and show the new delivery."""
    services, person = services_of(request), person_of(request)
    now = services.clock()
    again = await services.record.write_async(lambda c: replay_delivery(c, person.account_pk, delivery_id, now=now))
    return RedirectResponse(f"{DELIVERIES}/{again.id}", status_code=303)


@router.post("/webhooks/{webhook_id}/replay")
async def replay_many(request: Request, webhook_id: str) -> Response:
    """Send a time's deliveries to a webhook once more, and go back to its log."""
    fields, person, services = await read_fields(request), person_of(request), services_of(request)
    now = services.clock()
    state, since = fields.get("state", "dead"), _read_moment(fields, "since")
    wanted = DeliveryFilter(
        webhook_id=webhook_id,
        states=_TABS[state][1] if state in {"dead", "delivered"} else None,
        since=since,
        until=_read_moment(fields, "until") or now,
    )

    def store(connection: Connection) -> int:
        find_webhook(connection, person.account_pk, webhook_id)
        if wanted.since is None:  # all that was ever sent is meant by nobody
            raise BadInput("since: say from when", field="since")
        return replay_deliveries(connection, person.account_pk, wanted, now=now).count

    count = await services.record.write_async(store)
    return RedirectResponse(f"/webhooks/{webhook_id}?replayed={count}", status_code=303)


def _read_moment(fields: Mapping[str, str], name: str) -> datetime | None:
    """What a browser's field for date and time holds, in UTC as the pages show it."""
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise BadInput(f"{name}: {text[:40]!r} is no date and time", field=name) from None


def _urls(connection: Connection, account_pk: int) -> dict[str, str]:
    return {each.id: each.url for each in list_webhooks(connection, account_pk)}
