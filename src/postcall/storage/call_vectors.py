"""The vectors of calls, and the spaces that they are in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import LIVE
from postcall.domain.conversation_filter import ConversationFilter
from postcall.storage.access_schema import call_vectors, vector_spaces
from postcall.storage.conversation_list import listed
from postcall.storage.schema import accounts, agents, calls

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_DROPPED_AT_ONCE = 2_000
"""Bounds how long a write keeps others waiting."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far calls have been read in, in the order in which they last changed."""

    at: datetime = _BEGINNING
    """Calls that changed before this moment, or at it with a key up to `pk`, have vectors."""
    pk: int = 0
    grown: int = 0
    """How many calls the account had when the space was made."""
    made: int = 0
    """How many vectors were made, those made again among them."""
    failed_at: datetime | None = None
    """When it was last given up for now."""
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A space, without what it learned."""

    pk: int
    account_pk: int
    model: str
    dimensions: int
    learned_from: int
    progress: Progress
    ready: bool
    """Whether every call had a vector once."""


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call whose vector is missing or of something else than what was said."""

    pk: int
    revision: int
    turns: int
    live: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class NewVector:
    """The vector of a call as it was read; None where nothing was said in it."""

    call: DueCall
    vector: bytes | None


def list_spaces(connection: Connection, account_pk: int) -> list[SpaceRow]:
    """An account's spaces, the newest first."""
    rows = connection.execute(_SPACES, {"account_pk": account_pk})
    return [
        SpaceRow(
            row.pk,
            row.account_pk,
            row.model,
            row.dimensions,
            row.learned_from,
            _read_progress(row.progress),
            row.ready_at is not None,
        )
        for row in rows
    ]


def read_space(connection: Connection, space_pk: int) -> bytes | None:
    """What a space learned; None where it learned nothing, or is gone."""
    query = sa.select(vector_spaces.c.content).where(vector_spaces.c.pk == space_pk)
    content: bytes | None = connection.execute(query).scalar_one_or_none()
    return content


def add_space(
    connection: Connection,
    account_pk: int,
    model: str,
    *,
    dimensions: int,
    content: bytes | None,
    learned_from: int,
    grown: int,
    now: datetime,
) -> int:
    """A new space without vectors; returns its key."""
    values = {
        "account_pk": account_pk,
        "model": model,
        "dimensions": dimensions,
        "content": content,
        "learned_from": learned_from,
        "progress": _progress_json(Progress(grown=grown)),
        "created_at": now,
    }
    return int(connection.execute(sa.insert(vector_spaces).returning(vector_spaces.c.pk), values).scalar_one())


def note_progress(connection: Connection, space_pk: int, progress: Progress, *, ready_at: datetime | None) -> None:
    """How far it has come; `ready_at` makes it the one that is searched, and None changes nothing about that."""
    values: dict[str, object] = {"progress": _progress_json(progress)}
    if ready_at is not None:
        values["ready_at"] = ready_at
    connection.execute(sa.update(vector_spaces).where(vector_spaces.c.pk == space_pk).values(**values))


def drop_space(connection: Connection, space_pk: int) -> bool:
    """Take away some of its vectors, and at last the space; returns whether it is gone."""
    some = sa.select(call_vectors.c.call_pk).where(call_vectors.c.space_pk == space_pk).limit(_DROPPED_AT_ONCE)
    gone = connection.execute(
        sa.delete(call_vectors).where(call_vectors.c.space_pk == space_pk, call_vectors.c.call_pk.in_(some))
    )
    if gone.rowcount == _DROPPED_AT_ONCE:
        return False
    connection.execute(sa.delete(vector_spaces).where(vector_spaces.c.pk == space_pk))
    return True


def due_calls(connection: Connection, space: SpaceRow, *, limit: int) -> list[DueCall]:
    """The calls after the space's progress whose vector is missing or stale, those that changed first first."""
    rows = connection.execute(
        _DUE.limit(limit),
        {"space_pk": space.pk, "account_pk": space.account_pk, "at": space.progress.at, "pk": space.progress.pk},
    )
    return [DueCall(row.pk, row.revision, row.turns, row.status in LIVE, row.updated_at) for row in rows]


def save_vectors(connection: Connection, space_pk: int, vectors: Sequence[NewVector]) -> int:
    """Store the vectors of calls that are still as they were read; returns how many. The others are due again.

    Nothing is stored in a space that has been taken away meanwhile.
    """
    there = connection.execute(_for_key_share(connection, _SPACE, vector_spaces), {"pk": space_pk}).first()
    if there is None or not vectors:
        return 0
    pks = [each.call.pk for each in vectors]
    # Held, so that no call is deleted between the look and the vector that refers to it.
    rows = connection.execute(_for_key_share(connection, _REVISIONS, calls), {"pks": pks})
    revisions = {row.pk: row.revision for row in rows}
    connection.execute(
        sa.delete(call_vectors).where(call_vectors.c.space_pk == space_pk, call_vectors.c.call_pk.in_(pks))
    )
    new = [
        {
            "space_pk": space_pk,
            "call_pk": each.call.pk,
            "revision": each.call.revision,
            # Below zero of a call that goes on: when it is over it has another number, and is read once more.
            "turns": -each.call.turns if each.call.live else each.call.turns,
            "vector": each.vector,
        }
        for each in vectors
        if each.vector is not None and revisions.get(each.call.pk) == each.call.revision
    ]
    if new:
        connection.execute(sa.insert(call_vectors), new)
    return len(new)


def accounts_with_calls(connection: Connection) -> list[int]:
    """The keys of the accounts that have calls."""
    some = sa.exists().where(calls.c.account_pk == accounts.c.pk)
    return list(connection.execute(sa.select(accounts.c.pk).where(some).order_by(accounts.c.pk)).scalars())


def lock_account(connection: Connection, account_pk: int) -> None:
    """Wait until nobody else holds it; calls are taken in meanwhile."""
    if connection.dialect.name == "postgresql":
        row = sa.select(accounts.c.pk).where(accounts.c.pk == account_pk)
        connection.execute(row.with_for_update(key_share=True))


def count_spoken(connection: Connection, account_pk: int, *, most: int, before: datetime | None = None) -> int:
    """How many calls there are in which somebody spoke, counted up to `most`; of those first stored before then."""
    some = sa.select(calls.c.pk).where(calls.c.account_pk == account_pk, _SPOKEN).limit(most)
    if before is not None:
        some = some.where(calls.c.created_at < before)
    return int(connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())


def every_spoken(connection: Connection, account_pk: int, *, step: int, limit: int) -> list[tuple[int, int]]:
    """Every so many-th call in which somebody spoke, in the order of their keys: key and revision."""
    numbered = (
        sa.select(calls.c.pk, calls.c.revision, sa.func.row_number().over(order_by=calls.c.pk).label("number"))
        .where(calls.c.account_pk == account_pk, _SPOKEN)
        .subquery()
    )
    rows = connection.execute(
        sa.select(numbered.c.pk, numbered.c.revision)
        .where(numbered.c.number % step == 0)
        .order_by(numbered.c.pk)
        .limit(limit)
    )
    return [(row.pk, row.revision) for row in rows]


@dataclass(frozen=True, slots=True)
class CallsOf:
    """Which calls of an account are compared, whichever agent took them."""

    account_pk: int
    agent_pks: frozenset[int] | None = None
    """None: every agent's."""
    since: datetime | None = None
    """Calls that started at this time or later."""
    until: datetime | None = None
    """Calls that started before this time."""


def newest_spoken(connection: Connection, wanted: ConversationFilter | CallsOf, *, limit: int) -> list[tuple[int, int]]:
    """The newest calls that are wanted and in which somebody spoke: key and revision."""
    rows = connection.execute(
        sa.select(calls.c.pk, calls.c.revision)
        .where(*_wanted(wanted), _SPOKEN)
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(limit)
    )
    return [(row.pk, row.revision) for row in rows]


@dataclass(frozen=True, slots=True)
class FoundCall:
    """How a call that was found is known."""

    id: str
    agent: str
    """The agent's slug."""
    started_at: datetime


def name_calls(connection: Connection, pks: Sequence[int]) -> dict[int, FoundCall]:
    """What these calls are called, by their keys; one that is gone is left out."""
    agent_pk = sa.literal_column("+calls.agent_pk", sa.BigInteger)  # SQLite would else go through all calls of agents
    rows = connection.execute(
        sa.select(calls.c.pk, calls.c.id, agents.c.slug, calls.c.started_at)
        .join_from(calls, agents, agents.c.pk == agent_pk)
        .where(calls.c.pk.in_(pks))
    )
    return {row.pk: FoundCall(row.id, row.slug, row.started_at) for row in rows}


def count_wanted(connection: Connection, wanted: ConversationFilter | CallsOf) -> int:
    """How many calls are wanted and in which somebody spoke."""
    query = sa.select(sa.func.count()).select_from(calls).where(*_wanted(wanted), _SPOKEN)
    return int(connection.execute(query).scalar_one())


def scan_vectors(
    connection: Connection, space_pk: int, wanted: ConversationFilter | CallsOf, *, at_once: int
) -> Iterator[list[tuple[int, bytes]]]:
    """The vectors of the calls that are wanted, a block at a time and in no order.

    A vector of what a call no longer says is none of them.
    """
    query = (
        sa.select(call_vectors.c.call_pk, call_vectors.c.vector)
        .join(calls, sa.and_(calls.c.pk == call_vectors.c.call_pk, calls.c.revision == call_vectors.c.revision))
        .where(call_vectors.c.space_pk == space_pk, *_wanted(wanted))
        .execution_options(yield_per=at_once)
    )
    for block in connection.execute(query).partitions():
        yield [(row.call_pk, row.vector) for row in block]


def _wanted(wanted: ConversationFilter | CallsOf) -> Iterator[sa.ColumnElement[bool]]:
    yield calls.c.account_pk == wanted.account_pk
    if isinstance(wanted, ConversationFilter):
        yield from listed(wanted)
        return
    if wanted.agent_pks is not None:
        yield calls.c.agent_pk.in_(sorted(wanted.agent_pks))
    if wanted.since is not None:
        yield calls.c.started_at >= wanted.since
    if wanted.until is not None:
        yield calls.c.started_at < wanted.until


def _for_key_share(connection: Connection, query: sa.Select[tuple[int]], table: sa.Table) -> sa.Select[tuple[int]]:
    if connection.dialect.name != "postgresql":
        return query
    return query.with_for_update(read=True, key_share=True, of=table)


def _progress_json(progress: Progress) -> dict[str, object]:
    return {
        "at": progress.at.isoformat(),
        "pk": progress.pk,
        "grown": progress.grown,
        "made": progress.made,
        "failed_at": progress.failed_at.isoformat() if progress.failed_at else None,
        "failure": progress.failure,
    }


def _read_progress(kept: dict[str, object]) -> Progress:
    failed_at, failure = kept.get("failed_at"), kept.get("failure")
    return Progress(
        at=datetime.fromisoformat(str(kept["at"])),
        pk=_whole(kept.get("pk")),
        grown=_whole(kept.get("grown")),
        made=_whole(kept.get("made")),
        failed_at=datetime.fromisoformat(str(failed_at)) if failed_at else None,
        failure=str(failure) if failure else None,
    )


def _whole(kept: object) -> int:
    return kept if isinstance(kept, int) else 0


_TURNS: sa.ColumnElement[int] = calls.c.user_turns + calls.c.agent_turns
_SPOKEN: sa.ColumnElement[bool] = _TURNS > 0
_SPACES = (
    sa.select(
        vector_spaces.c.pk,
        vector_spaces.c.account_pk,
        vector_spaces.c.model,
        vector_spaces.c.dimensions,
        vector_spaces.c.learned_from,
        vector_spaces.c.progress,
        vector_spaces.c.ready_at,
    )
    .where(vector_spaces.c.account_pk == sa.bindparam("account_pk"))
    .order_by(vector_spaces.c.pk.desc())
)
_SPACE: sa.Select[tuple[int]] = sa.select(vector_spaces.c.pk).where(vector_spaces.c.pk == sa.bindparam("pk"))
_REVISIONS = sa.select(calls.c.pk, calls.c.revision).where(calls.c.pk.in_(sa.bindparam("pks", expanding=True)))
_GOES_ON: sa.ColumnElement[bool] = calls.c.status.in_(sorted(LIVE))
_STALE = sa.or_(
    sa.and_(call_vectors.c.call_pk.is_(None), _SPOKEN),
    call_vectors.c.revision != calls.c.revision,
    sa.and_(~_GOES_ON, call_vectors.c.turns != _TURNS),
    # A call that goes on is read again only once it is half as long again, or each of its turns would cost a reading.
    sa.and_(_GOES_ON, sa.func.abs(call_vectors.c.turns) * 3 <= _TURNS * 2),
)
_AT = sa.bindparam("at", type_=calls.c.updated_at.type)
_AFTER: sa.ColumnElement[bool] = sa.and_(  # so put, the index is entered at the moment
    calls.c.updated_at >= _AT, sa.or_(calls.c.updated_at > _AT, calls.c.pk > sa.bindparam("pk"))
)
_DUE = (
    sa.select(calls.c.pk, calls.c.revision, _TURNS.label("turns"), calls.c.status, calls.c.updated_at)
    .outerjoin(
        call_vectors,
        sa.and_(call_vectors.c.space_pk == sa.bindparam("space_pk"), call_vectors.c.call_pk == calls.c.pk),
    )
    .where(calls.c.account_pk == sa.bindparam("account_pk"), _AFTER, _STALE)
    .order_by(calls.c.updated_at, calls.c.pk)
)
