"""What each role may do, and how addresses are read."""

from __future__ import annotations

import pytest

from postcall.domain.people import Person, Role, read_email
from postcall.errors import BadInput, NotAllowed

ORDER = [Role.READER, Role.EDITOR, Role.ADMIN]


def person(role: Role) -> Person:
    return Person(account_pk=1, account="default", name="Mara", email="mara@clinic.example", role=role)


@pytest.mark.parametrize("mine", ORDER)
@pytest.mark.parametrize("needed", ORDER)
def test_a_role_may_do_what_those_below_it_may(mine: Role, needed: Role) -> None:
    if ORDER.index(mine) >= ORDER.index(needed):
        person(mine).require(needed)
    else:
        with pytest.raises(NotAllowed, match=f"needs the role {needed}, and yours is {mine}"):
            person(mine).require(needed)


def test_all_but_readers_may_change_something() -> None:
    assert [person(role).may_change for role in ORDER] == [False, True, True]


@pytest.mark.parametrize("text", ["mara@clinic.example", " Mara@CLINIC.example\n", "MARA@clinic.example"])
def test_one_address_has_one_spelling(text: str) -> None:
    assert read_email(text) == "mara@clinic.example"


@pytest.mark.parametrize("text", ["", "@", "mara", "mara@", "@clinic", "a b@c", "a@b c", "a@b\x00", "é" * 300 + "@c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_email(text)
