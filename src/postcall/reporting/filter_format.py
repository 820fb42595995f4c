"""Filters as JSON: `{"and": [{"field": "metric.CALL_REASON", "op": "eq", "value": "billing"}, {"or": […]}]}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard
from zoneinfo import ZoneInfo

from postcall.domain.calls import Json, JsonScalar
from postcall.domain.queries import All, AnyOf, Condition, Filter, Not, Operator
from postcall.reporting.fields import FIELDS, Field, FieldKind
from postcall.reporting.nearest import did_you_mean
from postcall.reporting.periods import read_moment
from postcall.reporting.reading import MAX_NAME, read_list, read_object, read_scalar, read_text, refuse, shown

MAX_DEPTH = 10
MAX_CONDITIONS = 200
MAX_VALUES = 1_000

LISTS = frozenset({Operator.IN, Operator.NOT_IN, Operator.BETWEEN})
"""Their value is a list."""
BARE = frozenset({Operator.EXISTS, Operator.NOT_EXISTS})
"""They have no value."""
ORDERED = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE, Operator.BETWEEN})
TEXTUAL = frozenset({Operator.CONTAINS, Operator.NOT_CONTAINS})

_SPELLINGS: dict[str, Operator] = {
    **{op.value.replace(" ", ""): op for op in Operator},
    "=": Operator.EQ,
    "==": Operator.EQ,
    "is": Operator.EQ,
    "!=": Operator.NE,
    "<>": Operator.NE,
    "neq": Operator.NE,
    "isnot": Operator.NE,
    ">": Operator.GT,
    ">=": Operator.GTE,
    "ge": Operator.GTE,
    "<": Operator.LT,
    "<=": Operator.LTE,
    "le": Operator.LTE,
    "nin": Operator.NOT_IN,
}
"""Other ways to write an operator, without spaces, hyphens and underscores."""


def read_filters(raw: object, where: str = "filters") -> All:
    """The filters; none at all, a single condition and a bare list (all of which must hold) are read as well."""
    if raw is None:
        return All()
    if isinstance(raw, list | tuple):
        raw = {"and": list(raw)}
    counter = iter(range(MAX_CONDITIONS))
    read = _read_part(raw, where, 1, counter)
    return read if isinstance(read, All) else All((read,))


def write_filters(filters: All) -> Json:
    """The same as JSON; `read_filters` reads it back as it was."""
    return _write_part(filters)


def read_operator(raw: object, where: str) -> Operator:
    """An operator in any of its spellings."""
    text = read_text(raw, where, most=MAX_NAME)
    folded = "".join(text.casefold().replace("_", " ").replace("-", " ").split())
    if folded not in _SPELLINGS:
        refuse(where, f"there is no operator {text[:50]!r}{did_you_mean(text, [op.value for op in Operator])}")
    return _SPELLINGS[folded]


def read_name(raw: object, where: str) -> str:
    """`field.NAME` of a field that there is, or `metric.NAME` with any name: which metrics there are the calls say."""
    name = read_text(raw, where, most=MAX_NAME)
    kind, _, rest = name.partition(".")
    if not (kind == "metric" and rest.strip()) and not (kind == "field" and rest in FIELDS):
        refuse(where, f"there is no {name[:100]!r}{did_you_mean(name, known_fields())}; a metric's name is metric.NAME")
    return name


def known_fields() -> tuple[str, ...]:
    """Every `field.NAME`."""
    return tuple(f"field.{name}" for name in FIELDS)


def field_of(name: str) -> Field | None:
    """The field of a `field.NAME`; None for a metric."""
    kind, _, rest = name.partition(".")
    return FIELDS.get(rest) if kind == "field" else None


def make_condition(name: str, op: Operator, given: object, where: str, *, in_parts: bool = False) -> Condition:
    """A condition whose value fits its operator and its field; `given` is a list for `in`, `not in` and `between`.

    `in_parts`: what is at fault is at `where.op` or `where.value`, otherwise at `where`.
    """
    value_at = f"{where}.value" if in_parts else where
    field = field_of(name)
    if field is not None:
        _check_operator(field, op, f"{where}.op" if in_parts else where)
    if op in BARE:
        if given is not None:
            refuse(value_at, f"{op.value!r} takes no value")
        return Condition(name, op)
    if op in LISTS:
        return Condition(name, op, values=_read_values(op, given, field, value_at))
    return Condition(name, op, value=_read_value(op, given, field, value_at))


def _read_part(raw: object, where: str, depth: int, counter: Iterator[int]) -> Filter:
    if depth > MAX_DEPTH:
        refuse(where, f"filters may be nested at most {MAX_DEPTH} levels deep")
    given = read_object(raw, where, ("and", "or", "not", "field", "op", "value"))
    joined = [key for key in ("and", "or", "not") if key in given]
    if not joined:
        if next(counter, None) is None:
            refuse(where, f"at most {MAX_CONDITIONS} conditions are taken")
        return _read_condition(given, where)
    if len(given) > 1:
        refuse(where, f"{joined[0]!r} must stand alone in its object, without {_others(given, joined[0])}")
    key, inner = joined[0], f"{where}.{joined[0]}"
    if key == "not":
        return Not(_read_part(given[key], inner, depth + 1, counter))
    parts = tuple(
        _read_part(part, f"{inner}[{index}]", depth + 1, counter)
        for index, part in enumerate(read_list(given[key], inner, most=MAX_CONDITIONS))
    )
    return All(parts) if key == "and" else AnyOf(parts)


def _others(given: dict[str, object], key: str) -> str:
    return ", ".join(repr(other) for other in given if other != key)


def _read_condition(given: dict[str, object], where: str) -> Condition:
    if "field" not in given:
        refuse(f"{where}.field", 'a condition must name a field, as in {"field": "field.channel", "op": "eq", …}')
    if "op" not in given:
        refuse(f"{where}.op", "a condition must say how to compare, such as eq")
    name = read_name(given["field"], f"{where}.field")
    op = read_operator(given["op"], f"{where}.op")
    return make_condition(name, op, given.get("value"), where, in_parts=True)


def _check_operator(field: Field, op: Operator, where: str) -> None:
    if op in TEXTUAL and field.kind is not FieldKind.TEXT:
        refuse(where, f"field.{field.name} is no text, so it cannot be searched with {op.value!r}")
    if op in ORDERED and field.kind is FieldKind.BOOLEAN:
        refuse(where, f"field.{field.name} is true or false; compare it with eq or ne")


def _read_values(op: Operator, given: object, field: Field | None, where: str) -> tuple[JsonScalar, ...]:
    if not isinstance(given, list | tuple):
        refuse(where, f"{op.value!r} takes a list of values")
    items = read_list(given, where, most=MAX_VALUES)
    if op is Operator.BETWEEN and len(items) != 2:
        refuse(where, f"'between' takes two values, the lower and the upper, not {len(items)}")
    if not items:
        refuse(where, f"{op.value!r} needs at least one value")
    values = tuple(_read_value(op, item, field, f"{where}[{index}]") for index, item in enumerate(items))
    if op is Operator.BETWEEN and isinstance(values[0], str) != isinstance(values[1], str):
        refuse(where, "'between' takes two numbers, or two texts")
    return values


def _read_value(op: Operator, given: object, field: Field | None, where: str) -> JsonScalar:
    if given is None:
        refuse(where, "a value is needed; to ask whether there is one, use 'exists' or 'not exists'")
    value = read_scalar(given, where)
    if op in TEXTUAL and not (isinstance(value, str) and value):
        refuse(where, f"{op.value!r} takes a text that is not empty")
    if op in ORDERED and isinstance(value, bool):
        refuse(where, f"{op.value!r} takes a number or a text, not true or false")
    if field is not None and op not in TEXTUAL:
        _check_value(field, value, op, where)
    return value


def _check_value(field: Field, value: JsonScalar, op: Operator, where: str) -> None:
    said = f"field.{field.name}"
    if field.kind is FieldKind.BOOLEAN and not isinstance(value, bool):
        refuse(where, f"{said} is true or false, not {shown(value)}")
    if field.kind is FieldKind.NUMBER and not is_number(value):
        refuse(where, f"{said} is a number, not {shown(value)}")
    if field.kind is FieldKind.TIME:
        if not isinstance(value, str):
            refuse(where, f"{said} is compared with a date or time such as '2026-03-01', not {shown(value)}")
        read_moment(value, ZoneInfo("UTC"), field=where)
    if field.kind is FieldKind.TEXT:
        if not isinstance(value, str):
            refuse(where, f"{said} is text, not {shown(value)}")
        if field.values and op not in ORDERED and value not in field.values:
            refuse(where, f"{said} is never {value[:100]!r}{did_you_mean(value, field.values)}")


def is_number(value: JsonScalar) -> TypeGuard[int | float]:
    """Whether it is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _write_part(part: Filter) -> dict[str, Json]:
    if isinstance(part, All):
        return {"and": [_write_part(each) for each in part.parts]}
    if isinstance(part, AnyOf):
        return {"or": [_write_part(each) for each in part.parts]}
    if isinstance(part, Not):
        return {"not": _write_part(part.part)}
    written: dict[str, Json] = {"field": part.field, "op": part.op.value}
    if part.op in LISTS:
        written["value"] = list(part.values)
    elif part.op not in BARE:
        written["value"] = part.value
    return written
