"""How many calls there were at once, minute by minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


def busiest_by_minute(
    spans: Iterable[tuple[datetime, datetime]], since: datetime, until: datetime, *, every: timedelta = _MINUTE
) -> dict[datetime, int]:
    """For each minute in which a call was under way, the most that were so at one moment of it.

    `every` is how long a stretch is in place of a minute; the first begins at `since`.
    A call that ends at the moment in which another begins is not at once with it.
    """
    steps: dict[datetime, int] = {}
    for began, ended in spans:
        first, last = max(began, since), min(ended, until)
        if first < last:
            steps[first] = steps.get(first, 0) + 1
            steps[last] = steps.get(last, 0) - 1
    found: dict[datetime, int] = {}
    under_way = 0
    moments = sorted(steps)
    for index, at in enumerate(moments):
        under_way += steps[at]
        if under_way == 0:
            continue
        minute = since + (at - since) // every * every
        while minute < moments[index + 1]:  # the last step ends the last call, so there is a next one
            found[minute] = max(found.get(minute, 0), under_way)
            minute += every
    return found
