"""The names that a question may mean, and the values that are known of each."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

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
_NOT_VALUES = frozenset({"id", "campaign_id", "from_number", "to_number", "user_number"})
"""Fields of which nobody names a value in words."""
_ALWAYS = frozenset(
    {"agent", "channel", "direction", "environment", "version", "status", "disconnection_reason", "handoff"}
) | {"started_at", "hour", "weekday", "duration", "turns", "user_turns", "agent_turns", "id"}
"""Fields that can be asked for though no call should have a value; of the others, only those that calls have."""
_NUMBERED = frozenset({"version"})
"""Fields that are numbers and yet are spoken of as values: `version 3`."""
_OF_METRICS = {MetricType.BOOLEAN: "boolean", MetricType.INTEGER: "number", MetricType.FLOAT: "number"}
_OF_QUESTIONS = {QuestionType.BOOLEAN: "boolean", QuestionType.INTEGER: "number", QuestionType.DATETIME: "time"}


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
    seen = await record.read_async(lambda c: _seen(c, account_pk, agent, slugs))
    names = [each for each in await reports.names(account_pk, agent) if each.agent in seen.agents]
    base = Query((), agent=agent, among=frozenset(seen.agents.values()))
    fields = await _fields(reports, account_pk, base)
    terms = (*fields, *_metrics(names, seen.described))
    found = await asyncio.gather(*(_values(reports, account_pk, base, term) for term in terms))
    return tuple(replace(term, values=values) for term, values in zip(terms, found, strict=True))


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


async def _fields(reports: Reports, account_pk: int, base: Query) -> tuple[KnownTerm, ...]:
    unsure = [name for name in FIELDS if name not in _ALWAYS]
    counts = tuple(Measure(MeasureKind.COUNT, of=f"field.{name}", name=name) for name in unsure)
    result = await reports.run(account_pk, replace(base, measures=counts))
    there = {
        name for row in result.rows for name, number in zip(unsure, row.numbers, strict=True) if number.value
    } | _ALWAYS
    return tuple(_of_field(field) for field in FIELDS.values() if field.name in there)


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


async def _values(reports: Reports, account_pk: int, base: Query, term: KnownTerm) -> tuple[JsonScalar, ...]:
    """Those that were declared, then the commonest that calls have."""
    of, _, name = term.name.partition(".")
    closed = of == "field" and bool(term.values)
    spoken_of = term.type == "text" or (of == "field" and name in _NUMBERED)
    if closed or not spoken_of or (of == "field" and name in _NOT_VALUES):
        return term.values
    calls = Measure(MeasureKind.CONVERSATIONS, name="calls")
    query = replace(
        base,
        measures=(calls,),
        group_by=(term.name,),
        filters=All((Condition(term.name, Operator.EXISTS),)),
        order=(Order("calls", descending=True),),
        limit=MOST_VALUES,
    )
    result = await reports.run(account_pk, query)
    carried = [row.group[0] for row in result.rows if row.group[0] is not None]
    return tuple(dict.fromkeys([*term.values, *carried]))
