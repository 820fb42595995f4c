"""The spaces that were learned, read from the record when they are needed; the last few are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Connection

from postcall.storage.call_vectors import read_space
from postcall.storage.database import Record

if TYPE_CHECKING:
    from postcall.semantic.space import LearnedSpace

_KEPT = 2
"""A space takes up to 15 MB."""
_lock = threading.Lock()
_kept: WeakKeyDictionary[Record, OrderedDict[int, LearnedSpace]] = WeakKeyDictionary()


async def space_of(record: Record, space_pk: int) -> LearnedSpace | None:
    """The space, which never changes under its key; None where it is gone meanwhile. Raises SpaceUnreadable."""
    with _lock:
        mine = _kept.setdefault(record, OrderedDict())
        if space_pk in mine:
            mine.move_to_end(space_pk)
            return mine[space_pk]
    space = await record.read_async(lambda c: _read(c, space_pk))
    if space is not None:
        with _lock:
            mine[space_pk] = space
            while len(mine) > _KEPT:
                mine.popitem(last=False)
    return space


def _read(connection: Connection, space_pk: int) -> LearnedSpace | None:
    from postcall.semantic.space import load_space

    content = read_space(connection, space_pk)
    return None if content is None else load_space(content)
