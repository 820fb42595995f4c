"""The metrics written during a call as they are shown: each name once, with every write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from postcall.domain.metrics import MetricDefinition
from postcall.web import words
from postcall.web.call_look import CheckedWrite


@dataclass(frozen=True, slots=True)
class WriteView:
    """One write."""

    value: str
    at: str
    fits: bool


@dataclass(frozen=True, slots=True)
class MetricView:
    """All writes of one name."""

    name: str
    href: str
    """The page of the metric."""
    value: str
    """The last write's."""
    fits: bool
    writes: tuple[WriteView, ...]
    """In the order written."""
    source: str
    definition: str
    """Its type and expected values; says where there is none."""
    meaning: str | None
    """What the definition says of it."""


def show_metrics(writes: Sequence[CheckedWrite]) -> tuple[MetricView, ...]:
    """The metrics in the order of their first write."""
    by_name: dict[str, list[CheckedWrite]] = {}
    for each in writes:
        by_name.setdefault(each.write.name, []).append(each)
    return tuple(_show(name, of_name) for name, of_name in by_name.items())


def _show(name: str, writes: Sequence[CheckedWrite]) -> MetricView:
    last = writes[-1]
    return MetricView(
        name=words.visible(name),
        href="/metrics/" + quote(name, safe=""),
        value=words.scalar(last.write.value),
        fits=last.fits,
        writes=tuple(
            WriteView(words.scalar(each.write.value), words.clock(each.write.at), each.fits) for each in writes
        ),
        source="during the call" if last.write.source == "live" else "sent with the call",
        definition=_definition(last.definition),
        meaning=words.visible(last.definition.definition) or None if last.definition else None,
    )


def _definition(definition: MetricDefinition | None) -> str:
    if definition is None:
        return "not defined"
    retired = "" if definition.active else ", retired"
    if not definition.expected_values:
        return f"{definition.type}{retired}"
    expected = words.shorten(", ".join(map(words.visible, definition.expected_values)), 120)
    return f"{definition.type}: {expected}{retired}"
