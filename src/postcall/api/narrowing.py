"""Keys that are for chosen agents: what they ask is kept to those agents, and nothing tells them that there are others.

For use by routes that authenticate with `narrow=True`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.domain.calls import IncomingCall
from postcall.domain.keys import Principal
from postcall.domain.queries import Query
from postcall.errors import AgentNotFound, CallDiffers, CallNotFound
from postcall.storage.agents import find_agent_row
from postcall.storage.calls import find_call_row
from postcall.storage.keys import slugs_of_agents

T = TypeVar("T")


async def slugs_of(request: Request, principal: Principal) -> tuple[str, ...] | None:
    """The slugs of the agents that a key is for; None: every agent. Empty where those that it was for are gone."""
    chosen = principal.agents
    if chosen is None:
        return None
    return await services_of(request).record.read_async(lambda c: slugs_of_agents(c, principal.account_pk, chosen))


async def keep_query(request: Request, principal: Principal, query: Query) -> Query:
    """The query as this key may ask it; AgentNotFound where it names an agent that the key is not for."""
    if query.agent is not None:
        await check_agent_of(request, principal, query.agent)
    return replace(query, among=principal.agents)


async def check_agent_of(request: Request, principal: Principal, agent: str) -> None:
    """`check_agent` for a route whose own work says what is wrong where there is no such agent."""
    if principal.agents is not None:
        await services_of(request).record.read_async(lambda c: check_agent(c, principal, agent))


def check_agent(connection: Connection, principal: Principal, agent: str) -> int:
    """The agent's key; raises AgentNotFound unless there is such an agent, and the key is for it."""
    pk: int = find_agent_row(connection, principal.account_pk, agent).pk
    if not principal.may_see(pk):
        raise AgentNotFound(agent)
    return pk


def check_call(connection: Connection, principal: Principal, call_id: str) -> None:
    """Raise CallNotFound for a call of an agent that the key is not for; costs nothing where it is for all."""
    if principal.agents is None:
        return
    if not principal.may_see(find_call_row(connection, principal.account_pk, call_id).agent_pk):
        raise CallNotFound(call_id)


def on_call(principal: Principal, call_id: str, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
    """The same work on a call, after `check_call` in its own transaction."""

    def checked(connection: Connection) -> T:
        check_call(connection, principal, call_id)
        return work(connection)

    return checked


def keep_intake(principal: Principal, call: IncomingCall, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
    """The same write of a call handed in, for an agent that the key is for; it makes no agent.

    Raises AgentNotFound, and CallDiffers where the id is taken by a call that the key may not see, let alone replace.
    """
    if principal.agents is None:
        return work

    def checked(connection: Connection) -> T:
        check_agent(connection, principal, call.details.agent)
        if call.id is not None:
            _check_id(connection, principal, call.id)
        return work(connection)

    return checked


def _check_id(connection: Connection, principal: Principal, call_id: str) -> None:
    try:
        row = find_call_row(connection, principal.account_pk, call_id)
    except CallNotFound:
        return
    if not principal.may_see(row.agent_pk):
        raise CallDiffers(call_id)
