"""What every request, command and worker works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from postcall.settings import Settings
from postcall.storage.database import Record


@dataclass(frozen=True, slots=True)
class Services:
    """One process's record, settings and clock."""

    record: Record
    settings: Settings
    clock: Callable[[], datetime]
