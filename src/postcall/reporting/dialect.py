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
    base: str = ""
    """The value as it is kept, which is the quickest to read; `text` where nothing is quicker."""
    flag: bool = False
    """Whether `base` is a boolean."""
    texts: str | None = None
    """Every write as a list of texts, for calls that repeat some write; None where no call repeats this one."""
    moment: bool = False
    """Whether `text` is a timestamp rather than text."""

    @property
    def value(self) -> str:
        """The value as it is kept."""
        return self.base or self.text

    @property
    def present(self) -> str:
        """Whether there is a value."""
        return f"({self.value} IS NOT NULL)"


def quote(text: str) -> str:
    """A text within a statement."""
    return "'" + text.replace("'", "''") + "'"


def metric(name: str, trait: Trait) -> Operand:
    """A metric of the semi-structured column.

    What all calls have of one kind DuckDB keeps as a column of that type, which it reads at once; a cast to any other
    type makes it put every row's value together first.
    """
    value = f"variant_extract(metrics, {quote(name)})"
    texts = f"TRY_CAST(variant_extract(writes, {quote(name)}) AS VARCHAR[])" if Trait.REPEATED in trait else None
    kinds = trait & (Trait.BOOLEAN | Trait.NUMBER | Trait.TEXT | Trait.WIDE)
    if kinds == Trait.BOOLEAN:
        flag = f"TRY_CAST({value} AS BOOLEAN)"
        text = f"(CASE WHEN {flag} THEN 'true' WHEN NOT {flag} THEN 'false' END)"
        return Operand(text, f"{flag}::DOUBLE", base=flag, flag=True, texts=texts)
    if kinds == Trait.NUMBER:
        number = f"TRY_CAST({value} AS DOUBLE)"
        return Operand(spelled(number), number, base=number, texts=texts)
    text = f"TRY_CAST({value} AS VARCHAR)"
    if kinds & (Trait.NUMBER | Trait.WIDE):
        number = spelled(f"TRY_CAST({value} AS DOUBLE)")
        text = f"(CASE WHEN variant_typeof({value}) = 'DOUBLE' THEN {number} ELSE {text} END)"
    return Operand(text, as_number(text), texts=texts)


def spelled(number: str) -> str:
    """A number as text: 5.0 is 5."""
    whole = f"{number} = trunc({number}) AND abs({number}) < 9007199254740992"
    return f"(CASE WHEN {whole} THEN {number}::BIGINT::VARCHAR ELSE {number}::VARCHAR END)"


def as_number(text: str) -> str:
    """A text as a number: true is 1 and false 0; what is no number, or none that a sum survives, is null."""
    number = f"TRY_CAST({text} AS DOUBLE)"
    return (
        f"(CASE {text} WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE CASE WHEN isfinite({number}) THEN {number} END END)"
    )


def asked(name: str) -> str:
    """The code of what came of asking a question."""
    return f"TRY_CAST(variant_extract(asked, {quote(name)}) AS VARCHAR)"


_SAME = (
    "agent", "channel", "direction", "environment", "variant", "language", "status", "disconnection_reason",
    "handoff_destination", "handoff_reason", "from_number", "to_number", "campaign", "campaign_id", "id",
)  # fmt: skip
_PLAIN = {
    **{name: name for name in _SAME},
    "user_number": "(CASE WHEN direction = 'outbound' THEN to_number ELSE from_number END)",
}
_NUMBERS = {
    "version": "version",
    "duration": "duration",
    "turns": "(user_turns + agent_turns)",
    "user_turns": "user_turns",
    "agent_turns": "agent_turns",
    "latency": "latency",
    "attempt": "attempt",
    "cost": "cost",
}
_BOOLEANS = {"handoff": "handoff", "extracted": "extracted", "placed": "(attempt IS NOT NULL)"}
_OF_DAY = {"hour": "extract('hour' FROM {local})", "minute": "date_diff('minute', {local}::DATE, {local})"}
"""Numbers of the clock on the wall."""


def built_in(name: str, offsets: Offsets) -> Operand:
    """A field that every call has."""
    if name in _PLAIN:
        return Operand(_PLAIN[name], "NULL::DOUBLE")
    if name in _NUMBERS:
        return Operand(f"{_NUMBERS[name]}::VARCHAR", f"{_NUMBERS[name]}::DOUBLE")
    if name in _BOOLEANS:
        return Operand(f"{_BOOLEANS[name]}::VARCHAR", f"{_BOOLEANS[name]}::DOUBLE")
    local = local_time(offsets)
    if name in _OF_DAY:
        number = _OF_DAY[name].format(local=local)
        return Operand(f"{number}::VARCHAR", f"{number}::DOUBLE")
    if name == "weekday":
        days = "[" + ", ".join(quote(day) for day in WEEKDAYS) + "]"
        return Operand(f"{days}[isodow({local})]", "NULL::DOUBLE")
    return Operand("started", "NULL::DOUBLE", moment=True)


def field_key(name: str, offsets: Offsets) -> str:
    """What calls are grouped by: of the field's own type, so that 10 comes after 9 and Tuesday after Monday."""
    if name in _PLAIN:
        return _PLAIN[name]
    if name in _OF_DAY:
        return _OF_DAY[name].format(local=local_time(offsets))
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
    # Microseconds since 1970 in UTC, so that autumn's two same hours stand in their order, and the offset's seconds.
    return f"(epoch_us({start}) - {_SECOND_US - 1}::BIGINT * {_offset(offsets)} + {_DAY_S})"


_DAY_S = 86_400
_SECOND_US = 1_000_000


def split_hour(key: int) -> tuple[datetime, int]:
    """The local time at which an hour begins, and its offset in seconds."""
    start, rest = divmod(key, _SECOND_US)
    offset = rest - _DAY_S
    return datetime.fromtimestamp(start + offset, UTC).replace(tzinfo=None), offset


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
    if operand.flag:  # an address and a form's field have no other way of saying it
        value, values = _as_flag(value), [_as_flag(each) for each in values]
    scalar = f"coalesce({_test(operand, op, value, values, parameters)}, false)"
    if operand.texts is None:
        return scalar
    inner = _test(Operand("x", as_number("x")), op, value, values, parameters)
    any_of = f"len(list_filter({operand.texts}, lambda x: {inner})) > 0"
    return f"(CASE WHEN repeats AND {operand.texts} IS NOT NULL THEN {any_of} ELSE {scalar} END)"


_FLAGS: dict[str, bool] = {"yes": True, "true": True, "no": False, "false": False}


def _as_flag(value: JsonScalar) -> JsonScalar:
    return _FLAGS.get(value.casefold(), value) if isinstance(value, str) else value


_SIGNS = {
    Operator.EQ: "=",
    Operator.NE: "<>",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
}


def _test(
    operand: Operand, op: Operator, value: JsonScalar, values: Sequence[JsonScalar], parameters: Parameters
) -> str:
    if op in (Operator.IN, Operator.NOT_IN):
        any_of = _same_as_any(operand, values, parameters)
        return f"({operand.present} AND {'NOT ' if op is Operator.NOT_IN else ''}coalesce({any_of}, false))"
    if op in (Operator.CONTAINS, Operator.NOT_CONTAINS):
        inside = f"contains(lower({operand.text}), lower({parameters.add(str(value))}))"
        return inside if op is Operator.CONTAINS else f"NOT {inside}"
    if op is Operator.BETWEEN:
        low, high = values
        lower = _ordered(operand, Operator.GTE, low, parameters)
        return f"({lower} AND {_ordered(operand, Operator.LTE, high, parameters)})"
    if op is Operator.EQ:
        return _same(operand, value, parameters)
    if op is Operator.NE:
        return f"({operand.present} AND NOT coalesce({_same(operand, value, parameters)}, false))"
    return _ordered(operand, op, value, parameters)


def _same_as_any(operand: Operand, values: Sequence[JsonScalar | datetime], parameters: Parameters) -> str:
    """Whether it is one of them. Numbers and texts go in at once: a thousand comparisons take seconds to plan."""
    numbers = [each for each in values if _is_number(each)]
    texts = [each for each in values if not _is_number(each) and not isinstance(each, bool | datetime)]
    parts = [_same(operand, each, parameters) for each in values if isinstance(each, bool | datetime)]
    if texts:
        parts.append(f"{operand.text} IN ({', '.join(parameters.add(str(each)) for each in texts)})")
    if numbers and not operand.flag:
        wanted = f"{operand.number} IN ({', '.join(parameters.add(float(str(each))) for each in numbers)})"
        pure = operand.base == operand.number
        parts.append(wanted if pure else f"({wanted} AND {operand.text} NOT IN ('true', 'false'))")
    return " OR ".join(parts) or "false"


def _same(operand: Operand, value: JsonScalar | datetime, parameters: Parameters) -> str:
    if isinstance(value, datetime):
        return f"{operand.text} = {timestamp(value)}"
    if isinstance(value, bool):
        if operand.flag:
            return operand.value if value else f"(NOT {operand.value})"
        return f"{operand.text} = {quote('true' if value else 'false')}"
    if _is_number(value):
        if operand.flag:  # true counts as 1 in sums, and is no number all the same
            return "false"
        wanted = f"{operand.number} = {parameters.add(float(str(value)))}"
        if operand.base == operand.number:
            return wanted
        return f"({wanted} AND {operand.text} NOT IN ('true', 'false'))"
    return f"{operand.text} = {parameters.add(str(value))}"


def _is_number(value: object) -> bool:
    """Whether it can be compared as a float, which tells it from its neighbours; true and false are no numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53


def _ordered(operand: Operand, op: Operator, value: JsonScalar | datetime, parameters: Parameters) -> str:
    sign = _SIGNS[op]
    if isinstance(value, datetime):
        return f"{operand.text} {sign} {timestamp(value)}"
    if isinstance(value, int | float):
        return f"{operand.number} {sign} {parameters.add(float(value))}"
    return f"{operand.text} {sign} {parameters.add(value)}"


# --- aggregates -----------------------------------------------------------------------------------------------------


def count_if(condition: str) -> str:
    """How many rows meet the condition."""
    return f"count(*) FILTER ({condition})"


def per_call(kind: str, operand: Operand) -> str:
    """What one call brings to an aggregate: its `sum`, `count`, `min` or `max` over its numeric writes."""
    number = operand.number
    alone = {
        "sum": number,
        "count": f"({number} IS NOT NULL)::BIGINT",
        "min": number,
        "max": number,
    }[kind]
    if operand.texts is None:
        return alone
    numbers = _numbers(operand.texts)
    together = {
        "sum": f"list_sum({numbers})",
        "count": f"len({numbers})",
        "min": f"list_min({numbers})",
        "max": f"list_max({numbers})",
    }[kind]
    return f"(CASE WHEN repeats AND {operand.texts} IS NOT NULL THEN {together} ELSE {alone} END)"


def lone_number(operand: Operand) -> str:
    """The number of a call that does not repeat it."""
    return f"(CASE WHEN repeats AND {operand.texts} IS NOT NULL THEN NULL ELSE {operand.number} END)"


def repeated_numbers(operand: Operand) -> str:
    """The numbers of a call that repeats it, as a list."""
    return f"(CASE WHEN repeats AND {operand.texts} IS NOT NULL THEN {_numbers(operand.texts or '')} END)"


def deviation(lone: str, repeated: str) -> str:
    """The sample deviation of both kinds of numbers together, by the formula of Chan, Golub and LeVeque (1979).

    Sums of squares would lose every digit of numbers that are large beside their differences, such as moments.
    """
    flat = f"flatten(list({repeated}) FILTER ({repeated} IS NOT NULL))"
    n1, n2 = f"count({lone})", f"coalesce(len({flat}), 0)"
    squares1 = f"coalesce(var_pop({lone}) * {n1}, 0)"
    squares2 = f"coalesce(list_aggregate({flat}, 'var_pop') * {n2}, 0)"
    apart = f"coalesce(pow(avg({lone}) - list_aggregate({flat}, 'avg'), 2) * {n1} * {n2} / nullif({n1} + {n2}, 0), 0)"
    return f"sqrt(({squares1} + {squares2} + {apart}) / nullif({n1} + {n2} - 1, 0))"


def _numbers(texts: str) -> str:
    return f"list_filter(list_transform({texts}, lambda x: {as_number('x')}), lambda y: y IS NOT NULL)"


def every_number(operand: Operand) -> str:
    """A call's numeric writes as a list, for percentiles, which cannot be put together from parts."""
    return _either(operand, _numbers(operand.texts or ""), f"[{operand.number}]")


def every_text(operand: Operand) -> str:
    """A call's writes as a list of texts."""
    return _either(operand, operand.texts or "", f"[{operand.text}]")


def _either(operand: Operand, together: str, alone: str) -> str:
    return f"(CASE WHEN repeats AND {operand.texts} IS NOT NULL THEN {together} ELSE {alone} END)"


def percentile(share: str, numbers: str, *, listed: bool) -> str:
    """By linear interpolation between the two nearest values."""
    if not listed:
        return f"quantile_cont({numbers}, {share})"
    flat = f"list_filter(flatten(list({numbers})), lambda y: y IS NOT NULL)"
    return f"list_aggregate({flat}, 'quantile_cont', {share})"


def count_distinct(values: str, *, listed: bool) -> str:
    """How many different values there are."""
    if not listed:
        return f"count(DISTINCT {values})"
    return f"coalesce(len(list_distinct(flatten(list({values})))), 0)"


def count_texts(operand: Operand) -> str:
    """How many writes a call has."""
    alone = f"{operand.present}::BIGINT"
    return alone if operand.texts is None else _either(operand, f"len({operand.texts})", alone)


def different_values(operand: Operand) -> str:
    """The different values of a call that repeats some write, as a list; one of nothing where it has none."""
    alone = f"[{operand.text}]"
    return f"(CASE WHEN {operand.texts} IS NOT NULL THEN list_distinct({operand.texts}) ELSE {alone} END)"
