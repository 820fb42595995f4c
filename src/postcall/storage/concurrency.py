"""How many calls may be held at once: the lines of an account, and those kept for each agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.audiences import Reservation
from postcall.domain.outbound import DialState
from postcall.errors import BadInput
from postcall.storage.agents import find_agent_row
from postcall.storage.outbound_schema import outbound_calls, reservations
from postcall.storage.schema import accounts, agents, calls
from postcall.storage.statements import unindexed, upsert

_KINDS = ("webcall", "outbound", "inbound", "chat")
_ON_A_LINE = (DialState.DIALLING.value, DialState.TALKING.value)


def hold_account(connection: Connection, account_pk: int) -> None:
    """Until this transaction ends, nobody else who calls this goes on for the same account.

    Only with them: rows that refer to the account are written as before. SQLite has one writer anyhow.
    """
    if connection.dialect.name == "postgresql":
        mine = sa.select(accounts.c.pk).where(accounts.c.pk == account_pk)
        connection.execute(mine.with_for_update(key_share=True)).one()


def free_lines(connection: Connection, account_pk: int, agent_pk: int, *, limit: int) -> int:
    """How many more calls this agent may place now; to be asked in the transaction that begins them.

    Lines that are kept for other agents and for calls of other kinds are not free, also while nobody uses them. Only
    calls that postcall places take a line: those that come in are never turned away for want of one.
    """
    hold_account(connection, account_pk)
    kept = _kept(connection, account_pk)
    used = _used(connection, account_pk)
    own = used.pop(agent_pk, 0)
    others = sum(max(used.get(pk, 0), row.outbound) for pk, row in kept.items() if pk != agent_pk)
    others += sum(count for pk, count in used.items() if pk not in kept)
    other_kinds = sum(row.lines - row.outbound for row in kept.values())
    return max(0, limit - own - others - other_kinds)


def list_reservations(connection: Connection, account_pk: int) -> tuple[Reservation, ...]:
    """What is kept for each agent, also where that is nothing; without archived agents."""
    return tuple(_kept(connection, account_pk).values())


def reserve_lines(connection: Connection, account_pk: int, wanted: Sequence[Reservation], *, limit: int) -> int:
    """Keep these lines for these agents, in place of what was kept for them; returns how many agents that were.

    BadInput where that would be more lines than there are; AgentNotFound where an agent is not the account's.
    """
    hold_account(connection, account_pk)
    for each in wanted:
        agent = find_agent_row(connection, account_pk, each.agent_id)
        row = {"agent_pk": agent.pk, **{kind: getattr(each, kind) for kind in _KINDS}}
        upsert(connection, reservations, row, changing=_KINDS)
    total = sum(row.lines for row in _kept(connection, account_pk).values())
    if total > limit:
        raise BadInput(f"these reservations make {total} lines in all, and there are {limit}")
    return len(wanted)


def _kept(connection: Connection, account_pk: int) -> dict[int, Reservation]:
    columns: list[Any] = [sa.func.coalesce(reservations.c[kind], 0).label(kind) for kind in _KINDS]
    rows = connection.execute(
        sa.select(agents.c.pk, agents.c.id, agents.c.name, agents.c.profile, *columns)
        .outerjoin_from(agents, reservations)
        .where(agents.c.account_pk == account_pk, agents.c.archived_at.is_(None))
        .order_by(agents.c.pk)
    )
    return {row.pk: _read(row) for row in rows}


def _read(row: Row[Any]) -> Reservation:
    return Reservation(
        agent_id=row.id,
        agent_name=row.name,
        webcall=row.webcall,
        outbound=row.outbound,
        inbound=row.inbound,
        chat=row.chat,
        picture=(row.profile or {}).get("picture_url"),
    )


def _used(connection: Connection, account_pk: int) -> dict[int, int]:
    rows = connection.execute(
        sa.select(calls.c.agent_pk, sa.func.count())
        .where(unindexed(calls.c.account_pk) == account_pk, calls.c.pk.in_(open_calls(*_ON_A_LINE)))
        .group_by(calls.c.agent_pk)
    )
    return {row[0]: row[1] for row in rows}


def open_calls(*states: str) -> sa.Select[int]:
    """The keys of the placed calls in these states, none of which is `over`: a few, however many there have been.

    To be used as `IN (...)`, beside conditions without an index: SQLite would begin with every call of the account.
    """
    return sa.select(outbound_calls.c.call_pk).where(
        # Word for word what the partial index says, or SQLite does not use it.
        sa.text("outbound_calls.state <> 'over'"),
        outbound_calls.c.state.in_(states),
    )
