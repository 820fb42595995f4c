"""The numbers that an account calls from, and which agent each belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.ids import new_object_id
from postcall.domain.outbound import PhoneNumber
from postcall.errors import NotFound
from postcall.storage.outbound_schema import phone_numbers
from postcall.storage.schema import accounts, agents
from postcall.storage.statements import insert_new

SIMULATED = "simulated"
"""The carrier of the number that every account has."""
_AREAS = ("202", "213", "305", "312", "415", "503", "512", "617", "702", "808")
_ROWS = (
    sa.select(phone_numbers, agents.c.id.label("agent_id"))
    .outerjoin_from(phone_numbers, agents, phone_numbers.c.agent_pk == agents.c.pk)
    .order_by(phone_numbers.c.pk)
)


def list_numbers(connection: Connection, account_pk: int) -> tuple[PhoneNumber, ...]:
    """Every number of the account, the oldest first; none before `ensure_number`."""
    rows = connection.execute(_ROWS.where(phone_numbers.c.account_pk == account_pk))
    return tuple(_read(row) for row in rows)


def numbers_of_agent(connection: Connection, agent_pk: int) -> tuple[PhoneNumber, ...]:
    """The numbers that were attached to an agent, the oldest first."""
    return tuple(_read(row) for row in connection.execute(_ROWS.where(phone_numbers.c.agent_pk == agent_pk)))


def ensure_number(connection: Connection, account_pk: int, now: datetime) -> PhoneNumber:
    """The account's first number; where it has none, a simulated one is made.

    Which one is settled by the account, so that two who make it at the same time make one.
    """
    found = list_numbers(connection, account_pk)
    if found:
        return found[0]
    row = {
        "account_pk": account_pk,
        "id": new_object_id(),
        "number": fictional_number(account_pk),
        "carrier": SIMULATED,
        "agent_pk": None,
        "created_at": now,
        "updated_at": now,
    }
    insert_new(connection, phone_numbers, row, returning=phone_numbers.c.pk)
    return list_numbers(connection, account_pk)[0]


def fictional_number(account_pk: int) -> str:
    """One of the numbers 555-0100 to 555-0199, which no telephone company gives to anybody."""
    area = _AREAS[account_pk // 100 % len(_AREAS)]
    return f"+1{area}55501{account_pk % 100:02d}"


def number_for(connection: Connection, account_pk: int, agent_pk: int, number_id: str | None = None) -> PhoneNumber:
    """The number to call from: the one of this id (NotFound where it is not the account's), else the agent's, else the
    account's first."""
    if number_id is not None:
        return find_number(connection, account_pk, number_id)
    own = numbers_of_agent(connection, agent_pk)
    if own:
        return own[0]
    since = connection.execute(sa.select(accounts.c.created_at).where(accounts.c.pk == account_pk)).scalar_one()
    return ensure_number(connection, account_pk, since)


def find_number(connection: Connection, account_pk: int, number_id: str) -> PhoneNumber:
    """The number of this id, or NotFound."""
    mine = _ROWS.where(phone_numbers.c.account_pk == account_pk, phone_numbers.c.id == number_id)
    row = connection.execute(mine).one_or_none()
    if row is None:
        raise NotFound(f"there is no phone number {number_id!r}")
    return _read(row)


def attach_numbers(
    connection: Connection, account_pk: int, agent_pk: int, number_ids: Sequence[str], now: datetime
) -> None:
    """Make these the agent's numbers, and no others; one that was another agent's changes hands.

    NotFound where one is not the account's, and then nothing has changed.
    """
    for number_id in number_ids:
        find_number(connection, account_pk, number_id)
    mine = phone_numbers.c.account_pk == account_pk
    given = phone_numbers.c.id.in_(number_ids)
    connection.execute(
        sa.update(phone_numbers)
        .where(mine, phone_numbers.c.agent_pk == agent_pk, sa.not_(given))
        .values(agent_pk=None, updated_at=now)
    )
    connection.execute(
        sa.update(phone_numbers)
        .where(mine, given, phone_numbers.c.agent_pk.is_distinct_from(agent_pk))
        .values(agent_pk=agent_pk, updated_at=now)
    )


def _read(row: Row[Any]) -> PhoneNumber:
    return PhoneNumber(
        id=row.id,
        number=row.number,
        carrier=row.carrier,
        agent_id=row.agent_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
