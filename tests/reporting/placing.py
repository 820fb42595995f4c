"""Calls as if postcall had placed them, in a line or two."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from tests.builders import Desk, a_call

from postcall.domain.calls import CallStatus, Direction, IncomingCall
from postcall.domain.ids import new_object_id
from postcall.domain.outbound import CampaignStatus
from postcall.storage.agents import ensure_agent_row
from postcall.storage.changes import note_change
from postcall.storage.outbound_schema import campaigns, outbound_calls
from postcall.storage.schema import calls


def a_campaign(desk: Desk, name: str, *, agent: str = "clinic") -> str:
    """A campaign of an agent; its id."""
    campaign_id = new_object_id()

    def add(connection: sa.Connection) -> None:
        row = ensure_agent_row(connection, desk.pk, agent, now=desk.clock())
        connection.execute(
            sa.insert(campaigns).values(
                account_pk=desk.pk,
                id=campaign_id,
                name=name,
                description="",
                agent_pk=row.pk,
                audience_id=new_object_id(),
                audience_name="Everybody",
                number_ids=[],
                max_retries=3,
                retry_delay_s=900,
                status=CampaignStatus.RUNNING,
                cancelled_calls=0,
                created_at=desk.clock(),
                updated_at=desk.clock(),
            )
        )

    desk.record.write(add)
    return campaign_id


def place(
    desk: Desk,
    call: IncomingCall | str,
    *,
    to: str = "+4930111",
    status: CallStatus = CallStatus.COMPLETED,
    campaign: str | None = None,
    attempt: int = 0,
    cost: float | None = None,
) -> None:
    """An outbound call that postcall placed; by an id alone, of a minute where somebody answered."""
    if isinstance(call, str):
        answered = status is CallStatus.COMPLETED
        call = a_call(call, from_number="+15550100", duration_s=60.0 if answered else None)
    details = replace(call.details, direction=Direction.OUTBOUND, to_number=to, status=status)
    desk.hand_in(replace(call, details=details))

    def add(connection: sa.Connection) -> None:
        call_pk = connection.execute(sa.select(calls.c.pk).where(calls.c.id == call.id)).scalar_one()
        campaign_pk = None
        if campaign is not None:
            campaign_pk = connection.execute(sa.select(campaigns.c.pk).where(campaigns.c.id == campaign)).scalar_one()
        connection.execute(
            sa.insert(outbound_calls).values(
                call_pk=call_pk,
                campaign_pk=campaign_pk,
                attempt=attempt,
                carrier="simulated",
                state="over",
                cost=cost,
                test=False,
                created_at=desk.clock(),
            )
        )
        note_change(connection, call_pk, now=desk.clock())

    desk.record.write(add)
