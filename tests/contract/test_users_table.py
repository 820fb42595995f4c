"""Who can sign in: added once, signed out by every change, seen by their own account only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.builders import Desk

from postcall.domain.people import Person, Role, User
from postcall.errors import BadInput, Conflict, NotFound
from postcall.storage.sessions import LIFE, Session, begin_session, end_session, extend_session, find_session
from postcall.storage.tables import metadata
from postcall.storage.users import (
    Credentials,
    add_user,
    change_password,
    change_role,
    find_credentials,
    find_user,
    has_users,
    keep_password,
    list_users,
    remove_user,
)

MARA = "mara@clinic.example"


def add(desk: Desk, email: str = MARA, *, role: Role = Role.EDITOR, password: str = "kept") -> User:
    return desk.record.write(
        lambda c: add_user(c, desk.pk, email=email, name="Mara", role=role, password=password, now=desk.clock())
    )


def credentials(desk: Desk, email: str = MARA) -> Credentials:
    found = desk.record.read(lambda c: find_credentials(c, email))
    assert found is not None
    return found


def begin(desk: Desk, email: str = MARA) -> str:
    checked = credentials(desk, email)
    token = desk.record.write(lambda c: begin_session(c, checked, now=desk.clock()))
    assert token is not None
    return token


def session(desk: Desk, token: str) -> Session | None:
    return desk.record.read(lambda c: find_session(c, token, now=desk.clock()))


def rows(connection: sa.Connection, *, table: sa.Table) -> list[object]:
    return list(connection.execute(sa.select(table)))


def test_a_user_is_listed_with_all_but_the_password(desk: Desk) -> None:
    assert not desk.record.read(has_users)
    made = add(desk, "Mara@Clinic.EXAMPLE ", role=Role.ADMIN)
    [listed] = desk.record.read(lambda c: list_users(c, desk.pk))
    assert listed == made == desk.record.read(lambda c: find_user(c, desk.pk, "MARA@clinic.example"))
    assert (listed.email, listed.name, listed.role, listed.last_seen_at) == (MARA, "Mara", Role.ADMIN, None)
    assert "kept" not in repr(listed)
    assert desk.record.read(has_users)


@pytest.mark.parametrize("email", [MARA, "MARA@CLINIC.EXAMPLE"])
@pytest.mark.parametrize("account", ["default", "other"])
def test_an_address_is_one_users_whatever_the_account(desk: Desk, email: str, account: str) -> None:
    add(desk)
    with pytest.raises(Conflict, match="already"):
        add(Desk(desk.record, desk.clock, account=account), email, password="another")
    assert credentials(desk).password == "kept"


def test_of_two_who_add_the_same_address_at_once_one_is_told(desk: Desk) -> None:
    def try_to(number: int) -> bool:
        try:
            add(desk, password=str(number))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_to, range(8))) == 1


@pytest.mark.parametrize(
    "email",
    ["", "mara", "mara@", "@clinic", "a b@clinic", "a@b@c", "a\x00@b", "a\n@b", "ma\u202era@b", "a" * 255 + "@b"],
)
def test_what_is_no_address_is_not_taken(desk: Desk, email: str) -> None:
    with pytest.raises(BadInput, match="not an e-mail address"):
        add(desk, email)


def test_another_accounts_users_cannot_be_seen_or_changed(desk: Desk) -> None:
    add(desk)
    other = Desk(desk.record, desk.clock, account="other")
    assert desk.record.read(lambda c: list_users(c, other.pk)) == []
    for change in (
        lambda c: find_user(c, other.pk, MARA),
        lambda c: change_password(c, other.pk, MARA, "theirs"),
        lambda c: change_role(c, other.pk, MARA, Role.ADMIN),
        lambda c: remove_user(c, other.pk, MARA),
    ):
        with pytest.raises(NotFound):
            desk.record.write(change)
    assert (credentials(desk).password, add_role(desk)) == ("kept", Role.EDITOR)


def add_role(desk: Desk) -> Role:
    return desk.record.read(lambda c: find_user(c, desk.pk, MARA)).role


def test_a_session_stands_for_its_user(desk: Desk) -> None:
    add(desk)
    found = session(desk, begin(desk))
    assert found is not None
    assert found.person == Person(desk.pk, "default", "Mara", MARA, Role.EDITOR)
    assert found.expires_at == desk.clock() + LIFE == desk.clock() + timedelta(days=14)
    assert desk.record.read(lambda c: find_user(c, desk.pk, MARA)).last_seen_at == desk.clock()


@pytest.mark.parametrize("token", ["", "x", "\N{SNOWMAN}", "'; --"])
def test_an_unknown_token_stands_for_nobody(desk: Desk, token: str) -> None:
    add(desk)
    begin(desk)
    assert session(desk, token) is None


def test_a_token_is_nowhere_in_the_record_and_its_digest_opens_nothing(desk: Desk, database_url: str) -> None:
    add(desk)
    token = begin(desk)
    for table in metadata.tables.values():
        assert token not in repr(desk.record.read(partial(rows, table=table)))
    [digest] = desk.record.read(lambda c: c.execute(sa.text("SELECT digest FROM sessions")).scalars().all())
    assert session(desk, digest) is None
    if database_url.startswith("sqlite"):
        folder = Path(database_url.removeprefix("sqlite:///")).parent
        assert not any(token.encode() in file.read_bytes() for file in folder.iterdir())


def test_no_two_tokens_are_alike_and_each_is_long(desk: Desk) -> None:
    add(desk)
    tokens = {begin(desk) for _ in range(10)}
    assert len(tokens) == 10
    assert all(len(token) >= 43 for token in tokens), "256 random bits"


def test_a_session_ends_fourteen_days_after_the_last_visit(desk: Desk) -> None:
    add(desk)
    token = begin(desk)
    desk.clock.advance(LIFE.total_seconds() - 1)
    desk.record.write(lambda c: extend_session(c, token, now=desk.clock()))
    assert desk.record.read(lambda c: find_user(c, desk.pk, MARA)).last_seen_at == desk.clock()
    desk.clock.advance(LIFE.total_seconds() - 1)
    assert session(desk, token) is not None
    desk.clock.advance(1)
    assert session(desk, token) is None


def test_a_session_that_has_ended_is_not_brought_back(desk: Desk) -> None:
    add(desk)
    token = begin(desk)
    desk.clock.advance(LIFE.total_seconds())
    desk.record.write(lambda c: extend_session(c, token, now=desk.clock()))
    assert session(desk, token) is None


def test_looking_at_pages_writes_once_a_day(desk: Desk) -> None:
    add(desk)
    found = session(desk, begin(desk))
    assert found is not None
    assert not found.is_to_be_extended(desk.clock() + timedelta(hours=24))
    assert found.is_to_be_extended(desk.clock() + timedelta(hours=24, seconds=1))


def test_signing_in_clears_sessions_that_have_ended(desk: Desk) -> None:
    add(desk)
    begin(desk)
    desk.clock.advance(LIFE.total_seconds())
    begin(desk)
    count = sa.select(sa.func.count()).select_from(metadata.tables["sessions"])
    assert desk.record.read(lambda c: c.execute(count).scalar_one()) == 1


def test_signing_out_ends_one_session_and_leaves_the_others(desk: Desk) -> None:
    add(desk)
    here, there = begin(desk), begin(desk)
    desk.record.write(lambda c: end_session(c, here))
    assert session(desk, here) is None
    assert session(desk, there) is not None


def test_every_change_to_a_user_signs_them_out_everywhere_and_nobody_else(desk: Desk) -> None:
    add(desk)
    add(desk, "joe@clinic.example")
    joe = begin(desk, "joe@clinic.example")
    for change in (
        lambda c: change_password(c, desk.pk, MARA, "another"),
        lambda c: change_role(c, desk.pk, MARA, Role.READER),
        lambda c: remove_user(c, desk.pk, MARA),
    ):
        tokens = [begin(desk), begin(desk)]
        desk.record.write(change)
        assert [session(desk, token) for token in tokens] == [None, None]
    assert session(desk, joe) is not None
    assert desk.record.read(lambda c: find_credentials(c, MARA)) is None


def test_a_password_that_was_changed_while_it_was_checked_signs_nobody_in(desk: Desk) -> None:
    add(desk)
    checked = credentials(desk)
    desk.record.write(lambda c: change_password(c, desk.pk, MARA, "another"))
    assert desk.record.write(lambda c: begin_session(c, checked, now=desk.clock())) is None
    desk.record.write(lambda c: keep_password(c, checked, "the old one, kept anew"))
    assert credentials(desk).password == "another"
    again = credentials(desk)
    desk.record.write(lambda c: remove_user(c, desk.pk, MARA))
    assert desk.record.write(lambda c: begin_session(c, again, now=desk.clock())) is None


def test_keeping_the_same_password_in_another_way_signs_nobody_out(desk: Desk) -> None:
    add(desk)
    token, checked = begin(desk), credentials(desk)
    desk.record.write(lambda c: keep_password(c, checked, "kept at greater cost"))
    assert credentials(desk).password == "kept at greater cost"
    assert session(desk, token) is not None
