"""What a query speaks of, and what that says of the calls that count."""

from __future__ import annotations

from postcall.domain.builtin_metrics import ONLY_LIVE
from postcall.domain.queries import All, AnyOf, Condition, Filter, Not, Query


def mentions(query: Query, name: str) -> bool:
    """Whether the query groups by a name or filters on it."""
    return name in query.group_by or filters_on(query.filters, name)


def filters_on(part: Filter, name: str) -> bool:
    """Whether a filter, or any within it, is about a name."""
    match part:
        case Condition():
            return part.field == name
        case All(parts) | AnyOf(parts):
            return any(filters_on(each, name) for each in parts)
        case Not(inner):
            return filters_on(inner, name)


def speaks_of_live(query: Query) -> bool:
    """Whether calls in progress count as well: the status is asked for, or the metric that no other call has.

    As one measure beside others that metric does not change what these count.
    """
    measured = bool(query.measures) and all(measure.of == f"metric.{ONLY_LIVE}" for measure in query.measures)
    return measured or mentions(query, "field.status") or mentions(query, f"metric.{ONLY_LIVE}")


def only_live_environment(query: Query) -> bool:
    """Reports show live calls unless asked for others."""
    return not mentions(query, "field.environment")


def metric_names(query: Query) -> tuple[str, ...]:
    """The metrics that are measured or grouped by, each once."""
    named = [measure.of for measure in query.measures if measure.of] + list(query.group_by)
    return tuple(dict.fromkeys(name for name in named if name.startswith("metric.")))
