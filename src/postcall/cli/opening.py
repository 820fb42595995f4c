"""What every command begins with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from postcall.errors import SettingsError
from postcall.services import Services
from postcall.serving import open_services
from postcall.settings import Settings, read_settings
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data folder; POSTCALL_DATA and ./.postcall otherwise.")
]


def settings_for(data: Path | None) -> Settings:
    """The settings, with the data folder of the command line where one is given."""
    environ = dict(os.environ)
    if data is not None:
        environ["POSTCALL_DATA"] = str(data)
    return read_settings(environ)


@contextmanager
def opened(data: Path | None, *, to_read: bool = False) -> Iterator[tuple[Services, int]]:
    """The record, open, and the key of the default account; a command that only reads makes no new folder."""
    settings = settings_for(data)
    if to_read and settings.database_url.startswith("sqlite") and not settings.sqlite_file.exists():
        raise SettingsError(
            f"there is no postcall data in {settings.data} yet; `postcall serve`, `demo` and `import` make it, "
            "and --data names another folder"
        )
    services = open_services(settings)
    try:
        yield services, services.record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
    finally:
        services.record.close()
