"""The query as JSON, the same for the interface, dashboards, commands and addresses of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from postcall.domain.calls import Json
from postcall.domain.queries import (
    All,
    Bucket,
    Denominator,
    Having,
    Measure,
    MeasureKind,
    Operator,
    Order,
    Query,
)
from postcall.reporting.filter_format import known_fields, read_filters, read_name, read_operator, write_filters
from postcall.reporting.filter_words import condition_in_words, filters_in_words, value_in_words
from postcall.reporting.nearest import did_you_mean
from postcall.reporting.periods import read_moment, read_zone
from postcall.reporting.reading import (
    MAX_NAME,
    read_bool,
    read_list,
    read_number,
    read_object,
    read_scalar,
    read_text,
    read_whole,
    refuse,
)

__all__ = [
    "condition_in_words",
    "filters_in_words",
    "name_measures",
    "read_filters",
    "read_query",
    "write_filters",
    "write_query",
]

T = TypeVar("T")

MAX_LIMIT = 10_000
MAX_MEASURES = 50
MAX_GROUPS = 10
MAX_HAVING = 20
MAX_COLUMN = 200
MAX_WORDS = 1_000
KEYS = (
    "agent", "since", "until", "time_zone", "measures", "group_by", "filters", "having", "order", "limit", "compare",
    "text",
)  # fmt: skip
_MEASURE_KEYS = ("measure", "of", "value", "denominator", "as")
_HAVING = frozenset({Operator.EQ, Operator.NE, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE, Operator.BETWEEN})


def read_query(raw: object) -> Query:
    """The query, or BadInput whose `field` is the path to what is wrong, such as `filters.and[0].op`.

    Metrics are taken by any name: whether calls carry it only the reports can tell. A query without measures is read,
    for those who want its calls alone.
    """
    given = read_object(raw, "body", KEYS)
    time_zone = _optional(given, "time_zone", lambda it, at: read_zone(read_text(it, at), field=at).key) or "UTC"
    since, until = _read_span(given, time_zone)
    groups = _read_groups(given.get("group_by"))
    measures = _read_measures(given.get("measures"), groups)
    query = Query(
        measures=measures,
        agent=_optional(given, "agent", lambda it, at: read_text(it, at, most=MAX_NAME)),
        since=since,
        until=until,
        time_zone=time_zone,
        group_by=groups,
        filters=read_filters(given.get("filters")),
        having=_read_having(given.get("having"), [measure.name for measure in measures]),
        order=_read_order(given.get("order"), [*groups, *(measure.name for measure in measures)]),
        limit=_optional(given, "limit", lambda it, at: read_whole(it, at, least=1, most=MAX_LIMIT)),
        compare=bool(_optional(given, "compare", read_bool)),
        text=_optional(given, "text", lambda it, at: read_text(it, at, most=MAX_WORDS)),
    )
    if query.compare and (since is None or until is None):
        refuse("compare", "comparing needs both since and until, which say how long the period before is")
    return query


def write_query(query: Query) -> dict[str, Json]:
    """The one way to write a query: what is not asked for is left out, moments are in UTC, each column is named."""
    measures = name_measures(query.measures, query.group_by)
    written: dict[str, Json] = {"measures": [_write_measure(measure) for measure in measures]}
    if query.agent is not None:
        written["agent"] = query.agent
    if query.since is not None:
        written["since"] = _write_moment(query.since)
    if query.until is not None:
        written["until"] = _write_moment(query.until)
    written["time_zone"] = query.time_zone
    if query.group_by:
        written["group_by"] = list(query.group_by)
    if query.filters != All():
        written["filters"] = write_filters(query.filters)
    if query.having:
        written["having"] = [_write_having(each) for each in query.having]
    if query.order:
        written["order"] = [{"column": each.column, "descending": each.descending} for each in query.order]
    if query.limit is not None:
        written["limit"] = query.limit
    if query.compare:
        written["compare"] = True
    if query.text is not None:
        written["text"] = query.text
    return written


def name_measures(measures: Sequence[Measure], group_by: Iterable[str] = ()) -> tuple[Measure, ...]:
    """The measures with a column's name each: those without get `average_duration`, `rate_BOOKED_true` and the like."""
    taken = {*group_by, *(measure.name for measure in measures if measure.name)}
    named = []
    for measure in measures:
        if not measure.name:
            measure = replace(measure, name=_free(_default_name(measure), taken))
            taken.add(measure.name)
        named.append(measure)
    return tuple(named)


def _default_name(measure: Measure) -> str:
    parts = [measure.kind.value]
    if measure.of is not None:
        parts.append(measure.of.partition(".")[2])
    if measure.kind is MeasureKind.RATE:
        value = measure.value
        parts.append(str(value).lower() if isinstance(value, bool) else value_in_words(value))
    return "_".join(parts)[: MAX_COLUMN - 10]


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _optional(given: dict[str, object], key: str, read: Callable[[object, str], T]) -> T | None:
    raw = given.get(key)
    return None if raw is None else read(raw, key)


def _read_span(given: dict[str, object], time_zone: str) -> tuple[datetime | None, datetime | None]:
    zone = read_zone(time_zone)
    since, until = (
        _optional(given, key, lambda it, at: read_moment(read_text(it, at), zone, field=at))
        for key in ("since", "until")
    )
    if since is not None and until is not None and since >= until:
        refuse("until", "must be later than since; the calls before it are meant, so a day needs the day after it")
    return since, until


def _read_groups(raw: object) -> tuple[str, ...]:
    if raw is None:
        return ()
    groups: list[str] = []
    for index, item in enumerate(read_list(raw, "group_by", most=MAX_GROUPS)):
        where = f"group_by[{index}]"
        name = read_text(item, where, most=MAX_NAME)
        if name not in set(Bucket):
            if "." not in name:
                known = [*known_fields(), *Bucket]
                refuse(where, f"there is no {name!r}{did_you_mean(name, known)}; a metric's name is metric.NAME")
            read_name(name, where)
        if name in groups:
            refuse(where, f"{name} is in it twice")
        groups.append(name)
    return tuple(groups)


def _read_measures(raw: object, groups: tuple[str, ...]) -> tuple[Measure, ...]:
    if raw is None:
        return ()
    read: list[Measure] = []
    for index, item in enumerate(read_list(raw, "measures", most=MAX_MEASURES)):
        measure = _read_measure(item, f"measures[{index}]")
        if measure.name and measure.name in {*groups, *(other.name for other in read)}:
            refuse(f"measures[{index}].as", f"there is another column named {measure.name!r}")
        read.append(measure)
    return name_measures(read, groups)


def _read_measure(raw: object, where: str) -> Measure:
    given = read_object(raw, where, _MEASURE_KEYS)
    kind = _read_member(MeasureKind, given.get("measure"), f"{where}.measure")
    of = given.get("of")
    if kind is MeasureKind.CONVERSATIONS and of is not None:
        refuse(f"{where}.of", "'conversations' counts calls and is of nothing")
    if of is None and kind not in {MeasureKind.CONVERSATIONS, MeasureKind.COUNT}:
        refuse(f"{where}.of", f"{kind.value!r} must say of what, such as field.duration or metric.NAME")
    for key in ("value", "denominator"):
        if kind is not MeasureKind.RATE and given.get(key) is not None:
            refuse(f"{where}.{key}", f"only 'rate' has one, not {kind.value!r}")
    named, value, denominator = given.get("as"), given.get("value"), given.get("denominator")
    return Measure(
        kind,
        of=None if of is None else read_name(of, f"{where}.of"),
        value=True if value is None else read_scalar(value, f"{where}.value"),
        denominator=None if denominator is None else _read_member(Denominator, denominator, f"{where}.denominator"),
        name="" if named is None else read_text(named, f"{where}.as", most=MAX_COLUMN),
    )


M = TypeVar("M", MeasureKind, Denominator)


def _read_member(kind: type[M], raw: object, where: str) -> M:
    known = [member.value for member in kind]
    if raw is None:
        refuse(where, f"must be one of {', '.join(known)}")
    text = read_text(raw, where, most=MAX_NAME)
    if text not in known:
        refuse(where, f"there is no {text[:50]!r}{did_you_mean(text, known)}")
    return kind(text)


def _read_having(raw: object, columns: Sequence[str]) -> tuple[Having, ...]:
    if raw is None:
        return ()
    return tuple(
        _read_one_having(item, f"having[{index}]", columns)
        for index, item in enumerate(read_list(raw, "having", most=MAX_HAVING))
    )


def _read_one_having(raw: object, where: str, columns: Sequence[str]) -> Having:
    given = read_object(raw, where, ("column", "op", "value"))
    column = _read_column(given.get("column"), f"{where}.column", columns)
    op = read_operator(given.get("op"), f"{where}.op")
    if op not in _HAVING:
        refuse(f"{where}.op", f"a column is compared with {', '.join(sorted(_HAVING))}, not with {op.value!r}")
    value = given.get("value")
    if op is not Operator.BETWEEN:
        return Having(column, op, value=read_number(value, f"{where}.value"))
    pair = read_list(value, f"{where}.value", most=2)
    if len(pair) != 2:
        refuse(f"{where}.value", "'between' takes two values, the lower and the upper")
    low, high = (read_number(item, f"{where}.value[{index}]") for index, item in enumerate(pair))
    return Having(column, op, values=(low, high))


def _read_order(raw: object, columns: Sequence[str]) -> tuple[Order, ...]:
    if raw is None:
        return ()
    read: list[Order] = []
    for index, item in enumerate(read_list(raw, "order", most=MAX_MEASURES + MAX_GROUPS)):
        where = f"order[{index}]"
        given = read_object(item, where, ("column", "descending"))
        column = _read_column(given.get("column"), f"{where}.column", columns)
        descending = given.get("descending")
        read.append(Order(column, descending is not None and read_bool(descending, f"{where}.descending")))
    return tuple(read)


def _read_column(raw: object, where: str, columns: Sequence[str]) -> str:
    name = read_text(raw, where, most=MAX_NAME)
    if name not in columns:
        refuse(where, f"the result has no column {name[:100]!r}{did_you_mean(name, columns)}")
    return name


def _write_measure(measure: Measure) -> dict[str, Json]:
    written: dict[str, Json] = {"measure": measure.kind.value}
    if measure.of is not None:
        written["of"] = measure.of
    if measure.kind is MeasureKind.RATE:
        written["value"] = measure.value
        if measure.denominator is not None:
            written["denominator"] = measure.denominator.value
    return {**written, "as": measure.name}


def _write_having(having: Having) -> dict[str, Json]:
    value: Json = list(having.values) if having.op is Operator.BETWEEN else having.value
    return {"column": having.column, "op": having.op.value, "value": value}


def _write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
