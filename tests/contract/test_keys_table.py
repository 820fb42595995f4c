"""Keys: hashed at rest, bound to an account, expiring, revoked at once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.builders import Desk

from postcall.domain.keys import ApiKey, Principal, Scope
from postcall.errors import NotAllowed, NotFound
from postcall.storage.keys import KeyChange, list_keys, revoke_key, update_key, who_holds
from postcall.storage.tables import metadata


def read_rows(connection: sa.Connection, *, table: sa.Table) -> list[object]:
    return list(connection.execute(sa.select(table)))


def holder(desk: Desk, secret: str) -> Principal | None:
    return desk.record.read(lambda c: who_holds(c, secret, now=desk.clock()))


def test_a_key_stands_for_its_account_and_scopes(desk: Desk) -> None:
    other = Desk(desk.record, desk.clock, account="other")
    principal = holder(desk, other.key(Scope.READ).secret)
    assert principal is not None
    assert (principal.account, principal.account_pk, principal.scopes) == ("other", other.pk, frozenset({Scope.READ}))
    with pytest.raises(NotAllowed):
        principal.require(Scope.WRITE)


def test_an_admin_key_may_do_everything(desk: Desk) -> None:
    principal = holder(desk, desk.key(Scope.ADMIN).secret)
    assert principal is not None
    for scope in Scope:
        principal.require(scope)


@pytest.mark.parametrize("secret", ["", " ", "pc_", "pc_nobody-has-this-one", "\N{SNOWMAN}"])
def test_an_unknown_secret_stands_for_nobody(desk: Desk, secret: str) -> None:
    desk.key()
    assert holder(desk, secret) is None


def test_the_digest_of_a_key_does_not_open_anything(desk: Desk) -> None:
    desk.key()
    [digest] = desk.record.read(lambda c: c.execute(sa.text("SELECT digest FROM api_keys")).scalars().all())
    assert holder(desk, digest) is None


def test_the_secret_is_nowhere_in_the_record(desk: Desk) -> None:
    secret = desk.key().secret
    for table in metadata.tables.values():
        assert secret not in repr(desk.record.read(partial(read_rows, table=table)))


def test_the_secret_is_nowhere_in_the_files(desk: Desk, database_url: str) -> None:
    secret = desk.key().secret.encode()
    if not database_url.startswith("sqlite"):
        return
    for file in Path(database_url.removeprefix("sqlite:///")).parent.iterdir():
        content = file.read_bytes()
        assert secret not in content
        assert secret[3:20] not in content


def test_a_key_opens_nothing_from_the_moment_it_expires(desk: Desk) -> None:
    secret = desk.key(expires_at=desk.clock() + timedelta(seconds=10)).secret
    desk.clock.advance(9.999)
    assert holder(desk, secret) is not None
    desk.clock.advance(0.001)
    assert holder(desk, secret) is None


def test_a_revoked_key_opens_nothing_and_the_others_do(desk: Desk) -> None:
    first, second = desk.key(), desk.key()
    desk.record.write(lambda c: revoke_key(c, desk.account, first.key.id, now=desk.clock()))
    assert holder(desk, first.secret) is None
    assert holder(desk, second.secret) is not None


def test_revoking_twice_keeps_the_first_time(desk: Desk) -> None:
    key = desk.key().key
    when = desk.clock()
    for _ in range(2):
        desk.record.write(lambda c: revoke_key(c, desk.account, key.id, now=desk.clock()))
        desk.clock.advance(60)
    [listed] = desk.record.read(lambda c: list_keys(c, desk.account))
    assert listed.revoked_at == when


def test_an_account_cannot_revoke_anothers_key(desk: Desk) -> None:
    other = Desk(desk.record, desk.clock, account="other")
    made = desk.key()
    with pytest.raises(NotFound):
        desk.record.write(lambda c: revoke_key(c, other.account, made.key.id, now=desk.clock()))
    assert holder(desk, made.secret) is not None


def test_who_renames_a_key_gives_back_no_scope_that_was_taken_from_it_meanwhile(desk: Desk) -> None:
    made = desk.key(Scope.READ, Scope.WRITE)
    fewer, name = KeyChange(scopes=frozenset({Scope.READ})), KeyChange(name="till")
    if desk.record.dialect == "sqlite":  # whose writers come one after the other
        return
    taken: list[ApiKey] = []

    def rename(connection: sa.Connection) -> None:
        def take_first(*about: Any) -> None:
            if "UPDATE api_keys" in about[2] and not taken:
                taken.append(desk.record.write(lambda c: update_key(c, desk.account, made.key.id, fewer)))

        sa.event.listen(connection, "before_cursor_execute", take_first)
        update_key(connection, desk.account, made.key.id, name)

    desk.record.write(rename)
    [listed] = desk.record.read(lambda c: list_keys(c, desk.account))
    assert (listed.name, listed.scopes) == ("till", frozenset({Scope.READ}))


def test_keys_are_listed_without_their_secrets(desk: Desk) -> None:
    made = desk.key(Scope.READ)
    [listed] = desk.record.read(lambda c: list_keys(c, desk.account))
    assert listed == made.key
    assert made.secret not in repr(listed)


def test_no_two_keys_are_alike(desk: Desk) -> None:
    secrets = {desk.key().secret for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret) >= 40 for secret in secrets)
