"""From the address of the list of calls to the query that finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from postcall.api.native.parameters import MAX_LIMIT, read_cursor
from postcall.domain.calls import LIVE, Environment, JsonScalar
from postcall.domain.queries import All, Condition, Filter, Measure, MeasureKind, Not, Operator, Query
from postcall.domain.views import CallFilter, Position
from postcall.errors import BadInput
from postcall.reporting.fields import FieldKind
from postcall.reporting.filter_format import field_of, make_condition, read_filters, read_name
from postcall.reporting.nearest import did_you_mean
from postcall.reporting.periods import full_name, period, read_moment, read_zone
from postcall.reporting.query_format import MAX_WORDS
from postcall.reporting.reading import read_text
from postcall.reporting.spellings import read_number_text, spellings
from postcall.web.filters import FIELD_PARAMETERS, PAGE_ONLY, PARAMETERS
from postcall.web.list_columns import read_columns

ROWS = 50
EVERY = "all"
"""As an environment: every one of them."""
_MAX_VALUES = 200
"""Of one parameter; each is a condition."""
_EXTRACTION = ("finished", "open", "failed")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    query: Query
    """Every filter of the address; measures nothing."""
    filters: All
    """Those of `filters` alone, which the form edits."""
    extraction: str | None
    """`open` or `failed`, which only the record can tell; None otherwise."""
    columns: tuple[str, ...]
    after: Position | None
    limit: int
    words: str
    """What to look for in the transcripts; may be empty."""


def read_list(given: Sequence[tuple[str, str]], *, now: datetime) -> Asked:
    """Read an address, or raise BadInput that says which parameter is wrong."""
    pairs = [(key, value) for key, value in given if key not in PAGE_ONLY]
    for key, _ in pairs:
        if key not in PARAMETERS and not key.startswith("metric."):
            raise BadInput(f"{key[:60]}: unknown parameter{did_you_mean(key, PARAMETERS)}", field=key[:60])
    one = dict(pairs)
    zone = read_zone(one.get("time_zone", "UTC"))
    since, until = _read_span(one, now=now, time_zone=zone.key)
    extraction = one.get("extraction")
    if extraction is not None and extraction not in _EXTRACTION:
        raise BadInput(f"extraction: {extraction!r} is none of {', '.join(_EXTRACTION)}", field="extraction")
    filters = _read_tree(one.get("filters"))
    conditions: list[Filter] = _conditions(pairs)
    if extraction == "finished":
        conditions.append(Condition("field.extracted", Operator.EQ, True))
    words = one.get("q", "").strip()
    return Asked(
        query=Query(
            measures=(),
            agent=one.get("agent"),
            since=since,
            until=until,
            time_zone=zone.key,
            filters=All((*conditions, *filters.parts)),
            text=read_text(words, "q", most=MAX_WORDS) if words else None,
        ),
        filters=filters,
        extraction=extraction if extraction != "finished" else None,
        columns=read_columns([value for key, value in pairs if key == "columns"]),
        after=read_cursor(one),
        limit=_read_limit(one.get("limit")),
        words=words,
    )


def counting(query: Query) -> Query:
    """How many calls the query finds."""
    return replace(query, measures=(Measure(MeasureKind.CONVERSATIONS, name="calls"),))


def of_live_calls(query: Query) -> Query:
    """The same of those calls alone that have not ended, which reports count apart."""
    live = Condition("field.status", Operator.IN, values=tuple(sorted(status.value for status in LIVE)))
    return replace(query, filters=All((*query.filters.parts, live)))


def speaks_of_status(part: Filter) -> bool:
    """Whether the filters say which statuses are wanted; then calls in progress stand among the others."""
    if isinstance(part, Condition):
        return part.field == "field.status"
    if isinstance(part, Not):
        return speaks_of_status(part.part)
    return any(speaks_of_status(each) for each in part.parts)


def record_filter(asked: Asked, given: Sequence[tuple[str, str]]) -> CallFilter:
    """The same for the record, which knows what waits and what failed but not every filter."""
    beyond = [
        key
        for key, _ in given
        if key not in {"agent", "since", "until", "period", "time_zone", "from_number", "to_number", "status"}
        and key not in {"extraction", "columns", "cursor", "limit", *PAGE_ONLY}
        and not key.startswith("metric.")
    ]
    if beyond:
        raise BadInput(
            f"extraction: {asked.extraction!r} cannot be combined with {beyond[0]!r}; take one of them out",
            field="extraction",
        )
    one = dict(given)
    return CallFilter(
        agent=asked.query.agent,
        since=asked.query.since,
        until=asked.query.until,
        from_number=one.get("from_number"),
        to_number=one.get("to_number"),
        status=one.get("status"),
        extraction=asked.extraction,
        metrics=tuple((key.removeprefix("metric."), value) for key, value in given if key.startswith("metric.")),
    )


def value_of_text(name: str, text: str, where: str) -> JsonScalar:
    """A value for a field, from text."""
    field = field_of(name)
    if field is not None and field.kind is FieldKind.NUMBER:
        number = read_number_text(text)
        if number is None:
            raise BadInput(f"{where}: {field.label} is a number, not {text[:60]!r}", field=where)
        return number
    if field is not None and field.kind is FieldKind.BOOLEAN:
        said = {"yes": True, "true": True, "no": False, "false": False}.get(text.strip().casefold())
        if said is None:
            raise BadInput(f"{where}: {field.label} is yes or no, not {text[:60]!r}", field=where)
        return said
    return text


def one_or_in(name: str, values: Sequence[JsonScalar], where: str) -> Condition:
    """`name` is one of these."""
    if len(values) == 1:
        return make_condition(name, Operator.EQ, values[0], where)
    return make_condition(name, Operator.IN, list(values), where)


def _conditions(pairs: Sequence[tuple[str, str]]) -> list[Filter]:
    wanted: dict[str, list[str]] = {}
    for key, value in pairs:
        if key in FIELD_PARAMETERS or key.startswith("metric."):
            wanted.setdefault(key, []).append(value)
    found: list[Filter] = []
    for key, texts in wanted.items():
        if len(texts) > _MAX_VALUES:
            raise BadInput(f"{key}: at most {_MAX_VALUES} values are taken", field=key)
        name = key if key.startswith("metric.") else f"field.{key}"
        found.append(one_or_in(read_name(name, key), _values(key, name, texts), key))
    return found


def _values(key: str, name: str, texts: Sequence[str]) -> list[JsonScalar]:
    if key == "environment" and EVERY in texts:
        return [environment.value for environment in Environment]
    if key.startswith("metric."):
        return [value for text in texts for value in spellings(text)]
    return [value_of_text(name, text, key) for text in texts]


def _read_tree(text: str | None) -> All:
    if text is None:
        return All()
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadInput("filters: this is not JSON; the form writes it for you", field="filters") from None
    return read_filters(raw)


def _read_span(one: dict[str, str], *, now: datetime, time_zone: str) -> tuple[datetime | None, datetime | None]:
    named = one.get("period", "custom")
    if full_name(named) != "custom":
        return period(named, now, time_zone)
    zone = read_zone(time_zone)
    since, until = (read_moment(one[key], zone, field=key) if one.get(key) else None for key in ("since", "until"))
    if since is not None and until is not None and since >= until:
        raise BadInput("until: must be later than since; the calls before it are meant", field="until")
    return since, until


def _read_limit(text: str | None) -> int:
    if text is None:
        return ROWS
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= MAX_LIMIT:
        raise BadInput(f"limit: must be a whole number from 1 to {MAX_LIMIT}, not {text!r}", field="limit")
    return int(text)
