"""Passwords: which are taken, and how they are kept."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher

from postcall.configure.passwords import SHORTEST, Passwords
from postcall.errors import BadInput

GOOD = "correct horse battery"


class CountingHasher(PasswordHasher):
    """Counts how often a password was checked."""

    checks = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - its name in argon2
        self.checks += 1
        return super().verify(hash, password)


def quick() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


def test_a_password_is_kept_as_argon2id_and_never_twice_alike() -> None:
    passwords = Passwords()
    first, second = passwords.keep(GOOD), passwords.keep(GOOD)
    assert first.startswith("$argon2id$")
    assert first != second
    assert GOOD not in first
    assert passwords.matches(first, GOOD) and passwords.matches(second, GOOD)
    assert not passwords.matches(first, GOOD + " ")
    assert not passwords.is_outdated(first)


@pytest.mark.parametrize("password", ["", "a" * (SHORTEST - 1), "é" * 6, "x" * 12, "ab" * 501])
def test_a_password_that_is_too_short_or_too_simple_is_not_taken(password: str) -> None:
    with pytest.raises(BadInput):
        Passwords(quick()).keep(password)


def test_twelve_characters_are_enough_of_any_script() -> None:
    for password in ("abcdefghijkl", "пароль пароль", "密码密码密码密码密码密碼", "🐴🔋📎✅🐴🔋📎✅🐴🔋📎✅"):
        passwords = Passwords(quick())
        assert passwords.matches(passwords.keep(password), password)


def test_a_letter_typed_in_two_ways_is_the_same_letter() -> None:
    passwords = Passwords(quick())
    assert passwords.matches(passwords.keep("caf\u00e9 caf\u00e9 caf\u00e9"), "cafe\u0301 cafe\u0301 cafe\u0301")


def test_nobodys_password_costs_as_much_to_check_as_somebodys() -> None:
    hasher = CountingHasher(time_cost=1, memory_cost=1024, parallelism=1)
    passwords = Passwords(hasher)
    assert not passwords.matches(None, GOOD)
    assert hasher.checks == 1
    assert not passwords.matches(passwords.keep(GOOD), "another password")
    assert hasher.checks == 2


@pytest.mark.parametrize("kept", ["", "plain text", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuu"])
def test_what_was_not_kept_by_us_matches_nothing(kept: str) -> None:
    assert not Passwords(quick()).matches(kept, GOOD)


def test_a_password_kept_at_other_costs_still_matches_and_is_known_as_outdated() -> None:
    kept = Passwords(quick()).keep(GOOD)
    now = Passwords(PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1))
    assert now.matches(kept, GOOD)
    assert now.is_outdated(kept)


@pytest.mark.parametrize("password", ["x" * 100_000, "\ud800" * 20, "\x00" * 20])
def test_odd_attempts_are_wrong_and_no_fault(password: str) -> None:
    passwords = Passwords(quick())
    assert not passwords.matches(passwords.keep(GOOD), password)
