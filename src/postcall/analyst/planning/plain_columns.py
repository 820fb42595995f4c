"""Columns that are called after what they measure: a name that a model chose could claim anything."""

from __future__ import annotations

from dataclasses import replace

from postcall.domain.queries import Query
from postcall.reporting.query_format import name_measures


def name_plainly(query: Query) -> Query:
    """The same query with each column named after its measure, in what it orders and limits by as well."""
    nameless = [replace(measure, name="") for measure in query.measures]
    measures = name_measures(nameless, query.group_by)
    names = {old.name: new.name for old, new in zip(query.measures, measures, strict=True)}
    return replace(
        query,
        measures=measures,
        having=tuple(replace(each, column=names.get(each.column, each.column)) for each in query.having),
        order=tuple(replace(each, column=names.get(each.column, each.column)) for each in query.order),
    )
