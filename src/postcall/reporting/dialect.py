"""What reports say to DuckDB: the pieces of SQL that another columnar database would word differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from postcall.domain.calls import JsonScalar
from postcall.domain.queries import Bucket, Operator
from postcall.reporting.fields import WEEKDAYS
from postcall.reporting.projection import Trait

Offsets = Sequence[tuple[datetime | None, int]]


@dataclass(slots=True)
class Parameters:
    """The values of a statement, which never stand in its text."""

    values: dict[str, object] = field(default_factory=dict)

    def add(self, value: object) -> str:
        """Where the value goes in the text."""
        name = f"p{len(self.values) + 1}"
        self.values[name] = value
        return f"${name}"


@dataclass(frozen=True, slots=True)
class Operand:
    """One name as SQL over a row of calls."""

    text: str
    """Its (last) value as text; null where there is none."""
    number: str
    """The same as a number; null where it is none."""
    texts: str | None = None
    """Every write as a list of texts; None where no call has several."""
    moment: bool = False
    """Whether `text` is a timestamp rather than text."""

    @property
    def present(self) -> str:
        """Whether there is a value."""
        return f"({self.text} IS NOT NULL)"


def quote(text: str) -> str:
    """A text within a statement."""
    return "'" + text.replace("'", "''") + "'"


def metric(name: str, trait: Trait) -> Operand:
    """A metric of the semi-structured column."""
    value = f"variant_extract(metrics, {quote(name)})"
    text = f"TRY_CAST({value} AS VARCHAR)"
    number = as_number(text) if trait & (Trait.TEXT | Trait.BOOLEAN) else f"TRY_CAST({value} AS DOUBLE)"
    texts = None
    if Trait.REPEATED in trait:
        texts = f"coalesce(TRY_CAST(variant_extract(writes, {quote(name)}) AS VARCHAR[]), [{text}])"
    return Operand(text, number, texts)


def as_number(text: str) -> str:
    """A text as a number: true is 1 and false 0; what is no number, or none that a sum survives, is null."""
    number = f"TRY_CAST({text} AS DOUBLE)"
    return (
        f"(CASE {text} WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE CASE WHEN isfinite({number}) THEN {number} END END)"
    )


def asked(name: str) -> str:
    """The code of what came of asking a question."""
    return f"TRY_CAST(variant_extract(asked, {quote(name)}) AS VARCHAR)"


_PLAIN = {
    "agent": "agent",
    "channel": "channel",
    "direction": "direction",
    "environment": "environment",
    "variant": "variant",
    "language": "language",
    "status": "status",
    "disconnection_reason": "disconnection_reason",
    "handoff_destination": "handoff_destination",
    "handoff_reason": "handoff_reason",
    "from_number": "from_number",
    "to_number": "to_number",
    "id": "id",
}
_NUMBERS = {
    "version": "version",
    "duration": "duration",
    "turns": "(user_turns + agent_turns)",
    "user_turns": "user_turns",
    "agent_turns": "agent_turns",
    "latency": "latency",
}
_BOOLEANS = {"handoff": "handoff", "extracted": "extracted"}


def built_in(name: str, offsets: Offsets) -> Operand:
    """A field that every call has."""
    if name in _PLAIN:
        return Operand(_PLAIN[name], "NULL::DOUBLE")
    if name in _NUMBERS:
        return Operand(f"{_NUMBERS[name]}::VARCHAR", f"{_NUMBERS[name]}::DOUBLE")
    if name in _BOOLEANS:
        return Operand(f"{_BOOLEANS[name]}::VARCHAR", f"{_BOOLEANS[name]}::DOUBLE")
    local = local_time(offsets)
    if name == "hour":
        return Operand(f"extract('hour' FROM {local})::VARCHAR", f"extract('hour' FROM {local})::DOUBLE")
    if name == "weekday":
        days = "[" + ", ".join(quote(day) for day in WEEKDAYS) + "]"
        return Operand(f"{days}[isodow({local})]", "NULL::DOUBLE")
    return Operand("started", "NULL::DOUBLE", moment=True)


def field_key(name: str, offsets: Offsets) -> str:
    """What calls are grouped by: of the field's own type, so that 10 comes after 9 and Tuesday after Monday."""
    if name in _PLAIN:
        return _PLAIN[name]
    if name == "hour":
        return f"extract('hour' FROM {local_time(offsets)})"
    if name == "weekday":
        return f"isodow({local_time(offsets)})"
    return {**_NUMBERS, **_BOOLEANS}[name]


def local_time(offsets: Offsets) -> str:
    """The start of the call by the clock on the wall. DuckDB's own conversion by a zone's name costs ten times that."""
    if len(offsets) == 1:
        seconds = offsets[0][1]
        return f"(started + INTERVAL ({seconds}) SECOND)" if seconds else "started"
    return f"(started + to_seconds({_offset(offsets)}))"


def _offset(offsets: Offsets) -> str:
    """The offset in force when the call started: the first that ends after it."""
    if len(offsets) == 1:
        return str(offsets[0][1])
    whens = [
        f"WHEN started < {timestamp(following)} THEN {seconds}"
        for (_, seconds), (following, _) in pairwise(offsets)
        if following is not None
    ]
    return f"(CASE {' '.join(whens)} ELSE {offsets[-1][1]} END)"


def bucket_key(bucket: Bucket, offsets: Offsets) -> str:
    """The bucket of a call: the date of its first day, or for an hour a number that `split_hour` reads."""
    start = f"date_trunc('{bucket.value}', {local_time(offsets)})"
    if bucket is not Bucket.HOUR:
        return f"{start}::DATE"
    return f"(epoch_us({start}) + {_offset(offsets)} + {_DAY_S})"


_DAY_S = 86_400
_HOUR_US = 3_600_000_000


def split_hour(key: int) -> tuple[datetime, int]:
    """The local time at which an hour begins, and its offset in seconds."""
    start, rest = divmod(key, _HOUR_US)
    return datetime.fromtimestamp(start * 3600, UTC).replace(tzinfo=None), rest - _DAY_S


def timestamp(moment: datetime) -> str:
    """A moment as the index holds it: in UTC, without saying so."""
    return f"TIMESTAMP '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"


def compare(
    operand: Operand, op: Operator, value: JsonScalar, values: Sequence[JsonScalar], parameters: Parameters
) -> str:
    """Whether the operand's value, or any of its writes, compares so; never null."""
    if op is Operator.EXISTS:
        return operand.present
    if op is Operator.NOT_EXISTS:
        return f"(NOT {operand.present})"
    if operand.texts is None:
        return f"coalesce({_test(operand.text, operand.number, op, value, values, parameters)}, false)"
    test = _test("x", as_number("x"), op, value, values, parameters)
    return f"(len(list_filter({operand.texts}, lambda x: x IS NOT NULL AND {test})) > 0)"


_SIGNS = {
    Operator.EQ: "=",
    Operator.NE: "<>",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
}


def _test(
    text: str, number: str, op: Operator, value: JsonScalar, values: Sequence[JsonScalar], parameters: Parameters
) -> str:
    if op in (Operator.IN, Operator.NOT_IN):
        any_of = " OR ".join(_same(text, number, each, parameters) for each in values) or "false"
        return f"({text} IS NOT NULL AND {'NOT ' if op is Operator.NOT_IN else ''}coalesce({any_of}, false))"
    if op in (Operator.CONTAINS, Operator.NOT_CONTAINS):
        inside = f"contains(lower({text}), lower({parameters.add(str(value))}))"
        return inside if op is Operator.CONTAINS else f"NOT {inside}"
    if op is Operator.BETWEEN:
        low, high = values
        lower = _ordered(text, number, Operator.GTE, low, parameters)
        return f"({lower} AND {_ordered(text, number, Operator.LTE, high, parameters)})"
    if op is Operator.EQ:
        return _same(text, number, value, parameters)
    if op is Operator.NE:
        return f"({text} IS NOT NULL AND NOT coalesce({_same(text, number, value, parameters)}, false))"
    return _ordered(text, number, op, value, parameters)


def _same(text: str, number: str, value: JsonScalar | datetime, parameters: Parameters) -> str:
    if isinstance(value, datetime):
        return f"{text} = {timestamp(value)}"
    if isinstance(value, bool):
        return f"{text} = {quote('true' if value else 'false')}"
    if isinstance(value, int | float):
        # "true" reads as the number 1, and is none.
        return f"({number} = {parameters.add(float(value))} AND {text} NOT IN ('true', 'false'))"
    return f"{text} = {parameters.add(value)}"


def _ordered(text: str, number: str, op: Operator, value: JsonScalar | datetime, parameters: Parameters) -> str:
    sign = _SIGNS[op]
    if isinstance(value, datetime):
        return f"{text} {sign} {timestamp(value)}"
    if isinstance(value, int | float):
        return f"{number} {sign} {parameters.add(float(value))}"
    return f"{text} {sign} {parameters.add(value)}"


# --- aggregates -----------------------------------------------------------------------------------------------------


def count_if(condition: str) -> str:
    """How many rows meet the condition."""
    return f"count(*) FILTER ({condition})"


def aggregate(kind: str, operand: Operand) -> str:
    """`sum`, `average`, `min`, `max` or a percentile such as 0.95 over every numeric write."""
    if operand.texts is None:
        return _scalar_aggregate(kind, operand.number)
    numbers = _all_numbers(operand.texts)
    if kind == "average":
        return f"list_aggregate({numbers}, 'avg')"
    if kind in ("sum", "min", "max", "stddev_samp"):
        return f"list_aggregate({numbers}, '{kind}')"
    return f"list_aggregate({numbers}, 'quantile_cont', {kind})"


def _scalar_aggregate(kind: str, number: str) -> str:
    if kind == "average":
        return f"avg({number})"
    if kind in ("sum", "min", "max", "stddev_samp"):
        return f"{kind}({number})"
    return f"quantile_cont({number}, {kind})"


def _all_numbers(texts: str) -> str:
    cast = f"lambda x: {as_number('x')}"
    return f"list_filter(flatten(list(list_transform({texts}, {cast}))), lambda y: y IS NOT NULL)"


def count_numbers(operand: Operand) -> str:
    """How many numeric values went into an aggregate."""
    if operand.texts is None:
        return f"count({operand.number})"
    return f"coalesce(len({_all_numbers(operand.texts)}), 0)"


def count_values(operand: Operand) -> str:
    """How many values there are, every write counted."""
    if operand.texts is None:
        return f"count({operand.text})"
    return f"coalesce(sum(len(list_filter({operand.texts}, lambda x: x IS NOT NULL))), 0)"


def count_distinct(operand: Operand) -> str:
    """How many different values there are."""
    if operand.texts is None:
        return f"count(DISTINCT {operand.text})"
    return f"coalesce(len(list_distinct(flatten(list({operand.texts})))), 0)"


def each_value(operand: Operand) -> str:
    """The value to group by; where calls have several, the list of the different ones, or of none at all."""
    if operand.texts is None:
        return operand.text
    return f"(CASE WHEN {operand.text} IS NULL THEN [NULL]::VARCHAR[] ELSE list_distinct({operand.texts}) END)"
