"""Words that ask for a number in each of several stretches of time: `per day`, `weekly`, `busiest hour`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from postcall.analyst.times.rules import compiled
from postcall.domain.queries import Bucket

_NOT_BOOKED = (
    r"(?! (?:(?:is|are|was|were|gets?|get|do|does|did|being) )?"
    r"(?:(?:most|mostly|usually|often|people|callers|they|the) )*"
    r"(?:book|booked|reserved?|chosen|requested|wanted|preferred|asked|scheduled))"
)
"""A day that somebody books is not the day of a call."""
_MOST = (
    r"(?:busiest|quietest|best|worst|strongest|weakest|peak|rush|which|what|slowest|calmest|loudest|highest|lowest)"
    r"(?: \d+)?"
)

_WITH_MOST = r"with the (?:most|fewest|least|highest|lowest|best|worst)"


@dataclass(frozen=True, slots=True)
class Grouping:
    """What some words group calls by: a bucket of time, an hour of the day or a day of the week."""

    start: int
    end: int
    by: Bucket | str
    """A bucket, `hour of day` or `weekday`; `hours`: by hour, of which sort is not said."""


_WEEKDAY = (
    compiled(r"(?:(?:by|per|each|every|for|over|across|on|in|of|the|which|what) )*days? of (?:the )?weeks?"),
    compiled(rf"(?:by|per|each|every|across|over|for each)(?: the)? weekdays?{_NOT_BOOKED}"),
    compiled(rf"{_MOST}(?: of the)? weekdays?{_NOT_BOOKED}"),
    compiled(rf"{_MOST} days? of (?:the )?week"),
    compiled(rf"(?:the )?weekdays? {_WITH_MOST}"),
)
_HOUR_OF_DAY = (
    compiled(r"(?:(?:by|per|each|every|for|over|across|at|in|of|the|which|what) )*(?:hours?|times?) of (?:the )?days?"),
    compiled(r"(?:busiest|quietest|peak|rush|calmest|slowest) times?(?: of (?:the )?day)?"),
    compiled(rf"{_MOST}(?: of the)? hours?{_NOT_BOOKED}"),
    compiled(rf"(?:the )?hours? {_WITH_MOST}"),
    compiled(
        r"when (?:do|does|did) (?:(?:most|the|our|us) )*(?:people|callers|customers|calls|patients|they) "
        r"(?:(?:mostly|usually|typically) )?(?:call|come|ring|arrive)(?: in)?(?: us)?(?: the)?(?: most| mostly)?"
    ),
    compiled(r"when (?:is|are|was|were) (?:we|it|the line|the phone|the lines) (?:the )?(?:busiest|quietest)"),
)
_BUCKETS = (
    compiled(
        r"(?:by|per|(?:for |in |on |over )?(?:each|every)|into|in|across)(?: the| calendar| single)* "
        r"(?P<unit>hours?|days?|dates?|weeks?|months?)" + _NOT_BOOKED
    ),
    compiled(r"(?P<unit>hour|day|week|month) (?:by|over|on|to|after|for) (?P=unit)"),
    compiled(r"(?P<unit>hourly|daily|weekly|monthly)"),
    compiled(rf"(?:on |in )?{_MOST}(?: of the)? (?P<unit>days?|dates?|weeks?|months?){_NOT_BOOKED}"),
    compiled(rf"(?:the )?(?P<unit>days?|weeks?|months?) {_WITH_MOST}"),
    compiled(r"(?<=s )an? (?P<unit>hour|day|week|month)(?! (?:ago|earlier|later|before|from|in))"),
)
_UNITS = {
    **dict.fromkeys(("hour", "hours", "hourly"), Bucket.HOUR),
    **dict.fromkeys(("day", "days", "daily", "date", "dates"), Bucket.DAY),
    **dict.fromkeys(("week", "weeks", "weekly"), Bucket.WEEK),
    **dict.fromkeys(("month", "months", "monthly"), Bucket.MONTH),
}


def groupings(text: str) -> list[Grouping]:
    """What is asked for by hour, day and so on, in the order of the words."""
    found = [
        *(Grouping(match.start(), match.end(), "weekday") for rule in _WEEKDAY for match in rule.finditer(text)),
        *(
            Grouping(match.start(), match.end(), "hour of day")
            for rule in _HOUR_OF_DAY
            for match in rule.finditer(text)
        ),
        *(bucket for rule in _BUCKETS for match in rule.finditer(text) if (bucket := _bucket(match, text)) is not None),
    ]
    kept: list[Grouping] = []
    for each in sorted(found, key=lambda grouping: grouping.start - grouping.end):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda grouping: grouping.start)


def _bucket(match: re.Match[str], text: str) -> Grouping | None:
    words = match[0].split()
    plural = match["unit"] in ("hours", "days", "weeks", "months")
    if (
        words[0] == "in"
        and words[1] not in ("each", "every")
        and (not plural or text[: match.start()].endswith(("back ", "as ", "longer ")))
    ):
        # `in days` groups, `in week 12` and `in the month of May` do not.
        return None
    if words[0] == "in" and "the" in words:
        return None
    if words[0] in ("a", "an") and re.search(r"(?:times|minutes|seconds|hours|days|twice|s') $", text[: match.start()]):
        return None
    unit = _UNITS[match["unit"]]
    return Grouping(match.start(), match.end(), "hours" if unit is Bucket.HOUR else unit)
