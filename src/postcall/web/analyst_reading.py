"""How a question was understood, as it is shown and put right: chips to take away, a form to change, queries last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from postcall.analyst.telling.query_words import period_in_words, quoted
from postcall.analyst.understood_format import write_understood
from postcall.domain.analysis import Understood
from postcall.domain.queries import All, Bucket, Condition, Filter, Query
from postcall.errors import BadInput
from postcall.reporting.filter_words import name_in_words, part_in_words, title_of
from postcall.reporting.periods import PERIODS, period, read_moment, read_zone
from postcall.web import words
from postcall.web.analyst_changing import Shape, reshape, shape_of, without
from postcall.web.filter_rows import (
    NAME,
    OPERATORS,
    FilterForm,
    FilterRow,
    filters_of,
    names_offered,
    read_form,
    rows_of,
)

KEEP, CUSTOM = "keep", "custom"
DROP, CHANGE, PERIOD, SINCE, UNTIL, GROUP = "drop", "change", "period", "since", "until", "group"
_MOST_GROUPS = 2
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of a reading; it is taken away by sending `drop` back with the reading."""

    drop: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """What can be put into a reading."""

    period: str
    """What it is now, in words; empty where there are several periods, which stay as they are."""
    periods: Options
    rows: tuple[FilterRow, ...]
    """The filters of today, and an empty one."""
    operators: Options
    groups: tuple[str, ...]
    """As many as there may be, empty where there is none."""
    offered_groups: tuple[tuple[str, Options], ...]
    names: Options
    """What a filter may ask for."""


@dataclass(frozen=True, slots=True)
class ReadingView:
    """How the question was read, or may be."""

    says: str
    content: str
    """As JSON: what a form sends back."""
    chips: tuple[Chip, ...] = ()
    change: ChangeForm | None = None


def show_reading(
    understood: Understood, says: str, now: datetime, *, kinds: Mapping[str, str] | None = None
) -> ReadingView:
    """`kinds`: the names of metrics, for the form that changes a reading; without it there is none."""
    shape = shape_of(understood)
    return ReadingView(
        says=words.visible(says or understood.says),
        content=msgspec.json.format(msgspec.json.encode(write_understood(understood)), indent=2).decode(),
        chips=() if shape is None else _chips(shape, now),
        change=None if shape is None or kinds is None else _form(shape, kinds, now),
    )


def is_changed(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a form asks for another reading than the one it holds."""
    return any(name in {DROP, CHANGE} for name, _ in pairs)


def change_reading(
    understood: Understood, pairs: Sequence[tuple[str, str]], *, kinds: Mapping[str, str], now: datetime
) -> Understood:
    """The reading as a form wants it; BadInput says what of the form cannot be."""
    shape = shape_of(understood)
    if shape is None:
        raise BadInput("reading: there is no query in it that could be changed", field="reading")
    fields = dict(pairs)
    if fields.get(DROP):
        return reshape(understood, without(shape, fields[DROP]), now)
    since, until = _period(fields, shape, now)
    groups = tuple(dict.fromkeys(value for name, value in pairs if name == GROUP and value))[:_MOST_GROUPS]
    asked = replace(shape, since=since, until=until, filters=_filters(pairs, shape, kinds))
    if understood.queries:
        asked = replace(asked, group_by=groups)
    return reshape(understood, asked, now)


def _chips(shape: Shape, now: datetime) -> tuple[Chip, ...]:
    chips = []
    if shape.one_period and (shape.since is not None or shape.until is not None):
        chips.append(Chip("period", period_of(shape, now)))
    if shape.agent is not None:
        chips.append(Chip("agent", f"agent: {words.visible(shape.agent)}"))
    chips += [Chip(f"filter-{place}", words.visible(part_in_words(part))) for place, part in enumerate(shape.filters)]
    if shape.text is not None:
        chips.append(Chip("text", f"said: {words.visible(quoted(shape.text))}"))
    for place, name in enumerate(shape.group_by):
        if name != "field.id":  # the calls themselves: without it nothing would be left of the question
            chips.append(Chip(f"group-{place}", f"by {words.visible(name_in_words(name))}"))
    if shape.limit is not None and shape.group_by:
        chips.append(Chip("limit", f"the first {shape.limit:,}"))
    return tuple(chips)


def period_of(shape: Shape, now: datetime) -> str:
    """`9 to 15 November 2026`, `since 16 November 2026`; `at any time` where there is no bound."""
    bare = Query((), since=shape.since, until=shape.until, time_zone=shape.time_zone)
    said = period_in_words(bare, now)
    return said.removeprefix("from ").removeprefix("on ") or "at any time"


def _form(shape: Shape, kinds: Mapping[str, str], now: datetime) -> ChangeForm:
    rows = rows_of(All(tuple(part for part in shape.filters if isinstance(part, Condition)))).rows
    offered = names_offered(kinds, [*(row.name for row in rows), *shape.group_by])
    buckets = tuple((each.value, title_of(each.value)) for each in Bucket)
    groups = [*shape.group_by[:_MOST_GROUPS], *("" for _ in range(_MOST_GROUPS - len(shape.group_by)))]
    return ChangeForm(
        period=period_of(shape, now) if shape.one_period else "",
        periods=tuple(PERIODS.items()),
        rows=(*rows, FilterRow()),
        operators=tuple((each.value, said) for each, said in OPERATORS),
        groups=() if "field.id" in shape.group_by else tuple(groups),
        offered_groups=(("Time", buckets), *offered),
        names=tuple(each for _, names in offered for each in names),
    )


def _period(fields: Mapping[str, str], shape: Shape, now: datetime) -> tuple[datetime | None, datetime | None]:
    chosen, zone = fields.get(PERIOD, KEEP), read_zone(shape.time_zone)
    if chosen == KEEP or not shape.one_period:
        return shape.since, shape.until
    if chosen != CUSTOM:
        return period(chosen, now, shape.time_zone)
    since, until = (
        read_moment(text, zone, field=name) if (text := fields.get(name, "").strip()) else None
        for name in (SINCE, UNTIL)
    )
    if since is not None and until is not None and since >= until:
        raise BadInput("until: must be later than since; the calls before it are meant", field="until")
    return since, until


def _filters(pairs: Sequence[tuple[str, str]], shape: Shape, kinds: Mapping[str, str]) -> tuple[Filter, ...]:
    rest = tuple(part for part in shape.filters if not isinstance(part, Condition))
    form: FilterForm = read_form(pairs, rest)
    if not any(name == NAME for name, _ in pairs):
        return shape.filters
    return filters_of(form, kinds).parts
