"""Files of numbers that are not to be called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO

from sqlalchemy.engine import Connection

from postcall.domain.audiences import BarSource
from postcall.outbound.contacts import PHONE_COLUMN
from postcall.outbound.uploads import read_file
from postcall.storage.agents import find_agent_row
from postcall.storage.do_not_call import bar_many

PHONE_COLUMNS = (PHONE_COLUMN, "phone", "phone_number", "phone number", "number")
"""What the column of numbers may be called, however it is capitalised."""


def read_barring_file(file: BinaryIO) -> tuple[str, ...]:
    """The numbers of a CSV file, each once; BadInput names the first rows that hold none."""
    with read_file(file, phone_columns=PHONE_COLUMNS) as contacts:
        return tuple(contact.phone for contact in contacts)


def bar_file(
    account_pk: int, phones: Sequence[str], *, agent: str | None, now: datetime
) -> Callable[[Connection], int]:
    """A write that puts these numbers on the list of an agent, or (None) of all; returns how many are new there."""

    def write(connection: Connection) -> int:
        pk = None if agent is None else find_agent_row(connection, account_pk, agent).pk
        return bar_many(connection, account_pk, phones, agent_pk=pk, source=BarSource.UPLOAD, now=now)

    return write
