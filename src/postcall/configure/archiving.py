"""Putting an agent away, and taking it out again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.errors import Conflict
from postcall.storage.agent_profiles import campaign_in_the_way, set_archived
from postcall.storage.agents import lock_agent


def archive_agent(connection: Connection, account_pk: int, named: str, *, now: datetime) -> None:
    """Put an agent away: it takes and places no calls any more and leaves the lists; what it has had stays.

    Conflict where it is put away already, or a campaign needs it.
    """
    agent = lock_agent(connection, account_pk, named)
    if agent.archived_at is not None:
        raise Conflict("Agent is already archived")
    needed = campaign_in_the_way(connection, agent.pk)
    if needed is not None:
        status, name = needed
        raise Conflict(
            f'Agent is associated with the {status} campaign "{name}". '
            "Complete or remove the campaign before archiving."
        )
    set_archived(connection, agent.pk, now, now=now)


def restore_agent(connection: Connection, account_pk: int, named: str, *, now: datetime) -> None:
    """Take an agent out again: it is as it was. Conflict where it was not put away."""
    agent = lock_agent(connection, account_pk, named)
    if agent.archived_at is None:
        raise Conflict("Agent is already active")
    set_archived(connection, agent.pk, None, now=now)
