"""The form above the list of calls, as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.agents import Agent
from postcall.domain.calls import Environment
from postcall.domain.queries import All
from postcall.reporting.filter_format import BARE
from postcall.reporting.periods import PERIODS, full_name
from postcall.web import words
from postcall.web.filter_rows import OPERATORS, FilterForm, names_offered, values_offered
from postcall.web.filters import PAGE_ONLY, PLACE, filters_text
from postcall.web.list_columns import columns_offered
from postcall.web.list_query import EVERY

Options = tuple[tuple[str, str], ...]
_SHOWN = frozenset({"agent", "period", "since", "until", "time_zone", "environment", "q", "filters", "columns"})
"""Parameters that have a field in the form; the others are carried along unseen."""


@dataclass(frozen=True, slots=True)
class RowForm:
    """One condition in the form."""

    index: int
    name: str
    op: str
    value: str
    offered: tuple[str, ...]
    bare: bool
    """Its operator takes no value."""
    new: bool
    """Added just now: the pointer goes there."""


@dataclass(frozen=True, slots=True)
class FormView:
    """The form."""

    rows: tuple[RowForm, ...]
    any: bool
    names: tuple[tuple[str, Options], ...]
    operators: Options
    rest: str
    """Filters too deep for rows, as JSON; empty where there are none."""
    is_open: bool
    fields: Mapping[str, str]
    carried: Options
    agents: Options
    environments: Options
    periods: Options
    columns: tuple[tuple[str, Options], ...]
    chosen: frozenset[str]


def show_form(
    query: Sequence[tuple[str, str]],
    form: FilterForm,
    *,
    kinds: Mapping[str, str],
    agents: Sequence[Agent],
    columns: Sequence[str],
    action: str = "",
    is_open: bool = False,
) -> FormView:
    """The form for an address; `action` is the button that was pressed in it."""
    names = [row.name for row in form.rows]
    last = len(form.rows) - 1
    return FormView(
        rows=tuple(
            RowForm(
                index=index,
                name=row.name,
                op=row.op,
                value=row.value,
                offered=values_offered(row.name, kinds),
                bare=row.op in BARE,
                new=action == "add" and index == last,
            )
            for index, row in enumerate(form.rows)
        ),
        any=form.any,
        names=names_offered(kinds, names),
        operators=tuple((op.value, said) for op, said in OPERATORS),
        rest=filters_text(All(form.rest)) if form.rest else "",
        is_open=is_open,
        fields=_fields(query),
        carried=tuple(
            (key, value) for key, value in query if key not in {*_SHOWN, *PAGE_ONLY, *PLACE} or _is_other(key, value)
        ),
        agents=tuple((agent.slug, agent.name) for agent in agents),
        environments=(
            ("", "live"),
            *((each.value, each.value) for each in Environment if each is not Environment.LIVE),
            (EVERY, "all"),
        ),
        periods=tuple(pair for pair in PERIODS.items() if pair[0] != "all"),
        columns=columns_offered(_metrics_to_show(kinds, columns)),
        chosen=frozenset(columns),
    )


def _fields(query: Sequence[tuple[str, str]]) -> dict[str, str]:
    given = dict(query)
    period = full_name(given.get("period", ""))
    dated = "custom" if given.get("since") or given.get("until") else ""
    return {
        "agent": given.get("agent", ""),
        "period": period or dated,
        "since": given.get("since", ""),
        "until": given.get("until", ""),
        "time_zone": given.get("time_zone", "UTC"),
        "environment": given.get("environment", ""),
        "q": words.visible(given.get("q", "")),
    }


def _is_other(key: str, value: str) -> bool:
    """An environment that the form's field would lose."""
    return key == "environment" and value == Environment.LIVE.value


def _metrics_to_show(kinds: Mapping[str, str], columns: Sequence[str]) -> list[str]:
    chosen = (name.removeprefix("metric.") for name in columns if name.startswith("metric."))
    return sorted({*kinds, *chosen})
