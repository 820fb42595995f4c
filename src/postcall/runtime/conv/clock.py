"""`conv.clock` and `conv.knowledge_base`: the time, which a test may set, and the topics the agent may use."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from postcall.runtime.conv.plain import as_text


class Clock:
    """The time of the conversation: the machine's, or one that began elsewhere and goes on at the same pace."""

    def __init__(self, starts_at: float | None, zone: tzinfo = UTC) -> None:
        self._ahead = timedelta(seconds=0 if starts_at is None else starts_at - time.time())
        self._zone = zone

    @property
    def timezone(self) -> tzinfo:
        """The zone that `now` and `today` are told in."""
        return self._zone

    def now_utc(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def now(self, tz: tzinfo | str | None = None) -> datetime:
        """The time, in this zone or in the clock's own; always aware."""
        zone = ZoneInfo(tz) if isinstance(tz, str) else tz
        return self.now_utc().astimezone(zone or self._zone)

    def today(self, tz: tzinfo | str | None = None) -> date:
        return self.now(tz).date()


class KnowledgeBase:
    """Which topics are out of use in this conversation."""

    def __init__(self, disabled: tuple[str, ...], change: Callable[[tuple[str, ...]], None]) -> None:
        self._disabled = disabled
        self._change = change

    @property
    def disabled_topics(self) -> list[str]:
        return list(self._disabled)

    def disable_topics(self, topics: Any) -> None:
        """Take these out of use too."""
        self.replace((*self._disabled, *_names(topics)))

    def enable_topics(self, topics: Any) -> None:
        """Bring these back into use."""
        back = set(_names(topics))
        self.replace(tuple(name for name in self._disabled if name not in back))

    def enable_all_topics(self) -> None:
        self.replace(())

    def replace(self, topics: Any) -> None:
        """Take exactly these out of use."""
        self._disabled = tuple(dict.fromkeys(_names(topics)))
        self._change(self._disabled)


def _names(topics: Any) -> list[str]:
    return [topics] if isinstance(topics, str) else [as_text(topic) for topic in topics]
