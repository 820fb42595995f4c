"""What has changed since an export, as far as one view of the record shows it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.changes import Mark, first_mark
from postcall.storage.schema import calls, changes

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """Calls that may read differently than at a mark."""

    call_pks: frozenset[int]
    """Some of them may be gone, or another account's."""
    mark: Mark
    """From here on the next look goes on."""


def changed_since(connection: Connection, account_pk: int, mark: Mark, *, most: int | None = None) -> ChangedSince:
    """Every change after the mark that this view shows, also those that a follower would not be told of yet.

    On PostgreSQL a follower is told of nothing past the oldest open transaction, though its view shows what later ones
    have committed. Whoever exports the view as it is needs those too; they come again after the new mark. With `most`,
    not many more calls than that are looked for.
    """
    order = changes.c.xid if connection.dialect.name == "postgresql" else changes.c.pk
    upto = first_mark(connection)
    found: set[int] = set()
    agents: set[int] = set()
    # Each call once: of a thousand writes to a live call, one.
    for name, into in ((changes.c.call_pk, found), (changes.c.agent_pk, agents)):
        query = sa.select(name).distinct().where(order >= mark.upto, name.is_not(None))
        rows = connection.execution_options(yield_per=_AT_ONCE).execute(
            query if most is None else query.limit(most + 1)
        )
        into.update(rows.scalars())
    if agents:
        of_agents = sa.select(calls.c.pk).where(calls.c.agent_pk.in_(agents), calls.c.account_pk == account_pk)
        found.update(connection.execute(of_agents if most is None else of_agents.limit(most + 1)).scalars())
    return ChangedSince(frozenset(found), upto)
