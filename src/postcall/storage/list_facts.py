"""What the list of calls shows besides the calls themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.outbound_schema import campaigns, outbound_calls
from postcall.storage.schema import calls


@dataclass(frozen=True, slots=True)
class ListFacts:
    """How much was said in a call, and what is known of it because postcall placed it."""

    user_turns: int
    agent_turns: int
    latency_s: float | None
    """How long the agent took to answer, on average."""
    attempt: int | None
    """0 for the first call to somebody; None where postcall did not place it."""
    cost: float | None
    campaign_id: str | None
    campaign: str | None
    """Its name."""


def has_calls(connection: Connection, account_pk: int) -> bool:
    """Whether the account has any call at all."""
    found = sa.select(sa.literal(1)).where(calls.c.account_pk == account_pk).limit(1)
    return connection.execute(found).first() is not None


def read_list_facts(connection: Connection, account_pk: int, call_ids: Sequence[str]) -> dict[str, ListFacts]:
    """What is known of each of these calls, by their ids."""
    rows = connection.execute(
        sa.select(
            calls.c.id,
            calls.c.user_turns,
            calls.c.agent_turns,
            calls.c.latency_s,
            outbound_calls.c.attempt,
            outbound_calls.c.cost,
            campaigns.c.id,
            campaigns.c.name,
        )
        .join_from(calls, outbound_calls, outbound_calls.c.call_pk == calls.c.pk, isouter=True)
        .join(campaigns, campaigns.c.pk == outbound_calls.c.campaign_pk, isouter=True)
        .where(calls.c.account_pk == account_pk, calls.c.id.in_(call_ids))
    )
    return {call_id: ListFacts(*facts) for call_id, *facts in rows}
