"""The log of calls: those that fit, in the order asked for, a page at a time; and one call by its id."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.call_logs import CallLog, Family, LogFilter, LogPage, RecordedAt, SortBy, Wait, waits_of
from postcall.domain.calls import Role, Turn
from postcall.domain.views import CallRow
from postcall.storage.call_views import read_rows
from postcall.storage.calls import find_call_row
from postcall.storage.log_conditions import conditions_of
from postcall.storage.outbound_schema import outbound_calls, recordings
from postcall.storage.placed_calls import placed_calls, series_of_call
from postcall.storage.schema import agents, calls, turns, versions
from postcall.storage.version_configs import load_config

_SORTS: dict[SortBy, sa.ColumnElement[Any]] = {
    SortBy.STARTED: calls.c.started_at,
    SortBy.UPDATED: calls.c.updated_at,
    SortBy.DURATION: sa.func.coalesce(calls.c.duration_s, 0.0),
    SortBy.LATENCY: sa.func.coalesce(calls.c.latency_s, -1.0),
}
"""What nobody knows comes before the smallest, on both databases alike."""
_FEW = 1_000
"""That a search finds."""


def list_logs(
    connection: Connection,
    account_pk: int,
    wanted: LogFilter,
    *,
    sort: SortBy = SortBy.UPDATED,
    descending: bool = True,
    offset: int = 0,
    limit: int,
) -> LogPage:
    """A page of the calls that fit, and how many there are."""
    conditions = conditions_of(connection, account_pk, wanted)
    if conditions is None:
        return LogPage((), 0)
    order = [_SORTS[sort], calls.c.pk]
    fitting = (
        sa.select(calls.c.pk)
        .where(*conditions)
        .order_by(*(column.desc() if descending else column for column in order))
    )
    if wanted.search:  # mostly few are found, and every row is looked at: once is enough
        found = connection.execute(fitting.limit(_FEW)).scalars().all()
        if len(found) < _FEW:
            return LogPage(read_logs(connection, account_pk, found[offset : offset + limit]), len(found))
    total = int(connection.execute(sa.select(sa.func.count()).select_from(calls).where(*conditions)).scalar_one())
    if offset >= total:
        return LogPage((), total)
    page = connection.execute(fitting.limit(limit).offset(offset)).scalars().all()
    return LogPage(read_logs(connection, account_pk, page), total)


def logs_by_id(connection: Connection, account_pk: int, call_ids: Collection[str]) -> tuple[CallLog, ...]:
    """The calls of these ids that there are, in the order given; those of other accounts are not there."""
    rows = connection.execute(
        sa.select(calls.c.pk, calls.c.id).where(calls.c.account_pk == account_pk, calls.c.id.in_(call_ids))
    )
    by_id = {row.id: row.pk for row in rows}
    return read_logs(connection, account_pk, [by_id[each] for each in dict.fromkeys(call_ids) if each in by_id])


def logs_of_series(connection: Connection, account_pk: int, call_id: str) -> tuple[CallLog, ...]:
    """Every call to the person that this one went to, the first one first; CallNotFound where there is none."""
    pk = find_call_row(connection, account_pk, call_id).pk
    return read_logs(connection, account_pk, series_of_call(connection, pk))


def read_logs(connection: Connection, account_pk: int, call_pks: Sequence[int]) -> tuple[CallLog, ...]:
    """The calls of these keys in the order given; one that is gone is left out."""
    rows = read_rows(connection, account_pk, call_pks)
    about = {row.id: row for row in connection.execute(_ABOUT.where(calls.c.pk.in_(call_pks)))}
    placed = placed_calls(connection, list(call_pks))
    families = _families(connection, call_pks)
    waits = _waits(connection, call_pks)
    configs = _configs(connection, [(each.agent_pk, each.version) for each in about.values()])
    return tuple(_log(row, about[row.call.id], placed, families, waits, configs) for row in rows)


def _log(
    row: CallRow,
    about: Any,
    placed: dict[int, Any],
    families: dict[int, Family],
    waits: dict[int, list[tuple[int, Turn]]],
    configs: dict[tuple[int, int], Any],
) -> CallLog:
    version = configs.get((about.agent_pk, about.version))
    config = load_config(version.config) if version is not None else None
    return CallLog(
        row=row,
        agent_name=about.agent_name,
        version_id=version.id if version is not None else None,
        asked=tuple((each.identifier, each.type) for each in config.questions) if config is not None else (),
        agent_model=config.agent_model if config is not None else None,
        voice=_voice(config.kept) if config is not None else {},
        waits=tuple(
            Wait(position, wait.seconds, wait.begins_s)
            for position, turn in waits.get(about.pk, ())
            for wait in waits_of((turn,), row.call.started_at)
        ),
        placed=placed.get(about.pk),
        family=families.get(about.pk, Family(0, None)),
        recording=RecordedAt(about.media_type, about.url, about.key) if about.key is not None else None,
    )


_ABOUT = (
    sa.select(
        calls.c.pk,
        calls.c.id,
        calls.c.agent_pk,
        calls.c.version,
        agents.c.name.label("agent_name"),
        recordings.c.media_type,
        recordings.c.url,
        recordings.c.key,
    )
    .join_from(calls, agents, agents.c.pk == calls.c.agent_pk)
    .outerjoin(recordings, recordings.c.call_pk == calls.c.pk)
)


def _families(connection: Connection, call_pks: Sequence[int]) -> dict[int, Family]:
    """How often the person of each call was called again, and by which call next."""
    mine = connection.execute(
        sa.select(
            outbound_calls.c.call_pk,
            sa.func.coalesce(outbound_calls.c.root_pk, outbound_calls.c.call_pk).label("root_pk"),
            outbound_calls.c.attempt,
        ).where(outbound_calls.c.call_pk.in_(call_pks))
    ).all()
    series: dict[int, list[Any]] = {}
    for again in connection.execute(
        sa.select(outbound_calls.c.root_pk, outbound_calls.c.attempt, calls.c.id)
        .join_from(outbound_calls, calls, calls.c.pk == outbound_calls.c.call_pk)
        .where(outbound_calls.c.root_pk.in_([row.root_pk for row in mine]))
        .order_by(outbound_calls.c.attempt)
    ):
        series.setdefault(again.root_pk, []).append(again)
    return {
        row.call_pk: Family(
            retries=len(series.get(row.root_pk, ())),
            next_id=next((each.id for each in series.get(row.root_pk, ()) if each.attempt > row.attempt), None),
        )
        for row in mine
    }


def _waits(connection: Connection, call_pks: Sequence[int]) -> dict[int, list[tuple[int, Turn]]]:
    """The agent's turns of which the wait is known, by call, with their places in it."""
    found: dict[int, list[tuple[int, Turn]]] = {}
    rows = connection.execute(
        sa.select(turns.c.call_pk, turns.c.position, turns.c.start_s, turns.c.at, turns.c.latency_s)
        .join_from(turns, calls, sa.and_(calls.c.pk == turns.c.call_pk, calls.c.revision == turns.c.revision))
        .where(turns.c.call_pk.in_(call_pks), turns.c.latency_s.is_not(None), turns.c.role == Role.AGENT.value)
        .order_by(turns.c.call_pk, turns.c.position)
    )
    for row in rows:
        turn = Turn(Role.AGENT, "", row.start_s, row.at, row.latency_s)
        found.setdefault(row.call_pk, []).append((row.position, turn))
    return found


def _configs(connection: Connection, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """The versions of these agents' keys and numbers."""
    by_agent: dict[int, set[int]] = {}
    for agent_pk, number in wanted:
        by_agent.setdefault(agent_pk, set()).add(number)
    return {(row.agent_pk, row.number): row for row in _version_rows(connection, by_agent)}


def _version_rows(connection: Connection, by_agent: dict[int, set[int]]) -> Iterator[Any]:
    for agent_pk, numbers in by_agent.items():
        yield from connection.execute(
            sa.select(versions.c.agent_pk, versions.c.number, versions.c.id, versions.c.config).where(
                versions.c.agent_pk == agent_pk, versions.c.number.in_(numbers)
            )
        )


def _voice(kept: dict[str, Any]) -> dict[str, str]:
    synthesizer = kept.get("synthesizer")
    voice = synthesizer.get("voiceConfig") if isinstance(synthesizer, dict) else None
    found = voice if isinstance(voice, dict) else {}
    return {name: str(found[name]) for name in ("model", "voiceId", "gender") if name in found}
