"""Placing a call: everything that can be refused is refused before anything is written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.calls import CallDetails, CallStatus, Channel, Direction, Environment, Json
from postcall.domain.outbound import NewCall
from postcall.errors import AgentArchived, BadInput, NoProject
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.do_not_call import is_barred
from postcall.storage.phone_numbers import ensure_number, number_for
from postcall.storage.placed_calls import Series, add_placed

BARRED = "Phone number is on the do-not-call list"
SIP_HEADERS = "sip_headers"
"""Where the metadata of a placed call holds what its functions see in `conv.sip_headers`."""


def place_call(
    connection: Connection, account_pk: int, new: NewCall, *, now: datetime, campaign: Series | None = None
) -> str:
    """Queue a call, which is dialled once a line is free; returns its id.

    Raises AgentNotFound, AgentArchived, NotFound (no such version or number), NoProject, and BadInput where the person
    is on a do-not-call list.
    """
    _, call_id = place(connection, account_pk, new, now=now, campaign=campaign)
    return call_id


def place(
    connection: Connection, account_pk: int, new: NewCall, *, now: datetime, campaign: Series | None = None
) -> tuple[int, str]:
    """Like `place_call`; returns the call's key too."""
    agent = find_agent_row(connection, account_pk, new.agent)
    if agent.archived_at is not None:
        raise AgentArchived(agent.slug)
    version = agent.active_version if new.version is None else new.version
    config = find_version(connection, agent.pk, version).config
    if config.project is None:
        raise NoProject(agent.slug, version)
    if is_barred(connection, account_pk, agent.pk, new.to_number):
        raise BadInput(BARRED, field="phoneNumber")
    ensure_number(connection, account_pk, now)
    number = number_for(connection, account_pk, agent.pk, new.number_id)
    details = CallDetails(
        agent=agent.slug,
        status=CallStatus.PENDING,
        channel=Channel.VOICE,
        direction=Direction.OUTBOUND,
        from_number=number.number,
        to_number=new.to_number,
        environment=new.environment or (Environment.SANDBOX if new.test else Environment.LIVE),
        variant=new.variant,
        metadata=_metadata(new, {**config.variables, **new.variables}),
    )
    return add_placed(
        connection,
        account_pk,
        details,
        agent_pk=agent.pk,
        version=version,
        number=number,
        test=new.test,
        series=campaign,
        id_prefix=new.id_prefix,
        now=now,
    )


def _metadata(new: NewCall, variables: dict[str, Json]) -> dict[str, Json]:
    headers: dict[str, Json] = dict(new.sip_headers)
    return {**new.metadata, "variables": variables, **({SIP_HEADERS: headers} if headers else {})}
