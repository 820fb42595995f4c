"""Words with times and numbers that measure nothing: what they say is held against the query, not against its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from postcall.analyst.checking.row_labels import Place
from postcall.domain.analysis import Asked
from postcall.domain.queries import Bucket, Query

_PERCENTILE = re.compile(r"\bp(50|90|95|99)\b|\b(50|90|95|99)th[- ]percentile\b", re.I)
_BEFORE = re.compile(
    r"\b(?:(?:in |of |from |with )?the )?(?:(?P<unit>day|week|month|quarter|year|period) (?:before|earlier)\b(?! last)"
    r"|(?:previous|prior|preceding) (?P<other>day|week|month|quarter|year|period)\b)",
    re.I,
)
_DAYS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (89, 92), "year": (365, 366)}
_BELOW = re.compile(r"^\s*of \D*\b(?:under|below|within|at most|up to|(?:short|fast|quick|less)\w*) ", re.I)
_ABOVE = re.compile(r"^\s*of \D*\b(?:over|above|(?:long|more|slow)\w*) ", re.I)
_WEEKDAY = re.compile(
    r"(?:\bon )?\b(?P<day>mon|tues|wednes|thurs|fri|satur|sun)day,? (?:the )?$"
    r"|(?:\bon )?\b(?P<short>mon|tue|wed|thu|fri|sat|sun)\.?,? $",
    re.I,
)


def percentile_spans(text: str, asked: Sequence[Asked]) -> list[Place]:
    """Where a percentile that some result measures is named: `P95`, `the 95th percentile`."""
    kinds = {measure.kind.value for each in asked for measure in each.query.measures}
    return [found.span() for found in _PERCENTILE.finditer(text) if f"p{found[1] or found[2]}" in kinds]


def before_spans(text: str, asked: Sequence[Asked]) -> list[Place]:
    """Where the period before is named that some result is compared with: `the week before`, of a week."""
    return [
        found.span()
        for found in _BEFORE.finditer(text)
        if any(_is_long(each.query, (found["unit"] or found["other"]).lower()) for each in asked)
    ]


def weekday_spans(text: str, asked: Asked, rows: Sequence[tuple[Place, int]]) -> list[Place] | str:
    """Where a day of a result also bears the name of its weekday, `Monday, April 6`; or why that is another day's."""
    if Bucket.DAY not in asked.query.group_by:
        return []
    column = asked.query.group_by.index(Bucket.DAY)
    spans: list[Place] = []
    for (start, _), row in rows:
        found = _WEEKDAY.search(text[:start])
        if found is None:
            continue
        day = date.fromisoformat(str(asked.result.rows[row].group[column]))
        if not f"{day:%A}".lower().startswith((found["day"] or found["short"]).lower()):
            return f"{text[found.start() : start].strip()!r} is no {day:%A}"
        spans.append((found.start(), start))
    return spans


def is_of_percentile(percent: float, behind: str, asked: Asked) -> bool:
    """Whether so many percent are below, or above, a percentile that was measured, as the words behind it say."""
    shares = {int(kind[1:]) for m in asked.query.measures if re.fullmatch(r"p\d\d", kind := m.kind.value)}
    return (_BELOW.search(behind) is not None and percent in shares) or (
        _ABOVE.search(behind) is not None and 100 - percent in shares
    )


def _is_long(query: Query, unit: str) -> bool:
    if not query.compare or query.since is None or query.until is None:
        return False
    days = round((query.until - query.since).total_seconds() / 86_400)
    least, most = _DAYS.get(unit, (0, days))
    return least <= days <= most
