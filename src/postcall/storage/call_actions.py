"""What is done around calls in other systems: the actions of agents, and those that a call's end sets off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.call_actions import ActionCategory, ActionConfig, CallAction, Condition, Operator
from postcall.domain.folding import storable
from postcall.domain.ids import new_object_id
from postcall.domain.webhooks import DeliveryState
from postcall.errors import CallActionNotFound, NotFound
from postcall.storage.schema import agents, calls
from postcall.storage.statements import lock_row
from postcall.storage.webhook_schema import call_actions, deliveries

ACTION = "action"
"""The event of an action's deliveries."""
_ROWS = sa.select(call_actions, agents.c.id.label("agent_id")).join_from(
    call_actions, agents, call_actions.c.agent_pk == agents.c.pk
)


@dataclass(frozen=True, slots=True)
class ActionPage:
    """Some of an agent's actions."""

    actions: tuple[CallAction, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """What an action's requests are signed with."""

    account_pk: int
    action_id: str
    sealed: bytes


def add_action(
    connection: Connection,
    account_pk: int,
    agent_pk: int,
    *,
    action_id: str,
    category: ActionCategory,
    provider: str,
    action_type: str | None,
    object_: str | None,
    config: ActionConfig,
    sealed: bytes,
    now: datetime,
) -> CallAction:
    """Keep a new action; `sealed` is what its requests are signed with."""
    connection.execute(
        sa.insert(call_actions).values(
            account_pk=account_pk,
            id=action_id,
            agent_pk=agent_pk,
            category=category.value,
            provider=provider,
            action_type=action_type,
            object=object_,
            config=asdict(config),
            secret=sealed,
            created_at=now,
            updated_at=now,
        )
    )
    return find_action(connection, account_pk, action_id)


def find_action(connection: Connection, account_pk: int, action_id: str) -> CallAction:
    """One action; CallActionNotFound also where it belongs to another account or was deleted."""
    return _read(find_action_row(connection, account_pk, action_id))


def find_action_row(connection: Connection, account_pk: int, action_id: str) -> Row[Any]:
    """Like `find_action`, with the row's key and its sealed secret."""
    row = connection.execute(_mine(account_pk).where(call_actions.c.id == action_id)).one_or_none()
    if row is None:
        raise CallActionNotFound(action_id)
    return row


def list_actions(
    connection: Connection,
    account_pk: int,
    agent_pk: int,
    *,
    category: ActionCategory | None = None,
    provider: str | None = None,
    skip: int = 0,
    limit: int = 10,
) -> ActionPage:
    """A page of an agent's actions, the newest first."""
    wanted = _mine(account_pk).where(call_actions.c.agent_pk == agent_pk)
    if category is not None:
        wanted = wanted.where(call_actions.c.category == category.value)
    if provider is not None:
        wanted = wanted.where(call_actions.c.provider == provider)
    total = connection.execute(sa.select(sa.func.count()).select_from(wanted.subquery())).scalar_one()
    rows = connection.execute(wanted.order_by(call_actions.c.pk.desc()).offset(skip).limit(limit))
    return ActionPage(tuple(_read(row) for row in rows), int(total))


def change_action(
    connection: Connection,
    account_pk: int,
    action_id: str,
    change: Callable[[CallAction], CallAction],
    *,
    now: datetime,
) -> CallAction:
    """Store what `change` makes of an action; its id, agent and times of creation stay. What it raises undoes all."""
    locked = sa.select(call_actions.c.pk).where(call_actions.c.account_pk == account_pk, call_actions.c.id == action_id)
    connection.execute(lock_row(connection, locked)).one_or_none()
    after = change(find_action(connection, account_pk, action_id))
    connection.execute(
        sa.update(call_actions)
        .where(call_actions.c.account_pk == account_pk, call_actions.c.id == action_id)
        .values(
            category=after.category.value,
            provider=after.provider,
            action_type=after.action_type,
            object=after.object,
            config=asdict(after.config),
            updated_at=now,
        )
    )
    return find_action(connection, account_pk, action_id)


def delete_action(connection: Connection, account_pk: int, action_id: str, *, now: datetime) -> None:
    """Take an action away; what it sent stays in the log."""
    row = find_action_row(connection, account_pk, action_id)
    connection.execute(sa.update(call_actions).where(call_actions.c.pk == row.pk).values(deleted_at=now))


def due_actions(connection: Connection, call_pk: int) -> dict[int, CallAction]:
    """The actions, by key, that the end of this call sets off and that have not been delivered yet."""
    sent = sa.exists().where(deliveries.c.action_pk == call_actions.c.pk, deliveries.c.call_pk == call_pk)
    rows = connection.execute(
        _ROWS.join(calls, calls.c.agent_pk == call_actions.c.agent_pk)
        .where(
            calls.c.pk == call_pk,
            call_actions.c.category == ActionCategory.POST_CALL.value,
            call_actions.c.deleted_at.is_(None),
            ~sent,
        )
        .order_by(call_actions.c.pk)
    )
    return {row.pk: _read(row) for row in rows}


def hold_call(connection: Connection, call_pk: int) -> bool:
    """Let nobody else set off this call's actions until the transaction ends; False where the call is gone."""
    return (
        connection.execute(lock_row(connection, sa.select(calls.c.pk).where(calls.c.pk == call_pk))).first() is not None
    )


def queue_action(
    connection: Connection, action_pk: int, call_pk: int, *, dead: str | None = None, now: datetime
) -> None:
    """Let an action tell others of a call; `dead`: why it cannot, and then it is sent only if somebody asks."""
    account = sa.select(calls.c.account_pk).where(calls.c.pk == call_pk).scalar_subquery()
    state = DeliveryState.WAITING if dead is None else DeliveryState.DEAD
    connection.execute(
        sa.insert(deliveries).values(
            id=new_object_id(),
            account_pk=account,
            action_pk=action_pk,
            call_pk=call_pk,
            event=ACTION,
            state=state.value,
            attempts=0,
            due_at=now,
            error=storable(dead) if dead is not None else None,
            created_at=now,
            updated_at=now,
        )
    )


def action_of_delivery(connection: Connection, delivery_id: str) -> tuple[int, CallAction, bytes]:
    """The account's key, the action that sends a delivery, and its sealed secret; NotFound where it was deleted."""
    row = connection.execute(
        _ROWS.join(deliveries, deliveries.c.action_pk == call_actions.c.pk).where(
            deliveries.c.id == delivery_id, call_actions.c.deleted_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("the call action was deleted")
    return row.account_pk, _read(row), bytes(row.secret)


def every_action_secret(connection: Connection) -> list[SealedSecret]:
    """Of every action that is there."""
    rows = connection.execute(
        sa.select(call_actions.c.account_pk, call_actions.c.id, call_actions.c.secret).where(
            call_actions.c.deleted_at.is_(None)
        )
    )
    return [SealedSecret(row.account_pk, row.id, bytes(row.secret)) for row in rows]


def keep_action_secret(connection: Connection, action_id: str, sealed: bytes) -> None:
    """Store another sealed secret in place of the one before."""
    connection.execute(sa.update(call_actions).where(call_actions.c.id == action_id).values(secret=sealed))


def _mine(account_pk: int) -> sa.Select[Any]:
    return _ROWS.where(call_actions.c.account_pk == account_pk, call_actions.c.deleted_at.is_(None))


def _read(row: Row[Any]) -> CallAction:
    return CallAction(
        id=row.id,
        agent_id=row.agent_id,
        category=ActionCategory(row.category),
        provider=row.provider,
        action_type=row.action_type,
        object=row.object,
        config=_read_config(row.config),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _read_config(stored: dict[str, Any]) -> ActionConfig:
    return ActionConfig(
        url=stored["url"],
        phone_field=stored["phone_field"],
        conditions=tuple(
            Condition(each["field"], Operator(each["operator"]), each["value"]) for each in stored["conditions"]
        ),
        body=stored["body"],
        kept=stored["kept"],
    )
