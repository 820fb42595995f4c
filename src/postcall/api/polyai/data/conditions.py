"""From the conditions of the Data API to those of the one query."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from postcall.api.polyai.data.catalogue import Catalogue, Entry
from postcall.api.polyai.data.entering import Visitor
from postcall.api.polyai.data.reading import FilterBody, SearchFilterBody, Window
from postcall.domain.calls import Channel, Environment
from postcall.domain.queries import All, AnyOf, Condition, Filter, Measure, MeasureKind, Not, Operator, Query
from postcall.errors import BadInput
from postcall.reporting.filter_format import make_condition

AGENT = "field.agent"
CHANNELS = {"VOICE-SIP": Channel.VOICE, "WEBCHAT": Channel.WEBCHAT, "CHAT": Channel.WEBCHAT, "SMS": Channel.SMS}
"""Ours by theirs; a channel that postcall has not is none of them."""
NOTHING = AnyOf()
"""What no call matches."""

_CONVERSATION = "conversation_id"
_MOST_IDS = 100
_PLAIN = {"eq": Operator.EQ, "gt": Operator.GT, "gte": Operator.GTE, "lt": Operator.LT, "lte": Operator.LTE,
          "in": Operator.IN, "ex": Operator.IN, "contains": Operator.CONTAINS,
          "not_contains": Operator.CONTAINS}  # fmt: skip
_TURNED = {"ex", "not_contains"}
"""What these find is what the other does not: also calls that have no value, as in the vendor's own pages."""


def base_query(visitor: Visitor, window: Window, *filters: Filter, text: str | None = None) -> Query:
    """The conversations of the visitor's projects in a window of time."""
    mine: tuple[Filter, ...] = ()
    if visitor.named is None and not visitor.whole:
        mine = (of_agents(project.slug for project in visitor.projects),)
    return Query(
        measures=(Measure(MeasureKind.CONVERSATIONS, name="conversations"),),
        agent=visitor.named,
        since=window.since,
        until=window.until,
        filters=All((*mine, *filters)),
        text=text,
    )


def of_agents(slugs: Iterable[str]) -> Filter:
    """Calls of these agents."""
    values = tuple(sorted(slugs))
    return Condition(AGENT, Operator.IN, values=values) if values else NOTHING


def joined(parts: Sequence[Filter], operator: str) -> tuple[Filter, ...]:
    """All of the conditions, or one that any of them fulfils; none where there is none."""
    if not parts:
        return ()
    return (AnyOf(tuple(parts)),) if operator == "or" else tuple(parts)


def read_filters(given: Iterable[FilterBody | SearchFilterBody], catalogue: Catalogue) -> list[Filter]:
    """Each condition, in order; BadInput names the one that cannot be kept, and the nearest known metrics."""
    return [_read(each, f"filters[{index}]", catalogue) for index, each in enumerate(given)]


def restricted_to(name: str, values: Collection[str] | None) -> tuple[Filter, ...]:
    """Calls whose field is any of these values; no condition where none was given."""
    if not values:
        return ()
    return (Condition(name, Operator.IN, values=tuple(dict.fromkeys(values))),)


def of_channels(channels: Collection[str] | None) -> tuple[Filter, ...]:
    """Calls of these channels, as the vendor calls them."""
    if not channels:
        return ()
    ours = sorted({CHANNELS[channel].value for channel in channels if channel in CHANNELS})
    return restricted_to("field.channel", ours) or (NOTHING,)


def of_environments(environments: Collection[str] | None) -> tuple[Filter, ...]:
    """Calls of these environments; without any the query is about live calls, as every report is."""
    if not environments:
        return ()
    ours = [each for each in environments if each in set(Environment)]
    return restricted_to("field.environment", ours) or (NOTHING,)


def has_value(entry: Entry, catalogue: Catalogue) -> Filter:
    """Calls that have the metric, in projects that show it."""
    return _where_shown(Condition(f"metric.{entry.name}", Operator.EXISTS), entry, catalogue)


def _read(given: FilterBody | SearchFilterBody, where: str, catalogue: Catalogue) -> Filter:
    if given.metric.casefold() == _CONVERSATION:
        return _of_conversation(given, where)
    entry = catalogue.find(given.metric, where=f"{where}.metric")
    if given.op == "exists":
        if not isinstance(given.value, bool):
            raise BadInput(f"{where}.value: 'exists' takes true or false", field=f"{where}.value")
        there = has_value(entry, catalogue)
        return there if given.value else Not(there)
    if given.op in ("contains", "not_contains") and entry.type != "string":
        raise BadInput(
            f"{where}.op: {entry.name} is {entry.type}, and only text is searched with {given.op!r}",
            field=f"{where}.op",
        )
    condition = make_condition(f"metric.{entry.name}", _PLAIN[given.op], given.value, where, in_parts=True)
    found = _where_shown(condition, entry, catalogue)
    return Not(found) if given.op in _TURNED else found


def _where_shown(condition: Condition, entry: Entry, catalogue: Catalogue) -> Filter:
    """A project that hides a metric answers as one that has it nowhere."""
    hiding = catalogue.hiding(entry.name)
    if not hiding:
        return condition
    return All((of_agents({project.slug for project in catalogue.projects} - hiding), condition))


def _of_conversation(given: FilterBody | SearchFilterBody, where: str) -> Condition:
    if given.op not in ("eq", "in"):
        raise BadInput(f"{where}.op: {_CONVERSATION} is compared with 'eq' or 'in'", field=f"{where}.op")
    if given.op == "in" and isinstance(given.value, list) and len(given.value) > _MOST_IDS:
        raise BadInput(
            f"{where}.value: at most {_MOST_IDS} conversations are taken, not {len(given.value):,}",
            field=f"{where}.value",
        )
    return make_condition("field.id", _PLAIN[given.op], given.value, where, in_parts=True)
