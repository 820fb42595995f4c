"""What a question asks of times that are still to come: nothing can be counted there."""

from __future__ import annotations

import re
from datetime import datetime

from postcall.domain.analysis import AskBack, TimeWords

_TO_COME = re.compile(
    r"\b(?:will (?:we|i|they|there|it|the \w+|callers|people|customers) (?:\w+ )?(?:get|have|be|see|receive|take|call)"
    r"|(?:are|is|am) (?:we|i|they|there|it) (?:going to|likely to|expected to)"
    r"|(?:forecast|predict|extrapolate|project)(?:s|ed|ing)?\b(?! (?:is|was))|can (?:we|i) expect"
    r"|(?:do|should) (?:we|i) expect)",
    re.IGNORECASE,
)
_SAYS = "Calls can be counted only once they have come in: what is still to come cannot be told from them."


def refuse_future(text: str, times: TimeWords, now: datetime) -> AskBack | None:
    """That what is asked lies ahead; None where it does not, or where a past time is asked about as well.

    A month without a year is the latest past one, so the words decide: `how many will we get in May`.
    """
    ahead = [each for each in times.periods if each.since is not None and each.since >= now]
    if times.periods and len(ahead) == len(times.periods):
        when = " and ".join(dict.fromkeys(each.says.removeprefix("since ") for each in ahead))
        return AskBack(f"{_SAYS[:-1]} ({when}).")
    return AskBack(_SAYS) if _TO_COME.search(text) else None
