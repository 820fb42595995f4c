"""The page of the audit log: who read and changed what, the newest first. For admins alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.domain.people import Role
from postcall.errors import BadInput
from postcall.storage.agents import list_agents
from postcall.storage.audit import AuditFilter, AuditPage, list_audit
from postcall.storage.keys import list_keys
from postcall.storage.users import list_users
from postcall.web import words
from postcall.web.audit_view import ACTIONS, AUDIT, KINDS, AuditQuery, fields_of, read_audit_query, show_events
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()
_ROWS = 100


@router.api_route(AUDIT, methods=["GET", "HEAD"])
async def show_audit(request: Request) -> Response:
    """A page of the log. What cannot be understood in the filters is said beside them, and nothing is shown."""
    person = person_of(request)
    person.require(Role.ADMIN)
    try:
        query, problem = read_audit_query(request.query_params), None
    except BadInput as error:
        query, problem = AuditQuery(fields_of(request.query_params), AuditFilter(), None), error

    def read(connection: Connection) -> Any:
        names = {each.name for each in list_keys(connection, person.account)}
        names |= {each.email for each in list_users(connection, person.account_pk)}
        agents = list_agents(connection, person.account_pk, archived=None)
        if problem is not None:
            return AuditPage((), None), names, agents
        return list_audit(connection, person.account_pk, query.wanted, before=query.before, limit=_ROWS), names, agents

    page, names, agents = await services_of(request).record.read_async(read)
    return render(
        request,
        "audit.html",
        status=problem.status if problem else 200,
        rows=show_events(page.events),
        fields=query.fields,
        filtered=query.filtered,
        kinds=KINDS,
        names=sorted(map(words.visible, names)),
        agents=[agent.slug for agent in agents],
        actions=[(action.value, badge.text) for action, badge in ACTIONS.items()],
        newest=replace(query, before=None).path() if query.before else "",
        older=query.path(before=page.before) if page.before else "",
        problem=problem.message if problem else "",
        wrong=problem.field if problem else "",
    )
