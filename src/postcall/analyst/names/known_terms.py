"""The names that a question may mean, and the values that are known of each."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from postcall.domain.analysis import KnownTerm, NameKind
from postcall.domain.builtin_metrics import KNOWN
from postcall.domain.calls import JsonScalar
from postcall.domain.metrics import MetricType
from postcall.domain.queries import All, Condition, Measure, MeasureKind, Operator, Order, Query
from postcall.domain.questions import QuestionType
from postcall.reporting.fields import FIELDS, Field
from postcall.reporting.reports import KnownName, Reports
from postcall.storage.agents import find_agent_row, list_active_versions, list_agents
from postcall.storage.database import Record
from postcall.storage.metric_definitions import list_account_metrics

MOST_VALUES = 200
"""Of one name, the commonest; what is rarer is found by searching the transcripts."""
_FEWEST_VALUES, _MOST_IN_ALL = 20, 6_000
"""Where very many names have values: of each so many at least, and of all so many if that leaves enough."""
ENOUGH_CALLS = 100_000
"""Of more calls the newest ones are looked at for values, of which the rare ones are not needed."""
_LONGEST_VALUE = 200
"""Characters of a value that somebody may say in a question; longer ones are notes."""
_NOT_VALUES = frozenset({"id", "campaign_id", "from_number", "to_number", "user_number"})
"""Fields of which nobody names a value in words."""
_ALWAYS = frozenset({"agent", "channel", "direction", "environment", "version", "status", "handoff"}) | {
    "started_at",
    "hour",
    "weekday",
    "duration",
    "turns",
    "user_turns",
    "agent_turns",
    "id",
}
"""Fields that can be asked for though no call should have a value; of the others, only those that calls have."""
_NUMBERED = frozenset({"version"})
"""Fields that are numbers and yet are spoken of as values: `version 3`."""
_OF_METRICS = {MetricType.BOOLEAN: "boolean", MetricType.INTEGER: "number", MetricType.FLOAT: "number"}
_OF_QUESTIONS = {QuestionType.BOOLEAN: "boolean", QuestionType.INTEGER: "number", QuestionType.DATETIME: "time"}


@dataclass(frozen=True, slots=True)
class Names:
    """What may be named, without what has to be looked up in the calls: quick to read."""

    terms: tuple[KnownTerm, ...]
    """Every field, also those that no call has; of metrics and answers only the values that were declared."""
    base: Query
    """Whose calls they are of."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What the calls have of these names: slow to read of very many calls."""

    values: Mapping[str, tuple[JsonScalar, ...]]
    """By name, the commonest first."""
    fields: frozenset[str]
    """Those that any call has, with `field.`."""


async def read_terms(
    record: Record,
    reports: Reports,
    account_pk: int,
    agent: str | None = None,
    *,
    slugs: Collection[str] | None = None,
) -> tuple[KnownTerm, ...]:
    """Fields first, then metrics and answers by name, each with the values that calls have.

    `agent` keeps them to one agent's, `slugs` to those of a narrow key: no other agent's names, definitions or values
    are in them. An agent outside `slugs` has no names at all. Raises AgentNotFound for an agent that there is not.
    """
    names = await read_names(record, reports, account_pk, agent, slugs=slugs)
    return join_terms(names, await read_carried(reports, account_pk, names))


async def read_names(
    record: Record, reports: Reports, account_pk: int, agent: str | None, *, slugs: Collection[str] | None
) -> Names:
    """As `read_terms`, without what is looked up in the calls."""
    seen = await record.read_async(lambda c: _seen(c, account_pk, agent, slugs))
    names = [each for each in await reports.names(account_pk, agent) if each.agent in seen.agents]
    fields = (_of_field(each) for each in FIELDS.values())
    base = Query((), agent=agent, among=frozenset(seen.agents.values()))
    return Names((*fields, *_metrics(names, seen.described)), base)


async def read_carried(
    reports: Reports,
    account_pk: int,
    names: Names,
    *,
    of: Sequence[KnownTerm] | None = None,
    enough: int = ENOUGH_CALLS,
) -> Carried:
    """What the calls have of all names, or only `of` these; where there are more than `enough`, the newest days do."""
    base = replace(names.base, since=await _newest(reports, account_pk, names.base, enough))
    asked = [each for each in (names.terms if of is None else of) if _is_looked_up(each)]
    limit = max(_FEWEST_VALUES, min(MOST_VALUES, _MOST_IN_ALL // max(1, len(asked))))
    found = await asyncio.gather(*(_values(reports, account_pk, base, each, limit=limit) for each in asked))
    values = {term.name: each for term, each in zip(asked, found, strict=True)}
    return Carried(values, await _fields(reports, account_pk, base) if of is None else frozenset())


def join_terms(names: Names, carried: Carried) -> tuple[KnownTerm, ...]:
    """Each name with the values that were declared and the commonest that calls have."""
    return tuple(
        replace(term, values=tuple(dict.fromkeys([*term.values, *carried.values.get(term.name, ())])))
        for term in names.terms
        if not term.name.startswith("field.") or term.name in carried.fields
    )


async def _newest(reports: Reports, account_pk: int, base: Query, enough: int) -> datetime | None:
    """Since when there are enough calls to know the names' values by; None where there are not that many in all."""
    calls = Measure(MeasureKind.CONVERSATIONS, name="calls")
    days = await reports.rows(
        account_pk, replace(base, measures=(calls,), group_by=("day",), order=(Order("day", descending=True),))
    )
    counted = 0
    for row in days:
        counted += row.numbers[0].n
        if counted >= enough and row is not days[-1]:
            return datetime.fromisoformat(str(row.group[0])).replace(tzinfo=UTC)
    return None


@dataclass(frozen=True, slots=True)
class _Described:
    """What somebody said of a name."""

    type: str
    values: tuple[str, ...]
    says: str
    asked: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What may be known of."""

    agents: Mapping[str, int]
    """Slugs, with the agents' keys."""
    described: Mapping[str, _Described]


def _seen(connection: Connection, account_pk: int, agent: str | None, slugs: Collection[str] | None) -> _Seen:
    named = None if agent is None else find_agent_row(connection, account_pk, agent).slug
    every = [
        each
        for each in list_agents(connection, account_pk, archived=None)
        if named in (None, each.slug) and (slugs is None or each.slug in slugs)
    ]
    ids = {each.id for each in every}
    described: dict[str, _Described] = {}
    for metric in list_account_metrics(connection, account_pk):
        if metric.agent_id in ids and metric.active:
            kind = _OF_METRICS.get(metric.type, "text")
            described.setdefault(metric.name, _Described(kind, metric.expected_values, metric.definition, asked=False))
    for of_agent, version in sorted(list_active_versions(connection, account_pk).items()):
        for question in version.config.questions if of_agent in ids else ():
            kind = _OF_QUESTIONS.get(question.type, "text")
            told = _Described(kind, question.choices, question.prompt, asked=True)
            described.setdefault(question.identifier, told)
    return _Seen({each.slug: find_agent_row(connection, account_pk, each.slug).pk for each in every}, described)


async def _fields(reports: Reports, account_pk: int, base: Query) -> frozenset[str]:
    unsure = [name for name in FIELDS if name not in _ALWAYS]
    counts = tuple(Measure(MeasureKind.COUNT, of=f"field.{name}", name=name) for name in unsure)
    rows = await reports.rows(account_pk, replace(base, measures=counts))
    there = {name for row in rows for name, number in zip(unsure, row.numbers, strict=True) if number.value}
    return frozenset(f"field.{name}" for name in there | _ALWAYS)


def _of_field(field: Field) -> KnownTerm:
    values: tuple[JsonScalar, ...] = field.values
    return KnownTerm(f"field.{field.name}", NameKind.FIELD, field.kind.value, values, field.says)


def _metrics(names: Iterable[KnownName], described: Mapping[str, _Described]) -> tuple[KnownTerm, ...]:
    carried: dict[str, list[KnownName]] = {}
    for each in names:
        carried.setdefault(each.name, []).append(each)
    return tuple(
        _of_metric(name, carried.get(name, []), described.get(name)) for name in sorted({*carried, *described})
    )


def _of_metric(name: str, carried: list[KnownName], described: _Described | None) -> KnownTerm:
    written = any(each.written or each.built_in for each in carried)
    asked = any(each.asked for each in carried) or (described is not None and described.asked)
    kinds = {each.kind for each in carried if each.kind}
    told = next(iter(kinds)) if len(kinds) == 1 else "text"
    says = KNOWN[name].definition if name in KNOWN else ""
    return KnownTerm(
        f"metric.{name}",
        NameKind.ANSWER if asked and not written else NameKind.METRIC,  # what code wrote comes first where both did
        described.type if described else "text" if told == "mixed" else told,
        described.values if described else (),
        (described.says if described else "") or says,
    )


def _is_looked_up(term: KnownTerm) -> bool:
    """Whether its values are spoken of, and not all known without the calls."""
    of, _, name = term.name.partition(".")
    if of != "field":
        return term.type == "text"
    return not term.values and name not in _NOT_VALUES and (term.type == "text" or name in _NUMBERED)


async def _values(
    reports: Reports, account_pk: int, base: Query, term: KnownTerm, *, limit: int
) -> tuple[JsonScalar, ...]:
    calls = Measure(MeasureKind.CONVERSATIONS, name="calls")
    query = replace(
        base,
        measures=(calls,),
        group_by=(term.name,),
        filters=All((Condition(term.name, Operator.EXISTS),)),
        order=(Order("calls", descending=True),),
        limit=limit,
    )
    carried = [row.group[0] for row in await reports.rows(account_pk, query)]
    return tuple(value for value in carried if value is not None and len(str(value)) <= _LONGEST_VALUE)
