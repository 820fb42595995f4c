"""A list of calls that somebody wants to come back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SavedView:
    """An address of the list under a name; everybody in the account sees it."""

    id: str
    name: str
    query: str
    """The address behind `?`, as it was when it was saved; a period such as the last 7 days moves on with time."""
    created_by: str | None
    created_at: datetime
