"""What a kept answer may still show: no words of a call that is gone, or in which they do not stand any more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from postcall.domain.analysis import Analysis, Citation
from postcall.domain.calls import Turn

_MARK = re.compile(r"\[c(\d+)\]")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_LEFT_OUT = "“…”"
_TELLING = 12
"""Characters from which on a quote is looked for also outside of quotation marks: `yes` stands in many sentences."""


def withhold(analysis: Analysis, said: Mapping[str, Sequence[Turn]]) -> Analysis:
    """The answer as it may be shown now. `said`: the words of every call it names that is there and may be seen.

    Citations keep their places, since the answer's marks count them; one that is withheld has no quote any more. The
    numbers stay as they were found.
    """
    calls = tuple(each for each in analysis.calls if each in said)
    gone = {place for place, each in enumerate(analysis.citations) if not _stands(each, said)}
    if not gone:
        return replace(analysis, calls=calls)
    quotes = {place + 1: analysis.citations[place].quote for place in gone}
    return replace(
        analysis,
        answer="\n".join(_without(line, quotes) for line in analysis.answer.split("\n")),
        calls=calls,
        citations=tuple(
            replace(each, quote="") if place in gone else each for place, each in enumerate(analysis.citations)
        ),
        not_covered=(*analysis.not_covered, _told(len(gone))),
    )


def _stands(citation: Citation, said: Mapping[str, Sequence[Turn]]) -> bool:
    turns = said.get(citation.call)
    return turns is not None and 0 <= citation.turn < len(turns) and citation.quote in turns[citation.turn].text


def _without(line: str, quotes: Mapping[int, str]) -> str:
    """A line of the answer without the words that it quotes from citations that are withheld."""
    cited = [quotes[number] for found in _MARK.findall(line) if (number := int(found)) in quotes]
    for quote in cited:
        if len(quote) >= _TELLING:
            line = line.replace(quote, "…")
    folded = [_folded(quote) for quote in cited]

    def blank(found: re.Match[str]) -> str:
        inside = _folded(found[0][1:-1])
        return _LEFT_OUT if any(inside in quote for quote in folded) else found[0]

    return _QUOTED.sub(blank, line)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _told(count: int) -> str:
    return f"{count} {'quote' if count == 1 else 'quotes'} of this answer: the call is gone, or its words have changed"
