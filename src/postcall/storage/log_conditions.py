"""Which calls a log shows, as conditions on their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.call_logs import Attempts, CallKind, LogFilter, StatusIs
from postcall.domain.calls import Channel, Direction
from postcall.domain.outbound import DialState
from postcall.storage.outbound_schema import campaigns, outbound_calls
from postcall.storage.schema import agents, calls, versions

_WEB_CALL = '{"session":"web"'
"""How the metadata of a web call begin; `domain.call_logs.WEB_CALL` is written first of all."""


def conditions_of(connection: Connection, account_pk: int, wanted: LogFilter) -> list[sa.ColumnElement[bool]] | None:
    """Every condition; None where no call can meet them."""
    given = (wanted.agents, wanted.campaigns, wanted.versions, wanted.kinds, wanted.statuses, wanted.reasons)
    if any(each == () for each in (*given, wanted.durations)):
        return None
    found = [calls.c.account_pk == account_pk]
    if wanted.agents is not None:
        pks = _agent_pks(connection, account_pk, wanted.agents)
        if not pks:
            return None
        # In place of the account, whose agents they are: the index by agent then says all there is to know.
        found = [calls.c.agent_pk == pks[0] if len(pks) == 1 else calls.c.agent_pk.in_(pks)]
    if wanted.versions is not None:
        of_versions = _of_versions(connection, account_pk, wanted.versions)
        if not of_versions:
            return None
        found.append(sa.or_(*of_versions))
    if wanted.search:
        found.append(_holds(connection, account_pk, wanted.search))
    return [*found, *_of_rows(account_pk, wanted)]


def _holds(connection: Connection, account_pk: int, text: str) -> sa.ColumnElement[bool]:
    """An id that is exactly this; where there is none, any that this is a part of, or either number."""
    own = sa.and_(calls.c.account_pk == account_pk, calls.c.id == text)
    if connection.execute(sa.select(calls.c.pk).where(own)).first() is not None:
        return own
    # SQLite's LIKE knows no capitals, and lower() on every row would take as long as all the rest.
    searched = (calls.c.id, calls.c.from_number, calls.c.to_number)
    return sa.or_(*(_has(column, text, capitals=connection.dialect.name == "postgresql") for column in searched))


def _has(column: sa.Column[str], text: str, *, capitals: bool) -> sa.ColumnElement[bool]:
    return column.icontains(text, autoescape=True) if capitals else column.contains(text, autoescape=True)


def _of_rows(account_pk: int, wanted: LogFilter) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.campaigns is not None:
        yield calls.c.pk.in_(
            sa.select(outbound_calls.c.call_pk)
            .join_from(outbound_calls, campaigns, campaigns.c.pk == outbound_calls.c.campaign_pk)
            .where(campaigns.c.account_pk == account_pk, campaigns.c.id.in_(wanted.campaigns))
        )
    if wanted.kinds is not None:
        yield sa.or_(*(_KINDS[kind] for kind in wanted.kinds))
    if wanted.statuses is not None:
        yield sa.or_(*(_status_is(status) for status in wanted.statuses))
    if wanted.reasons is not None:
        yield calls.c.disconnection_reason.in_([reason.value for reason in wanted.reasons])
    if wanted.durations is not None:
        yield sa.or_(*(_lasts(least, less_than) for least, less_than in wanted.durations))
    if wanted.attempts is Attempts.FIRST:
        yield calls.c.pk.not_in(_AGAIN)
    elif wanted.attempts is Attempts.AGAIN:
        yield calls.c.pk.in_(_AGAIN)
    if wanted.since is not None:
        yield calls.c.started_at >= wanted.since
    if wanted.until is not None:
        yield calls.c.started_at <= wanted.until


# Word for word what the partial indexes say, or SQLite does not use them.
_AGAIN = sa.select(outbound_calls.c.call_pk).where(sa.text("outbound_calls.attempt > 0"))
_QUEUED = sa.select(outbound_calls.c.call_pk).where(
    sa.text("outbound_calls.state <> 'over'"), outbound_calls.c.state == DialState.QUEUED.value
)

_IS_WEB_CALL = sa.func.coalesce(
    sa.func.substr(sa.type_coerce(calls.c.metadata, sa.Text), 1, len(_WEB_CALL)) == _WEB_CALL, sa.false()
)
_KINDS: dict[CallKind, sa.ColumnElement[bool]] = {
    CallKind.INBOUND: sa.and_(calls.c.channel == Channel.VOICE.value, calls.c.direction == Direction.INBOUND.value),
    CallKind.OUTBOUND: sa.and_(calls.c.channel == Channel.VOICE.value, calls.c.direction == Direction.OUTBOUND.value),
    CallKind.WEB_CALL: sa.and_(calls.c.channel != Channel.VOICE.value, _IS_WEB_CALL),
    CallKind.CHAT: sa.and_(calls.c.channel != Channel.VOICE.value, sa.not_(_IS_WEB_CALL)),
}


def _status_is(wanted: StatusIs) -> sa.ColumnElement[bool]:
    has = calls.c.status == wanted.status.value
    if wanted.queued is None:
        return has
    return sa.and_(has, calls.c.pk.in_(_QUEUED) if wanted.queued else calls.c.pk.not_in(_QUEUED))


def _lasts(least: float, less_than: float | None) -> sa.ColumnElement[bool]:
    """A call that never was has lasted 0 seconds."""
    seconds = sa.func.coalesce(calls.c.duration_s, 0.0)
    return seconds >= least if less_than is None else sa.and_(seconds >= least, seconds < less_than)


def _agent_pks(connection: Connection, account_pk: int, ids: Sequence[str]) -> list[int]:
    return list(
        connection.execute(
            sa.select(agents.c.pk).where(agents.c.account_pk == account_pk, agents.c.id.in_(ids))
        ).scalars()
    )


def _of_versions(connection: Connection, account_pk: int, ids: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    rows = connection.execute(
        sa.select(versions.c.agent_pk, versions.c.number)
        .join_from(versions, agents, agents.c.pk == versions.c.agent_pk)
        .where(agents.c.account_pk == account_pk, versions.c.id.in_(ids))
    )
    return [sa.and_(calls.c.agent_pk == row.agent_pk, calls.c.version == row.number) for row in rows]
