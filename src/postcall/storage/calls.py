"""Calls: taking them in, and what becomes of them while they are live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import (
    LIVE,
    CallStatus,
    IncomingCall,
    Role,
    Turn,
)
from postcall.domain.ids import new_call_id, new_extraction_id
from postcall.domain.webhooks import CallMoment
from postcall.errors import CallDiffers, CallIsHosted, CallNotFound
from postcall.storage.agents import ensure_agent_row
from postcall.storage.announcing import announce, set_off_actions
from postcall.storage.call_rows import detail_columns, insert_metrics, insert_turns, read_transcript, turn_columns
from postcall.storage.changes import note_change, note_changes
from postcall.storage.hosted_schema import conversations
from postcall.storage.jobs import EXTRACT, PRIORITY_NORMAL, add_job
from postcall.storage.schema import calls, jobs, turns
from postcall.storage.search import index_transcript, reindex_transcript
from postcall.storage.statements import insert_new, lock_row


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a call that was handed in."""

    id: str
    created: bool
    """False: the same call was there already, and nothing changed."""
    revision: int


def accept_call(
    connection: Connection,
    account_pk: int,
    call: IncomingCall,
    *,
    digest: str,
    now: datetime,
    replace: bool = False,
    priority: int = PRIORITY_NORMAL,
) -> Accepted:
    """Store a call and, where it has ended, queue its extraction. `digest` stands for its content.

    The same id and content again changes nothing; with other content it raises CallDiffers, or with `replace` stores a
    new revision of the transcript and metrics.
    """
    if call.id is not None:
        known = find_for_change(connection, account_pk, call.id)
        if known is not None:
            return _accept_again(connection, known, call, digest=digest, now=now, replace=replace, priority=priority)
    agent = ensure_agent_row(connection, account_pk, call.details.agent, now=now)
    values = {
        **detail_columns(call.details, now=now),
        **turn_columns(call.turns),
        "account_pk": account_pk,
        "id": call.id or new_call_id(now),
        "agent_pk": agent.pk,
        "version": agent.active_version,
        "digest": digest,
        "revision": 1,
        "created_at": now,
        "updated_at": now,
    }
    call_pk = insert_new(connection, calls, values, returning=calls.c.pk)
    if call_pk is None:  # another writer stored the same id since we looked (PostgreSQL only)
        return accept_call(connection, account_pk, call, digest=digest, now=now, replace=replace, priority=priority)
    insert_turns(connection, call_pk, call.turns, revision=1, first=0)
    insert_metrics(connection, call_pk, call.metrics, revision=1, first=0, source="intake", now=now)
    index_transcript(connection, call_pk, [turn.text for turn in call.turns])
    note_change(connection, call_pk, now=now)
    live = call.details.status in LIVE
    announce(connection, call_pk, CallMoment.STARTED if live else CallMoment.ENDED, now=now)
    if to_extract(call.details.status, call.turns):
        queue_extraction(connection, call_pk, version=agent.active_version, revision=1, now=now, priority=priority)
    elif not live:
        set_off_actions(connection, call_pk, now=now)
    return Accepted(id=values["id"], created=True, revision=1)


def queue_extraction(
    connection: Connection,
    call_pk: int,
    *,
    version: int,
    revision: int,
    now: datetime,
    priority: int = PRIORITY_NORMAL,
) -> str:
    """Queue one run of a version's questions over one revision; returns the id that its extraction will have."""
    extraction_id = new_extraction_id()
    add_job(
        connection,
        EXTRACT,
        {"extraction": extraction_id, "version": version, "revision": revision},
        call_pk=call_pk,
        now=now,
        priority=priority,
    )
    return extraction_id


def drop_queued(connection: Connection, call_pk: int) -> None:
    """Forget runs that nobody has begun, over a transcript that is no longer the current one."""
    connection.execute(
        sa.delete(jobs).where(jobs.c.call_pk == call_pk, jobs.c.kind == EXTRACT, jobs.c.state == "queued")
    )


def find_queued(connection: Connection, call_pk: int, *, version: int, revision: int) -> str | None:
    """The id of a run of this version over this revision that waits already."""
    waiting = connection.execute(
        sa.select(jobs.c.payload).where(jobs.c.call_pk == call_pk, jobs.c.kind == EXTRACT, jobs.c.state == "queued")
    ).scalars()
    same = (each["extraction"] for each in waiting if (each["version"], each["revision"]) == (version, revision))
    return next(same, None)


def count_calls_of(connection: Connection, agent_pk: int, *, id_prefix: str) -> int:
    """How many calls of an agent have ids that begin so."""
    return int(
        connection.execute(
            sa.select(sa.func.count())
            .select_from(calls)
            .where(calls.c.agent_pk == agent_pk, calls.c.id.startswith(id_prefix, autoescape=True))
        ).scalar_one()
    )


def remove_calls(connection: Connection, agent_pk: int, *, id_prefix: str, now: datetime) -> int:
    """Take away the calls of an agent whose ids begin so, with all that hangs on them; returns how many."""
    wanted = (calls.c.agent_pk == agent_pk, calls.c.id.startswith(id_prefix, autoescape=True))
    pks = list(connection.execute(sa.select(calls.c.pk).where(*wanted)).scalars())
    connection.execute(sa.delete(calls).where(*wanted))
    note_changes(connection, pks, now=now)
    return len(pks)


def find_call_row(connection: Connection, account_pk: int, call_id: str) -> Row[Any]:
    """The call's row, or CallNotFound: also where it belongs to another account."""
    row = connection.execute(_ONE, {"account_pk": account_pk, "call_id": call_id}).one_or_none()
    if row is None:
        raise CallNotFound(call_id)
    return row


def newest_transcripts(connection: Connection, agent_pk: int, *, limit: int) -> list[tuple[str, ...]]:
    """What was said in an agent's newest calls, without who said it and when."""
    newest = (
        sa.select(calls.c.pk, calls.c.revision)
        .where(calls.c.agent_pk == agent_pk)
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(limit)
        .subquery()
    )
    said: dict[int, list[str]] = {}
    for row in connection.execute(
        sa.select(turns.c.call_pk, turns.c.text).join(
            newest, sa.and_(turns.c.call_pk == newest.c.pk, turns.c.revision == newest.c.revision)
        )
    ):
        said.setdefault(row.call_pk, []).append(row.text)
    return [tuple(texts) for texts in said.values()]


_ONE = sa.select(calls).where(calls.c.account_pk == sa.bindparam("account_pk"), calls.c.id == sa.bindparam("call_id"))


def find_for_change(connection: Connection, account_pk: int, call_id: str) -> Row[Any] | None:
    return connection.execute(lock_row(connection, _ONE), {"account_pk": account_pk, "call_id": call_id}).one_or_none()


def _accept_again(
    connection: Connection,
    known: Row[Any],
    call: IncomingCall,
    *,
    digest: str,
    now: datetime,
    replace: bool,
    priority: int,
) -> Accepted:
    if known.digest == digest:
        return Accepted(id=known.id, created=False, revision=known.revision)
    if connection.execute(_IS_HOSTED, {"call_pk": known.pk}).first():
        raise CallIsHosted(known.id)
    if not replace:
        raise CallDiffers(known.id)
    revision = known.revision + 1
    drop_queued(connection, known.pk)
    agent = ensure_agent_row(connection, known.account_pk, call.details.agent, now=now)
    pinned = {} if agent.pk == known.agent_pk else {"agent_pk": agent.pk, "version": agent.active_version}
    columns = {**detail_columns(call.details, now=known.created_at), **turn_columns(call.turns)}
    before = [turn.text for turn in read_transcript(connection, known.pk, known.revision)]
    connection.execute(
        sa.update(calls)
        .where(calls.c.pk == known.pk)
        .values(**columns, **pinned, digest=digest, revision=revision, current_extraction_pk=None, updated_at=now)
    )
    insert_turns(connection, known.pk, call.turns, revision=revision, first=0)
    insert_metrics(connection, known.pk, call.metrics, revision=revision, first=0, source="intake", now=now)
    reindex_transcript(connection, known.pk, before, [turn.text for turn in call.turns])
    note_change(connection, known.pk, now=now)
    if CallStatus(known.status) in LIVE and call.details.status not in LIVE:  # this is how others hear of its end
        announce(connection, known.pk, CallMoment.ENDED, now=now)
    if to_extract(call.details.status, call.turns):
        version = pinned.get("version", known.version)
        queue_extraction(connection, known.pk, version=version, revision=revision, now=now, priority=priority)
    return Accepted(id=known.id, created=True, revision=revision)


_IS_HOSTED = sa.select(conversations.c.call_pk).where(conversations.c.call_pk == sa.bindparam("call_pk"))


def to_extract(status: CallStatus, transcript: Sequence[Turn]) -> bool:
    """Only a completed call in which the user spoke is extracted."""
    return status is CallStatus.COMPLETED and any(turn.role is Role.USER for turn in transcript)
