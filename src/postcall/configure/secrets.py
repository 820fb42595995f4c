"""An agent's secrets, as its functions get them and its owner sets them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.engine import Connection

from postcall.configure.sealing import Sealer
from postcall.domain.secrets import MAX_VALUE, SecretValue, check_secret_name, check_secret_value
from postcall.errors import BadInput, SecretsUnreadable
from postcall.storage import secrets as table
from postcall.storage.secrets import SecretName


def set_secret(
    connection: Connection, sealer: Sealer, agent_pk: int, name: str, value: object, *, now: datetime
) -> SecretName:
    """Seal and store a value, in place of the one before."""
    checked = check_secret_value(value)
    if len(msgspec.json.encode(checked)) > MAX_VALUE:
        raise BadInput(f"value: at most {MAX_VALUE:,} bytes as JSON", field="value")
    sealed = sealer.seal(agent_pk, check_secret_name(name), checked)
    return table.keep_sealed(connection, agent_pk, name, sealed, now=now)


def read_secret(connection: Connection, sealer: Sealer, agent_pk: int, name: str) -> SecretValue | None:
    """The value; None where the agent has no secret of this name.

    SecretsUnreadable where this process lacks the key. Whoever calls this tells a Redactor of the value before
    anything that could repeat it is stored or shown.
    """
    sealed = table.read_sealed(connection, agent_pk, name)
    return None if sealed is None else sealer.open(agent_pk, name, sealed)


def read_secrets(connection: Connection, sealer: Sealer, agent_pk: int) -> dict[str, SecretValue]:
    """Every secret of an agent by name; the same holds for each."""
    sealed = table.read_all_sealed(connection, agent_pk)
    return {name: sealer.open(agent_pk, name, content) for name, content in sealed.items()}


def open_secrets(
    connection: Connection, sealer: Sealer, agent_pk: int
) -> tuple[dict[str, SecretValue], frozenset[str]]:
    """Every secret of an agent that this process can open, and the names of those that it cannot."""
    opened: dict[str, SecretValue] = {}
    closed = set()
    for name, sealed in table.read_all_sealed(connection, agent_pk).items():
        try:
            opened[name] = sealer.open(agent_pk, name, sealed)
        except SecretsUnreadable:
            closed.add(name)
    return opened, frozenset(closed)


def reseal_secrets(connection: Connection, sealer: Sealer, *, now: datetime) -> int:
    """Seal under the newest key what an older one has sealed, so that the older can be taken away; returns how many."""
    outdated = [key for key, sealed in table.every_sealed(connection).items() if sealer.is_outdated(sealed)]
    for agent_pk, name in outdated:
        value = read_secret(connection, sealer, agent_pk, name)
        if value is not None:
            table.keep_sealed(connection, agent_pk, name, sealer.seal(agent_pk, name, value), now=now)
    return len(outdated)
