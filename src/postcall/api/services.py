"""What every request handler works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from postcall.settings import Settings
from postcall.storage.database import Record


@dataclass(frozen=True, slots=True)
class Services:
    """One process's record, settings and clock."""

    record: Record
    settings: Settings
    clock: Callable[[], datetime]


def services_of(request: Request) -> Services:
    """The services of the app that this request came to."""
    services: Services = request.app.state.services
    return services
