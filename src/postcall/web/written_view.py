"""The metrics of a call as they are shown: each name once, with every write; then those that postcall itself knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from postcall.domain.builtin_metrics import BUILT_IN, KNOWN, SOURCE
from postcall.domain.calls import StoredMetric
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


def show_metrics(writes: Sequence[CheckedWrite], stored: Sequence[StoredMetric] = ()) -> tuple[MetricView, ...]:
    """The metrics in the order of their first write, and the built-in ones among those stored."""
    by_name: dict[str, list[CheckedWrite]] = {}
    for each in writes:
        by_name.setdefault(each.write.name, []).append(each)
    own = (_show_built_in(metric) for metric in stored if metric.source == SOURCE)
    return (*(_show(name, of_name) for name, of_name in by_name.items()), *own)


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
        source=_SOURCES.get(last.write.source, last.write.source),
        definition=_definition(name, last.definition),
        meaning=_meaning(name, last.definition),
    )


_SOURCES = {
    "live": "during the call",
    "intake": "sent with the call",
    "end_function": "after the call, by its end_function",
}


def _show_built_in(metric: StoredMetric) -> MetricView:
    known = BUILT_IN[metric.name]
    shown = words.scalar(metric.value)
    return MetricView(
        name=metric.name,
        href="/metrics/" + quote(metric.name, safe=""),
        value=shown,
        fits=True,
        writes=(),
        source=SOURCE,
        definition=str(known.type),
        meaning=known.definition,
    )


def _meaning(name: str, definition: MetricDefinition | None) -> str | None:
    if definition is not None and definition.definition:
        return words.visible(definition.definition)
    return KNOWN[name].definition if name in KNOWN else None


def _definition(name: str, definition: MetricDefinition | None) -> str:
    if definition is None:
        return str(KNOWN[name].type) if name in KNOWN else "not defined"
    retired = "" if definition.active else ", retired"
    if not definition.expected_values:
        return f"{definition.type}{retired}"
    expected = words.shorten(", ".join(map(words.visible, definition.expected_values)), 120)
    return f"{definition.type}: {expected}{retired}"
