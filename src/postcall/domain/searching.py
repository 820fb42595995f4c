"""What somebody searches for in transcripts, and where it stands in them.

All words must be said, `"some words"` in that order in one turn, `-word` not at all, `word*` begins so, and `OR` parts
alternatives: `refund -card OR "money back"` is either a refund without a card, or the money back. All else is taken
literally: there is no text that cannot be searched for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from postcall.domain.calls import Turn
from postcall.domain.said_words import LONGEST, Said, locate_words, split_words

MAX_TERMS = 200
"""Of a longer search, so many words and phrases count, which bounds what one costs."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase."""

    words: tuple[str, ...]
    """One or more, in the order in which they stand together in one turn."""
    begins: bool = False
    """The last word need only begin so."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One side of an OR; a call matches if it holds all that is required and nothing that is excluded."""

    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for: any of the alternatives. None finds nothing."""

    alternatives: tuple[Alternative, ...] = ()

    @property
    def wanted(self) -> tuple[Term, ...]:
        """Every term that is required somewhere: what to light up."""
        return tuple(dict.fromkeys(term for each in self.alternatives for term in each.required))


@dataclass(frozen=True, slots=True)
class TurnMatch:
    """A turn in which something stands that was searched for."""

    turn: int
    """Index into the transcript, from 0."""
    spans: tuple[tuple[int, int], ...]
    """Start and end of each match in the turn's text; in order, and none overlaps another."""


_QUOTES = str.maketrans("“”„‟«»＂", '"""""""')
_ITEM = re.compile(r'(?P<not>-?)(?:"(?P<phrase>[^"]*)"(?P<stem>\*?)|(?P<bare>[^\s"]+))|\S')
_Item: TypeAlias = "tuple[Term, bool] | None"
"""A term and whether it is excluded; None is an OR."""


def read_search(text: str) -> Search:
    """What the text asks for; there are no mistakes in it, only words."""
    groups: list[list[tuple[Term, bool]]] = [[]]
    for item in _settle_ors(list(_read_items(text))):
        if item is None:
            groups.append([])
        else:
            groups[-1].append(item)
    return Search(
        tuple(
            Alternative(
                required=tuple(dict.fromkeys(term for term, excluded in group if not excluded)),
                excluded=tuple(dict.fromkeys(term for term, excluded in group if excluded)),
            )
            for group in groups
            if group
        )
    )


def search_matches(search: Search, texts: Sequence[str]) -> bool:
    """Whether a call in which these texts were said, one a turn, is found: what both databases must agree with."""
    said = [split_words(text) for text in texts]

    def holds(term: Term) -> bool:
        return any(next(_places(term, words), None) is not None for words in said)

    return any(
        all(holds(term) for term in each.required) and not any(holds(term) for term in each.excluded)
        for each in search.alternatives
    )


def matching_turns(turns: Iterable[Turn], search: Search | str) -> tuple[TurnMatch, ...]:
    """The turns that hold any of the required words or phrases, and where they stand."""
    wanted = (read_search(search) if isinstance(search, str) else search).wanted
    if not wanted:
        return ()
    found = ((index, spans_of(turn.text, wanted)) for index, turn in enumerate(turns))
    return tuple(TurnMatch(index, spans) for index, spans in found if spans)


def spans_of(text: str, terms: Sequence[Term]) -> tuple[tuple[int, int], ...]:
    """Where any of the terms stands in a text, from the first word of a phrase to its last."""
    words = split_words(text)
    if not any(next(_places(term, words), None) is not None for term in terms):
        return ()  # of most turns, at a fraction of what finding the places costs
    said = locate_words(text)
    return _join(_span(said[place : place + len(term.words)]) for term in terms for place in _places(term, words))


def _read_items(text: str) -> Iterator[_Item]:
    terms = 0
    for found in _ITEM.finditer(text.translate(_QUOTES)):
        bare, phrase = found["bare"], found["phrase"]
        if bare == "OR" and not found["not"]:
            yield None
            continue
        spoken = bare if bare is not None else phrase
        words = tuple(split_words(spoken or ""))
        if not words:
            continue
        begins = bool(found["stem"]) if bare is None else bare.endswith("*")
        # Of a word that was cut, nobody knows how it goes on.
        yield Term(words, begins=begins and len(words[-1]) < LONGEST), bool(found["not"])
        terms += 1
        if terms == MAX_TERMS:
            return


def _settle_ors(items: Sequence[_Item]) -> list[_Item]:
    """An OR with nothing on one of its sides is the word."""
    settled: list[_Item] = []
    for index, item in enumerate(items):
        parts = settled and settled[-1] is not None and index < len(items) - 1
        settled.append(item if item is not None or parts else _OR)
    return settled


_OR = Term(("or",)), False


def _places(term: Term, words: Sequence[str]) -> Iterator[int]:
    """The indices of words at which the term begins."""
    length = len(term.words)
    if not term.begins and term.words[-1] not in words:
        return
    *whole, last = term.words
    for place in range(len(words) - length + 1):
        end = words[place + length - 1]
        if (end.startswith(last) if term.begins else end == last) and list(words[place : place + length - 1]) == whole:
            yield place


def _span(said: Sequence[Said]) -> tuple[int, int]:
    return said[0].start, said[-1].end


def _join(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)
