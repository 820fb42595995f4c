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
from postcall.storage.schema import agents
from postcall.storage.shared_ids import read_shared_ids_again
from postcall.storage.statements import upsert


def read_api_settings(connection: Connection, agent_pk: int) -> ApiSettings:
    """The settings of one agent; those that show everything where nobody has changed them."""
    return settings_of_agents(connection, [agent_pk])[agent_pk]


def settings_of_agents(connection: Connection, agent_pks: Collection[int]) -> dict[int, ApiSettings]:
    """The settings of each of these agents."""
    rows = connection.execute(sa.select(api_settings).where(api_settings.c.agent_pk.in_(agent_pks)))
    found = {row.agent_pk: _read(row) for row in rows}
    return {pk: found.get(pk, ApiSettings()) for pk in agent_pks}


def hold_handoff(connection: Connection, agent_pk: int) -> HandoffApi:
    """What is told after a handoff, which nobody changes until this transaction ends.

    To be asked before a conversation's row is changed: whoever changes the settings changes those rows last.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(agents.c.pk).where(agents.c.pk == agent_pk).with_for_update(read=True))
    stored = _stored_handoff(connection, agent_pk)
    return HandoffApi() if stored is None else _read_handoff(stored)


def take_project_handoff(
    connection: Connection, agent_pk: int, handoff: HandoffApi, *, by: str | None, now: datetime
) -> None:
    """Take over what a project says is told after a handoff, unless somebody has set that by hand."""
    stored = _stored_handoff(connection, agent_pk)
    if (stored is None or not stored.get("by_hand", True)) and handoff != _read_handoff(stored or _NOTHING):
        settings = replace(read_api_settings(connection, agent_pk), handoff=handoff)
        write_api_settings(connection, agent_pk, settings, by=by, now=now, by_hand=False)


def write_api_settings(
    connection: Connection,
    agent_pk: int,
    settings: ApiSettings,
    *,
    by: str | None,
    now: datetime,
    by_hand: bool = True,
) -> ApiSettings:
    """Keep them: from the commit on every reply follows them.

    `by_hand`: what they say of handoffs is not to be replaced by that of a project, where it was changed now or before.
    The caller holds the agent (`lock_agent`).
    """
    stored = _stored_handoff(connection, agent_pk) or _NOTHING
    before = _read_handoff(stored)
    by_hand = by_hand and (bool(stored.get("by_hand", True)) or settings.handoff != before)
    metrics = settings.response_metrics
    values = {
        "agent_pk": agent_pk,
        "show_transcripts": settings.show_transcripts,
        "response_metrics": None if metrics is None else sorted(metrics),
        "handoff": {**asdict(settings.handoff), "by_hand": by_hand},
        "updated_by": by,
        "updated_at": now,
    }
    upsert(connection, api_settings, values, changing=tuple(name for name in values if name != "agent_pk"))
    if settings.handoff.shared_id_state_key != before.shared_id_state_key:
        read_shared_ids_again(connection, agent_pk, settings.handoff, now=now)
    return replace(settings, updated_by=by, updated_at=now)


_NOTHING: dict[str, Any] = {**asdict(HandoffApi()), "by_hand": False}


def _stored_handoff(connection: Connection, agent_pk: int) -> dict[str, Any] | None:
    found: dict[str, Any] | None = connection.execute(
        sa.select(api_settings.c.handoff).where(api_settings.c.agent_pk == agent_pk)
    ).scalar_one_or_none()
    return found


def _read_handoff(stored: dict[str, Any]) -> HandoffApi:
    return HandoffApi(tuple(stored["state_keys"]), dict(stored["aliases"]), stored["shared_id_state_key"])


def _read(row: Row[Any]) -> ApiSettings:
    return ApiSettings(
        show_transcripts=row.show_transcripts,
        response_metrics=None if row.response_metrics is None else frozenset(row.response_metrics),
        handoff=_read_handoff(row.handoff),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
