"""The calls of one agent, as the Conversations API lists them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from postcall.domain.calls import LIVE
from postcall.domain.conversation_filter import ConversationFilter
from postcall.storage.schema import calls


def listed(wanted: ConversationFilter) -> Iterator[sa.ColumnElement[bool]]:
    """The conditions on `calls`."""
    yield calls.c.agent_pk == wanted.agent_pk
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
        live: Any = calls.c.status.in_(sorted(LIVE))
        yield live if wanted.in_progress else ~live
