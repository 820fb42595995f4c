"""Secrets of agents, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.builders import Desk, a_call

from postcall.configure.sealing import Sealer, new_key
from postcall.configure.secrets import read_secret, read_secrets, reseal_secrets, set_secret
from postcall.domain.secrets import MAX_VALUE
from postcall.errors import BadInput, SecretsUnreadable
from postcall.storage.agents import find_agent_row, remove_agent
from postcall.storage.hosted_schema import secrets
from postcall.storage.secrets import list_secrets, remove_secret

NOWHERE = Path("/nonexistent/secrets-key")
OLD, NEW = new_key(), new_key()
SEALER = Sealer(NEW, NOWHERE)


def agent(desk: Desk, slug: str = "clinic") -> int:
    desk.hand_in(a_call(f"call-of-{slug}", agent=slug))
    return int(desk.record.read(lambda c: find_agent_row(c, desk.pk, slug).pk))


def put(desk: Desk, agent_pk: int, name: str, value: Any, sealer: Sealer = SEALER) -> None:
    desk.record.write(lambda c: set_secret(c, sealer, agent_pk, name, value, now=desk.clock()))


def read(desk: Desk, agent_pk: int, name: str, sealer: Sealer = SEALER) -> Any:
    return desk.record.read(lambda c: read_secret(c, sealer, agent_pk, name))


def test_a_secret_is_read_as_it_was_set_by_its_own_agent_only(desk: Desk) -> None:
    clinic, shop = agent(desk), agent(desk, "shop")
    put(desk, clinic, "TOKEN", "hunter22 🙂")
    put(desk, clinic, "ACCOUNT", {"user": "desk", "password": "p"})
    assert read(desk, clinic, "TOKEN") == "hunter22 🙂"
    assert read(desk, clinic, "ACCOUNT") == {"user": "desk", "password": "p"}
    assert read(desk, shop, "TOKEN") is None
    assert desk.record.read(lambda c: set(read_secrets(c, SEALER, clinic))) == {"TOKEN", "ACCOUNT"}


def test_the_record_holds_no_value(desk: Desk) -> None:
    clinic = agent(desk)
    put(desk, clinic, "TOKEN", "hunter22-hunter22")
    [sealed] = desk.record.read(lambda c: list(c.execute(sa.select(secrets.c.sealed)).scalars()))
    assert b"hunter22" not in bytes(sealed)


def test_the_list_has_names_and_dates_and_setting_again_keeps_the_first_date(desk: Desk) -> None:
    clinic = agent(desk)
    put(desk, clinic, "b", "first value")
    put(desk, clinic, "A", "another")
    desk.clock.advance(60)
    put(desk, clinic, "b", "second value")
    found = desk.record.read(lambda c: list_secrets(c, clinic))
    assert [secret.name for secret in found] == ["A", "b"]
    assert [(secret.updated_at - secret.created_at).total_seconds() for secret in found] == [0, 60]
    assert read(desk, clinic, "b") == "second value"


def test_a_removed_secret_is_gone_and_so_are_those_of_a_removed_agent(desk: Desk) -> None:
    clinic = agent(desk)
    put(desk, clinic, "TOKEN", "hunter22")
    assert desk.record.write(lambda c: remove_secret(c, clinic, "TOKEN"))
    assert not desk.record.write(lambda c: remove_secret(c, clinic, "TOKEN"))
    assert read(desk, clinic, "TOKEN") is None
    empty = int(desk.record.write(lambda c: _agent_without_calls(c, desk)))
    put(desk, empty, "TOKEN", "hunter22")
    assert desk.record.write(lambda c: remove_agent(c, empty))
    assert desk.record.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(secrets)).scalar_one()) == 0


def _agent_without_calls(connection: sa.Connection, desk: Desk) -> int:
    from postcall.storage.agents import ensure_agent_row

    return int(ensure_agent_row(connection, desk.pk, "empty", now=desk.clock()).pk)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "x"),
        ("a b", "x"),
        ("a/b", "x"),
        ("x" * 201, "x"),
        ("A", ""),
        ("A", {}),
        ("A", 5),
        ("A", None),
        ("A", ["x"]),
        ("A", "x" * MAX_VALUE),
    ],
)
def test_what_can_be_no_secret_is_refused_without_repeating_it(desk: Desk, name: str, value: Any) -> None:
    clinic = agent(desk)
    with pytest.raises(BadInput) as refused:
        put(desk, clinic, name, value)
    assert refused.value.field in {"name", "value"}
    assert desk.record.read(lambda c: list_secrets(c, clinic)) == ()


def test_keys_are_changed_without_losing_a_secret(desk: Desk) -> None:
    clinic = agent(desk)
    put(desk, clinic, "TOKEN", "hunter22", Sealer(OLD, NOWHERE))
    with pytest.raises(SecretsUnreadable):
        read(desk, clinic, "TOKEN")
    both = Sealer(f"{NEW},{OLD}", NOWHERE)
    assert read(desk, clinic, "TOKEN", both) == "hunter22"
    assert desk.record.write(lambda c: reseal_secrets(c, both, now=desk.clock())) == 1
    assert desk.record.write(lambda c: reseal_secrets(c, both, now=desk.clock())) == 0
    assert read(desk, clinic, "TOKEN") == "hunter22"
