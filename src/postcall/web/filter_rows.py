"""The form that builds filters: a row for each condition, all or any of which must hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.calls import JsonScalar
from postcall.domain.queries import All, AnyOf, Condition, Filter, Operator
from postcall.errors import BadInput
from postcall.reporting.fields import FIELDS, FieldKind
from postcall.reporting.filter_format import BARE, LISTS, MAX_CONDITIONS, field_of, make_condition, read_name
from postcall.reporting.filter_words import name_in_words, value_in_words
from postcall.reporting.reports import KnownName
from postcall.reporting.spellings import read_number_text, spellings
from postcall.web.list_query import value_of_text

NAME, OP, VALUE, JOIN, DO = "f_name", "f_op", "f_value", "f_join", "do"
FORM_ONLY = frozenset({NAME, OP, VALUE, JOIN, DO})
"""Fields of the form; once it is sent they become `filters`."""
OPERATORS: tuple[tuple[Operator, str], ...] = (
    (Operator.EQ, "is"),
    (Operator.NE, "is not"),
    (Operator.GT, "is over"),
    (Operator.GTE, "is at least"),
    (Operator.LT, "is under"),
    (Operator.LTE, "is at most"),
    (Operator.BETWEEN, "is between"),
    (Operator.IN, "is one of"),
    (Operator.NOT_IN, "is none of"),
    (Operator.CONTAINS, "contains"),
    (Operator.NOT_CONTAINS, "does not contain"),
    (Operator.EXISTS, "has a value"),
    (Operator.NOT_EXISTS, "has no value"),
)
_LARGEST_LIST = 200


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One condition as it stands in the form."""

    name: str = ""
    op: str = Operator.EQ.value
    value: str = ""


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The rows, and what of the filters is too deep for rows."""

    rows: tuple[FilterRow, ...]
    any: bool = False
    """One of the rows is enough; otherwise all must hold."""
    rest: tuple[Filter, ...] = ()
    """Kept beside the rows, and shown as chips."""


def rows_of(filters: All) -> FilterForm:
    """The filters as rows."""
    if len(filters.parts) == 1 and isinstance(filters.parts[0], AnyOf):
        inner = filters.parts[0].parts
        if inner and all(isinstance(part, Condition) for part in inner):
            return FilterForm(tuple(_row_of(part) for part in inner if isinstance(part, Condition)), any=True)
    return FilterForm(
        tuple(_row_of(part) for part in filters.parts if isinstance(part, Condition)),
        rest=tuple(part for part in filters.parts if not isinstance(part, Condition)),
    )


def read_form(given: Sequence[tuple[str, str]], rest: tuple[Filter, ...]) -> FilterForm:
    """The form as it was sent."""
    names, ops, values = ([value for key, value in given if key == field] for field in (NAME, OP, VALUE))
    if not len(names) == len(ops) == len(values) <= MAX_CONDITIONS:
        raise BadInput("filters: the form is incomplete; load the page again", field="filters")
    rows = tuple(
        FilterRow(name.strip(), op.strip(), value.strip()) for name, op, value in zip(names, ops, values, strict=True)
    )
    return FilterForm(rows, any=dict(given).get(JOIN) == "any", rest=rest)


def filters_of(form: FilterForm, kinds: Mapping[str, str]) -> All:
    """The filters that the rows say; rows without a name are left out. BadInput names the row that is not finished.

    `kinds` says what a metric's values are (`boolean`, `number`, `text` or `mixed`), by its name without `metric.`.
    """
    conditions = tuple(
        _condition_of(row, kinds, f"filter {index}") for index, row in enumerate(form.rows, 1) if row.name
    )
    if form.any and conditions:
        return All((AnyOf(conditions), *form.rest))
    return All((*conditions, *form.rest))


def change_rows(form: FilterForm, action: str) -> FilterForm:
    """The form with a row more (`add`) or without one (`remove-2`); anything else leaves it as it is."""
    rows = form.rows
    if action == "add":
        rows = (*rows, FilterRow())
    elif action.startswith("remove-") and action[7:].isdigit():
        rows = tuple(row for index, row in enumerate(rows) if index != int(action[7:]))
    return FilterForm(rows, form.any, form.rest)


def kinds_of(names: Sequence[KnownName]) -> dict[str, str]:
    """What each metric's values are; `mixed` where agents differ."""
    found: dict[str, str] = {}
    for known in names:
        found[known.name] = known.kind if found.get(known.name, known.kind) == known.kind else "mixed"
    return found


def values_offered(name: str, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """The values that a name can have, where there are few."""
    field = field_of(name)
    if field is not None:
        return field.values or (("yes", "no") if field.kind is FieldKind.BOOLEAN else ())
    return ("yes", "no") if kinds.get(name.removeprefix("metric.")) == "boolean" else ()


def names_offered(kinds: Mapping[str, str], used: Sequence[str]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Names to choose from, in groups: the fields, and the metrics that calls carry or a row names."""
    fields = tuple((f"field.{name}", field.label) for name, field in FIELDS.items())
    metrics = sorted({*kinds, *(name.removeprefix("metric.") for name in used if name.startswith("metric."))})
    return (("Fields", fields), ("Metrics and answers", tuple((f"metric.{name}", name) for name in metrics)))


def _row_of(condition: Condition) -> FilterRow:
    first = condition.values[0] if condition.values else None
    spelled = len(condition.values) > 1 and isinstance(first, str) and condition.values == spellings(first)
    if spelled and condition.op in {Operator.IN, Operator.NOT_IN}:
        op = Operator.EQ if condition.op is Operator.IN else Operator.NE
        return FilterRow(condition.field, op.value, str(first))
    if condition.op in LISTS:
        return FilterRow(
            condition.field,
            condition.op.value,
            _joined(condition.values, each_once=condition.op is not Operator.BETWEEN),
        )
    text = "" if condition.op in BARE else _text(condition.value)
    return FilterRow(condition.field, condition.op.value, text)


def _condition_of(row: FilterRow, kinds: Mapping[str, str], where: str) -> Condition:
    name = read_name(row.name, where)
    op = Operator(row.op) if row.op in set(Operator) else Operator.EQ
    if op in BARE:
        return make_condition(name, op, None, where)
    if not row.value:
        raise BadInput(f"{where}: {name_in_words(name)} needs a value to be compared with", field=where)
    if op in LISTS:
        texts = _split(row.value)
        if op is Operator.BETWEEN and len(texts) != 2:
            raise BadInput(f"{where}: write both ends, as in 10, 20", field=where)
        values = [value for text in texts for value in _typed(name, text, op, kinds, where)]
        if op is not Operator.BETWEEN:  # each once; true and 1 are two
            values = list({(type(value), value): value for value in values}.values())
        return make_condition(name, op, values, where)
    values = _typed(name, row.value, op, kinds, where)
    if len(values) == 1:
        return make_condition(name, op, values[0], where)
    return make_condition(name, Operator.IN if op is Operator.EQ else Operator.NOT_IN, values, where)


def _typed(name: str, text: str, op: Operator, kinds: Mapping[str, str], where: str) -> list[JsonScalar]:
    """What a text means for this name; several values where nobody knows whether it is a number."""
    if field_of(name) is not None:
        return [value_of_text(name, text, where)]
    kind = kinds.get(name.removeprefix("metric."), "mixed")
    said = {"yes": True, "true": True, "no": False, "false": False}.get(text.casefold())
    number = read_number_text(text)
    if op in {Operator.CONTAINS, Operator.NOT_CONTAINS} or kind == "text":
        return [text]
    if kind == "boolean" and said is not None:
        return [said]
    if op in {Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN}:
        return [number] if kind == "number" and number is not None else list(spellings(text))
    return [text if number is None else number]


def _text(value: JsonScalar) -> str:
    return value if isinstance(value, str) else value_in_words(value)


def _joined(values: Sequence[JsonScalar], *, each_once: bool) -> str:
    """As it would be typed; a value that is there in two types, as nobody knows which is meant, is written once."""
    several = any(isinstance(value, str) for value in values)
    texts = [str(value).lower() if several and isinstance(value, bool) else _text(value) for value in values]
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(dict.fromkeys(texts) if several and each_once else texts)
    return out.getvalue().replace(",", ", ") if '"' not in out.getvalue() else out.getvalue()


def _split(text: str) -> list[str]:
    [cells] = list(csv.reader([text.replace("\n", " ").replace("\r", " ")], skipinitialspace=True)) or [[]]
    return [cell.strip() for cell in cells if cell.strip()][:_LARGEST_LIST]
