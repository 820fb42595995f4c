"""The filters of the list of calls: from a form's fields to an address, and from an address to chips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from postcall.web import words

PAGE_ONLY = frozenset({"watch", "seen"})
"""Parameters of the page itself and no filter: `watch=no` stops it from looking again, `seen` is what it shows."""
_FIELDS = ("agent", "status", "from_number", "to_number", "since", "until")
_LABELS = {
    "agent": "agent",
    "status": "status",
    "from_number": "from",
    "to_number": "to",
    "since": "since",
    "until": "before",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter at work, and the address without it."""

    label: str
    value: str
    remove: str


def path_of(query: Sequence[tuple[str, str]], path: str = "/calls") -> str:
    """The list's address with this query."""
    return f"{path}?{urlencode(query)}" if query else path


def tidy(query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The query without empty fields, and with the form's pair of metric fields as one `metric.NAME`."""
    fields = dict(query)
    name, value = fields.get("metric_name", "").strip(), fields.get("metric_value", "").strip()
    kept = [
        (key, given.strip()) for key, given in query if given.strip() and key not in {"metric_name", "metric_value"}
    ]
    if not name:
        return kept
    metric = f"metric.{name}"
    # As with a write of a metric: without a value it is a flag.
    return [*((key, given) for key, given in kept if key != metric), (metric, value or "true")]


def without(query: Sequence[tuple[str, str]], *names: str) -> list[tuple[str, str]]:
    """The query less these parameters."""
    return [(key, given) for key, given in query if key not in names]


def chips(query: Sequence[tuple[str, str]]) -> tuple[Chip, ...]:
    """A chip for each filter in the address; to remove one also goes back to the first page."""
    shown = []
    for key, given in query:
        if key in _LABELS:
            label = _LABELS[key]
        elif key.startswith("metric."):
            label = key.removeprefix("metric.")
        else:
            continue
        shown.append(Chip(label, words.shorten(given, 60), path_of(without(query, key, "cursor", *PAGE_ONLY))))
    return tuple(shown)


def field_values(query: Mapping[str, str]) -> dict[str, str]:
    """What the form's own fields begin with."""
    return {name: query.get(name, "") for name in _FIELDS}


def metric_filters(query: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The metric filters, which the form carries along unseen."""
    return tuple((key, given) for key, given in query if key.startswith("metric."))
