"""From a Query to one SQL statement over the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rapidfuzz import process

from postcall.domain.calls import LIVE, Environment, JsonScalar
from postcall.domain.queries import (
    All,
    AnyOf,
    Bucket,
    Condition,
    Denominator,
    Filter,
    Having,
    Measure,
    MeasureKind,
    Not,
    Operator,
    Order,
    Query,
)
from postcall.errors import BadInput
from postcall.reporting import dialect
from postcall.reporting.dialect import Offsets, Operand, Parameters
from postcall.reporting.fields import FIELDS, FieldKind
from postcall.reporting.found_calls import Found
from postcall.reporting.mentions import only_live_environment, speaks_of_live
from postcall.reporting.periods import read_moment
from postcall.reporting.projection import MISFIT, Trait

_BUCKETS = {bucket.value: bucket for bucket in Bucket}
_PERCENTILES = {
    MeasureKind.P50: "0.5",
    MeasureKind.P90: "0.9",
    MeasureKind.P95: "0.95",
    MeasureKind.P99: "0.99",
}
_NUMERIC = {MeasureKind.SUM, MeasureKind.AVERAGE, MeasureKind.MIN, MeasureKind.MAX, *_PERCENTILES}
_NO_ORDER = {Operator.CONTAINS, Operator.NOT_CONTAINS}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose calls a statement reads, and what it needs to know to read them."""

    account_pk: int
    agent_pks: frozenset[int] | None
    """None: every agent."""
    traits: dict[str, Trait]
    """Of the names that the calls of the account and agents carry."""
    others: frozenset[str]
    """Names that are defined or asked but that no call carries yet."""
    questions: frozenset[str]
    """Those of them that are asked."""
    zone: ZoneInfo
    offsets: Offsets
    found: Found | None = None
    """The calls that a search of the transcripts found; None where nothing was searched."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and the values of its parameters."""

    sql: str
    parameters: dict[str, object]


class Compiler:
    """Builds the statements of one query."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self.query = query
        self._scope = scope
        self._parameters = Parameters()

    def rows(self) -> Statement:
        """One row a group: g0, g1 … then for each measure v, n and d (a deviation)."""
        query = self.query
        inputs = Inputs()
        aggregates = [
            f"{sql} AS {prefix}{index}"
            for index, measure in enumerate(query.measures)
            for prefix, sql in self._aggregates(measure, inputs, index).items()
        ]
        groups = [f"g{index}" for index in range(len(query.group_by))]
        grouped = f"SELECT {', '.join([*groups, *aggregates])} FROM ({self._source(inputs)})"
        if groups:
            grouped += f" GROUP BY {', '.join(groups)}"
        return self._statement(f"SELECT * FROM ({grouped}){self._having()}{self._order(groups)}{self._limit()}")

    def _source(self, inputs: Inputs) -> str:
        """A row for each call and group that it joins. Calls that repeat a write may join several: these few apart."""
        query = self.query
        repeated = [index for index, name in enumerate(query.group_by) if self._is_repeated(name)]
        keys = [f"{self._key(name)} AS g{index}" for index, name in enumerate(query.group_by)]
        inner = ", ".join([*keys, *inputs.columns()]) or "1 AS one"
        where = self.where()
        if not repeated:
            return f"SELECT {inner} FROM calls WHERE {where}"
        lists = [
            f"{dialect.different_values(self.operand(name))} AS g{index}" if index in repeated else keys[index]
            for index, name in enumerate(query.group_by)
        ]
        source = f"SELECT {', '.join([*lists, *inputs.columns()])} FROM calls WHERE repeats AND {where}"
        for index in repeated:  # one after the other: side by side they would run in step instead of crossing
            source = f"SELECT * REPLACE (unnest(g{index}) AS g{index}) FROM ({source})"
        return f"SELECT {inner} FROM calls WHERE NOT repeats AND {where} UNION ALL SELECT * FROM ({source})"

    def totals(self, names: Sequence[str]) -> Statement:
        """One row: calls, calls in progress, then for each metric have, unknown, invalid, error (not the misfits)."""
        live = self._is_live()
        parts = [dialect.count_if(f"NOT {live}"), dialect.count_if(live)]
        for name in names:
            has = self.operand(name).present
            code = self.asked(name)
            parts.append(dialect.count_if(f"NOT {live} AND {has}"))
            for codes in ("'u'", "'i', 'm'", "'e'"):
                parts.append(dialect.count_if(f"NOT {live} AND NOT {has} AND {code} IN ({codes})"))
        return self._statement(f"SELECT {', '.join(parts)} FROM calls WHERE {self.where(ended_only=False)}")

    def call_keys(
        self,
        *,
        after: tuple[datetime, int] | None,
        limit: int,
        misfits_of: str | None = None,
        order: Sequence[Order] = (),
        offset: int = 0,
    ) -> Statement:
        """Keys, ids and starts of the calls, the newest first; with `misfits_of` those it counts as not fitting."""
        where = self.where()
        if misfits_of is not None:
            where += f" AND NOT {self.operand(misfits_of).present} AND {self.asked(misfits_of)} IN ('i', 'm')"
        if after is not None:
            at, pk = dialect.timestamp(after[0]), after[1]
            where += f" AND (started < {at} OR (started = {at} AND pk < {pk}))"
        keys = [f"{self._key_of_call(each.column)} {_direction(each)}" for each in order]
        ordered = ", ".join([*keys, "started DESC", "pk DESC"])
        return self._statement(
            f"SELECT pk, id, started FROM calls WHERE {where} ORDER BY {ordered} LIMIT {limit} OFFSET {offset}"
        )

    def _key_of_call(self, name: str) -> str:
        rest = name.removeprefix("field.")
        return "started" if rest == "started_at" else dialect.field_key(rest, self._scope.offsets)

    def where(self, *, ended_only: bool = True) -> str:
        """Which calls count."""
        query, scope = self.query, self._scope
        parts = [f"account = {scope.account_pk}"]
        if scope.agent_pks is not None:
            parts.append(_one_of_agents(scope.agent_pks))
        if query.since is not None:
            parts.append(f"started >= {dialect.timestamp(query.since)}")
        if query.until is not None:
            parts.append(f"started < {dialect.timestamp(query.until)}")
        if scope.found is not None:
            parts.append(scope.found.condition(self._parameters))
        if only_live_environment(query):
            parts.append(f"environment = {dialect.quote(Environment.LIVE)}")
        if ended_only:
            parts.append(f"NOT {self._is_live()}")
        if query.filters.parts:
            parts.append(self._filter(query.filters))
        return " AND ".join(parts)

    def operand(self, name: str, *, where: str = "") -> Operand:
        """What a name means in SQL; BadInput with the nearest names where it means nothing."""
        kind, _, rest = name.partition(".")
        if kind == "field" and rest in FIELDS:
            return dialect.built_in(rest, self._scope.offsets)
        if kind == "metric" and rest in self._scope.traits:
            return dialect.metric(rest, self._scope.traits[rest])
        if kind == "metric" and rest in self._scope.others:
            return Operand("NULL::VARCHAR", "NULL::DOUBLE")
        raise self.unknown_name(name, where=where)

    def asked(self, name: str) -> str:
        """The code of what came of asking a metric's question; null where nobody asked, which is slow to find out."""
        rest = name.removeprefix("metric.")
        known = self._scope.traits.get(rest, Trait(0))
        return dialect.asked(rest) if known & (Trait.ASKED | Trait.MISFIT) else "NULL::VARCHAR"

    def unknown_name(self, name: str, *, where: str) -> BadInput:
        """The error that names the nearest known names."""
        known = [*(f"field.{each}" for each in FIELDS), *(f"metric.{each}" for each in self._names())]
        near = [found for found, _, _ in process.extract(name, known, processor=str.casefold, limit=3, score_cutoff=50)]
        hint = f"; the nearest known are {', '.join(near)}" if near else ""
        place = f"{where}: " if where else ""
        return BadInput(f"{place}there is no {name!r} in these calls{hint}", field=where or None)

    def _names(self) -> list[str]:
        return sorted({*self._scope.traits, *self._scope.others})

    def default_denominator(self, measure: Measure) -> Denominator:
        """`answered` for what questions give a value to, `calls` for the rest."""
        kind, _, rest = (measure.of or "").partition(".")
        asked = kind == "metric" and (
            Trait.ASKED in self._scope.traits.get(rest, Trait(0)) or rest in self._scope.questions
        )
        return Denominator.ANSWERED if asked else Denominator.CALLS

    def _is_live(self) -> str:
        """Calls in progress are counted apart, unless the query itself speaks of them."""
        if speaks_of_live(self.query):
            return "(false)"
        return "(status IN (" + ", ".join(dialect.quote(each) for each in sorted(LIVE)) + "))"

    def _key(self, name: str) -> str:
        if name in _BUCKETS:
            return dialect.bucket_key(_BUCKETS[name], self._scope.offsets)
        operand = self.operand(name, where="group_by")
        kind, _, rest = name.partition(".")
        if kind == "field":
            if FIELDS[rest].kind is FieldKind.TIME:
                raise BadInput(
                    "group_by: group by hour, day, week or month rather than by each moment", field="group_by"
                )
            return dialect.field_key(rest, self._scope.offsets)
        # Where some calls repeat it, others give text as well, so that both are of one type.
        return operand.text if operand.texts is not None else operand.value

    def _is_repeated(self, name: str) -> bool:
        return name.startswith("metric.") and self.operand(name, where="group_by").texts is not None

    def _aggregates(self, measure: Measure, inputs: Inputs, index: int) -> dict[str, str]:
        where = f"measures[{index}].of"
        if measure.of is None:
            return {"v": "count(*)", "n": "count(*)"}
        operand = self.operand(measure.of, where=where)
        present = inputs.take(operand.present)
        match measure.kind:
            case MeasureKind.CONVERSATIONS:
                return {"v": dialect.count_if(present), "n": dialect.count_if(present)}
            case MeasureKind.COUNT:
                writes = inputs.take(dialect.count_texts(operand))
                return {"v": f"coalesce(sum({writes}), 0)", "n": f"coalesce(sum({writes}), 0)"}
            case MeasureKind.DISTINCT:
                return self._distinct(operand, inputs)
            case MeasureKind.SHARE:
                return {"v": dialect.count_if(present), "n": "count(*)"}
            case MeasureKind.RATE:
                return self._rate(measure, operand, inputs)
        return self._numeric(measure, operand, inputs, where)

    def _distinct(self, operand: Operand, inputs: Inputs) -> dict[str, str]:
        listed = operand.texts is not None
        values = inputs.take(dialect.every_text(operand) if listed else operand.value)
        writes = inputs.take(dialect.count_texts(operand))
        return {"v": dialect.count_distinct(values, listed=listed), "n": f"coalesce(sum({writes}), 0)"}

    def _rate(self, measure: Measure, operand: Operand, inputs: Inputs) -> dict[str, str]:
        hit = inputs.take(dialect.compare(operand, Operator.EQ, measure.value, (), self._parameters))
        denominator = measure.denominator or self.default_denominator(measure)
        present = inputs.take(operand.present)
        if denominator is Denominator.CALLS:
            return {"v": dialect.count_if(hit), "n": "count(*)"}
        if denominator is Denominator.ANSWERED:
            return {"v": dialect.count_if(hit), "n": dialect.count_if(present)}
        asked = inputs.take(self.asked(measure.of or ""))
        return {"v": dialect.count_if(hit), "n": dialect.count_if(f"{present} OR {asked} <> '{MISFIT}'")}

    def _numeric(self, measure: Measure, operand: Operand, inputs: Inputs, where: str) -> dict[str, str]:
        kind, _, rest = (measure.of or "").partition(".")
        if kind == "field" and FIELDS[rest].kind is not FieldKind.NUMBER:
            raise BadInput(f"{where}: {measure.of} is no number, so it has no {measure.kind}", field=where)
        counts = f"coalesce(sum({inputs.take(dialect.per_call('count', operand))}), 0)"
        if measure.kind in _PERCENTILES:
            listed = operand.texts is not None
            numbers = inputs.take(dialect.every_number(operand) if listed else operand.number)
            return {"v": dialect.percentile(_PERCENTILES[measure.kind], numbers, listed=listed), "n": counts}
        if measure.kind in (MeasureKind.MIN, MeasureKind.MAX):
            ends = inputs.take(dialect.per_call(measure.kind.value, operand))
            return {"v": f"{measure.kind.value}({ends})", "n": counts}
        sums = f"sum({inputs.take(dialect.per_call('sum', operand))})"
        if measure.kind is MeasureKind.SUM:
            return {"v": sums, "n": counts}
        if operand.texts is None:
            number = inputs.take(operand.number)
            return {"v": f"avg({number})", "n": counts, "d": f"stddev_samp({number})"}
        deviation = dialect.deviation(
            inputs.take(dialect.lone_number(operand)), inputs.take(dialect.repeated_numbers(operand))
        )
        return {"v": f"({sums} / nullif({counts}, 0))", "n": counts, "d": deviation}

    def _filter(self, part: Filter) -> str:
        match part:
            case All(parts):
                return "(" + (" AND ".join(self._filter(each) for each in parts) or "true") + ")"
            case AnyOf(parts):
                return "(" + (" OR ".join(self._filter(each) for each in parts) or "false") + ")"
            case Not(inner):
                return f"(NOT {self._filter(inner)})"
            case Condition():
                return self._condition(part)

    def _condition(self, condition: Condition) -> str:
        operand = self.operand(condition.field, where="filters")
        value: JsonScalar | datetime = condition.value
        values: Sequence[JsonScalar | datetime] = condition.values
        if operand.moment and condition.op not in (Operator.EXISTS, Operator.NOT_EXISTS):
            if condition.op in _NO_ORDER:
                raise BadInput(f"filters: {condition.field} is a moment, which cannot be searched", field="filters")
            value = self._moment(value) if value is not None else None
            values = [self._moment(each) for each in values]
        return dialect.compare(operand, condition.op, value, values, self._parameters)  # type: ignore[arg-type]

    def _moment(self, value: JsonScalar | datetime) -> datetime:
        return read_moment(str(value), self._scope.zone, field="filters")

    def _having(self) -> str:
        conditions = [self._having_one(each) for each in self.query.having]
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _having_one(self, having: Having) -> str:
        column = self._column(having.column, "having")
        operand = Operand(column, column, base=column)
        return dialect.compare(operand, having.op, having.value, having.values, self._parameters)

    def _order(self, groups: Sequence[str]) -> str:
        asked = [f"{self._column(each.column, 'order')} {_direction(each)}" for each in self.query.order]
        every = [*asked, *(f"{group} ASC NULLS LAST" for group in groups)]
        return f" ORDER BY {', '.join(every)}" if every else ""

    def _column(self, name: str, where: str) -> str:
        """A column of the result as SQL: a group's key, or a measure's value, of rates the quotient."""
        if name in self.query.group_by:
            return f"g{self.query.group_by.index(name)}"
        for index, measure in enumerate(self.query.measures):
            if measure.name == name:
                if measure.kind in (MeasureKind.RATE, MeasureKind.SHARE):
                    return f"(v{index} / nullif(n{index}, 0))"
                return f"v{index}"
        raise BadInput(f"{where}: the result has no column {name!r}", field=where)

    def _limit(self) -> str:
        return f" LIMIT {self.query.limit}" if self.query.limit is not None else ""

    def _statement(self, sql: str) -> Statement:
        return Statement(sql, dict(self._parameters.values))


def _one_of_agents(agent_pks: frozenset[int]) -> str:
    return f"agent_pk IN ({', '.join(map(str, sorted(agent_pks)))})" if agent_pks else "false"


def _direction(order: Order) -> str:
    return f"{'DESC' if order.descending else 'ASC'} NULLS LAST"


class Inputs:
    """The columns that the measures of a statement read of each call, each made once."""

    def __init__(self) -> None:
        self._columns: dict[str, str] = {}

    def take(self, sql: str) -> str:
        """The name under which the statement has this column."""
        return self._columns.setdefault(sql, f"c{len(self._columns)}")

    def columns(self) -> list[str]:
        """Every one, named."""
        return [f"{sql} AS {alias}" for sql, alias in self._columns.items()]
