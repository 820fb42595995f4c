"""Runs of `end_function` over hosted calls: one at a time, and what one that broke off wrote is undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.storage.conversations import Hosted, lock_call, read_hosted, taken_back
from postcall.storage.hosted_schema import conversations
from postcall.storage.schema import metric_events

END_FUNCTION_SOURCE = "end_function"
"""Of metrics that were written once the call was over."""


def begin_end_run(connection: Connection, hosted: Hosted, *, lease: str, now: datetime) -> Hosted:
    """An `end_function` begins: what an earlier run of it that broke off had written is taken back.

    From here on only who has this lease writes: also not that earlier run, where it was only slow.
    """
    lock_call(connection, hosted.call_pk)
    connection.execute(sa.update(conversations).where(conversations.c.call_pk == hosted.call_pk).values(lease=lease))
    hosted = read_hosted(connection, hosted.call_pk)
    of_end_function = metric_events.c.source == END_FUNCTION_SOURCE
    return taken_back(connection, hosted, of_end_function, what="a run of end_function", now=now)


def finish_end_run(
    connection: Connection, hosted: Hosted, *, snapshot: bytes, state: dict[str, Any], shared_id: str | None
) -> None:
    """Keep what `end_function` left in the conversation."""
    connection.execute(
        sa.update(conversations)
        .where(conversations.c.call_pk == hosted.call_pk)
        .values(snapshot=snapshot, state=state, shared_id=shared_id)
    )
