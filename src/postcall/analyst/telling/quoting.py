"""Where in the calls that were found the searched words stand."""

from __future__ import annotations

from collections.abc import Sequence

from postcall.domain.analysis import Citation
from postcall.domain.searching import matching_turns, read_search
from postcall.services import Services
from postcall.storage.said import Said, read_said

MOST_CALLS = 10
"""That are looked into; each is cited once or twice."""
_PER_CALL = 2
_AROUND = 120
"""Characters of a quote before and behind the words."""


async def quote_calls(services: Services, call_pks: Sequence[int], text: str) -> tuple[Citation, ...]:
    """The turns of these calls that hold what is searched for; the keys are of calls that may be seen."""
    wanted = list(call_pks[:MOST_CALLS])
    said = await services.record.read_async(lambda c: read_said(c, wanted))
    return tuple(citation for each in said for citation in find_quotes(each, text))


def find_quotes(said: Said, text: str) -> tuple[Citation, ...]:
    """The first turns of one call that hold any of the words, with what stands around them, letter by letter."""
    matches = matching_turns(said.turns, read_search(text))[:_PER_CALL]
    return tuple(
        Citation(said.call_id, each.turn, _around(said.turns[each.turn].text, *each.spans[0])) for each in matches
    )


def _around(text: str, start: int, end: int) -> str:
    """The words themselves and what stands beside them, cut where words end; always a part of the text."""
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if first > 0:
        first = min(start, text.find(" ", first, start) + 1 or first)
    if last < len(text):
        cut = text.rfind(" ", end, last)
        last = cut if cut > 0 else last
    return text[first:last]
