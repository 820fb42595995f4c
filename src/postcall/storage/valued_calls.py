"""Calls as lists of other systems hold them: their fields, and each name with its values.

A page of a hundred has a thousand answers and writes, so nothing is read that such a list does not hold: no evidence,
no progress, no model's usage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.answers import AnswerStatus
from postcall.domain.builtin_metrics import ALIASES, CallFacts, built_in_values
from postcall.domain.calls import Call, MetricValue
from postcall.storage.call_views import CALL_ROWS, read_call_row
from postcall.storage.metric_events import Written, read_written
from postcall.storage.schema import answers, calls, extractions
from postcall.storage.statements import unindexed


@dataclass(frozen=True, slots=True)
class ValuedCall:
    """A call with all its values."""

    pk: int
    call: Call
    answered: Mapping[str, MetricValue]
    """By identifier: the answers of the current extraction that are `ok`."""
    written: Mapping[str, Written]
    """What code wrote."""
    known: Mapping[str, MetricValue]
    """What postcall itself knows, under names that were neither answered nor written."""
    summary: str
    """Of the current extraction; empty where there is none."""

    @property
    def values(self) -> dict[str, tuple[MetricValue, ...]]:
        """Each name with what stands under it: a write before an answer, as in reports, unless nothing of it fits."""
        found: dict[str, tuple[MetricValue, ...]] = {name: (value,) for name, value in self.answered.items()}
        for name, each in self.written.items():
            if name not in found or not each.flagged:
                found[name] = each.values
        found.update({name: (value,) for name, value in self.known.items()})
        return found


def read_valued_calls(connection: Connection, account_pk: int, call_pks: Sequence[int]) -> tuple[ValuedCall, ...]:
    """The calls of these keys in the order given; one that is gone is left out."""
    by_pk = {row.pk: row for row in connection.execute(_CALLS, {"account_pk": account_pk, "pks": list(call_pks)}).all()}
    rows = [by_pk[pk] for pk in call_pks if pk in by_pk]
    written = read_written(connection, [row.pk for row in rows])
    answered = _answered(connection, [row.current_extraction_pk for row in rows])
    return tuple(_put_together(row, answered.get(row.current_extraction_pk, {}), written[row.pk]) for row in rows)


_CALLS = (
    CALL_ROWS.add_columns(extractions.c.summary)
    .outerjoin(extractions, extractions.c.pk == calls.c.current_extraction_pk)
    # By their keys: SQLite would else look through every call of the account.
    .where(
        unindexed(calls.c.account_pk) == sa.bindparam("account_pk"),
        calls.c.pk.in_(sa.bindparam("pks", expanding=True)),
    )
)
_ANSWERS = (
    sa.select(answers.c.extraction_pk, answers.c.identifier, answers.c.value)
    .where(
        answers.c.extraction_pk.in_(sa.bindparam("pks", expanding=True)),
        answers.c.status == AnswerStatus.OK,
        answers.c.value.is_not(None),
    )
    .order_by(answers.c.extraction_pk, answers.c.position)
)
"""Built once: building a statement costs as much as running it."""


def _answered(connection: Connection, extraction_pks: Sequence[int | None]) -> dict[int, dict[str, MetricValue]]:
    pks = [pk for pk in extraction_pks if pk is not None]
    found: dict[int, dict[str, MetricValue]] = {pk: {} for pk in pks}
    for pk, identifier, value in connection.execute(_ANSWERS, {"pks": pks}).all() if pks else ():
        found[pk][identifier] = value
    return found


def _put_together(row: Row[Any], answered: Mapping[str, MetricValue], written: Mapping[str, Written]) -> ValuedCall:
    facts = CallFacts(row.status, row.duration_s, row.handoff_destination, row.handoff_reason, row.disconnection_reason)
    return ValuedCall(
        pk=row.pk,
        call=read_call_row(row),
        answered=answered,
        written=written,
        known={
            name: value
            for name, value in built_in_values(facts).items()
            if name not in written and name not in answered and name not in ALIASES
        },
        summary=row.summary or "",
    )
