"""Sealing: secrets are stored encrypted (AES-256-GCM), each bound to its agent and name.

A sealed value is one byte for the form, four that name the key, the nonce and what AES-GCM makes of the value. A row
moved to another agent or name does not open, nor one that was changed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

import msgspec

from postcall.domain.secrets import SecretValue
from postcall.errors import SecretsUnreadable, SettingsError
from postcall.settings import Settings

_FORM = b"\x01"
_KEY_BYTES = 32
_NAME_BYTES = 4
_NONCE_BYTES = 12


def new_key() -> str:
    """A key as POSTCALL_SECRETS_KEY takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def sealer_for(settings: Settings) -> Sealer:
    """The sealer of this installation."""
    return Sealer(settings.secrets_key, settings.secrets_file)


class Sealer:
    """Seals under the newest key, and opens what any of the keys has sealed."""

    def __init__(self, keys: str | None, file: Path) -> None:
        """`keys`: POSTCALL_SECRETS_KEY, newest first; without it the keys are those of `file`.

        The file is made with the first secret, since most installations have none. SettingsError where `keys` are not
        what they should be.
        """
        self._file = file
        self._keys = _parse(keys, "POSTCALL_SECRETS_KEY") if keys is not None else ()
        self._making = threading.Lock()

    def seal(self, agent_pk: int, name: str, value: SecretValue) -> bytes:
        """The value as it may be stored."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 6 MiB, where nothing is sealed for nothing

        key = self._read_keys(make=True)[0]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, msgspec.json.encode(value), _bound_to(agent_pk, name))
        return _FORM + key.name + nonce + sealed

    def open(self, agent_pk: int, name: str, sealed: bytes) -> SecretValue:
        """The value that was sealed; SecretsUnreadable where no key fits, or where it is not this secret's."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key_name, rest = sealed[1 : 1 + _NAME_BYTES], sealed[1 + _NAME_BYTES :]
        nonce, content = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        key = next((key for key in self._read_keys(make=False) if key.name == key_name), None)
        if sealed[:1] != _FORM or key is None:
            raise SecretsUnreadable(name)
        try:
            value = AESGCM(key.secret).decrypt(nonce, content, _bound_to(agent_pk, name))
        except (InvalidTag, ValueError):
            raise SecretsUnreadable(name) from None
        opened: SecretValue = msgspec.json.decode(value)
        return opened

    def is_outdated(self, sealed: bytes) -> bool:
        """Whether an older key than the newest has sealed it."""
        keys = self._read_keys(make=False)
        return bool(keys) and sealed[1 : 1 + _NAME_BYTES] != keys[0].name

    def _read_keys(self, *, make: bool) -> tuple[_Key, ...]:
        with self._making:
            if not self._keys:
                self._keys = self._find_keys(make=make)
            return self._keys

    def _find_keys(self, *, make: bool) -> tuple[_Key, ...]:
        if make and not self._file.exists():
            _make_file(self._file)
        return _parse(self._file.read_text(), str(self._file)) if self._file.exists() else ()


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    secret: bytes

    @property
    def name(self) -> bytes:
        return hashlib.sha256(b"postcall key\0" + self.secret).digest()[:_NAME_BYTES]


def _bound_to(agent_pk: int, name: str) -> bytes:
    return f"{agent_pk}\0{name}".encode()


def _parse(text: str, where: str) -> tuple[_Key, ...]:
    parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    if not parts:
        raise SettingsError(f"{where} holds no key")
    return tuple(_parse_key(part, number, where) for number, part in enumerate(parts, start=1))


def _parse_key(part: str, number: int, where: str) -> _Key:
    try:
        secret = base64.b64decode(part.translate(_STANDARD), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != _KEY_BYTES:  # never the key itself in a message
        raise SettingsError(f"{where}: key {number} is not {_KEY_BYTES} bytes in base64")
    return _Key(secret)


_STANDARD = str.maketrans("-_", "+/")


def _make_file(file: Path) -> None:
    """Whole or not at all, and only by the first of several processes."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(new_key() + "\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(beside, file)
        except FileExistsError:  # another process was first; its key is as good
            return
    finally:
        beside.unlink()
