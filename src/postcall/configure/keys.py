"""Keys: what may be one, and how it may change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.engine import Connection

from postcall.domain.folding import storable
from postcall.domain.keys import ApiKey, Scope
from postcall.errors import AgentNotFound, BadInput
from postcall.storage.keys import KeyChange, NewKey, create_key, update_key

MAX_NAME: Final = 100
MAX_AGENTS: Final = 500
"""Of one key; one that needs more is for all."""
MAX_PER_MINUTE: Final = 1_000_000


def make_key(
    connection: Connection,
    account: str,
    *,
    name: str,
    scopes: frozenset[Scope],
    agents: Sequence[str] | None,
    per_minute: int | None,
    expires_at: datetime | None,
    by: str | None,
    now: datetime,
) -> NewKey:
    """Make a key; its secret is in the result and nowhere else.

    `agents`: ids or slugs, which never change; None for all there are and will be. Raises BadInput and AgentNotFound.
    """
    return create_key(
        connection,
        account,
        name=check_name(name),
        scopes=check_scopes(scopes),
        agents=_check_agents(agents),
        per_minute=check_per_minute(per_minute),
        expires_at=_check_expiry(expires_at, now),
        created_by=by,
        now=now,
    )


def change_key(connection: Connection, account: str, key_id: str, change: KeyChange) -> ApiKey:
    """Change a key's name, scopes or limit, from the commit on; its agents, secret and expiry stay.

    Raises BadInput, NotFound, and Conflict where it was revoked.
    """
    if change.name is not None:
        check_name(change.name)
    if change.scopes is not None:
        check_scopes(change.scopes)
    if change.per_minute is not None:
        check_per_minute(change.per_minute)
    return update_key(connection, account, key_id, change)


def check_name(name: str) -> str:
    """What a key is called; BadInput where that is nothing, too long, or cannot be stored."""
    if not name.strip() or len(name) > MAX_NAME or storable(name) != name or not name.isprintable():
        raise BadInput(f"name: 1 to {MAX_NAME} characters that can be printed", field="name")
    return name


def check_scopes(scopes: frozenset[Scope]) -> frozenset[Scope]:
    """What a key may do; a key that may do nothing is a mistake."""
    if not scopes:
        raise BadInput(f"scopes: at least one of {', '.join(Scope)}", field="scopes")
    return scopes


def check_per_minute(per_minute: int | None) -> int | None:
    """How many requests a minute; None: as many as it likes."""
    if per_minute is not None and not 1 <= per_minute <= MAX_PER_MINUTE:
        raise BadInput(f"per_minute: from 1 to {MAX_PER_MINUTE:,}", field="per_minute")
    return per_minute


def _check_agents(agents: Sequence[str] | None) -> Sequence[str] | None:
    if agents is not None and not 1 <= len(agents) <= MAX_AGENTS:
        raise BadInput(f"agents: from 1 to {MAX_AGENTS}, or leave them out for all", field="agents")
    for agent in agents or ():
        if storable(agent) != agent:  # the databases cannot even be asked
            raise AgentNotFound(agent)
    return agents


def _check_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    if expires_at is not None and expires_at <= now:
        raise BadInput("expires_at: this time is past", field="expires_at")
    return expires_at
