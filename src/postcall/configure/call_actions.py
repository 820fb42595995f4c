"""Call actions: where they may send to, and what their requests are signed with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.configure.sealing import Sealer
from postcall.configure.webhooks import new_webhook_secret
from postcall.domain.call_actions import ActionCategory, ActionConfig, CallAction
from postcall.domain.folding import storable
from postcall.domain.ids import new_object_id
from postcall.errors import SecretsUnreadable
from postcall.storage import call_actions as table
from postcall.storage.agents import find_agent_row


def make_action(
    connection: Connection,
    sealer: Sealer,
    account_pk: int,
    agent: str,
    *,
    category: ActionCategory,
    provider: str,
    action_type: str | None,
    object_: str | None,
    config: ActionConfig,
    now: datetime,
) -> CallAction:
    """A new action of this agent, with a secret of its own; AgentNotFound where there is none such."""
    agent_pk = find_agent_row(connection, account_pk, agent).pk
    action_id = new_object_id()
    return table.add_action(
        connection,
        account_pk,
        agent_pk,
        action_id=action_id,
        category=category,
        provider=storable(provider),
        action_type=action_type,
        object_=storable(object_) if object_ is not None else None,
        config=config,
        sealed=sealer.seal(account_pk, _name(action_id), new_webhook_secret()),
        now=now,
    )


def action_secret(connection: Connection, sealer: Sealer, account_pk: int, action_id: str) -> str:
    """What its requests are signed with; SecretsUnreadable where this process lacks the key."""
    row = table.find_action_row(connection, account_pk, action_id)
    return open_action_secret(sealer, account_pk, action_id, bytes(row.secret))


def open_action_secret(sealer: Sealer, account_pk: int, action_id: str, sealed: bytes) -> str:
    """The secret of a row that was read."""
    value = sealer.open(account_pk, _name(action_id), sealed)
    if not isinstance(value, str):
        raise SecretsUnreadable(_name(action_id))
    return value


def reseal_actions(connection: Connection, sealer: Sealer) -> int:
    """Seal under the newest key what an older one has sealed; returns how many."""
    outdated = [each for each in table.every_action_secret(connection) if sealer.is_outdated(each.sealed)]
    for each in outdated:
        secret = open_action_secret(sealer, each.account_pk, each.action_id, each.sealed)
        table.keep_action_secret(
            connection, each.action_id, sealer.seal(each.account_pk, _name(each.action_id), secret)
        )
    return len(outdated)


def _name(action_id: str) -> str:
    """What its secret is sealed with: no secret of an agent or webhook has such a name."""
    return f"action/{action_id}"
