"""What an agent remembers of those who call again. Of the caller's number only a digest is stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import Json
from postcall.storage.hosted_schema import caller_memories
from postcall.storage.statements import insert_new, lock_row, upsert


def read_memory(connection: Connection, agent_pk: int, caller: str | None) -> dict[str, Json]:
    """What is remembered of a caller; empty for one who is new or withheld the number."""
    if not caller:
        return {}
    found = connection.execute(_READ, {"agent_pk": agent_pk, "caller": _digest(agent_pk, caller)}).scalar_one_or_none()
    return found or {}


_READ = sa.select(caller_memories.c.data).where(
    caller_memories.c.agent_pk == sa.bindparam("agent_pk"), caller_memories.c.caller == sa.bindparam("caller")
)


def keep_memory(
    connection: Connection, agent_pk: int, caller: str | None, data: Mapping[str, Json], *, now: datetime
) -> None:
    """Remember these; what was remembered under other names stays, and a name with None is forgotten."""
    if not caller:
        return
    key = {"agent_pk": agent_pk, "caller": _digest(agent_pk, caller)}
    # First a row, so that there is one to hold: two calls of one caller may end at once.
    insert_new(
        connection, caller_memories, {**key, "data": {}, "updated_at": now}, returning=caller_memories.c.agent_pk
    )
    before = connection.execute(lock_row(connection, _READ), key).scalar_one()
    after = {name: value for name, value in {**before, **data}.items() if value is not None}
    upsert(connection, caller_memories, {**key, "data": after, "updated_at": now}, changing=("data", "updated_at"))


def forget_caller(connection: Connection, agent_pk: int, caller: str) -> bool:
    """Forget all of a caller; whether there was anything."""
    gone = connection.execute(
        sa.delete(caller_memories).where(
            caller_memories.c.agent_pk == agent_pk, caller_memories.c.caller == _digest(agent_pk, caller)
        )
    )
    return gone.rowcount == 1


_SPELLING = re.compile(r"[\s().\-]")


def _digest(agent_pk: int, caller: str) -> str:
    """Of the agent too: two agents' rows do not tell that they know the same caller.

    Who has the table can still try every number there is; the digest keeps it from being read in passing.
    """
    plain = _SPELLING.sub("", caller).casefold() or caller
    return hashlib.sha256(f"{agent_pk}\0{plain}".encode()).hexdigest()
