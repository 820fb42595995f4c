"""A call as others are told of it: read when that is first sent, whatever has become of it since."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Extraction
from postcall.domain.calls import Call, Transcript
from postcall.domain.questions import DispositionMetric
from postcall.errors import NotFound
from postcall.storage.agents import find_version
from postcall.storage.call_rows import read_transcript
from postcall.storage.call_views import CALL_ROWS, read_call_row
from postcall.storage.extractions import read_extractions
from postcall.storage.outbound_schema import outbound_calls, recordings
from postcall.storage.recordings import Recording
from postcall.storage.schema import agents, calls, versions
from postcall.storage.version_configs import load_config
from postcall.storage.webhook_schema import deliveries


@dataclass(frozen=True, slots=True)
class ToldCall:
    """A call with what its agent was set to when it took it."""

    pk: int
    account_pk: int
    call: Call
    turns: Transcript
    extraction: Extraction | None
    """The current one."""
    agent_name: str
    config: VersionConfig
    """Of the call's own version."""
    questions: tuple[DispositionMetric, ...]
    """Of the version that the current extraction used; the call's own where there is none."""
    answered_at: datetime | None
    """Of a placed call; None where nobody answered, and of others."""
    placed: bool
    recording: Recording | None = None


def call_of_delivery(connection: Connection, delivery_id: str) -> int:
    """The key of the call that a delivery is about."""
    found = connection.execute(_CALL_OF, {"delivery_id": delivery_id}).scalar_one_or_none()
    if found is None:
        raise NotFound(f"the delivery {delivery_id!r} is about no call")
    return int(found)


def read_told_call(connection: Connection, call_pk: int) -> ToldCall:
    """All that others may be told of a call."""
    row = connection.execute(_TOLD, {"call_pk": call_pk}).one()
    current = row.current_extraction_pk
    extraction = read_extractions(connection, [current])[current] if current is not None else None
    config = _config(connection, row.version_id)
    questions = config.questions
    if extraction is not None and extraction.version != row.version:
        questions = find_version(connection, row.agent_pk, extraction.version).config.questions
    heard = (row.media_type, row.url, row.size, row.key, row.recorded_at)
    return ToldCall(
        pk=call_pk,
        account_pk=row.account_pk,
        call=read_call_row(row),
        turns=read_transcript(connection, call_pk, row.revision),
        extraction=extraction,
        agent_name=row.agent_name,
        config=config,
        questions=questions,
        answered_at=row.answered_at,
        placed=row.placed_pk is not None,
        recording=Recording(call_pk, row.id, *heard) if row.key is not None else None,
    )


# Built once: building a statement costs as much as running it.
_CALL_OF = sa.select(deliveries.c.call_pk).where(deliveries.c.id == sa.bindparam("delivery_id"))
_TOLD = (
    CALL_ROWS.add_columns(
        agents.c.name.label("agent_name"),
        versions.c.id.label("version_id"),
        outbound_calls.c.call_pk.label("placed_pk"),
        outbound_calls.c.answered_at,
        recordings.c.media_type,
        recordings.c.url,
        recordings.c.size,
        recordings.c.key,
        recordings.c.created_at.label("recorded_at"),
    )
    .join(versions, sa.and_(versions.c.agent_pk == calls.c.agent_pk, versions.c.number == calls.c.version))
    .outerjoin(outbound_calls, outbound_calls.c.call_pk == calls.c.pk)
    .outerjoin(recordings, recordings.c.call_pk == calls.c.pk)
    .where(calls.c.pk == sa.bindparam("call_pk"))
)
_CONFIG = sa.select(versions.c.config).where(versions.c.id == sa.bindparam("version_id"))

_known: OrderedDict[str, VersionConfig] = OrderedDict()
"""By the version's id, which no other version of any record has; what a version was set to never changes."""
_MOST_KNOWN = 16


def _config(connection: Connection, version_id: str) -> VersionConfig:
    """What a version was set to: of a backlog, most calls had the same one."""
    found = _known.get(version_id)
    if found is None:
        found = load_config(connection.execute(_CONFIG, {"version_id": version_id}).scalar_one())
        _known[version_id] = found
        while len(_known) > _MOST_KNOWN:
            _known.popitem(last=False)
    return found
