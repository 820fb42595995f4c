"""The log of who read and changed what; for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.native.parameters import read_limit, read_time
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.audit import Action, AuditEvent
from postcall.domain.keys import Scope
from postcall.errors import BadInput
from postcall.storage.audit import AuditFilter, list_audit

router = APIRouter(prefix="/postcall/v1", tags=["audit"])

FILTERS = ("actor", "actor_name", "action", "subject_kind", "subject", "agent", "since", "until")
_DIGITS = 18
"""Of a cursor: fewer than the largest key a database can hold has."""


@router.get("/audit")
async def get_audit(request: Request) -> Response:
    """Who did what, the newest first: `actor` (the id of a key), `actor_name, action, subject_kind, subject, agent`,
    `since, until`."""
    principal = await authenticate(request, Scope.ADMIN)
    query = request.query_params
    for name in query:
        if name not in (*FILTERS, "cursor", "limit"):
            raise BadInput(f"{name}: unknown parameter; there are {', '.join(FILTERS)}, cursor and limit", field=name)
    wanted, before, limit = read_audit_filter(query), read_before(query), read_limit(query)
    page = await services_of(request).record.read_async(
        lambda c: list_audit(c, principal.account_pk, wanted, before=before, limit=limit)
    )
    cursor = None if page.before is None else str(page.before)
    return json_reply({"events": [event_json(each) for each in page.events], "next_cursor": cursor})


def read_audit_filter(query: Mapping[str, str]) -> AuditFilter:
    """The conditions in an address; an empty one is none."""
    action = query.get("action") or None
    if action is not None and action not in set(Action):
        raise BadInput(f"action: {action[:60]!r} is none of {', '.join(Action)}", field="action")
    given = {name: query[name] for name in query if query[name]}
    return AuditFilter(
        actor=given.get("actor"),
        actor_name=given.get("actor_name"),
        action=None if action is None else Action(action),
        subject_kind=given.get("subject_kind"),
        subject=given.get("subject"),
        agent=given.get("agent"),
        since=read_time(given, "since"),
        until=read_time(given, "until"),
    )


def read_before(query: Mapping[str, str]) -> int | None:
    """Where the page before ended."""
    text = query.get("cursor")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise BadInput("cursor: this is not a cursor that postcall gave out", field="cursor")
    return int(text)


def event_json(event: AuditEvent) -> dict[str, Any]:
    """One line; `times` is how often within the minute."""
    entry = event.entry
    return {
        "id": event.pk,
        "at": event.at,
        "actor": {"kind": entry.actor.kind, "id": entry.actor.id, "name": entry.actor.name},
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject": entry.subject,
        "agent": entry.agent,
        "request": entry.request,
        "status": entry.status,
        "times": event.times,
    }
