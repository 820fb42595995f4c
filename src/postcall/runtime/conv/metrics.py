"""`conv.write_metric`: a metric is written in about a microsecond, and nothing that is written can fail the call."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from postcall.runtime.conv.channel import Channel
from postcall.runtime.conv.plain import as_text, is_set, plain_text
from postcall.runtime.protocol import Line, Written

_INT = 1 << 63
MOST_WRITES = 20_000
"""That one function may make. Otherwise a loop that writes fills the record, and every later turn carries all of it."""
MOST_OF_A_CALL = 100_000
"""Likewise all functions of a call together."""


@dataclass
class MetricEvent:
    """One write, as `conv.metric_events` has it."""

    name: str
    value: float | str | int | None


class Metrics:
    """What is written in one conversation: what came before this function, and what this function adds."""

    def __init__(self, earlier: Sequence[tuple[str, Any]], channel: Channel) -> None:
        self._earlier = earlier
        self._writes: list[Written] = []
        self._names = {name for name, _ in earlier}
        self._most = min(MOST_WRITES, MOST_OF_A_CALL - len(earlier))
        self._told = False
        self._send = channel.wrote
        self._log = channel.logged
        self._once = threading.Lock()

    def write(self, name: Any, value: Any, write_once: Any) -> None:
        """Write one. Whatever the name and the value are, it does not raise: what no metric has is kept as its text."""
        if len(self._writes) >= self._most:
            self._tell_full()
            return
        if type(name) is not str or not name.isascii():
            name = as_text(name)
        odd = False
        kind = type(value)
        if kind is str:
            if not value.isascii():
                value = plain_text(value)
        elif kind is int:
            if not -_INT <= value < _INT:
                value, odd = as_text(value), True
        elif kind is float:
            if not math.isfinite(value):
                value, odd = as_text(value), True
        elif not (kind is bool or value is None):
            value, odd = _settle(value)
        if write_once is not False and is_set(write_once):
            with self._once:
                if name in self._names:
                    return
                self._names.add(name)
        else:
            self._names.add(name)
        write = Written(name, value, time(), odd)
        self._writes.append(write)
        self._send(write)

    def _tell_full(self) -> None:
        with self._once:
            told, self._told = self._told, True
        if not told:
            self._log(Line("warning", f"more than {len(self._writes)} metrics: the rest is not kept", time()))

    def events(self) -> list[MetricEvent]:
        """Every write of the conversation so far."""
        earlier = [MetricEvent(name, value) for name, value in self._earlier]
        return earlier + [MetricEvent(write.name, write.value) for write in self._writes]

    def queue(self) -> list[dict[str, Any]]:
        """What this function has written."""
        return [{"name": write.name, "value": write.value} for write in self._writes]


def _settle(value: Any) -> tuple[str | int | float, bool]:
    """A value of another type: a kind of text or number is one, everything else is its text, and odd."""
    try:
        if isinstance(value, str):
            return plain_text(value), False
        if isinstance(value, int) and -_INT <= value < _INT:
            return int(value), False
        if isinstance(value, float) and math.isfinite(value):
            return float(value), False
    except BaseException as error:  # noqa: BLE001 - a project's own number; writing a metric cannot fail the call
        return f"<{type(value).__name__}: {type(error).__name__}>", True
    return as_text(value), True
