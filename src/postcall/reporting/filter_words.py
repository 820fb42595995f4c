"""Filters as people say them: `CALL_REASON is billing and duration at least 60 s`."""

from __future__ import annotations

from postcall.domain.calls import JsonScalar
from postcall.domain.queries import All, AnyOf, Bucket, Condition, Filter, Not, Operator
from postcall.reporting.filter_format import field_of
from postcall.reporting.nearest import listed

_UNITS = {"duration": " s", "latency": " s"}
_WORDS = {
    Operator.EQ: "is",
    Operator.NE: "is not",
    Operator.GT: "over",
    Operator.GTE: "at least",
    Operator.LT: "under",
    Operator.LTE: "at most",
    Operator.CONTAINS: "contains",
    Operator.NOT_CONTAINS: "does not contain",
    Operator.IN: "is",
    Operator.NOT_IN: "is neither",
    Operator.EXISTS: "has a value",
    Operator.NOT_EXISTS: "has no value",
}
_TIME_WORDS = {Operator.GT: "after", Operator.GTE: "from", Operator.LT: "before", Operator.LTE: "until"}
_MOST = 5
"""Values of a list that are spelled out."""


def filters_in_words(filters: All) -> str:
    """All filters in one line; empty where there are none."""
    return " and ".join(part_in_words(part, inside=len(filters.parts) > 1) for part in filters.parts)


def part_in_words(part: Filter, *, inside: bool = False) -> str:
    """A condition, or several with `and`, `or` and `not`; in brackets where it stands inside of others."""
    if isinstance(part, Condition):
        return condition_in_words(part)
    if isinstance(part, Not):
        return f"not ({part_in_words(part.part)})"
    if not part.parts:
        return "anything" if isinstance(part, All) else "nothing"
    alone = len(part.parts) == 1
    joined = (" and " if isinstance(part, All) else " or ").join(
        part_in_words(each, inside=not alone) for each in part.parts
    )
    return joined if alone or not inside or not isinstance(part, AnyOf | All) else f"({joined})"


def condition_in_words(condition: Condition) -> str:
    """`CALL_REASON is billing`, `duration at least 60 s`."""
    name, op = name_in_words(condition.field), condition.op
    timed = condition.field == "field.started_at"
    if op in {Operator.EXISTS, Operator.NOT_EXISTS}:
        return f"{name} {_WORDS[op]}"
    if op is Operator.BETWEEN:
        low, high = (_said(condition, value) for value in condition.values)
        return f"{name} between {low} and {high}"
    if op in {Operator.IN, Operator.NOT_IN}:
        return f"{name} {_several(condition)}"
    word = _TIME_WORDS.get(op, _WORDS[op]) if timed else _WORDS[op]
    return f"{name} {word} {_said(condition, condition.value)}"


def name_in_words(name: str) -> str:
    """A field by its label, a metric by its name, a bucket as it is; as it stands within a sentence."""
    field = field_of(name)
    if field is not None:
        return field.label[0].lower() + field.label[1:]
    return name.removeprefix("metric.")


def title_of(name: str) -> str:
    """The same as the head of a column."""
    field = field_of(name)
    if field is not None:
        return field.label
    return name.capitalize() if name in set(Bucket) else name.removeprefix("metric.")


def value_in_words(value: JsonScalar) -> str:
    """`yes`, `5`, `billing`; a text that is empty or has spaces at its ends stands in quotation marks."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}"
    text = str(value)
    return text if text and text == text.strip() else f"“{text}”"


def _several(condition: Condition) -> str:
    said = [_said(condition, value) for value in condition.values]
    if len(said) > _MOST:
        said = [*said[: _MOST - 1], f"{len(said) - _MOST + 1} more"]
    negated = condition.op is Operator.NOT_IN
    if len(said) == 1:
        return f"{'is not' if negated else 'is'} {said[0]}"
    return f"{_WORDS[condition.op]} {listed(said, 'nor' if negated else 'or')}"


def _said(condition: Condition, value: JsonScalar) -> str:
    words = value_in_words(value)
    if condition.op in {Operator.CONTAINS, Operator.NOT_CONTAINS}:
        return words if words.startswith("“") else f"“{words}”"
    field = field_of(condition.field)
    return words + _UNITS.get(field.name, "") if field else words
