"""Who asks through this interface, and about which project: the same steps on every route."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.polyai.errors import check_account
from postcall.api.services import services_of
from postcall.domain.keys import Principal, Scope
from postcall.domain.visibility import ApiSettings
from postcall.errors import AgentNotFound
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import read_api_settings


@dataclass(frozen=True, slots=True)
class Entered:
    """A key that may be here, and the project that it asks about."""

    principal: Principal
    agent_pk: int
    agent_id: str
    slug: str
    settings: ApiSettings
    """What the project shows; read with the request, so that a change holds from the next one on."""


async def enter(
    request: Request,
    scope: Scope,
    project_id: str,
    *,
    account_id: str | None = None,
    also_in: str | None = None,
    limit: int | None = None,
) -> Entered:
    """The project of a path, for a key that has the scope and is for that project.

    Raises NotAuthenticated, NotAllowed, AccountNotFound, AgentNotFound, in this order; also the last for a project that
    the key is not for, so that it cannot tell which there are.
    """
    principal = await authenticate(request, scope, also_in=also_in, narrow=True, limit=limit)
    if account_id is not None:
        check_account(principal.account, account_id)

    def look(connection: Connection) -> Entered:
        agent = find_agent_row(connection, principal.account_pk, project_id)
        if not principal.may_see(agent.pk):
            raise AgentNotFound(project_id)
        settings = read_api_settings(connection, agent.pk)
        return Entered(principal, agent.pk, agent.id, agent.slug, settings)

    return await services_of(request).record.read_async(look)
