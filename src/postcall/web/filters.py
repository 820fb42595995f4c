"""The address of the list of calls: its parameters, tidied, and the filters in them as chips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from postcall.domain.queries import All
from postcall.reporting.filter_format import write_filters
from postcall.reporting.filter_words import part_in_words
from postcall.reporting.periods import PERIODS, full_name
from postcall.web import words

PAGE_ONLY = frozenset({"watch", "seen"})
"""Parameters of the page itself and no filter: `watch=no` stops it from looking again, `seen` is what it shows."""
PLACE = ("cursor",)
"""Where in the list; whoever changes a filter begins at the top."""
FIELD_PARAMETERS = (
    "status",
    "channel",
    "direction",
    "environment",
    "variant",
    "version",
    "language",
    "from_number",
    "to_number",
    "disconnection_reason",
)
"""Fields with a parameter of their own; given several times, any of the values will do."""
PARAMETERS = (
    "agent",
    "period",
    "since",
    "until",
    "time_zone",
    *FIELD_PARAMETERS,
    "extraction",
    "q",
    "filters",
    "columns",
    "cursor",
    "limit",
)
"""All that an address may have, besides `metric.NAME`."""
DEFAULT_COLUMNS = ("caller", "field.agent", "state", "answers", "summary")
_LABELS = {
    "agent": "agent",
    "from_number": "from",
    "to_number": "to",
    "since": "since",
    "until": "before",
    "extraction": "extraction",
    "q": "said",
    "disconnection_reason": "disconnection reason",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter at work, and the address without it."""

    label: str
    """Empty where the value says it all."""
    value: str
    remove: str


def path_of(query: Iterable[tuple[str, str]], path: str = "/calls") -> str:
    """The list's address with this query."""
    encoded = urlencode(list(query))
    return f"{path}?{encoded}" if encoded else path


def tidy(query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The query as people share it: without empty fields, and without what holds anyway."""
    kept = [(key, given.strip()) for key, given in query if given.strip()]
    names = dict(kept)
    if names.get("period") == "custom":
        kept = without(kept, "period")
    elif names.get("period"):  # a named period says both ends
        kept = without(kept, "since", "until")
    if names.get("time_zone") == "UTC":
        kept = without(kept, "time_zone")
    if {given for key, given in kept if key == "columns"} == set(DEFAULT_COLUMNS):
        kept = without(kept, "columns")
    return list(dict.fromkeys(kept))


def without(query: Sequence[tuple[str, str]], *names: str) -> list[tuple[str, str]]:
    """The query less these parameters."""
    return [(key, given) for key, given in query if key not in names]


def chips(query: Sequence[tuple[str, str]], filters: All) -> tuple[Chip, ...]:
    """A chip for each filter in the address; to remove one also goes back to the first page."""
    plain = without(query, *PLACE, *PAGE_ONLY)
    shown: list[Chip] = []
    for pair in plain:
        key, given = pair
        rest = path_of([other for other in plain if other != pair])
        if key == "period":
            shown.append(Chip("", PERIODS.get(full_name(given), given), rest))
        elif key.startswith("metric."):
            shown.append(Chip(key.removeprefix("metric."), words.shorten(words.visible(given), 60), rest))
        elif key in _LABELS or key in FIELD_PARAMETERS:
            shown.append(Chip(_LABELS.get(key, key), words.shorten(words.visible(given), 60), rest))
    for index, part in enumerate(filters.parts):
        fewer = All(filters.parts[:index] + filters.parts[index + 1 :])
        said = words.shorten(words.visible(part_in_words(part)), 120)
        shown.append(Chip("", said, path_of(with_filters(plain, fewer))))
    return tuple(shown)


def with_filters(query: Sequence[tuple[str, str]], filters: All) -> list[tuple[str, str]]:
    """The query with these filters in place of those it has."""
    kept = without(query, "filters")
    return [*kept, ("filters", filters_text(filters))] if filters.parts else kept


def filters_text(filters: All) -> str:
    """The filters as they stand in an address."""
    return msgspec.json.encode(write_filters(filters)).decode()
