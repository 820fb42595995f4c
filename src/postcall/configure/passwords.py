"""Passwords: what is taken for one, and how it is kept (argon2id)."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from postcall.errors import BadInput

SHORTEST = 12
_LONGEST = 1000
"""Characters; nobody types more, and hashing takes the longer the more there are."""


class Passwords:
    """Makes and checks what is kept of passwords. Each takes some 50 ms and 64 MB, on purpose."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def keep(self, password: str) -> str:
        """What to keep of a new password; BadInput where it is too short to be one."""
        return self._hasher.hash(_read(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether it is the password of which this was kept.

        `kept` is None where nobody has such an e-mail address: it then takes as long and is false, so that the time
        does not tell who has one.
        """
        stranger = self._of_nobody
        try:
            self._hasher.verify(kept or stranger, _normal(password)[:_LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was kept with other costs than are asked for now."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _of_nobody(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(32))


def _read(password: str) -> str:
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise BadInput(f"a password must have at least {SHORTEST} characters; this one has {len(normal)}")
    if len(normal) > _LONGEST:
        raise BadInput(f"a password may have at most {_LONGEST:,} characters; this one has {len(normal):,}")
    if len(set(normal)) == 1:
        raise BadInput("a password of one character, many times, is soon guessed")
    return normal


def _normal(password: str) -> str:
    """One spelling of what keyboards and browsers spell in several; what no text can hold becomes `?`."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace").decode()
