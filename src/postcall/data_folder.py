"""The data folder: the record's file, the first key, and the address of the server that runs on it."""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy.engine import Connection

from postcall.domain.keys import Scope
from postcall.errors import SettingsError
from postcall.storage.accounts import DEFAULT_ACCOUNT, ensure_account
from postcall.storage.database import Record
from postcall.storage.keys import create_key, who_holds

ADDRESS_FILE = "server"
_LOCK_FILE = "serve.lock"


def prepare_folder(data: Path) -> None:
    """Make the folder where it is new; nobody else may read it."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"POSTCALL_DATA: the folder {data} cannot be made: {error.strerror}") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise SettingsError(f"POSTCALL_DATA: the folder {data} cannot be written to")


def ensure_default_account(record: Record, *, now: datetime) -> None:
    """The account that every command works in."""
    record.write(lambda c: ensure_account(c, DEFAULT_ACCOUNT, now=now))


def ensure_first_key(record: Record, file: Path, *, now: datetime) -> str:
    """The admin key that is kept in this file, for whoever runs postcall; made where there is none that works."""
    kept = file.read_text().strip() if file.exists() else ""

    def make(connection: Connection) -> str:
        ensure_account(connection, DEFAULT_ACCOUNT, now=now)
        if kept and who_holds(connection, kept, now=now) is not None:
            return kept
        made = create_key(
            connection,
            DEFAULT_ACCOUNT,
            name="first key",
            scopes=frozenset({Scope.ADMIN}),
            expires_at=None,
            now=now,
        )
        return made.secret

    secret = record.write(make)
    if secret != kept:
        _write_private(file, secret + "\n")
    return secret


def claim_folder(data: Path) -> IO[str]:
    """Hold the folder for one server; keep the returned file open. SettingsError where another holds it."""
    lock = (data / _LOCK_FILE).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        address = read_address(data)
        where = f" at {address}" if address else ""
        raise SettingsError(
            f"a server{where} already runs on the folder {data}; stop it, or give this one another POSTCALL_DATA"
        ) from None
    return lock


def write_address(data: Path, address: str) -> None:
    """Let other commands find the server."""
    _write_private(data / ADDRESS_FILE, address + "\n")


def read_address(data: Path) -> str | None:
    """Where the server of this folder was started last."""
    file = data / ADDRESS_FILE
    return file.read_text().strip() if file.exists() else None


def _write_private(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        os.fchmod(descriptor, 0o600)
        out.write(text)
