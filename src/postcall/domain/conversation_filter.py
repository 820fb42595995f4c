"""Which calls of one agent a list of the Conversations API is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from postcall.domain.calls import Channel, Environment


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Every given condition must hold."""

    account_pk: int
    agent_pk: int
    environment: Environment | None = Environment.LIVE
    """None: every one."""
    since: datetime | None = None
    """Calls that started at this time or later."""
    until: datetime | None = None
    """Calls that started before this time."""
    channels: frozenset[Channel] = frozenset()
    """Empty: all."""
    variant: str | None = None
    in_progress: bool | None = None
    """None: those that go on and those that are over."""
