"""Calls that a kept answer names: which of them are still there, and what is said in them now."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import Turn
from postcall.storage.conversation_rows import read_transcripts
from postcall.storage.schema import calls

_AT_ONCE = 500


def find_calls_of(
    connection: Connection, account_pk: int, call_ids: Collection[str], *, agent_pks: Collection[int] | None
) -> dict[str, int]:
    """The keys of those calls that are there, by id; with `agent_pks` of these agents' calls alone."""
    wanted = list(call_ids)
    found: dict[str, int] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        query = sa.select(calls.c.id, calls.c.pk).where(calls.c.account_pk == account_pk, calls.c.id.in_(some))
        if agent_pks is not None:
            query = query.where(calls.c.agent_pk.in_(agent_pks))
        found |= {row.id: row.pk for row in connection.execute(query)}
    return found


def read_words_of(connection: Connection, pks: Collection[int]) -> dict[int, list[Turn]]:
    """The current turns of each of these calls, in order."""
    wanted = list(pks)
    words: dict[int, list[Turn]] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        words |= read_transcripts(connection, wanted[first : first + _AT_ONCE])
    return words
