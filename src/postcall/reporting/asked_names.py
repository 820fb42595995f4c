"""Whether a query speaks of names that only the record knows: those that no call carries yet."""

from __future__ import annotations

from postcall.domain.queries import Condition, Filter, MeasureKind, Query
from postcall.reporting.compile import Scope
from postcall.reporting.mentions import metric_names
from postcall.reporting.projection import Trait


def needs_other_names(query: Query, scope: Scope) -> bool:
    """Whether the scope needs the names that are defined or asked."""
    return _unknown(query, scope) or _hangs_on_questions(query, scope)


def _unknown(query: Query, scope: Scope) -> bool:
    """Whether the query names a metric that no call carries."""
    return any(name.removeprefix("metric.") not in scope.traits for name in metric_names(query)) or any(
        name.startswith("metric.") and name.removeprefix("metric.") not in scope.traits
        for name in _filtered(query.filters)
    )


def _hangs_on_questions(query: Query, scope: Scope) -> bool:
    """Whether a rate's denominator depends on whether its name is a question, which no call tells yet."""
    return any(
        measure.kind is MeasureKind.RATE
        and measure.denominator is None
        and Trait.ASKED not in scope.traits.get((measure.of or "").removeprefix("metric."), Trait(0))
        for measure in query.measures
    )


def _filtered(part: Filter) -> list[str]:
    if isinstance(part, Condition):
        return [part.field]
    inner = part.parts if hasattr(part, "parts") else (part.part,)
    return [name for each in inner for name in _filtered(each)]
