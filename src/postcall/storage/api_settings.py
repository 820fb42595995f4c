"""What the calls of each agent show through the published interfaces."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.visibility import ApiSettings, HandoffApi
from postcall.storage.access_schema import api_settings
from postcall.storage.statements import upsert


def read_api_settings(connection: Connection, agent_pk: int) -> ApiSettings:
    """The settings of one agent; those that show everything where nobody has changed them."""
    return settings_of_agents(connection, [agent_pk])[agent_pk]


def settings_of_agents(connection: Connection, agent_pks: Collection[int]) -> dict[int, ApiSettings]:
    """The settings of each of these agents."""
    rows = connection.execute(sa.select(api_settings).where(api_settings.c.agent_pk.in_(agent_pks)))
    found = {row.agent_pk: _read(row) for row in rows}
    return {pk: found.get(pk, ApiSettings()) for pk in agent_pks}


def write_api_settings(
    connection: Connection, agent_pk: int, settings: ApiSettings, *, by: str | None, now: datetime
) -> ApiSettings:
    """Keep them: from the commit on every reply follows them."""
    metrics = settings.response_metrics
    values = {
        "agent_pk": agent_pk,
        "show_transcripts": settings.show_transcripts,
        "response_metrics": None if metrics is None else sorted(metrics),
        "handoff": asdict(settings.handoff),
        "updated_by": by,
        "updated_at": now,
    }
    upsert(connection, api_settings, values, changing=tuple(name for name in values if name != "agent_pk"))
    return replace(settings, updated_by=by, updated_at=now)


def _read(row: Row[Any]) -> ApiSettings:
    handoff = row.handoff
    return ApiSettings(
        show_transcripts=row.show_transcripts,
        response_metrics=None if row.response_metrics is None else frozenset(row.response_metrics),
        handoff=HandoffApi(
            state_keys=tuple(handoff["state_keys"]),
            aliases=dict(handoff["aliases"]),
            shared_id_state_key=handoff["shared_id_state_key"],
        ),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
