"""The calls of one agent, as the Conversations API lists them: which, in which order, and where a page ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.calls import LIVE, Role
from postcall.domain.conversation_filter import ConversationFilter
from postcall.domain.searching import Alternative, Search, search_matches
from postcall.domain.views import Position
from postcall.storage.schema import IS_LIVE, Moment, api_keys, calls, turns
from postcall.storage.search import matching_keys
from postcall.storage.statements import unindexed

_LOOKED_AT = 200
"""Transcripts that are read at once where only one side's words count."""


@dataclass(frozen=True, slots=True)
class SaidWhere:
    """Words that were said, by anybody or by one side."""

    search: Search
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class KeyPage:
    """The keys of the calls of a page, the newest start first, and where the next one goes on."""

    pks: tuple[int, ...]
    next: Position | None


def listed(wanted: ConversationFilter) -> Iterator[sa.ColumnElement[bool]]:
    """The conditions on `calls`."""
    # The few live ones among many are found by their own index, which is used where no other can be.
    agent_pk = unindexed(calls.c.agent_pk) if wanted.in_progress else calls.c.agent_pk
    yield agent_pk == wanted.agent_pk
    if wanted.since is not None:
        yield calls.c.started_at >= wanted.since
    if wanted.until is not None:
        yield calls.c.started_at < wanted.until
    if wanted.environment is not None:
        yield calls.c.environment == wanted.environment.value
    if wanted.channels:
        yield calls.c.channel.in_(sorted(wanted.channels))
    if wanted.variant is not None:
        yield calls.c.variant == wanted.variant
    if wanted.in_progress is not None:
        live: sa.ColumnElement[Any] = sa.literal_column(IS_LIVE.text)  # of no type: else SQLite is asked for `… = 1`
        yield live if wanted.in_progress else calls.c.status.not_in(sorted(LIVE))


def list_conversations(
    connection: Connection,
    wanted: ConversationFilter,
    *,
    said: SaidWhere | None = None,
    after: Position | None = None,
    offset: int = 0,
    limit: int,
) -> KeyPage:
    """A page of the calls that match; `after` goes on behind a call, whatever was written since, `offset` by counting.

    A call that stays as it is comes once in a walk by `after`; one that is handed in with an earlier start than the
    place the walk has reached comes as well.
    """
    query = sa.select(calls.c.pk, calls.c.started_at, calls.c.revision).where(*listed(wanted))
    if said is not None:
        keys = matching_keys(connection, wanted.account_pk, _at_most(said))
        if keys is None:
            return KeyPage((), None)
        query = query.where(calls.c.pk.in_(keys))
    if said is None or said.role is None:
        rows = connection.execute(_behind(query, after).offset(offset).limit(limit + 1)).all()
    else:
        rows = _said_by_one_side(connection, query, said.search, said.role, after=after, upto=offset + limit + 1)
        rows = rows[offset:]
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return KeyPage(tuple(row.pk for row in shown), Position(last.started_at, last.pk) if last is not None else None)


def draw_conversations(connection: Connection, wanted: ConversationFilter, *, limit: int) -> tuple[int, ...]:
    """So many of the calls that match, each as likely as any other; the newest start first."""
    drawn = sa.select(calls.c.pk).where(*listed(wanted)).order_by(sa.func.random()).limit(limit).subquery()
    query = sa.select(calls.c.pk).join_from(calls, drawn, calls.c.pk == drawn.c.pk)
    return tuple(connection.execute(query.order_by(calls.c.started_at.desc(), calls.c.pk.desc())).scalars())


def count_conversations(connection: Connection, wanted: ConversationFilter) -> int:
    """How many calls match."""
    query = sa.select(sa.func.count()).select_from(calls).where(*listed(wanted))
    return int(connection.execute(query).scalar_one())


def signing_key(connection: Connection, account_pk: int) -> bytes:
    """What the account's cursors are signed with: the digest of its first key, which no reply ever holds.

    Empty where no key of it was ever made, and only the operator's own opens it.
    """
    first = connection.execute(
        sa.select(api_keys.c.digest).where(api_keys.c.account_pk == account_pk).order_by(api_keys.c.pk).limit(1)
    ).scalar_one_or_none()
    return str(first or "").encode()


def _behind(query: sa.Select[Any], after: Position | None) -> sa.Select[Any]:
    if after is not None:
        place = sa.tuple_(sa.literal(after.started_at, Moment), sa.literal(after.pk))
        query = query.where(sa.tuple_(calls.c.started_at, calls.c.pk) < place)
    return query.order_by(calls.c.started_at.desc(), calls.c.pk.desc())


def _at_most(said: SaidWhere) -> Search:
    """What finds every call that can match: words that one side must not say, the other may have said."""
    if said.role is None:
        return said.search
    return Search(tuple(Alternative(each.required, ()) for each in said.search.alternatives))


def _said_by_one_side(
    connection: Connection, query: sa.Select[Any], search: Search, role: Role, *, after: Position | None, upto: int
) -> list[Row[Any]]:
    """The first so many calls in which this side's words match: the index does not know whose words it holds."""
    found: list[Row[Any]] = []
    while len(found) < upto:
        rows = connection.execute(_behind(query, after).limit(_LOOKED_AT)).all()
        words = _words_of(connection, [row.pk for row in rows], role)
        found += [row for row in rows if search_matches(search, words.get(row.pk, []))]
        if len(rows) < _LOOKED_AT:
            break
        after = Position(rows[-1].started_at, rows[-1].pk)
    return found[:upto]


def _words_of(connection: Connection, pks: list[int], role: Role) -> dict[int, list[str]]:
    said: dict[int, list[str]] = {}
    for row in connection.execute(
        sa.select(turns.c.call_pk, turns.c.text)
        .join_from(turns, calls, sa.and_(turns.c.call_pk == calls.c.pk, turns.c.revision == calls.c.revision))
        .where(calls.c.pk.in_(pks), turns.c.role == role)
    ):
        said.setdefault(row.call_pk, []).append(row.text)
    return said
